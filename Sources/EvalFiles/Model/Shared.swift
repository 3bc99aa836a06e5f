// Values that many tests have in common.

/// A value kept once for all who hold it, so that a hundred thousand tests of a suite do not carry
/// a hundred thousand copies.
public final class Shared<Value: Sendable & Hashable>: Sendable, Hashable {
  /// The value.
  public let value: Value

  /// Keeps a value.
  public init(_ value: Value) { self.value = value }

  /// Whether two hold equal values.
  public static func == (left: Shared, right: Shared) -> Bool {
    left === right || left.value == right.value
  }

  /// Hashes the value.
  public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
