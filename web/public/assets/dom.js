// Building and patching DOM without a framework. Text always goes in as text.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * `h("a", { href: "/", class: "link", onclick: f }, "Runs")`. Functions become listeners, booleans
 * become attributes that are there or not, everything else becomes an attribute.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else {
      setAttribute(element, name, value);
    }
  }
  append(element, children);
  return element;
}

/** @param {Element} element @param {string} name @param {unknown} value */
export function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else if (value === true) element.setAttribute(name, "");
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/** @param {Element} element @param {Child[]} children */
function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/**
 * Replaces the children of an element.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/**
 * Sets text only when it differs, so that selections and live regions stay undisturbed.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Element} element @param {boolean} shown */
export function show(element, shown) {
  /** @type {HTMLElement} */ (element).hidden = !shown;
}

/** @type {WeakMap<Element, Map<string, { node: HTMLElement, item: unknown }>>} */
const lists = new WeakMap();

/**
 * Makes the children of `parent` show `items` in order, keeping the nodes of items that stay.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} create
 * @param {(node: HTMLElement, item: T) => void} update  called when the item is another object
 */
export function reconcile(parent, items, keyOf, create, update) {
  const before = lists.get(parent) ?? new Map();
  /** @type {Map<string, { node: HTMLElement, item: unknown }>} */
  const after = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const known = before.get(key);
    if (!known) {
      after.set(key, { node: create(item), item });
    } else {
      if (known.item !== item) update(known.node, item);
      after.set(key, { node: known.node, item });
    }
  }
  for (const [key, { node }] of before) if (!after.has(key)) node.remove();
  /** @type {ChildNode | null} */
  let next = parent.firstChild;
  for (const { node } of after.values()) {
    if (node === next) next = node.nextSibling;
    else parent.insertBefore(node, next);
  }
  lists.set(parent, after);
}

/**
 * Runs `render` once in the next frame, however often it is asked for.
 * @param {() => void} render
 * @returns {() => void}
 */
export function framed(render) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      render();
    });
  };
}

/**
 * Runs something when there is nothing else to do.
 * @param {() => void} action
 */
export function whenIdle(action) {
  if (typeof requestIdleCallback === "function") requestIdleCallback(action);
  else requestAnimationFrame(action);
}

/**
 * Like `framed`, but a render that takes long leaves the page four times as long for everything else:
 * scrolling stays smooth while thousands of rows arrive.
 * @param {() => void} render
 * @returns {() => void}
 */
export function paced(render) {
  let asked = false;
  let next = 0;
  const draw = () => {
    const begin = performance.now();
    if (begin < next) {
      requestAnimationFrame(draw);
      return;
    }
    asked = false;
    render();
    const end = performance.now();
    next = end - begin < FRAME_MS / 2 ? 0 : end + 4 * (end - begin);
  };
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(draw);
  };
}

const FRAME_MS = 1000 / 60;

/** A custom element that builds itself once and drops its subscriptions when it leaves the page. */
export class Component extends HTMLElement {
  #built = false;
  /** @type {(() => void)[]} */
  #owned = [];

  connectedCallback() {
    if (!this.#built) {
      this.#built = true;
      this.build();
    }
    this.start();
  }

  disconnectedCallback() {
    for (const stop of this.#owned.splice(0)) stop();
  }

  /** Builds the children; called once. */
  build() {}

  /** Subscribes to what the element shows; called on every connection. */
  start() {}

  /** @param {() => void} stop  called when the element leaves the page */
  own(stop) {
    this.#owned.push(stop);
  }
}
