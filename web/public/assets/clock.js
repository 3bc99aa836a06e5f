// One ticking second for every clock on the page. It only redraws; it never asks the server.

/** @type {Set<(now: number) => void>} */
const listeners = new Set();
/** @type {ReturnType<typeof setInterval> | undefined} */
let timer;

/**
 * @param {(now: number) => void} listener  called at once and then every second
 * @returns {() => void} ends the subscription
 */
export function everySecond(listener) {
  listeners.add(listener);
  listener(Date.now());
  timer ??= setInterval(() => {
    const now = Date.now();
    for (const each of [...listeners]) each(now);
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
