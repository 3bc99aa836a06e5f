"""Pictures of every page and state, in both themes and at three widths.

    .venv/bin/python Tests/BrowserTests/screenshots.py OUT_DIR [--docs docs/images]

Drives the real binary on a made-up project. With --docs the few pictures that the documentation
shows are written there as well, with few colours where ImageMagick is installed. Fonts matter: with
fonts-inter and fonts-noto-color-emoji the pictures look as on a developer's machine.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from studio import Project, Studio

WIDTHS = {"phone": (360, 780), "laptop": (1280, 860), "wide": (1920, 1080)}
TESTS = [
    "refund-policy", "greets-by-name", "escalates-angry-customer", "order-status-lookup",
    "refuses-medical-advice", "address-change", "handles-empty-input", "currency-conversion",
    "json-tool-call", "translates-to-german", "summarises-ticket", "detects-duplicate",
    "closes-politely", "keeps-context", "keeps-its-prompt-secret", "asks-for-order-number",
]  # fmt: skip

AGENT = """#!/bin/sh
# agent.sh GATES TEST OUTPUT_FILE [stubborn]
if [ "$4" = stubborn ]; then trap '' TERM INT HUP; fi
until [ -e "$1/all" ] || [ -e "$1/$2" ]; do sleep 0.02; done
case $2 in
  order-status-lookup) echo "connection reset by peer (attempt 3 of 3)" >&2; exit 1 ;;
  currency-conversion|detects-duplicate) text="I am not sure about that." ;;
  *) text="Hello! Of course: you can send the shoes back within 30 days, and the label is free." ;;
esac
printf '{"text": "%s", "cost_usd": 0.0042}' "$text" > "$3"
"""


def sample(path: Path) -> Project:
    project = Project(path)
    (path / "agent.sh").write_text(AGENT)
    for name in ("support", "refunds", "red-team"):
        folder = path / "evals"
        folder.mkdir(exist_ok=True)
        tests = [
            {
                "id": test,
                "criteria": "A friendly, correct answer.",
                "input": "I bought these shoes 12 days ago. Can I still send them back, and who "
                "pays for the postage?",
                "assertions": [
                    {"type": "icontains", "value": "hello"},
                    {"type": "contains", "value": "30 days"},
                ],
            }
            for test in TESTS
        ]
        # JSON is YAML.
        suite = {"name": name, "execution": {"target": "gated", "workers": 3}, "tests": tests}
        (folder / f"{name}.eval.yaml").write_text(json.dumps(suite))
    return project


class Pictures:
    def __init__(self, browser: Browser, out: Path, docs: Path | None):
        self.browser, self.out, self.docs = browser, out, docs

    def take(self, name: str, url: str, ready, prepare=None, docs=None, only: str | None = None):
        """One state in all themes and widths; `ready` waits for it, `prepare` acts first.

        `docs` maps a shape, as in "dark-laptop", to a file name for the documentation.
        """
        for theme in ("light", "dark"):
            for width, (x, y) in WIDTHS.items():
                shape = f"{theme}-{width}"
                if only and shape != only:
                    continue
                context = self.browser.new_context(
                    viewport={"width": x, "height": y}, color_scheme=theme, reduced_motion="reduce"
                )
                page = context.new_page()
                page.goto(url)
                ready(page)
                if prepare:
                    prepare(page)
                path = self.out / f"{name}-{shape}.png"
                page.screenshot(path=path, full_page=width == "phone")
                if self.docs and docs and shape in docs:
                    page.screenshot(path=self.docs / docs[shape])
                    shrink(self.docs / docs[shape])
                context.close()


def shrink(picture: Path) -> None:
    if shutil.which("convert"):
        palette = ["-dither", "None", "-colors", "220", "-define", "png:compression-level=9"]
        subprocess.run(["convert", picture, *palette, f"PNG8:{picture}"], check=True)


def shown(selector: str):
    return lambda page: expect(page.locator(selector).first).to_be_visible()


def text(selector: str, value: str):
    return lambda page: expect(page.locator(selector).first).to_have_text(value)


def open_dialog(page: Page) -> None:
    page.get_by_role("button", name="Run Eval").first.click()
    page.get_by_role("checkbox", name="evals/support.eval.yaml").check()
    page.get_by_text("Advanced options").click()
    expect(page.locator(".dialog .command-text")).to_contain_text("support")


def unfold(page: Page) -> None:
    page.get_by_role("button", name="currency-conversion").click()
    expect(page.locator(".test-detail")).to_be_visible()


def main() -> None:
    expect.set_options(timeout=20_000)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--docs", type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="agentv-pictures-"))
    project = sample(directory / "support-bot")
    studio = Studio(project, "--stop-grace", "20")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox"]
            )
            pictures = Pictures(browser, arguments.out, arguments.docs)
            take_all(pictures, studio, project)
            browser.close()
    finally:
        project.open()
        studio.stop()
        shutil.rmtree(directory, ignore_errors=True)


def take_all(pictures: Pictures, studio: Studio, project: Project) -> None:
    status = "main .title-line av-status"
    pictures.take("home-empty", studio.url, shown(".message-box"))
    pictures.take("missing-page", studio.url + "/nowhere", shown(".message-box"))
    pictures.take("missing-run", studio.url + "/runs/nowhere", shown(".message-box"))
    pictures.take("missing-job", studio.url + "/jobs/nowhere", shown(".message-box"))

    project.open()
    done = studio.ended(studio.launch("evals/refunds.eval.yaml")["id"])
    (project.gates / "all").unlink()
    project.open(*TESTS[:6])
    stopped = studio.launch("evals/red-team.eval.yaml")
    studio.completed(stopped["id"], 6)
    page = pictures.browser.new_page()
    page.goto(f"{studio.url}/jobs/{stopped['id']}")
    page.get_by_role("button", name="Stop").click()
    text(status, "Stopped")(page)
    page.close()
    project.open(*TESTS[:9])
    live = studio.launch("evals/support.eval.yaml")
    studio.completed(live["id"], 9)
    pictures.take(
        "home", studio.url, text("av-live-card .progress-count", "9 of 16 tests"),
        docs={"light-laptop": "home-light.png", "dark-laptop": "home-dark.png"},
    )  # fmt: skip
    pictures.take(
        "run-dialog", studio.url, shown(".run-row"), open_dialog,
        docs={"light-laptop": "run-eval.png"},
    )  # fmt: skip
    job = f"{studio.url}/jobs/{live['id']}"
    count = "main .progress-count"
    pictures.take(
        "job-running", job, text(count, "9 of 16 tests"),
        docs={"dark-laptop": "job-running.png", "light-phone": "job-phone.png"},
    )  # fmt: skip
    pictures.take(
        "run-live", f"{studio.url}/runs/{live['run_id']}", text(count, "9 of 16 tests")
    )
    pictures.take(
        "run-finished", f"{studio.url}/runs/{done['run_id']}", shown(".test-row"), unfold,
        docs={"light-laptop": "run-results.png"},
    )  # fmt: skip
    pictures.take(
        "run-stopped", f"{studio.url}/runs/{stopped['run_id']}", text(status, "Stopped")
    )
    pictures.take(
        "job-stopped", f"{studio.url}/jobs/{stopped['id']}", text(status, "Stopped"),
        docs={"light-laptop": "job-stopped.png"},
    )  # fmt: skip
    # A stop lasts as long as the agents are given: one picture each.
    for shape in ("light-laptop", "dark-laptop", "light-phone"):
        stubborn = studio.launch("evals/red-team.eval.yaml", target="stubborn")
        studio.completed(stubborn["id"], 9)
        studio.post(f"/api/eval/run/{stubborn['id']}/stop", {"reason": "stopped in the browser"})
        url = f"{studio.url}/jobs/{stubborn['id']}"
        docs = {"light-laptop": "job-stopping.png"}
        pictures.take("job-stopping", url, text(status, "Stopping…"), only=shape, docs=docs)
        studio.post(f"/api/eval/run/{stubborn['id']}/stop", {"force": True})
        studio.ended(stubborn["id"])

    port = studio.port
    page = pictures.browser.new_page(viewport={"width": 1280, "height": 860})
    page.goto(studio.url)
    shown(".run-row")(page)
    studio.kill()
    shown(".banner")(page)
    page.screenshot(path=pictures.out / "connection-lost.png")
    page.close()
    studio.start(port)


if __name__ == "__main__":
    main()
