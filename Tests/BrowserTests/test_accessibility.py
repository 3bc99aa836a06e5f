"""Every page in every state by the rules of axe-core for WCAG 2.2 AA, in both themes; focus order,
live regions, reduced motion, target sizes and reflow are tested where axe cannot tell."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page, expect

from page_states import STATES, State, World

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory):
    world = World(tmp_path_factory.mktemp("world"))
    try:
        world.start()
        yield world
    finally:
        world.stop()


@pytest.fixture(scope="module")
def profile(browser: Browser):
    """One browser profile, and so one event stream, for all states that need no other answers."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    context.set_default_timeout(20_000)
    yield context
    context.close()


def opened(browser, profile, world, trouble, state: State) -> Page:
    context = profile
    if state.intercept:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(20_000)
        state.intercept(context)
    page = context.new_page()
    trouble.ignore = state.expected[0] if state.expected else None
    trouble.watch(page)
    world.open(page, state)
    return page


def violations(page: Page, rules: dict) -> list[str]:
    # Evaluated by the debugger, which the Content-Security-Policy does not bind.
    page.evaluate(f"window.axe ?? (() => {{ {AXE} }})()")
    result = page.evaluate("options => axe.run(document, options)", rules)
    return [
        f"{each['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for each in result["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_breaks_no_rule(browser, profile, world, trouble, state):
    page = opened(browser, profile, world, trouble, state)
    try:
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
        page.close()
        if state.intercept:
            page.context.close()


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


def test_focus_goes_through_the_page_in_the_order_of_reading(profile, world):
    page = profile.new_page()
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
