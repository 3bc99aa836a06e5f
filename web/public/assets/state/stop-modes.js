// The three ways to stop a run, from the mildest to the strongest. Pure.

/**
 * @typedef {{ mode: StopMode, label: string, hint: string }} StopChoice
 */

/** @type {StopChoice[]} */
export const STOP_CHOICES = [
  {
    mode: "after_current",
    label: "After the current tests",
    hint: "Nothing new starts; the tests that run now finish first.",
  },
  {
    mode: "now",
    label: "Now",
    hint: "Running tests are stopped and run again on resume.",
  },
  {
    mode: "force",
    label: "Kill now",
    hint: "Every process is killed at once, without time to clean up.",
  },
];

/** @param {StopMode | null} mode */
const strength = (mode) => STOP_CHOICES.findIndex((choice) => choice.mode === mode);

/**
 * How a job is being stopped, or null when nobody asked for it.
 * @param {Job} job
 * @returns {StopMode | null}
 */
export function stopModeOf(job) {
  if (!job.stopping) return null;
  if (job.forced) return "force";
  return job.stop_mode ?? "now";
}

/**
 * A weaker or an equal request changes nothing.
 * @param {StopMode | null} current
 * @param {StopMode} mode
 */
export function isStronger(current, mode) {
  return strength(mode) > strength(current);
}

/**
 * The next step of a stop that is under way.
 * @param {StopMode | null} current
 * @returns {{ mode: StopMode, label: string } | null}
 */
export function escalation(current) {
  if (current === "after_current") return { mode: "now", label: "Stop now" };
  if (current === "now") return { mode: "force", label: "Kill now" };
  return null;
}
