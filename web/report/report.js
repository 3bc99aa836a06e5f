// The list of tests of a report: filters, order, details on demand. All text goes through
// textContent; the page's policy allows no other script and no request.

(() => {
  /** @typedef {[string, string, string, string, number | null, number | null, number | null, number | null]} Row */
  /** @typedef {{ text: string, passed: boolean, evidence?: string }} Assertion */
  /**
   * @typedef {{ name: string, type?: string, score?: number, verdict?: string, weight?: number,
   *   reason?: string, assertions?: Assertion[], graders?: Grader[] }} Grader
   */
  /** @typedef {{ name: string, input?: string, output?: string, time?: string }} Tool */
  /** @typedef {{ role: string, text: string, tools?: Tool[] }} Message */
  /**
   * @typedef {{ error?: string, stage?: string, reason?: string, input?: Message[],
   *   output?: Message[], graders?: Grader[], assertions?: Assertion[],
   *   facts?: Record<string, string>, metadata?: string }} Detail
   */

  /** Rows that are put on the page at a time. */
  const STEP = 200;
  /** Rows that are printed; a longer list is cut with a note. */
  const PRINT_LIMIT = 2000;
  const WORDS = { ok: "Passed", quality_failure: "Failed", execution_error: "Error" };
  const COLUMNS = [
    { title: "Test", index: 0, class: "" },
    { title: "Suite", index: 1, class: "wide" },
    { title: "Target", index: 2, class: "wide" },
    { title: "Status", index: 3, class: "" },
    { title: "Score", index: 4, class: "number" },
    { title: "Time", index: 5, class: "number wide" },
    { title: "Tokens", index: 6, class: "number wide" },
    { title: "Cost", index: 7, class: "number wide" },
  ];

  /** @type {(id: string) => HTMLElement} */
  const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  /** @type {Row[]} */
  const rows = JSON.parse(element("rows").textContent || "[]");
  const detailsLeftOut = JSON.parse(element("meta").textContent || "{}").details_left_out || 0;
  /** @type {Map<number, string> | null} */
  let details = null;

  const statuses = Object.keys(WORDS).filter((status) => rows.some((row) => row[3] === status));
  const chosen = new Set(/** @type {string[]} */ ([]));
  const filter = { target: "", suite: "", text: "" };
  const order = { column: -1, descending: false };
  const opened = new Set(/** @type {number[]} */ ([]));
  /** @type {number[]} */
  let shown = [];
  let drawn = 0;

  const body = /** @type {HTMLElement} */ (document.querySelector("#list tbody"));
  const head = /** @type {HTMLElement} */ (document.querySelector("#list thead tr"));
  const columns = COLUMNS.filter(
    ({ index }) => index === 0 || rows.some((row) => row[index] !== null && row[index] !== ""),
  );

  /**
   * @param {string} name
   * @param {string} [text]
   * @param {string} [className]
   */
  function make(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  /** The line of a row's detail, not parsed: the lines are cut apart when the first is needed. */
  function detailLines() {
    if (details) return details;
    details = new Map();
    for (const line of (element("details").textContent || "").split("\n")) {
      const tab = line.indexOf("\t");
      if (tab > 0) details.set(Number(line.slice(0, tab)), line.slice(tab + 1));
    }
    return details;
  }

  // Numbers -----------------------------------------------------------------------------------

  /** @param {number} value */
  const grouped = (value) => value.toLocaleString("en-US");

  /** @param {number} ms */
  function duration(ms) {
    if (ms < 1000) return `${Math.round(ms)} ms`;
    if (ms < 60000) return `${(ms / 1000).toFixed(1)} s`;
    const seconds = Math.floor(ms / 1000);
    if (seconds < 3600)
      return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`;
    return `${Math.floor(seconds / 3600)} h ${String(Math.floor(seconds / 60) % 60).padStart(2, "0")} m`;
  }

  /** @param {number} value */
  function dollars(value) {
    return `$${value.toFixed(value >= 10 ? 2 : value >= 0.01 || value === 0 ? 3 : 4)}`;
  }

  /**
   * @param {Row} row
   * @param {number} index
   */
  function cell(row, index) {
    const value = row[index];
    if (value === null || value === "") return "–";
    if (index === 4) return `${(/** @type {number} */ (value) * 100).toFixed(0)} %`;
    if (index === 5) return duration(/** @type {number} */ (value));
    if (index === 6) return grouped(/** @type {number} */ (value));
    if (index === 7) return dollars(/** @type {number} */ (value));
    return String(value);
  }

  // Which rows ---------------------------------------------------------------------------------

  /** @param {string} text as it stands in the data, where < > and & are escaped */
  function inData(text) {
    const escapes = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };
    return JSON.stringify(text)
      .slice(1, -1)
      .replace(/[<>&]/g, (sign) => escapes[/** @type {"<"} */ (sign)]);
  }

  function select() {
    const wanted = filter.text.trim().toLowerCase();
    // A short text would be found in nearly every answer.
    const deep = wanted.length > 2 ? inData(wanted) : "";
    shown = [];
    rows.forEach((row, index) => {
      if (chosen.size > 0 && !chosen.has(row[3])) return;
      if (filter.target && row[2] !== filter.target) return;
      if (filter.suite && row[1] !== filter.suite) return;
      if (wanted && !`${row[0]}\n${row[1]}\n${row[2]}`.toLowerCase().includes(wanted)) {
        const line = deep ? detailLines().get(index) : undefined;
        if (!line?.toLowerCase().includes(deep)) return;
      }
      shown.push(index);
    });
    if (order.column >= 0) {
      const column = order.column;
      const sign = order.descending ? -1 : 1;
      shown.sort((a, b) => {
        const left = rows[a][column];
        const right = rows[b][column];
        // What is not known stays at the end in either direction.
        if (left === null || right === null) return left === right ? a - b : left === null ? 1 : -1;
        const difference =
          typeof left === "number" && typeof right === "number"
            ? left - right
            : String(left).localeCompare(String(right), "en", { numeric: true });
        return sign * difference || a - b;
      });
    }
    draw();
  }

  function draw() {
    body.replaceChildren();
    drawn = 0;
    drawMore();
    element("count").textContent =
      shown.length === rows.length
        ? grouped(rows.length)
        : `${grouped(shown.length)} of ${grouped(rows.length)}`;
    element("empty").hidden = shown.length > 0;
    for (const chip of element("statuses").children) {
      const status = /** @type {HTMLElement} */ (chip).dataset.status || "";
      chip.setAttribute("aria-pressed", String(chosen.has(status)));
    }
    head.querySelectorAll("th").forEach((cell, index) => {
      const isSorted = columns[index].index === order.column;
      if (isSorted) cell.setAttribute("aria-sort", order.descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
  }

  /** @param {number} [limit] */
  function drawMore(limit = STEP) {
    const end = Math.min(shown.length, drawn + limit);
    const piece = document.createDocumentFragment();
    for (; drawn < end; drawn += 1) {
      const index = shown[drawn];
      const line = testRow(index);
      piece.append(line);
      if (opened.has(index)) piece.append(detailRow(index));
    }
    body.append(piece);
  }

  // A test -------------------------------------------------------------------------------------

  /** @param {number} index */
  function testRow(index) {
    const row = rows[index];
    const line = make("tr", undefined, opened.has(index) ? "test open" : "test");
    line.dataset.index = String(index);
    for (const column of columns) {
      if (column.index === 0) {
        const first = make("th");
        first.setAttribute("scope", "row");
        const button = make("button", row[0]);
        button.setAttribute("type", "button");
        button.setAttribute("aria-expanded", String(opened.has(index)));
        first.append(button);
        line.append(first);
      } else if (column.index === 3) {
        const status = /** @type {keyof typeof WORDS} */ (row[3]);
        const last = make("td");
        last.append(make("span", WORDS[status] || row[3], `status ${row[3]}`));
        line.append(last);
      } else {
        line.append(make("td", cell(row, column.index), column.class));
      }
    }
    return line;
  }

  /** @param {HTMLElement} line */
  function toggle(line) {
    const index = Number(line.dataset.index);
    const isOpen = !opened.has(index);
    if (isOpen) {
      opened.add(index);
      line.after(detailRow(index));
    } else {
      opened.delete(index);
      if (line.nextElementSibling?.classList.contains("detail")) line.nextElementSibling.remove();
    }
    line.classList.toggle("open", isOpen);
    line.querySelector("button")?.setAttribute("aria-expanded", String(isOpen));
  }

  /** @param {number} index */
  function detailRow(index) {
    const line = make("tr", undefined, "detail");
    const whole = make("td");
    whole.setAttribute("colspan", String(columns.length));
    const text = detailLines().get(index);
    if (text === undefined) {
      whole.append(
        make(
          "p",
          "The detail of this test is not in the report, which would have become too large; " +
            "it is in the run directory.",
          "note quiet",
        ),
      );
    } else {
      whole.append(...detail(JSON.parse(text)));
    }
    line.append(whole);
    return line;
  }

  /** @param {Detail} data */
  function detail(data) {
    /** @type {HTMLElement[]} */
    const parts = [];
    if (data.error) {
      const where = [data.stage, data.reason].filter(Boolean).join(" · ");
      const error = section(where ? `Error (${where})` : "Error", make("pre", data.error));
      error.classList.add("error");
      parts.push(error);
    }
    const talk = make("div", undefined, "columns");
    if (data.input) talk.append(section("Prompt", ...messages(data.input)));
    if (data.output) talk.append(section("Answer", ...messages(data.output)));
    if (talk.childElementCount > 0) parts.push(talk);
    if (data.graders) parts.push(section("Graders", ...data.graders.map(grader)));
    if (data.assertions) parts.push(section("Assertions", assertions(data.assertions)));
    if (data.facts) {
      const list = make("dl", undefined, "facts");
      for (const [name, value] of Object.entries(data.facts)) {
        const pair = make("div");
        pair.append(make("dt", name), make("dd", value));
        list.append(pair);
      }
      parts.push(list);
    }
    if (data.metadata) parts.push(section("Metadata", make("pre", data.metadata)));
    return parts;
  }

  /**
   * @param {string} title
   * @param {...HTMLElement} content
   */
  function section(title, ...content) {
    const made = make("div");
    made.append(make("h3", title), ...content);
    return made;
  }

  /** @param {Message[]} list */
  function messages(list) {
    return list.flatMap((message) => {
      const parts = list.length > 1 ? [make("span", message.role, "role")] : [];
      if (message.text || !message.tools) parts.push(make("pre", message.text || "(empty)"));
      for (const tool of message.tools || []) {
        parts.push(make("span", `tool: ${tool.name}${tool.time ? ` · ${tool.time}` : ""}`, "role"));
        const text = [tool.input, tool.output && `→ ${tool.output}`].filter(Boolean).join("\n");
        if (text) parts.push(make("pre", text));
      }
      return parts;
    });
  }

  /**
   * @param {Grader} data
   * @returns {HTMLElement}
   */
  function grader(data) {
    const made = make("div", undefined, "grader");
    const line = make("div");
    const kind = [data.type === data.name ? "" : data.type, data.weight && `weight ${data.weight}`];
    line.append(make("strong", data.name), make("span", kind.filter(Boolean).join(" · "), "kind"));
    const score = data.score === undefined ? "" : `${(data.score * 100).toFixed(0)} %`;
    line.append(make("span", [data.verdict, score].filter(Boolean).join(" · "), "value"));
    made.append(line);
    if (data.reason) made.append(make("p", data.reason));
    if (data.assertions) made.append(assertions(data.assertions));
    for (const inner of data.graders || []) made.append(grader(inner));
    return made;
  }

  /** @param {Assertion[]} list */
  function assertions(list) {
    const made = make("ul", undefined, "assertions");
    for (const assertion of list) {
      const line = make("li", undefined, assertion.passed ? "passed" : "missed");
      line.append(
        make("span", assertion.passed ? "passed: " : "failed: ", "visually-hidden"),
        assertion.text,
      );
      if (assertion.evidence) line.append(make("small", assertion.evidence));
      made.append(line);
    }
    return made;
  }

  // The page -----------------------------------------------------------------------------------

  function addColumns() {
    for (const column of columns) {
      const cell = make("th", undefined, column.class);
      cell.setAttribute("scope", "col");
      const button = make("button", column.title);
      button.setAttribute("type", "button");
      button.addEventListener("click", () => {
        // Numbers are looked at from the largest down, except scores: the worst come first.
        const first = column.index > 4;
        order.descending = order.column === column.index ? !order.descending : first;
        order.column = column.index;
        select();
      });
      cell.append(button);
      head.append(cell);
    }
  }

  function addFilters() {
    for (const status of statuses) {
      const word = WORDS[/** @type {keyof typeof WORDS} */ (status)];
      const count = rows.reduce((sum, row) => sum + (row[3] === status ? 1 : 0), 0);
      const chip = make("button", `${word} ${grouped(count)}`, `chip ${status}`);
      chip.setAttribute("type", "button");
      chip.dataset.status = status;
      chip.addEventListener("click", () => {
        if (!chosen.delete(status)) chosen.add(status);
        select();
      });
      element("statuses").append(chip);
    }
    addChoices("target", 2);
    addChoices("suite", 1);
    const text = /** @type {HTMLInputElement} */ (element("text"));
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let pause;
    text.addEventListener("input", () => {
      clearTimeout(pause);
      // A large report is searched when the typing pauses.
      pause = setTimeout(
        () => {
          filter.text = text.value;
          select();
        },
        rows.length > 2000 ? 150 : 0,
      );
    });
    element("reset").addEventListener("click", () => {
      chosen.clear();
      text.value = "";
      Object.assign(filter, { target: "", suite: "", text: "" });
      for (const id of ["target", "suite"]) {
        /** @type {HTMLSelectElement} */ (element(id)).value = "";
      }
      select();
      text.focus();
    });
  }

  /**
   * @param {"target" | "suite"} id
   * @param {number} index
   */
  function addChoices(id, index) {
    const list = /** @type {HTMLSelectElement} */ (element(id));
    const values = [...new Set(rows.map((row) => String(row[index])))].filter(Boolean).sort();
    const label = /** @type {HTMLElement} */ (list.parentElement);
    label.hidden = values.length < 2;
    for (const value of values) list.append(new Option(value, value));
    list.addEventListener("change", () => {
      filter[id] = list.value;
      select();
    });
  }

  function addKeys() {
    body.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      const line = /** @type {HTMLElement | null} */ (target.closest("tr.test"));
      // Whoever marks text does not want the row to jump.
      if (line && (target.closest("button") || String(getSelection()) === "")) toggle(line);
    });
    body.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      const buttons = [...body.querySelectorAll("tr.test button")];
      const place = buttons.indexOf(/** @type {Element} */ (document.activeElement));
      if (place < 0) return;
      const next = buttons[place + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) {
        event.preventDefault();
        /** @type {HTMLElement} */ (next).focus();
      }
    });
    document.addEventListener("keydown", (event) => {
      const active = document.activeElement;
      const isTyping = active instanceof HTMLInputElement || active instanceof HTMLSelectElement;
      if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        element("text").focus();
      }
    });
  }

  function addTheme() {
    const button = element("theme");
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const root = document.documentElement;
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
    const say = () => {
      button.textContent = isDark() ? "Light theme" : "Dark theme";
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      say();
    });
    dark.addEventListener("change", say);
    say();
  }

  addColumns();
  addFilters();
  addKeys();
  addTheme();
  element("toolbar").hidden = false;
  if (detailsLeftOut > 0) {
    const note = `The details of ${grouped(detailsLeftOut)} passed tests are not in this file.`;
    element("toolbar").after(make("p", note, "note quiet"));
  }
  select();
  // The rest of a long list is drawn as it comes into view, and for paper.
  new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) drawMore();
    },
    { rootMargin: "800px" },
  ).observe(element("more"));
  addEventListener("beforeprint", () => drawMore(Math.max(0, PRINT_LIMIT - drawn)));
})();
