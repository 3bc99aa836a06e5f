// Rules of the pages that the source itself must keep.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { test } from "node:test";

const root = new URL("../public/", import.meta.url).pathname;
const files = readdirSync(join(root, "assets"), { recursive: true }).map(String);
const read = (name) => readFileSync(join(root, name), "utf8");
const scripts = files.filter((name) => name.endsWith(".js"));

test("timers only move clocks and open a lost stream again", () => {
  const users = scripts.filter((name) => /set(Interval|Timeout)\(/.test(read(`assets/${name}`)));
  assert.deepEqual(users.sort(), ["clock.js", "net/event-source.js"]);
});

test("one module talks to the API, one opens event streams", () => {
  const users = (pattern) => scripts.filter((name) => pattern.test(read(`assets/${name}`)));
  // early.js asks before the modules are there, for net/api.js.
  assert.deepEqual(users(/\bfetch\(/).sort(), ["early.js", "net/api.js"]);
  assert.deepEqual(users(/new EventSource\(/), ["net/event-source.js"]);
});

test("text goes in as text", () => {
  for (const name of scripts) {
    assert.doesNotMatch(
      read(`assets/${name}`),
      /innerHTML|outerHTML|insertAdjacentHTML|\beval\(/,
      name,
    );
  }
});

test("the page has no inline script or style, and nothing from another host", () => {
  const page = read("index.html");
  assert.doesNotMatch(page, /<style|style=|\son\w+=|https?:/);
  assert.doesNotMatch(page, /<script(?![^>]*\ssrc=)/);
  for (const name of files.filter((each) => /\.(js|css)$/.test(each))) {
    const urls = read(`assets/${name}`).match(/https?:\/\/[^\s"'`)]+/g) ?? [];
    assert.deepEqual(
      urls.filter((url) => !url.startsWith("http://www.w3.org/")),
      [],
      name,
    );
  }
});

test("every stylesheet is linked, the layers first", () => {
  const linked = [...read("index.html").matchAll(/styles\/([\w-]+\.css)/g)].map((each) => each[1]);
  const present = readdirSync(join(root, "assets/styles"));
  assert.equal(linked[0], "layers.css");
  // The login page is the server's own and links its styles itself.
  const ours = present.filter((name) => name !== "login.css");
  assert.deepEqual([...linked].sort(), ours.sort());
});

test("a custom element has a file of its own, named as its tag", () => {
  for (const name of scripts.filter((each) => each.startsWith("components/av-"))) {
    const tags = [...read(`assets/${name}`).matchAll(/customElements\.define\("([\w-]+)"/g)];
    assert.deepEqual(
      tags.map((each) => `components/${each[1]}.js`),
      [name],
    );
  }
});

test("a module imports the elements that it makes", () => {
  // Pages come one by one: what another page has imported is not there.
  const sources = new Map(scripts.map((name) => [name, read(`assets/${name}`)]));
  const imports = (name) =>
    [...(sources.get(name) ?? "").matchAll(/^(?:import |export |\} from ).*?"(\.[^"]+)";$/gm)].map(
      ([, path]) => posix.join(posix.dirname(name), path),
    );
  for (const [name, text] of sources) {
    const seen = new Set([name]);
    for (const each of seen) for (const next of imports(each)) seen.add(next);
    const made = [...text.matchAll(/(?:\bh|createElement)\("(av-[a-z-]+)"/g)];
    for (const [, element] of made) {
      const definer = [...seen].some((each) => sources.get(each)?.includes(`define("${element}"`));
      assert.ok(definer, `${name} makes ${element} and does not import it`);
    }
  }
});
