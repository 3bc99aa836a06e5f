"""The core of the product: Stop goes to terminal on events alone, and Resume finishes the run."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

TESTS = [f"t{number}" for number in range(1, 9)]


def stop_button(page: Page):
    return page.locator("main .page-head av-stop-button .stop")


def badge(page: Page):
    return page.locator("main .title-line av-status")


def test_stop_goes_from_click_to_terminal_on_events_alone(page, studio, project):
    suite = project.add_eval("core", TESTS)
    project.open("t1", "t2")
    job = studio.launch(suite)
    page.goto(f"{studio.url}/jobs/{job['id']}")
    expect(badge(page)).to_have_text("Running")
    expect(page.locator(".progress-count").first).to_have_text("2 of 8 tests")
    expect(stop_button(page)).to_have_text("⏸ Stop")

    requests: list[str] = []
    page.context.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    # The code of other pages comes once the pointer moves.
    code = f"GET {studio.url}/assets/"
    stop_button(page).click()
    expect(badge(page)).to_have_text("Stopped")
    expect(page.locator("[data-fact=exit-code] dd")).to_have_text("143 — stopped by SIGTERM")
    expect(page.locator("[data-fact=census] dd")).to_contain_text("none left")
    expect(stop_button(page)).to_be_hidden()
    expect(page).to_have_title(re.compile("^Stopped 2/8"))
    expect(page.get_by_role("button", name="Resume run")).to_be_visible()
    expect(page.get_by_role("link", name="Open results")).to_be_visible()

    asked = [each for each in requests if not each.startswith(code)]
    assert asked == [f"POST {studio.url}/api/eval/run/{job['id']}/stop"]


def test_a_stubborn_run_shows_the_time_left_until_escalation(page, project, make_studio):
    studio = make_studio("--stop-grace", "3")
    suite = project.add_eval("stubborn", TESTS, target="stubborn")
    job = studio.launch(suite)
    page.goto(f"{studio.url}/jobs/{job['id']}")
    expect(page.locator(".in-flight-item")).to_have_count(2)
    stop_button(page).click()
    expect(stop_button(page)).to_have_text("Stopping…")
    expect(badge(page)).to_have_text("Stopping…")
    expect(page.locator("[data-notice=stop]")).to_contain_text(re.compile(r"in [1-3] s is killed"))
    expect(badge(page)).to_have_text("Stopped")
    expect(page.locator("[data-fact=census] dd")).to_contain_text(re.compile(r"[1-9]\d* killed, none left"))


def test_kill_now_does_not_wait_for_the_grace(page, project, make_studio):
    studio = make_studio("--stop-grace", "600")
    suite = project.add_eval("stubborn", TESTS, target="stubborn")
    job = studio.launch(suite)
    page.goto(f"{studio.url}/jobs/{job['id']}")
    expect(page.locator(".in-flight-item")).to_have_count(2)
    stop_button(page).click()
    page.get_by_role("button", name="Kill now").click()
    expect(badge(page)).to_have_text("Stopped")
    expect(page.locator("[data-fact=census] dd")).to_contain_text("none left")


def test_resume_finishes_the_run(page, studio, project):
    suite = project.add_eval("core", TESTS)
    project.open("t1", "t2", "t3")
    job = studio.launch(suite)
    page.goto(f"{studio.url}/jobs/{job['id']}")
    expect(page.locator(".progress-count").first).to_have_text("3 of 8 tests")
    stop_button(page).click()
    expect(badge(page)).to_have_text("Stopped")

    project.open()
    page.get_by_role("button", name="Resume run").click()
    expect(page).not_to_have_url(re.compile(job["id"]))
    expect(badge(page)).to_have_text("Finished")
    expect(page.locator(".progress-count").first).to_have_text("8 of 8 tests")
    expect(page.locator("[data-fact=exit-code] dd")).to_contain_text("0 —")

    page.get_by_role("link", name="Open results").click()
    expect(badge(page)).to_have_text("Finished")
    expect(page.locator(".test-row")).to_have_count(8)
    expect(page.get_by_role("button", name="Resume run")).to_be_hidden()
    expect(page.get_by_role("button", name="Rerun failed")).to_be_hidden()

    page.goto(f"{studio.url}/jobs/{job['id']}")
    expect(page.get_by_role("link", name="Continued by a later job")).to_be_visible()
    expect(page.get_by_role("button", name="Resume run")).to_be_hidden()


def test_a_run_can_be_stopped_and_resumed_from_the_list(page, studio, project):
    suite = project.add_eval("core", TESTS)
    project.open("t1")
    studio.completed(studio.launch(suite)["id"], 1)
    page.goto(studio.url)
    row = page.locator(".run-row")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("1/8")
    row.locator(".stop").click()
    expect(row.locator("av-status")).to_have_text("Stopped")
    expect(page.locator("av-live-card")).to_have_count(0)
    project.open()
    row.get_by_role("button", name="Resume run").click()
    expect(badge(page)).to_have_text("Finished")


def test_only_quality_failures_offer_rerun_failed(page, studio, project):
    suite = project.add_eval("mixed", ["good", "wrong"])
    project.open()
    job = studio.ended(studio.launch(suite)["id"])
    page.goto(f"{studio.url}/runs/{job['run_id']}")
    expect(page.locator(".test-row")).to_have_count(2)
    expect(page.get_by_role("button", name="Rerun failed")).to_be_visible()
    expect(page.get_by_role("button", name="Resume run")).to_be_hidden()
    page.get_by_role("button", name="Rerun failed").click()
    expect(page).to_have_url(re.compile("/jobs/"))
    expect(badge(page)).to_have_text("Finished")
    expect(page.locator(".progress-count").first).to_have_text("2 of 2 tests")


def test_a_live_run_offers_stop_and_nothing_else(page, studio, project):
    suite = project.add_eval("mixed", ["wrong", "later"])
    project.open("wrong")
    job = studio.launch(suite)
    studio.completed(job["id"], 1)
    page.goto(f"{studio.url}/runs/{job['run_id']}")
    expect(page.locator(".test-row")).to_have_count(1)
    expect(stop_button(page)).to_be_visible()
    expect(page.get_by_role("button", name="Rerun failed")).to_be_hidden()
    expect(page.get_by_role("button", name="Resume run")).to_be_hidden()
    stop_button(page).click()
    expect(badge(page)).to_have_text("Stopped")
    expect(page.get_by_role("button", name="Rerun failed")).to_be_visible()
    expect(page.get_by_role("button", name="Resume run")).to_be_visible()
