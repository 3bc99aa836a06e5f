// Numbers and times as people read them. Pure: `now` is a parameter, the zone is the reader's.

/** @param {number | null | undefined} milliseconds */
export function formatDuration(milliseconds) {
  if (milliseconds == null || !Number.isFinite(milliseconds)) return "–";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return formatClock(milliseconds);
}

/**
 * A running clock: `0:07`, `12:40`, `1:02:03`.
 * @param {number} milliseconds
 */
export function formatClock(milliseconds) {
  const total = Math.max(0, Math.floor(milliseconds / 1000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0
    ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}`
    : `${minutes}:${seconds}`;
}

/** @param {number} bytes */
export function formatBytes(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ["kB", "MB", "GB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** @param {number | null | undefined} dollars */
export function formatCost(dollars) {
  if (dollars == null) return "–";
  if (dollars === 0) return "$0";
  return dollars < 1 ? `$${dollars.toFixed(4)}` : `$${dollars.toFixed(2)}`;
}

/** @param {number | null | undefined} rate  0…1 */
export function formatPercent(rate) {
  if (rate == null || !Number.isFinite(rate)) return "–";
  const percent = rate * 100;
  // 199 of 200 is not "100 %": round towards the middle.
  if (percent > 99 && percent < 100) return "99%";
  if (percent > 0 && percent < 1) return "1%";
  return `${Math.round(percent)}%`;
}

/**
 * How good a pass rate looks, everywhere alike.
 * @param {number | null | undefined} rate  0…1
 * @returns {"ok" | "warn" | "bad" | "neutral"}
 */
export function rateTone(rate) {
  if (rate == null) return "neutral";
  if (rate >= 0.8) return "ok";
  return rate >= 0.5 ? "warn" : "bad";
}

/**
 * A change, with its sign.
 * @param {number} value
 */
export function formatChange(value) {
  return signed(value, 3);
}

/**
 * A change of a score, as precise as scores are shown.
 * @param {number} value
 */
export function formatScoreChange(value) {
  return signed(value, 2);
}

/**
 * A minus is as wide as a plus.
 * @param {number} value
 * @param {number} digits  behind the point
 */
function signed(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return `${value > 0 ? "+" : value < 0 ? "−" : "±"}${text}`;
}

/** @param {number | null | undefined} score  0…1 */
export function formatScore(score) {
  return score == null ? "–" : score.toFixed(2);
}

/** @param {number} count @param {string} one @param {string} [many] */
export function plural(count, one, many) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : (many ?? `${one}s`)}`;
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formatters = new Map();

/**
 * Kept, since making one takes longer than all that it formats.
 * @param {string} name
 * @param {Intl.DateTimeFormatOptions} options
 */
function formatter(name, options) {
  const known = formatters.get(name) ?? new Intl.DateTimeFormat(undefined, options);
  formatters.set(name, known);
  return known;
}

/**
 * `just now`, `5 min ago`, `3 h ago`, then the date.
 * @param {string | null | undefined} iso
 * @param {number} now
 */
export function formatAgo(iso, now) {
  const time = Date.parse(iso ?? "");
  if (Number.isNaN(time)) return "–";
  const minutes = Math.floor((now - time) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  return formatter("date", { dateStyle: "medium" }).format(time);
}

/**
 * Date, time and the reader's zone: what is quoted to somebody elsewhere stays clear.
 * @param {string | null | undefined} iso
 */
export function formatTime(iso) {
  const time = Date.parse(iso ?? "");
  if (Number.isNaN(time)) return "–";
  return formatter("time", {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  }).format(time);
}

/**
 * As `formatAgo`, but the whole time when it is longer ago than a day.
 * @param {string | null | undefined} iso
 * @param {number} now
 */
export function formatMoment(iso, now) {
  const time = Date.parse(iso ?? "");
  return now - time < 86_400_000 ? formatAgo(iso, now) : formatTime(iso);
}

/** @param {string | null | undefined} iso */
export function formatTimeOfDay(iso) {
  const time = Date.parse(iso ?? "");
  if (Number.isNaN(time)) return "–";
  return formatter("time of day", { timeStyle: "medium" }).format(time);
}

/**
 * Time a run still needs at the pace so far, or null before there is a pace.
 * @param {Progress} progress
 * @param {number} elapsed  milliseconds since the start
 * @param {number} before  tests that were done before this start (a resumed run)
 */
export function remainingTime(progress, elapsed, before = 0) {
  const done = progress.completed - before;
  if (progress.planned == null || done < 2 || elapsed <= 0) return null;
  const left = progress.planned - progress.completed;
  return left <= 0 ? 0 : (elapsed / done) * left;
}

/**
 * A name for a run: what was run and against what.
 * @param {{ suite_filter?: string | null, target?: string | null, targets?: string[],
 *   experiment?: string | null,
 *   display_name?: string, filename?: string, id?: string }} thing
 */
export function runTitle(thing) {
  const parts = [];
  if (thing.experiment && thing.experiment !== "default" && thing.experiment !== "-") {
    parts.push(thing.experiment);
  }
  if (thing.suite_filter) parts.push(suiteTitle(thing.suite_filter));
  const targets = thing.targets ?? [];
  if (targets.length > 2) parts.push(`${targets.length} targets`);
  else if (targets.length > 1) parts.push(targets.join(" and "));
  else if (thing.target) parts.push(thing.target);
  if (parts.length > 0) return parts.join(" · ");
  return thing.display_name ?? thing.filename ?? thing.id ?? "Run";
}

/**
 * `evals/a/support.eval.yaml` → `support`; several files → `support + 2 more`.
 * @param {string} filter
 */
export function suiteTitle(filter) {
  const files = filter
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
  const first = files[0] ?? filter;
  const segments = first.split("/");
  const name = (segments.at(-1) ?? first).replace(/\.(eval\.)?(ya?ml|jsonl|ts)$/, "");
  const shown = name === "eval" && segments.length > 1 ? (segments.at(-2) ?? name) : name;
  return files.length > 1 ? `${shown} + ${files.length - 1} more` : shown;
}
