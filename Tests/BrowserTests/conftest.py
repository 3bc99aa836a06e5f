from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from common import chromium
from studio import Project, Studio

EXPECT_TIMEOUT_MS = 20_000

expect.set_options(timeout=EXPECT_TIMEOUT_MS)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


class Trouble:
    """What no page may ever say: errors, violations of the Content-Security-Policy."""

    def __init__(self):
        self.messages: list[str] = []
        #: Network failures are part of some tests and only of them.
        self.allow_network_errors = False
        #: Text of a message that a test provokes.
        self.ignore: str | None = None

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.messages.append(f"page error: {error}"))
        page.on("console", self._console)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if self.allow_network_errors and "net::ERR_" in message.text:
            return
        if self.ignore and self.ignore in message.text:
            return
        self.messages.append(f"console {message.type}: {message.text}")


@pytest.fixture
def trouble():
    trouble = Trouble()
    yield trouble
    assert trouble.messages == []


@pytest.fixture
def context(browser: Browser, trouble: Trouble, make_studio):
    """A browser profile of its own: its tabs share one SharedWorker with nobody else.

    It asks for `make_studio` so that it is closed before the servers are.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(EXPECT_TIMEOUT_MS)
    context.on("page", trouble.watch)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext):
    return context.new_page()


@pytest.fixture
def project(tmp_path: Path):
    return Project(tmp_path / "demo")


@pytest.fixture
def make_studio(project: Project):
    """Starts servers with flags of the test's choice; all are stopped at its end."""
    started: list[Studio] = []

    def make(*arguments: str, home: Path | None = None) -> Studio:
        studio = Studio(project, *arguments, home=home)
        started.append(studio)
        return studio

    yield make
    project.open()
    for studio in started:
        studio.stop()
    # libevent complains when a descriptor is used after it was closed.
    assert [studio.said.decode() for studio in started if b"libevent" in studio.said] == []


@pytest.fixture
def studio(make_studio):
    return make_studio()
