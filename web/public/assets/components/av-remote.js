// The results repository of the project: where it is, when it was last synced, the button that does.

import { Component, fill, h, setAttribute, setText, show } from "../dom.js";
import { icon } from "../icons.js";
import { api, errorText } from "../net/api.js";
import { live } from "../net/live.js";
import { Resource } from "../net/resource.js";
import { formatTime, plural } from "../state/format.js";
import { distanceText, remoteAfter, stepText } from "../state/remote.js";
import { announce } from "./av-announcer.js";
import { clock } from "./av-clock.js";

const SYNCING = "Syncing…";

export class Remote extends Component {
  /** Says how to configure a repository where none is; elsewhere the element is not there then. */
  explains = false;
  #resource = new Resource(
    () => api.remoteStatus(),
    () => this.#render(),
  );
  #asked = false;
  #repo = h("span", { class: "mono truncate" });
  #when = clock((each) => each.ago(null));
  #never = h("span", {}, "never synced");
  #hash = h("span", { class: "mono" });
  #commit = h("span", { class: "muted" }, "commit ", this.#hash);
  #runs = h("span");
  #distance = h("span", { class: "chip", hidden: true });
  #stepText = h("span");
  #step = h("span", { class: "remote-step", hidden: true }, icon("resume"), this.#stepText);
  #buttonText = h("span", {}, "Sync");
  #button = h(
    "button",
    { class: "button small", type: "button", onclick: () => this.#sync() },
    icon("resume"),
    this.#buttonText,
  );
  #locked = h("span", { class: "muted", hidden: true });
  #error = h("p", { class: "inline-error remote-error", role: "alert", hidden: true });
  #line = h(
    "div",
    { class: "remote-line" },
    h("strong", {}, "Results repository"),
    this.#repo,
    h("span", { class: "muted" }, "synced ", this.#when),
    this.#never,
    this.#commit,
    this.#runs,
    this.#distance,
    this.#step,
    h("span", { class: "spacer" }),
    this.#locked,
    this.#button,
  );
  #none = h(
    "p",
    { class: "muted", hidden: true },
    "No results repository is configured. Name one as ",
    h("code", {}, "results.export.repo"),
    " in .agentv/config.yaml (owner/name, a URL or a path), and its runs can be looked at here.",
  );
  #failed = h("p", { class: "inline-error", role: "alert", hidden: true });

  build() {
    this.className = "remote";
    this.hidden = !this.explains;
    this.append(this.#line, this.#error, this.#none, this.#failed);
  }

  start() {
    this.own(this.#resource.follow(({ name }) => name === "config"));
    this.own(
      live.subscribe((change) => {
        if (change.kind === "event" && change.event.name === "remote") {
          this.#take(change.event.data);
        } else if (change.kind === "project") this.#render();
      }),
    );
    this.#render();
  }

  /** @param {any} data */
  #take(data) {
    const before = this.#resource.data;
    const status = remoteAfter(before, data);
    this.#resource.data = status;
    if (status && before?.syncing && !status.syncing) {
      announce(status.last_error ? "The sync failed" : "Remote results are up to date");
    }
    this.#render();
  }

  #render() {
    const status = this.#resource.data;
    const { error } = this.#resource;
    const isConfigured = status?.configured === true;
    const isShown = isConfigured || (this.explains && (status !== null || error !== null));
    show(this, isShown);
    show(this.#line, isConfigured);
    show(this.#none, status !== null && !isConfigured);
    show(this.#failed, this.explains && status === null && error !== null);
    if (error) setText(this.#failed, errorText(error));
    if (!status || !isConfigured) return show(this.#error, false);
    const readOnly = live.project.config.read_only === true;
    const syncing = this.#asked || status.syncing === true;
    setText(this.#repo, status.repo);
    this.#repo.title = status.path ? `${status.repo}, in ${status.path}` : status.repo;
    const isSynced = Boolean(status.last_synced_at);
    if (this.#when.parentElement) show(this.#when.parentElement, isSynced);
    show(this.#never, !isSynced);
    this.#when.ago(status.last_synced_at);
    this.#when.title = formatTime(status.last_synced_at);
    show(this.#commit, Boolean(status.commit));
    setText(this.#hash, status.commit?.slice(0, 8) ?? "");
    this.#commit.title = `Commit ${status.commit ?? ""}`;
    show(this.#runs, isSynced);
    setText(this.#runs, plural(status.run_count, "run"));
    const distance = distanceText(status);
    show(this.#distance, distance !== "" && !syncing);
    setText(this.#distance, distance);
    this.#distance.title = "As of the last fetch; Sync brings what is missing";
    // The button says that it syncs; this, how far it is.
    const step = stepText(status);
    show(this.#step, syncing && step !== SYNCING);
    setText(this.#stepText, step);
    show(this.#button, live.project.loaded && !readOnly);
    show(this.#locked, readOnly);
    if (readOnly) fill(this.#locked, icon("lock"), " read-only: no sync here");
    setText(this.#buttonText, syncing ? SYNCING : "Sync");
    setAttribute(this.#button, "aria-disabled", syncing ? "true" : null);
    show(this.#error, !syncing && Boolean(status.last_error));
    if (status.last_error) {
      fill(this.#error, "The last sync failed: ", h("span", { class: "mono" }, status.last_error));
    }
  }

  async #sync() {
    if (this.#asked || this.#resource.data?.syncing) return;
    this.#asked = true;
    this.#render();
    try {
      // Events tell how it goes; the answer comes at the end and says the same.
      this.#take(await api.syncRemote());
    } catch (error) {
      const status = this.#resource.data;
      if (status) {
        this.#resource.data = { ...status, syncing: false, last_error: errorText(error) };
      }
    } finally {
      this.#asked = false;
      this.#render();
    }
  }
}

customElements.define("av-remote", Remote);
