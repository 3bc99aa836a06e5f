// What happens when one of us is killed: the trees of a supervisor that is gone end, and a
// supervisor learns that the one above it is gone.

import EventLoop

extension Supervisor {
  /// From the next start on, a guard ends all trees of this process should it be killed.
  ///
  /// The guard is started with the first tree, kept alive, and belongs to no tree itself.
  /// - Parameter executable: the program whose subcommand `guard` calls `TreeGuard.run`.
  public func guardTrees(executable: String) {
    guard Forest.shared.keeper == nil else { return }
    Forest.shared.keeper = GuardKeeper(
      executable: executable, cookiePrefix: Forest.shared.cookiePrefix)
  }

  /// Sends the guard away and waits for its end: this process is about to end in order.
  ///
  /// Processes of a target that keeps them are then left alone.
  public func dismissGuard() async { await Forest.shared.keeper?.dismiss() }

  /// Calls back when the supervisor that started this process is gone, at once when it is already.
  ///
  /// It is the one that the cookie of this process names: the holder of a run, for example. Without
  /// such a one nothing happens.
  /// - Parameter onLoss: called at most once.
  public func watchOuterSupervisor(_ onLoss: @escaping @LoopActor () -> Void) {
    guard let outer = TreeCookie.outerSupervisor else { return }
    outerWatch = ProcessWatch(outer, onEnd: onLoss)
    if outerWatch == nil { onLoss() }
  }
}
