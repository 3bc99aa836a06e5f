// The way to the login page and back. The server decides who may ask; this only leads there.

/** Fired when the server says that this browser is not logged in. */
export const LOGGED_OUT = "agentv:logged-out";

/** The login page, which leads back to where the reader is. */
export function loginAddress() {
  const { pathname, search, hash } = location;
  const here = `${pathname}${search}${hash}`;
  return here === "/" ? "/login" : `/login?next=${encodeURIComponent(here)}`;
}

/**
 * Tells the page about an answer of the server; in a worker nobody listens.
 * @param {number} status
 */
export function noteStatus(status) {
  if (status === 401 && typeof document !== "undefined") {
    dispatchEvent(new CustomEvent(LOGGED_OUT));
  }
}
