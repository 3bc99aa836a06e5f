"""Every page in every state by the rules of axe-core for WCAG 2.2 AA, in both themes; focus order,
live regions, reduced motion, target sizes and reflow are tested where axe cannot tell."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page, expect

from page_states import STATES, State, World

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
WINDOW = {"width": 1280, "height": 900}
#: Without motion: colours are the theme's at once, not on their way from the other one's.
LOOK = {"viewport": WINDOW, "color_scheme": "light", "reduced_motion": "reduce"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory):
    world = World(tmp_path_factory.mktemp("world"))
    try:
        world.start()
        yield world
    finally:
        world.stop()


class Tabs:
    """One tab for each server, kept from state to state: a page that is left leaves nothing behind, and
    a navigation costs less than a tab."""

    def __init__(self, browser: Browser):
        self.browser = browser
        self.context = browser.new_context(**LOOK)
        self.context.set_default_timeout(20_000)
        self.kept: dict[str, Page] = {}

    def open(self, state: State) -> Page:
        if state.intercept or state.server == "lost":
            context = self.browser.new_context(**LOOK)
            context.set_default_timeout(20_000)
            if state.intercept:
                state.intercept(context)
            return context.new_page()
        page = self.kept.get(state.server)
        if page is None:
            page = self.kept[state.server] = self.context.new_page()
        page.bring_to_front()
        return page

    def leave(self, page: Page) -> None:
        if page.context is not self.context:
            page.context.close()
            return
        page.keyboard.press("Escape")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(WINDOW)


@pytest.fixture(scope="module")
def tabs(browser: Browser):
    tabs = Tabs(browser)
    yield tabs
    tabs.context.close()


def violations(page: Page, rules: dict) -> list[str]:
    # Evaluated by the debugger, which the Content-Security-Policy does not bind; a tab keeps it.
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"(() => {{ {AXE} }})()")
    result = page.evaluate("options => axe.run(document, options)", rules)
    return [
        f"{each['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for each in result["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_breaks_no_rule(tabs, world, trouble, state):
    page = tabs.open(state)
    trouble.ignore = state.expected[0] if state.expected else None
    trouble.watch(page)
    try:
        world.open(page, state)
        tags = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        # Off by default in axe: every target is at least 24 by 24 pixels or has room around it.
        tags["rules"] = {"target-size": {"enabled": True}}
        assert violations(page, tags) == []
        page.emulate_media(color_scheme="dark")
        # Only colours differ between the themes.
        only = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
        assert violations(page, only) == []
        page.set_viewport_size({"width": 320, "height": 700})
        # 320 pixels are 1280 at a zoom of 400 % (WCAG 1.4.10).
        wide = page.evaluate(
            "() => [...document.querySelectorAll('main *')].filter(e =>"
            " e.getBoundingClientRect().right > innerWidth + 1 &&"
            " !e.closest('.grid-frame, .log-view, pre, .text-block, .bar, .visually-hidden, svg,"
            " .table-frame, thead')).map(e => e.outerHTML.slice(0, 120)).slice(0, 3)"
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), wide
        expect(page).to_have_title(re.compile("AgentV Studio$"))
    finally:
        tabs.leave(page)


def test_only_what_is_new_moves_when_motion_is_reduced(browser, world):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{world.studios['main'].url}/jobs/{world.names['live_job']}")
    expect(page.locator(".in-flight-item").first).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
    context.close()


def test_a_change_of_state_is_said_once_in_the_live_region(page, world):
    studio, project = world.studios["empty"], world.empty_project
    suite = project.add_eval("core", ["t1", "t2"])
    job = studio.launch(suite)
    page.goto(f"{studio.url}/jobs/{job['id']}")
    expect(page.locator("main .title-line av-status")).to_have_text("Running")
    region = page.locator("av-announcer [role=status]")
    expect(region).to_have_attribute("aria-live", "polite")
    page.locator("main .page-head .stop").click()
    expect(region).to_have_text(re.compile("Stopped"))


def test_focus_goes_through_the_page_in_the_order_of_reading(tabs, world):
    page = tabs.context.new_page()
    page.goto(f"{world.studios['main'].url}/jobs/{world.names['live_job']}")
    expect(page.locator(".in-flight-item").first).to_be_visible()
    places = []
    for _ in range(40):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "(() => { const e = document.activeElement; if (!e || e === document.body) return null;"
            " const order = [...document.querySelectorAll('*')].indexOf(e);"
            " const ring = getComputedStyle(e).outlineStyle; return [order, ring]; })()"
        )
        if at is None:
            break
        places.append(at)
    orders = [order for order, _ in places]
    assert len(orders) > 10
    assert orders == sorted(orders)
    # Whatever has the focus shows it.
    assert {ring for _, ring in places} == {"solid"}
    page.close()
