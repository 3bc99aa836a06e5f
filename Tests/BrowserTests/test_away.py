"""Every page while the server is away or slow: it says so, keeps what it has, and comes back by itself."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from browsing import Held, go
from sample_project import add_history
from studio import Project, Studio

#: Pages that fetch something of their own, and what shows that it is there.
FETCHING = {
    "/jobs": "main tbody tr", "/runs/{run}": ".test-row", "/evals/{run}/refund-policy": ".grader",
    "/experiments": "main tbody tr", "/targets": "main tbody tr", "/analytics": ".matrix-cell",
    "/compare?runs={older},{run}": "table.compare tbody tr", "/settings": "main form",
    "/jobs/{job}/log": ".whole-log-line",
}  # fmt: skip
#: Pages of which everything comes with the stream.
STREAMED = {
    "/": ".run-row", "/experiments/baseline": ".run-row", "/targets/gpt-5-mini": ".run-row",
    "/jobs/{job}": "main .title-line",
}  # fmt: skip


class Shop:
    def __init__(self, directory):
        self.project = Project(directory / "shop")
        runs = add_history(self.project)
        suite = self.project.add_eval("core", ["t1"])
        self.studio = Studio(self.project)
        self.project.open()
        job = self.studio.ended(self.studio.launch(suite)["id"])
        self.names = {"run": runs[-1], "older": runs[-2], "job": job["id"]}

    def path(self, pattern: str) -> str:
        return pattern.format(**self.names)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory):
    shop = Shop(tmp_path_factory.mktemp("away"))
    yield shop
    shop.studio.stop()


@contextmanager
def away(shop: Shop):
    port = shop.studio.port
    shop.studio.kill()
    try:
        yield
    finally:
        shop.studio.start(port)


def test_every_page_keeps_what_it_has_and_says_that_it_is_old(context, shop, trouble):
    trouble.allow_network_errors = True
    tabs = []
    for pattern, sign in {**FETCHING, **STREAMED}.items():
        page = context.new_page()
        page.goto(shop.studio.url + shop.path(pattern))
        expect(page.locator(sign).first).to_be_visible()
        tabs.append((page, sign))
    with away(shop):
        for page, sign in tabs:
            expect(page.locator(".banner")).to_contain_text("out of date")
            expect(page.locator(sign).first).to_be_visible()
    for page, sign in tabs:
        expect(page.locator(".banner")).to_be_hidden()
        expect(page.locator(".connection")).to_have_text("Live")
        expect(page.locator(sign).first).to_be_visible()


def test_a_page_that_was_opened_meanwhile_comes_by_itself(page: Page, shop, trouble):
    trouble.allow_network_errors = True
    page.goto(shop.studio.url)
    expect(page.locator(".run-row").first).to_be_visible()
    for pattern, sign in FETCHING.items():
        with away(shop):
            expect(page.locator(".banner")).to_be_visible()
            go(page, shop.path(pattern))
            expect(page.locator("main")).to_contain_text("cannot be reached")
        # Not after the pause that a browser makes on its own.
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator(sign).first).to_be_visible()


def test_a_connection_that_goes_on_where_it_was_brings_what_was_missed(page: Page, shop, trouble):
    """Without a snapshot: the server was there, the network was not."""
    trouble.allow_network_errors = True
    page.goto(shop.studio.url)
    expect(page.locator(".run-row").first).to_be_visible()
    page.context.set_offline(True)
    go(page, "/targets")
    expect(page.locator("main")).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("main tbody tr").first).to_be_visible()


@pytest.mark.parametrize("pattern", FETCHING)
def test_a_slow_answer_is_waited_for_in_sight(context, shop, pattern):
    """Until it is there a page has its heading and says that it loads; then it has what it shows."""
    held = Held(context, re.compile(r"/api/(?!.*events)"))
    page = context.new_page()
    page.goto(shop.studio.url + shop.path(pattern))
    loading = page.locator("main [role=status]:visible", has_text=re.compile("Loading"))
    expect(loading.first).to_be_attached()
    expect(page.locator("main h1").first).to_be_visible()
    # Nothing says that there is nothing.
    empty = page.locator("main .message-box:visible, main .table-empty:visible")
    expect(empty).to_have_count(0)
    held.release()
    expect(page.locator(FETCHING[pattern]).first).to_be_visible()
