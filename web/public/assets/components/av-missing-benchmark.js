// A page of a benchmark that the server does not have.

import { Component, h } from "../dom.js";
import { live } from "../net/live.js";
import { messageBox } from "./message-box.js";
import { setTitle } from "./title.js";

class MissingBenchmark extends Component {
  build() {
    setTitle("No such benchmark");
    this.append(
      h(
        "div",
        { class: "page" },
        messageBox({
          heading: `No benchmark “${live.scope}”`,
          level: "h1",
          symbol: "question",
          text: "It is not registered on this machine, or its directory is gone.",
          actions: [
            h("a", { class: "button primary", href: "/benchmarks" }, "Show all benchmarks"),
            h(
              "button",
              { class: "button", type: "button", onclick: () => live.retry() },
              "Look again",
            ),
          ],
        }),
      ),
    );
  }
}

customElements.define("av-missing-benchmark", MissingBenchmark);
