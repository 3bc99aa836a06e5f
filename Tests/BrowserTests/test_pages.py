"""Launching, read-only mode, keyboard, phone width."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

TESTS = ["t1", "t2", "t3"]


def test_run_eval_launches_what_was_chosen(page, studio, project):
    project.add_eval("alpha", TESTS)
    project.add_eval("beta", TESTS)
    page.goto(studio.url)
    page.get_by_role("button", name="Run Eval").first.click()
    dialog = page.get_by_role("dialog", name="Run Eval")
    expect(dialog.get_by_role("checkbox", name="evals/alpha.eval.yaml")).to_be_visible()
    dialog.get_by_role("checkbox", name="evals/beta.eval.yaml").check()
    dialog.get_by_label("Target").select_option("gated")
    dialog.get_by_label("Only these tests").fill("t2")
    expect(dialog.locator(".command-text")).to_have_text(
        "agentv eval evals/beta.eval.yaml --test-id t2 --target gated"
    )
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(page).to_have_url(re.compile("/jobs/studio-"))
    expect(page.locator("main .title-line av-status")).to_have_text("Running")
    project.open()
    expect(page.locator("main .title-line av-status")).to_have_text("Finished")
    expect(page.locator(".test-row")).to_have_count(1)


def test_a_job_that_failed_can_be_run_again_as_it_was(page, studio, project):
    suite = project.add_eval("core", TESTS)
    (project.path / suite).write_text("tests: [: broken")
    job = studio.ended(studio.launch(suite, test_ids=["t1", "t2"])["id"])
    page.goto(studio.url)
    page.locator(".run-row").get_by_role("link", name="core").click()
    expect(page).to_have_url(re.compile(job["id"]))
    expect(page.locator("main .title-line av-status")).to_have_text("Failed")
    expect(page.locator("[data-fact=exit-code] dd")).to_contain_text("1 —")
    expect(page.locator(".log-view")).to_contain_text("core.eval.yaml")
    project.add_eval("core", TESTS)
    project.open()
    page.get_by_role("button", name="Run again…").click()
    dialog = page.get_by_role("dialog", name="Run Eval")
    expect(dialog.get_by_label("Only these tests")).to_have_value("t1 t2")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(page).not_to_have_url(re.compile(job["id"]))
    expect(page.locator("main .title-line av-status")).to_have_text("Finished")
    expect(page.locator(".test-row")).to_have_count(2)


def test_a_refused_launch_is_told_in_the_dialog(page, trouble, studio, project):
    trouble.ignore = "the server responded with a status of 400"
    page.goto(studio.url)
    page.get_by_role("button", name="Run Eval").first.click()
    dialog = page.get_by_role("dialog", name="Run Eval")
    expect(dialog).to_contain_text("No eval files found")
    dialog.get_by_label("Or a path or glob").fill("evals/missing.eval.yaml")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("missing.eval.yaml")


def test_read_only_hides_every_button_that_changes_something(page, project, make_studio):
    suite = project.add_eval("core", TESTS)
    project.open("t1")
    process = project.eval(suite)
    studio = make_studio("--read-only")
    try:
        page.goto(studio.url)
        expect(page.get_by_text("Read-only")).to_be_visible()
        expect(page.locator("av-live-card")).to_have_count(1)
        expect(page.get_by_role("button", name="Run Eval")).to_have_count(0)
        expect(page.locator(".stop:visible")).to_have_count(0)
        page.locator(".run-row .row-link").click()
        expect(page.locator(".test-row")).to_have_count(1)
        expect(page.locator(".stop:visible")).to_have_count(0)
    finally:
        process.terminate()
        process.wait(30)
    expect(page.locator("main .title-line av-status")).to_have_text("Stopped")
    expect(page.get_by_role("button", name="Resume run")).to_have_count(0)
    expect(page.get_by_role("button", name="Rerun failed")).to_have_count(0)


def test_everything_can_be_done_with_the_keyboard(page, studio, project):
    project.add_eval("core", TESTS)
    page.goto(studio.url)
    expect(page.get_by_role("button", name="Run Eval").first).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Run Eval").first).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Run Eval")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Run Eval").first).to_be_focused()

    page.keyboard.press("Enter")
    expect(dialog.get_by_role("checkbox", name="evals/core.eval.yaml")).to_be_checked()
    dialog.get_by_label("Only these tests").focus()
    page.keyboard.type("t*")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/jobs/studio-"))
    status = page.locator("main .title-line av-status")
    expect(page.locator(".in-flight-item")).to_have_count(2)
    tab_to(page, "Stop")
    page.keyboard.press("Enter")
    expect(status).to_have_text("Stopped")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("button", name="Resume run")).to_be_visible()
    tab_to(page, "Resume run")
    project.open()
    page.keyboard.press("Enter")
    expect(status).to_have_text("Finished")


def tab_to(page, name: str) -> None:
    """Presses Tab until the button has the focus, as a person would."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if name in page.evaluate("document.querySelector('button:focus')?.innerText ?? ''"):
            return
    raise AssertionError(f"Tab does not reach {name}")


def test_the_dialog_keeps_the_focus(page, studio, project):
    project.add_eval("core", TESTS)
    page.goto(studio.url)
    page.get_by_role("button", name="Run Eval").first.click()
    expect(page.get_by_role("checkbox", name="evals/core.eval.yaml")).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "document.activeElement === document.body"
            " || document.activeElement.closest('dialog') !== null"
        )
        assert inside


@pytest.mark.parametrize("width", [360, 768, 1920])
def test_no_page_scrolls_sideways(page, studio, project, width):
    long = "a-rather-long-test-id-that-goes-on-and-on-without-a-single-space-to-break-at"
    suite = project.add_eval("phone", ["t1", "wrong", long])
    project.open("t1", "wrong")
    job = studio.launch(suite)
    studio.completed(job["id"], 2)
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", f"/jobs/{job['id']}", f"/runs/{job['run_id']}", "/nowhere"):
        page.goto(studio.url + path)
        expect(page.locator("h1:visible")).to_be_visible()
        if path != "/nowhere":
            expect(page.locator(".progress-count:visible").first).to_have_text("2 of 3 tests")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(studio.url)
    page.get_by_role("button", name="Run Eval").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("document.querySelector('dialog').scrollWidth <= innerWidth")


def test_the_theme_button_changes_the_theme_and_is_remembered(page, studio):
    page.emulate_media(color_scheme="light")
    page.goto(studio.url)
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("button", name="Theme: as the system").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    dark = page.evaluate(background)
    assert dark != light
    page.reload()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert page.evaluate(background) == dark
