// A target after use_target and environment references were followed.

public import Core

/// A target that can be run.
public struct ResolvedTarget: Sendable, Hashable {
  /// The name that was asked for; it identifies results.
  public var requested: String
  /// The name of the entry at the end of the `use_target` chain.
  public var name: String
  /// Kind of provider, for example `cli`; lower case, aliases followed.
  public var provider: String
  /// The provider as it was written in the entry.
  public var writtenProvider: String
  /// The entry's other fields, environment references replaced; those of unset variables are left
  /// out.
  public var settings: JSONObject
  /// Fields whose environment variable is unset or empty, with the variable's name.
  public var unsetVariables: [String: String]
  /// Tests at the same time, 1 or more, if the target says so.
  public var workers: Int?
  /// The targets file, absolute; `nil` for a target that no file defines.
  public var file: String?

  /// A target.
  public init(
    requested: String, name: String, provider: String, writtenProvider: String? = nil,
    settings: JSONObject = [:], unsetVariables: [String: String] = [:], workers: Int? = nil,
    file: String? = nil
  ) {
    self.requested = requested
    self.name = name
    self.provider = provider
    self.writtenProvider = writtenProvider ?? provider
    self.settings = settings
    self.unsetVariables = unsetVariables
    self.workers = workers
    self.file = file
  }

  /// `requested`, or `requested → name` when they differ, as progress lines show it.
  public var label: String { requested == name ? name : "\(requested) → \(name)" }

  /// The mock that `--dry-run` puts in the place of every target, named as upstream names it.
  /// - Parameters:
  ///   - requested: the target that would have run.
  ///   - name: the entry at the end of its `use_target` chain; the requested one when unknown.
  /// - Returns: the mock.
  public static func dryRun(requested: String, name: String? = nil) -> ResolvedTarget {
    ResolvedTarget(
      requested: requested, name: "\(name ?? requested)-dry-run", provider: "mock",
      settings: ["response": .string(dryRunReply)])
  }

  /// What the mock of a dry run answers.
  public static let dryRunReply =
    #"{"score":1,"assertions":[],"checks":[],"overall_reasoning":"dry-run mock"}"#
}
