// The tab's title: what is going on first, so that it is readable on a narrow tab.

const PRODUCT = "AgentV Studio";
let words = PRODUCT;
/** Runs that ended since the tab was last looked at. */
let ended = 0;

/** @param {...(string | null | undefined | false)} parts */
export function setTitle(...parts) {
  words = [...parts.filter(Boolean), PRODUCT].join(" · ");
  show();
}

/** @param {number} count  further runs that ended; 0 forgets them */
export function markTitle(count) {
  ended = count === 0 ? 0 : ended + count;
  show();
}

function show() {
  const title = ended > 0 ? `(${ended}) ${words}` : words;
  if (document.title !== title) document.title = title;
}
