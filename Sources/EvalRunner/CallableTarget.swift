// Targets that can be called, with what all their callers share.

import EvalFiles
import Providers

/// A target, its provider, and the limits that all its callers share.
struct CallableTarget: Sendable {
  let target: ResolvedTarget
  let provider: any Provider
  /// Slots and pace; one instance for all callers of this target in a run.
  let limits: CallLimits

  /// A target; without limits of its own nobody else calls it.
  init(target: ResolvedTarget, provider: any Provider, limits: CallLimits = CallLimits()) {
    self.target = target
    self.provider = provider
    self.limits = limits
  }
}

/// A target that is ready to be called, with those that stand in for it.
struct ReadyTarget: Sendable {
  let primary: CallableTarget
  /// Targets tried once each, in order, when the primary one has failed for good.
  let fallbacks: [CallableTarget]
  /// What its tests' graders may ask; `nil` for nothing.
  var graders: GraderTargetPool?

  var target: ResolvedTarget { primary.target }
  var provider: any Provider { primary.provider }
}
