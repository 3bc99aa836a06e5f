// Tells that a run ended: in the tab's title while it is in the background, and as a notification of
// the system for those who asked for it in the settings.

import { Component } from "../dom.js";
import { live } from "../net/live.js";
import { navigate } from "../router.js";
import { endedBetween } from "../state/ended.js";
import { announce } from "./av-announcer.js";
import { markTitle } from "./title.js";

const KEY = "agentv-notify";

/** @returns {"on" | "off" | "denied" | "unsupported"} */
export function notificationState() {
  if (typeof Notification !== "function") return "unsupported";
  if (Notification.permission === "denied") return "denied";
  const asked = localStorage.getItem(KEY) === "on";
  return asked && Notification.permission === "granted" ? "on" : "off";
}

/** @param {boolean} wanted */
export async function setNotifications(wanted) {
  if (!wanted) localStorage.removeItem(KEY);
  else if ((await Notification.requestPermission()) === "granted") localStorage.setItem(KEY, "on");
}

class Notifier extends Component {
  #before = live.project;

  start() {
    this.own(
      live.subscribe(({ kind }) => {
        if (kind === "scope") this.#before = live.project;
        else if (kind === "project") this.#compare();
      }),
    );
    const seen = () => document.hidden || markTitle(0);
    document.addEventListener("visibilitychange", seen);
    this.own(() => document.removeEventListener("visibilitychange", seen));
  }

  #compare() {
    const before = this.#before;
    this.#before = live.project;
    // After a gap in the events the ends were told by nobody: what was live is compared as well.
    if (!before.loaded) return;
    for (const ended of endedBetween(before, live.project)) {
      announce(ended.title);
      if (!document.hidden) continue;
      markTitle(1);
      if (notificationState() === "on") this.#notify(ended);
    }
  }

  /** @param {{ key: string, title: string, path: string }} ended */
  #notify({ key, title, path }) {
    // The same tag in every tab: the system shows it once.
    const notification = new Notification(title, { tag: key, icon: "/assets/favicon.svg" });
    notification.onclick = () => {
      focus();
      navigate(path);
      notification.close();
    };
  }
}

customElements.define("av-notifier", Notifier);
