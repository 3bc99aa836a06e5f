// File work that blocks, away from the threads that tests run on.

import Core
import Dispatch
import Synchronization

/// Runs blocking work on threads of its own.
enum FileWork {
  private static let queue = DispatchQueue(label: "agentv.files", attributes: .concurrent)

  /// Runs work; a cancelled task lets it see so, and gets its result all the same.
  static func run<Value: Sendable>(
    _ work: @escaping @Sendable (_ isCancelled: @Sendable () -> Bool) throws(FileError) -> Value
  ) async throws(FileError) -> Value {
    let flag = Flag()
    let result: Result<Value, FileError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.async {
          do throws(FileError) {
            continuation.resume(returning: .success(try work { flag.isSet }))
          } catch {
            continuation.resume(returning: .failure(error))
          }
        }
      }
    } onCancel: {
      flag.set()
    }
    return try result.get()
  }

  private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
  }
}
