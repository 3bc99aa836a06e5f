// Where a page was scrolled to, for the way back: pages fill in after they are shown, so the browser's
// own restoration comes too early.

/** How long a page may take to become as tall as it was. */
const PATIENCE_MS = 5_000;

const KEY = "agentv-scroll";
/** @type {Map<string, number>} */
const tops = new Map(saved());
let here = entryKey();
/** @type {() => void} */
let stopWaiting = () => {};

/** Starts to remember; before the first page is shown. */
export function startScroll() {
  history.scrollRestoration = "manual";
  addEventListener("scroll", () => tops.set(here, scrollY), { passive: true });
  addEventListener("pagehide", () => {
    try {
      sessionStorage.setItem(KEY, JSON.stringify([...tops].slice(-100)));
    } catch {
      // Without storage a reload begins at the top.
    }
  });
  restoreScroll();
}

/** A page that is new in the history begins at its top; one that was there before, where it was. */
export function restoreScroll() {
  stopWaiting();
  here = entryKey();
  const top = tops.get(here) ?? 0;
  scrollTo(0, top);
  if (top > 0 && Math.abs(scrollY - top) > 1) waitFor(top);
}

/** @param {number} top  where the page was, as soon as it is tall enough */
function waitFor(top) {
  const deadline = performance.now() + PATIENCE_MS;
  const grown = new ResizeObserver(() => {
    if (performance.now() > deadline) return stopWaiting();
    if (document.documentElement.scrollHeight - innerHeight < top) return;
    stopWaiting();
    scrollTo(0, top);
  });
  const end = () => stopWaiting();
  // Who scrolls or types has gone on.
  const signs = ["wheel", "touchmove", "keydown", "pointerdown"];
  for (const sign of signs) addEventListener(sign, end, { passive: true });
  stopWaiting = () => {
    grown.disconnect();
    for (const sign of signs) removeEventListener(sign, end);
    stopWaiting = () => {};
  };
  grown.observe(document.body);
}

/** Each entry of the history has a name of its own. */
function entryKey() {
  const state = history.state ?? {};
  if (typeof state.key === "string") return state.key;
  const key = Math.random().toString(36).slice(2);
  history.replaceState({ ...state, key }, "");
  return key;
}

/** @returns {[string, number][]} */
function saved() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}
