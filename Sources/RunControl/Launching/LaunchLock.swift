// `launch.lock`: tells whether a holder is on its way to a job that nobody holds yet.
//
// A server that dies while it starts a holder leaves nobody who knows whether it did. The lock does:
// it is taken before the start and handed to the holder, which has it from fork(2) on, long before
// the holder can write anything down. The kernel drops it when the last of them is gone.

public import Core

/// The right to start a holder for one job.
///
/// Held until this value and the holder are gone.
public final class LaunchLock: Sendable {
  /// Time between two looks for a holder that is on its way: nothing tells when it has come so far,
  /// or that it never will.
  public static let lookInterval = Duration.milliseconds(10)

  private let lock: FileLock

  /// Takes it.
  /// - Parameter directory: the job directory, which must be there.
  /// - Throws: `FileError`; with `EAGAIN` when somebody else has it.
  public init(job directory: String) throws(FileError) {
    lock = try FileLock(Self.path(directory), isInherited: true)
  }

  /// What a holder is given.
  public var descriptor: Int32 { lock.descriptor }

  /// Whether a holder lives or is about to be started.
  ///
  /// Once it is not, none comes any more, unless somebody takes the lock anew.
  /// - Parameter directory: the job directory.
  /// - Returns: whether there is one; holders of versions without the lock are not seen.
  public static func isHeld(job directory: String) -> Bool {
    FileLock.holder(of: path(directory)).isHeld
  }

  private static func path(_ directory: String) -> String { "\(directory)/launch.lock" }
}
