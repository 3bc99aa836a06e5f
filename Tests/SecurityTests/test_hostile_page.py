"""A page of another site in a real browser, trying to start, stop, read and keep busy a Studio."""

from __future__ import annotations

import http.server
import threading

import pytest
from playwright.sync_api import sync_playwright

from common import chromium, wait_until

PATIENCE_MS = 60_000

# Everything a page can try, each with what came of it. Nothing may come of any of it.
ATTACKS = """
async (target) => {
  const outcome = {};
  const attempt = async (name, work) => {
    try { outcome[name] = await work(); } catch (error) { outcome[name] = "refused"; }
  };
  const launch = JSON.stringify({suite_filter: "evals/quick.eval.yaml"});
  const patience = 3000;
  await attempt("read", async () => (await fetch(target + "/api/runs")).text());
  await attempt("read with cookies", async () =>
    (await fetch(target + "/api/runs", {credentials: "include"})).text());
  await attempt("read opaque", async () =>
    (await fetch(target + "/api/runs", {mode: "no-cors"})).type + " " +
    (await (await fetch(target + "/api/runs", {mode: "no-cors"})).text()).length);
  await attempt("launch", async () =>
    (await fetch(target + "/api/eval/run", {method: "POST", body: launch,
      headers: {"Content-Type": "application/json"}})).status);
  await attempt("launch as text", async () =>
    (await fetch(target + "/api/eval/run", {method: "POST", body: launch, mode: "no-cors",
      headers: {"Content-Type": "text/plain"}, credentials: "include"})).type);
  await attempt("launch without cors", async () =>
    (await fetch(target + "/api/eval/run", {method: "POST", mode: "no-cors", body: new Blob([launch],
      {type: "text/plain"})})).type);
  await attempt("beacon", async () => {
    navigator.sendBeacon(target + "/api/eval/run", launch); return "sent"; });
  await attempt("stop", async () =>
    (await fetch(target + "/api/eval/run/JOB/stop", {method: "POST", mode: "no-cors"})).type);
  await attempt("delete", async () =>
    (await fetch(target + "/api/runs/default", {method: "DELETE"})).status);
  await attempt("stream", () => new Promise((done) => {
    const source = new EventSource(target + "/api/events", {withCredentials: true});
    source.onmessage = source.onopen = () => { source.close(); done("opened"); };
    source.addEventListener("snapshot", (event) => { source.close(); done(event.data); });
    source.onerror = () => { source.close(); done("refused"); };
    setTimeout(() => { source.close(); done("silent"); }, patience);
  }));
  await attempt("socket", () => new Promise((done) => {
    const socket = new WebSocket(target.replace("http", "ws") + "/api/events");
    socket.onopen = () => done("opened");
    socket.onerror = () => done("refused");
    setTimeout(() => done("silent"), patience);
  }));
  const element = (name, tag, set) => attempt(name, () => new Promise((done) => {
    const made = document.createElement(tag);
    made.onload = () => done("loaded");
    made.onerror = () => done("refused");
    set(made);
    document.body.append(made);
    setTimeout(() => done("silent"), patience);
  }));
  await element("image", "img", (e) => { e.src = target + "/favicon.svg"; });
  await element("script", "script", (e) => { e.src = target + "/api/runs"; });
  await element("style", "link", (e) => { e.rel = "stylesheet"; e.href = target + "/api/runs"; });
  await attempt("frame", () => new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.onload = () => {
      let seen;
      try { seen = frame.contentDocument ? frame.contentDocument.body.innerText : "nothing"; }
      catch { seen = "nothing"; }
      done(seen || "nothing");
    };
    frame.src = target + "/";
    document.body.append(frame);
    setTimeout(() => done("nothing"), patience);
  }));
  const post = (action, type, fields) => {
    const frame = document.createElement("iframe");
    frame.name = "f" + Math.random();
    const form = document.createElement("form");
    Object.assign(form, {method: "post", action, enctype: type, target: frame.name});
    for (const [name, value] of Object.entries(fields)) {
      const input = document.createElement("input");
      Object.assign(input, {type: "hidden", name, value});
      form.append(input);
    }
    document.body.append(frame, form);
    return new Promise((done) => {
      frame.onload = () => done("sent");
      setTimeout(() => done("sent"), patience);
      form.submit();
    });
  };
  await attempt("form", () => post(target + "/api/eval/run", "text/plain",
    {'{"suite_filter":"evals/quick.eval.yaml","x":"': '"}'}));
  await attempt("form stop", () => post(target + "/api/eval/run/JOB/stop", "text/plain", {}));
  await attempt("form logout", () => post(target + "/logout", "application/x-www-form-urlencoded", {}));
  const opened = window.open(target + "/");
  await new Promise((done) => setTimeout(done, 500));
  await attempt("opened window", async () => opened.document.body.innerText);
  await attempt("frames of the opened window", async () => String(opened.length) + opened.closed);
  return outcome;
}
"""


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>prizes</title><body>You have won.</body>")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-dev-shm-usage",
                  "--host-resolver-rules=MAP prizes.example 127.0.0.1, MAP rebound.example 127.0.0.1"])  # fmt: skip
        yield browser
        browser.close()


@pytest.mark.parametrize(
    "name, guarded", [("localhost", True), ("prizes.example", False)],
    ids=["same site, logged in", "other site, no token"])
def test_a_page_of_another_origin_achieves_nothing(make_studio, browser, site, name, guarded):
    token = "correct-horse-battery-staple"
    studio = make_studio(environment={"AGENTV_STUDIO_TOKEN": token} if guarded else {})
    bearer = {"Authorization": f"Bearer {token}"} if guarded else {}
    job = studio.launch("slow", **bearer)
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    try:
        if guarded:
            page = context.new_page()
            page.goto(studio.url + "/")
            page.get_by_label("Token").fill(token)
            page.get_by_role("button", name="Log in").click()
            page.wait_for_url(studio.url + "/")
        page = context.new_page()
        page.goto(f"http://{name}:{site}/")
        outcome = page.evaluate(ATTACKS.replace("JOB", job["id"]), studio.url)
        assert page.locator("body").inner_text().startswith("You have won.")
    finally:
        context.close()

    refused = ["read", "read with cookies", "launch", "delete", "stream", "socket", "script", "image", "opened window"]
    assert {attack: outcome[attack] for attack in refused} == dict.fromkeys(refused, "refused")
    assert outcome["frame"] == "nothing"
    assert outcome["style"] in ("refused", "silent")
    for attack in ("read opaque", "launch as text", "launch without cors", "stop"):
        assert outcome[attack] in ("refused", "opaque", "opaque 0"), attack
    # The proof: nothing was started, and the run that was there is neither stopped nor gone.
    jobs = studio.send("GET", "/api/eval/runs", headers=bearer).json["runs"]
    assert [(entry["id"], entry["status"] in ("starting", "running")) for entry in jobs] == [(job["id"], True)]
    assert not jobs[0].get("stopping")
    wait_until(
        lambda: "agentv_http_streams 0" in studio.send("GET", "/metrics", headers=bearer).body.decode(),
        "the end of all streams")
    studio.send("POST", f"/api/eval/run/{job['id']}/stop", {"force": True}, bearer)


def test_a_rebound_name_is_refused_in_the_browser(make_studio, browser):
    studio = make_studio()
    page = browser.new_page()
    answer = page.goto(f"http://rebound.example:{studio.port}/api/runs")
    assert answer.status == 403 and answer.json()["code"] == "host-not-allowed"
    page.close()


def test_a_person_logs_in_works_and_logs_out(make_studio, browser):
    token = "correct-horse-battery-staple"
    studio = make_studio(environment={"AGENTV_STUDIO_TOKEN": token})
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    try:
        page = context.new_page()
        page.goto(studio.url + "/")
        page.get_by_label("Token").fill("guess")
        page.get_by_role("button", name="Log in").click()
        assert "not right" in page.get_by_role("alert").inner_text()
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(studio.url + "/")
        cookies = context.cookies()
        assert cookies[0]["httpOnly"] and cookies[0]["sameSite"] == "Strict"
        assert token not in str(cookies)
        page.goto(studio.url + "/login")
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url(studio.url + "/login")
        page.goto(studio.url + "/")
        page.wait_for_url(studio.url + "/login")
        assert context.cookies() == []
    finally:
        context.close()
