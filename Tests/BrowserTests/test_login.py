"""Logging in and out: the login page is one of the pages, and whoever is logged out finds the way back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from test_accessibility import RULES, violations

TOKEN = "correct-horse-battery-staple"
REFUSED = "the server responded with a status of 401"


@pytest.fixture
def guarded(make_studio, trouble):
    trouble.ignore = REFUSED
    return make_studio("--token", TOKEN)


def log_in(page: Page, token: str = TOKEN) -> None:
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Log in").click()


def wide_elements(page: Page) -> list[str]:
    return page.evaluate(
        "() => [...document.querySelectorAll('body *')]"
        ".filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML)")


def check(page: Page) -> None:
    """No rule is broken, in both themes and down to 320 pixels."""
    rules = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    rules["rules"] = {"target-size": {"enabled": True}}
    for scheme in ("light", "dark"):
        # Without motion: colours that are on their way are nobody's contrast.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page, rules) == [], scheme
    page.set_viewport_size({"width": 320, "height": 600})
    assert wide_elements(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def test_the_login_page_breaks_no_rule_and_leads_back(page, guarded):
    page.goto(f"{guarded.url}/jobs?q=a%20b")
    assert page.url.startswith(f"{guarded.url}/login?next=")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    expect(page.get_by_label("Token")).to_be_focused()
    check(page)
    log_in(page, "wrong")
    expect(page.get_by_role("alert")).to_have_text("That token is not right.")
    check(page)
    log_in(page)
    expect(page).to_have_url(f"{guarded.url}/jobs?q=a%20b")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{guarded.url}/login")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    check(page)


def test_the_login_page_looks_like_the_others(page, guarded):
    """The theme that was chosen on the other pages holds, and its colours are theirs."""
    look = "() => { const s = getComputedStyle(document.body); return [s.backgroundColor, s.color, s.fontFamily]; }"
    page.goto(guarded.url)
    seen = {}
    for theme in ("light", "dark"):
        page.evaluate("theme => localStorage.setItem('agentv-theme', theme)", theme)
        page.reload()
        seen[theme] = page.evaluate(look)
    assert seen["light"] != seen["dark"]
    log_in(page)
    expect(page.locator("av-header")).to_be_visible()
    assert page.evaluate(look) == seen["dark"]


def test_a_logout_reaches_the_other_tabs_which_lead_back(page, context, guarded):
    page.goto(guarded.url)
    log_in(page)
    other = context.new_page()
    other.goto(f"{guarded.url}/settings")
    expect(other.locator(".connection")).to_have_text("Live")
    page.locator(".site-header").get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{guarded.url}/login")
    banner = other.get_by_role("alert").filter(has_text="You are logged out.")
    expect(banner).to_be_visible()
    expect(other.locator(".connection")).to_have_text("Logged out")
    banner.get_by_role("button", name="Log in").click()
    expect(other).to_have_url(re.compile(r"/login\?next=%2Fsettings$"))
    log_in(other)
    expect(other).to_have_url(f"{guarded.url}/settings")
    expect(other.locator(".connection")).to_have_text("Live")


def test_a_request_that_is_refused_says_so_before_the_stream_does(page, context, guarded):
    page.goto(f"{guarded.url}/settings")
    log_in(page)
    expect(page.locator(".connection")).to_have_text("Live")
    context.clear_cookies()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="You are logged out.")).to_be_visible()


def test_log_out_is_in_the_settings_where_the_header_has_no_room(page, guarded):
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(f"{guarded.url}/settings")
    log_in(page)
    buttons = page.get_by_role("button", name="Log out")
    expect(buttons).to_have_count(1)
    buttons.click()
    expect(page).to_have_url(f"{guarded.url}/login")


def test_without_a_token_there_is_nothing_to_log_out_of(page, studio):
    page.goto(f"{studio.url}/settings")
    expect(page.locator(".facts")).to_contain_text("read and run")
    expect(page.get_by_role("button", name="Log out")).to_have_count(0)
    page.goto(f"{studio.url}/login?next=/jobs")
    expect(page.get_by_role("link", name="To the runs")).to_have_attribute("href", "/jobs")
    check(page)
