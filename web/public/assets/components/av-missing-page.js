// An address that leads nowhere.

import { Component, h } from "../dom.js";
import { runsPath } from "../router.js";
import { messageBox } from "./message-box.js";
import { setTitle } from "./title.js";

class MissingPage extends Component {
  build() {
    setTitle("Not found");
    this.append(
      h(
        "div",
        { class: "page" },
        messageBox({
          heading: "There is no page here",
          level: "h1",
          symbol: "question",
          text: `${location.pathname} is not an address of this Studio.`,
          actions: [h("a", { class: "button primary", href: runsPath() }, "Go to the runs")],
        }),
      ),
    );
  }
}

customElements.define("av-missing-page", MissingPage);
