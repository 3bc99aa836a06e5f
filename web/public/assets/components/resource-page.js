// The frame of a page that shows one fetched thing: heading, loading, error with retry, content.

import { Component, fill, h, show } from "../dom.js";
import { ApiError, errorText } from "../net/api.js";
import { Resource, resultsChanged } from "../net/resource.js";
import { runsPath } from "../router.js";
import { messageBox, skeleton } from "./message-box.js";

/** @template T */
export class ResourcePage extends Component {
  /** @type {Resource<T>} */
  resource = new Resource(
    () => this.request(),
    () => this.#changed(),
  );
  content = h("div", { hidden: true });
  #waiting = h("div", {}, skeleton(5));

  /** @returns {Promise<T>} */
  request() {
    throw new Error("a page says what it fetches");
  }

  /**
   * Shows what was fetched; the content is in place.
   * @param {T} _data
   */
  render(_data) {}

  /** What a page says when the thing does not exist. @returns {{ heading: string, text: string }} */
  missing() {
    return { heading: "Not found", text: "This Studio has no such thing." };
  }

  /** @param {...import("../dom.js").Child} head  above the content, there at once */
  frame(...head) {
    this.append(h("div", { class: "page" }, ...head, this.#waiting, this.content));
  }

  start() {
    this.own(this.resource.follow((event) => this.isStale(event)));
  }

  /** @param {StreamEvent} event */
  isStale(event) {
    return resultsChanged(event);
  }

  #changed() {
    const { data, error } = this.resource;
    // An old picture is better than none; the banner says when the connection is lost.
    show(this.content, data !== null);
    show(this.#waiting, data === null);
    if (data !== null) this.render(data);
    else if (error) fill(this.#waiting, this.#errorBox(error));
  }

  /** @param {unknown} error */
  #errorBox(error) {
    const gone = error instanceof ApiError && error.status === 404;
    const retry = h(
      "button",
      { class: "button", type: "button", onclick: () => this.resource.load() },
      "Try again",
    );
    const home = h("a", { class: "button primary", href: runsPath() }, "Go to the runs");
    const words = gone
      ? this.missing()
      : { heading: "This cannot be shown", text: errorText(error) };
    return messageBox({
      ...words,
      tone: gone ? undefined : "bad",
      symbol: gone ? "question" : "bang",
      actions: gone ? [home] : [retry, home],
    });
  }
}
