"""Pictures of every page and state in both themes, on a phone and a laptop; of the main pages on wide
screens as well.

    .venv/bin/python Tests/BrowserTests/screenshots.py OUT_DIR [--png] [--only NAME]... [--gallery FILE]

Drives the real binary on a made-up project. With --gallery the page that shows them is written as
well; the documentation's own pictures come from

    .venv/bin/python Tests/BrowserTests/screenshots.py docs/images/pages --gallery docs/reference/pages.md

Fonts matter: with fonts-inter and fonts-noto-color-emoji the pictures look as on a developer's machine.
"""

from __future__ import annotations

import argparse
import base64
import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

sys.path.append(str(Path(__file__).resolve().parents[1]))

from common import chromium
from page_states import STATES, State, World, seen

WIDTHS = {"phone": (360, 780), "laptop": (1280, 860), "wide": (1920, 1080), "4k": (3840, 2160)}
#: Only of the main pages.
LARGE = ("wide", "4k")
THEMES = ("light", "dark")
#: Of lossy WebP: text stays sharp, and all pictures together stay small.
QUALITY = 72

#: Of a phone's page, pixels.
TALLEST = 2400

#: A stop lasts as long as the agents are given, so each of its pictures has a job of its own.
STOPPING = State("job-stopping", "A job that is being stopped", "", seen("main"))


def shoot(page: Page, path: Path, png: bool, whole: bool) -> None:
    if whole:
        # A taller window, not a picture beyond it: what is out of sight is not drawn.
        width, height = page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        page.set_viewport_size({"width": width, "height": min(height, TALLEST)})
        page.evaluate("scrollTo(0, 0); new Promise(d => requestAnimationFrame(() => requestAnimationFrame(d)))")
    if png:
        page.screenshot(path=path.with_suffix(".png"))
        return
    options: dict = {"format": "webp", "quality": QUALITY}
    answer = page.context.new_cdp_session(page).send("Page.captureScreenshot", options)
    path.with_suffix(".webp").write_bytes(base64.b64decode(answer["data"]))


class Pictures:
    def __init__(self, browser: Browser, world: World, out: Path, png: bool):
        self.browser, self.world, self.out, self.png = browser, world, out, png

    def take(self, shape: str, states: list[State]) -> None:
        """All states in one theme and width; a tab for each server goes from page to page."""
        theme, width = shape.split("-")
        tabs: dict[str, Page] = {}
        shared = self.context(theme, width)
        for state in states:
            if not shown_at(state, width):
                continue
            alone = state.intercept is not None or state.server == "lost"
            context = self.context(theme, width) if alone else shared
            if state.intercept:
                state.intercept(context)
            page = context.new_page() if alone else tabs.get(state.server) or context.new_page()
            if not alone:
                tabs[state.server] = page
            page.bring_to_front()
            self.world.open(page, state)
            self.shoot(page, state, shape)
            if alone:
                context.close()
            else:
                page.keyboard.press("Escape")
        shared.close()

    def context(self, theme: str, width: str):
        x, y = WIDTHS[width]
        # A phone draws its scroll bars over the page.
        return self.browser.new_context(
            viewport={"width": x, "height": y}, color_scheme=theme, reduced_motion="reduce",
            is_mobile=width == "phone", has_touch=width == "phone",
        )  # fmt: skip

    def shoot(self, page: Page, state: State, shape: str) -> None:
        # Nothing is pointed at that is not part of the state.
        if page.locator(".menu:popover-open").count() == 0:
            page.mouse.move(0, 0)
        # The pages settle: lists that fill in the next frame, fonts.
        page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        # Dialogs and menus belong to the window, everything else to the page.
        floats = page.locator("dialog[open], .menu:popover-open, .selection-bar:visible")
        whole = shape.endswith("phone") and floats.count() == 0
        shoot(page, self.out / f"{state.name}-{shape}", self.png, whole)
        x, y = WIDTHS[shape.split("-")[1]]
        page.set_viewport_size({"width": x, "height": y})

    def take_stopping(self, shape: str) -> None:
        if not shown_at(STOPPING, shape.split("-")[1]):
            return
        main = self.world.studios["main"]
        badge = "main .title-line av-status"
        job = main.launch("evals/red-team.eval.yaml", target="stubborn")
        main.completed(job["id"], 9)
        context = self.context(*shape.split("-"))
        page = context.new_page()
        page.goto(f"{main.url}/jobs/{job['id']}")
        expect(page.locator(badge)).to_have_text("Running")
        main.post(f"/api/eval/run/{job['id']}/stop", {"reason": "stopped in the browser"})
        expect(page.locator(badge)).to_have_text("Stopping…")
        self.shoot(page, STOPPING, shape)
        main.post(f"/api/eval/run/{job['id']}/stop", {"force": True})
        context.close()
        main.ended(job["id"])


def shown_at(state: State, width: str) -> bool:
    return state.main or width not in LARGE


def gallery(file: Path, out: Path) -> None:
    """The page of the documentation that shows every state."""
    base = os.path.relpath(out, file.parent)
    lines = [
        "# Every page in every state",
        "",
        "Pictures of the real pages in Chromium, taken by `Tests/BrowserTests/screenshots.py`: light at 1280 pixels here, and each also",
        "dark and on a phone (360 pixels); the main pages on a wide screen (1920 pixels) and a 4K one (3840 pixels) as well. What the",
        "pages do is told in [the browser pages](../concepts/web-ui.md).",
    ]
    for state in [*STATES, STOPPING]:
        links = ", ".join(
            f"[{theme} {width}]({base}/{state.name}-{theme}-{width}.webp)"
            for theme in THEMES
            for width in WIDTHS
            if shown_at(state, width) and (theme, width) != ("light", "laptop")
        )
        lines += [
            "", f"## {state.words}", "",
            f"![{state.words}]({base}/{state.name}-light-laptop.webp)", "", links,
        ]  # fmt: skip
    file.write_text("\n".join(lines) + "\n")


def main() -> None:
    expect.set_options(timeout=30_000)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--png", action="store_true", help="PNG, to look at, instead of WebP")
    parser.add_argument("--only", action="append", help="a state; may be repeated")
    parser.add_argument("--shape", action="append", help="as in dark-phone; may be repeated")
    parser.add_argument("--gallery", type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="agentv-pictures-"))
    world = World(directory)
    shapes = arguments.shape or [f"{theme}-{width}" for theme in THEMES for width in WIDTHS]
    try:
        world.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            pictures = Pictures(browser, world, arguments.out, arguments.png)
            states = [s for s in STATES if not arguments.only or s.name in arguments.only]
            for shape in shapes:
                pictures.take(shape, states)
            for shape in shapes:
                if not arguments.only or STOPPING.name in arguments.only:
                    pictures.take_stopping(shape)
            browser.close()
    finally:
        world.stop()
        shutil.rmtree(directory, ignore_errors=True)
    if arguments.gallery:
        gallery(arguments.gallery, arguments.out)


if __name__ == "__main__":
    main()
