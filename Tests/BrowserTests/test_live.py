"""Pages stay live without asking: many tabs, lost connections, runs from a terminal."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

TESTS = [f"t{number}" for number in range(1, 7)]


def badge(page: Page):
    return page.locator("main .title-line av-status")


def count(page: Page):
    return page.locator("main .progress-count").first


def test_ten_tabs_on_ten_jobs_are_all_live(context, project, make_studio):
    studio = make_studio("--max-jobs", "10")
    jobs = []
    for number in range(10):
        suite = project.add_eval(f"suite{number}", [f"s{number}-{test}" for test in TESTS], 1)
        jobs.append(studio.launch(suite))
    tabs = []
    for job in jobs:
        tab = context.new_page()
        tab.goto(f"{studio.url}/jobs/{job['id']}")
        tabs.append(tab)
    for tab in tabs:
        expect(badge(tab)).to_have_text("Running")
        expect(count(tab)).to_have_text("0 of 6 tests")
    for number in range(10):
        project.open(f"s{number}-t1", f"s{number}-t2")
    for tab in tabs:
        expect(count(tab)).to_have_text("2 of 6 tests")
        expect(tab.locator(".test-row")).to_have_count(2)
        expect(tab).to_have_title(re.compile("^Running 2/6"))

    # Three of them have their job's own stream; the others offer to fetch the log.
    waiting = [tab for tab in tabs if tab.get_by_role("button", name="Show it here").is_visible()]
    assert len(waiting) == 7
    waiting[0].get_by_role("button", name="Show it here").click()
    expect(waiting[0].get_by_role("button", name="Show it here")).to_be_hidden()
    expect(waiting[0].locator(".log-view")).to_contain_text("t2 ")

    project.open()
    for tab in tabs:
        expect(badge(tab)).to_have_text("Finished")
        expect(tab.locator(".test-row")).to_have_count(6)


def test_ten_tabs_on_one_page_are_all_live(context, studio, project):
    suite = project.add_eval("core", TESTS)
    job = studio.launch(suite)
    tabs = [context.new_page() for _ in range(10)]
    for tab in tabs:
        tab.goto(f"{studio.url}/jobs/{job['id']}")
    for tab in tabs:
        expect(badge(tab)).to_have_text("Running")
    project.open()
    for tab in tabs:
        expect(badge(tab)).to_have_text("Finished")
        expect(tab.locator(".test-row")).to_have_count(6)


def test_no_page_asks_the_server_anything_while_nothing_is_done(context, studio, project):
    suite = project.add_eval("core", TESTS, 1)
    job = studio.launch(suite)
    pages = [context.new_page() for _ in range(3)]
    for page, path in zip(pages, ("/", f"/jobs/{job['id']}", f"/runs/{job['run_id']}")):
        page.goto(studio.url + path)
    for page in pages:
        expect(count(page)).to_have_text("0 of 6 tests")
    requests: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    for number, test in enumerate(TESTS[:5], 1):
        project.open(test)
        for page in pages:
            expect(count(page)).to_have_text(f"{number} of 6 tests")
    assert requests == []


def test_output_arrives_live_with_stderr_marked(page, studio, project):
    suite = project.add_eval("core", TESTS)
    job = studio.launch(suite)
    page.goto(f"{studio.url}/jobs/{job['id']}")
    project.open("t1")
    expect(page.locator(".log-view")).to_contain_text("t1")
    project.open()
    expect(page.locator(".log-view")).to_contain_text("t6")


def test_a_run_started_in_a_terminal_is_live(context, studio, project):
    suite = project.add_eval("terminal", TESTS)
    home = context.new_page()
    home.goto(studio.url)
    expect(home.get_by_role("heading", name="No runs yet")).to_be_visible()
    process = project.eval(suite)
    try:
        card = home.locator("av-live-card")
        expect(card).to_contain_text("Started in a terminal")
        card.get_by_role("link").click()
        expect(badge(home)).to_have_text("Running")
        expect(home.locator(".in-flight-item")).to_have_count(2)
        project.open("t1", "t2", "t3")
        expect(count(home)).to_have_text("3 of 6 tests")
        expect(home.locator(".test-row")).to_have_count(3)
        expect(home.locator("main .page-head .stop")).to_be_hidden()
        project.open()
        expect(badge(home)).to_have_text("Finished")
    finally:
        project.open()
        assert process.wait(30) == 0


def test_a_lost_connection_is_said_and_comes_back_by_itself(context, trouble, studio, project):
    trouble.allow_network_errors = True
    suite = project.add_eval("core", TESTS)
    project.open()
    job = studio.ended(studio.launch(suite)["id"])
    home = context.new_page()
    home.goto(studio.url)
    run = context.new_page()
    run.goto(f"{studio.url}/runs/{job['run_id']}")
    for page in (home, run):
        expect(page.locator(".connection")).to_have_text("Live")
    port = studio.port
    studio.kill()
    for page in (home, run):
        expect(page.locator(".banner")).to_contain_text("Connection lost")
        expect(page.locator(".connection")).to_have_text("Connection lost")

    # While nobody serves, a run goes on in a terminal.
    (project.gates / "all").unlink()
    suite = project.add_eval("meanwhile", ["a", "b", "c"])
    process = project.eval(suite)
    studio.start(port)
    for page in (home, run):
        expect(page.locator(".banner")).to_be_hidden()
        expect(page.locator(".connection")).to_have_text("Live")
    expect(home.locator("av-live-card")).to_have_count(1)
    project.open("a")
    expect(home.locator("av-live-card .progress-count")).to_have_text("1 of 3 tests")
    project.open()
    assert process.wait(30) == 0
    expect(home.locator("av-live-card")).to_have_count(0)
    expect(home.locator(".run-row")).to_have_count(2)


def test_a_job_that_a_new_server_does_not_know_points_to_its_results(
    context, trouble, studio, project
):
    trouble.allow_network_errors = True
    trouble.ignore = "the server responded with a status of 404"
    suite = project.add_eval("core", TESTS)
    project.open("t1")
    job = studio.launch(suite)
    page = context.new_page()
    page.goto(f"{studio.url}/jobs/{job['id']}")
    expect(count(page)).to_have_text("1 of 6 tests")
    port = studio.port
    studio.kill()
    expect(page.locator(".banner")).to_contain_text("Connection lost")
    studio.start(port)
    expect(page.locator(".banner")).to_be_hidden()
    # Whether the new server adopts the job or not, the run goes on and can be seen.
    page.get_by_role("link", name="Open results").click()
    expect(badge(page)).to_have_text("Running")
    project.open()
    expect(badge(page)).to_have_text("Finished")
    expect(page.locator(".test-row")).to_have_count(6)


def test_without_shared_workers_a_tab_has_its_own_streams(context, studio, project):
    context.add_init_script("delete window.SharedWorker")
    suite = project.add_eval("core", TESTS)
    job = studio.launch(suite)
    page = context.new_page()
    page.goto(f"{studio.url}/jobs/{job['id']}")
    expect(badge(page)).to_have_text("Running")
    project.open()
    expect(badge(page)).to_have_text("Finished")
    expect(page.locator(".test-row")).to_have_count(6)


@pytest.mark.parametrize("path", ["/jobs/studio-nowhere", "/runs/nowhere", "/nowhere"])
def test_an_address_that_leads_nowhere_says_so(page, trouble, studio, path):
    # Chromium itself reports the 404 of an API request in the console.
    trouble.ignore = "the server responded with a status of 404"
    page.goto(studio.url + path)
    expect(page.get_by_role("heading", name=re.compile("not found|no page"))).to_be_visible()
    expect(page.get_by_role("link", name="Go to the runs")).to_be_visible()
