// The tab's title: what is going on first, so that it is readable on a narrow tab.

const PRODUCT = "AgentV Studio";

/** @param {...(string | null | undefined | false)} parts */
export function setTitle(...parts) {
  const title = [...parts.filter(Boolean), PRODUCT].join(" · ");
  if (document.title !== title) document.title = title;
}
