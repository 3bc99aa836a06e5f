"""Reading results: one test, groups of runs, analytics, comparison, settings, jobs, keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

TESTS = ["t1", "t2-wrong", "t3"]


@pytest.fixture
def run(studio, project):
    """A finished run of three tests, one of them wrong; its id."""
    suite = project.add_eval("core", TESTS)
    project.open()
    return studio.ended(studio.launch(suite)["id"])["run_id"]


def open_run(page, studio, run):
    page.goto(f"{studio.url}/runs/{run}")
    expect(page.locator(".test-row")).to_have_count(3)


def test_a_test_has_a_page_with_prompt_answer_and_judgement(page, studio, run):
    open_run(page, studio, run)
    page.get_by_role("button", name="t2-wrong").click()
    page.get_by_role("link", name="Open this result").click()
    expect(page).to_have_url(re.compile(r"/evals/.*/t2-wrong\?target="))
    expect(page.get_by_role("heading", level=1)).to_have_text("t2-wrong")
    expect(page.locator("main .title-line av-status")).to_have_text("Failed")
    expect(page.locator(".eval-section", has_text="Prompt")).to_contain_text("Say hello, t2-wrong.")
    expect(page.locator(".eval-section", has_text="Answer")).to_contain_text("I do not know")
    judged = page.locator(".grader")
    expect(judged).to_have_count(1)
    expect(judged).to_contain_text("contains")
    expect(judged.locator(".assertion.tone-bad")).to_have_count(1)


def test_the_files_of_a_test_are_shown_when_asked_for(page, studio, run):
    page.goto(f"{studio.url}/evals/{run}/t1")
    page.get_by_text("Files", exact=True).click()
    page.get_by_role("button", name="grading.json").click()
    expect(page.locator(".file-view")).to_contain_text('"assertions"')


def test_feedback_on_a_test_is_kept(page, studio, run):
    page.goto(f"{studio.url}/evals/{run}/t1")
    page.get_by_label("Feedback on this test").fill("Too short <b>")
    page.get_by_role("button", name="Save feedback").click()
    expect(page.locator("av-feedback")).to_contain_text("Saved")
    page.reload()
    expect(page.get_by_label("Feedback on this test")).to_have_value("Too short <b>")


def test_attempts_of_a_test_stay_readable(page, studio, project):
    suite = project.add_eval("core", ["t1-wrong"])
    project.open()
    run = studio.ended(studio.launch(suite)["id"])
    again = {"output": run["run_dir"], "rerun_failed": True}
    studio.ended(studio.launch(suite, **again)["id"])
    page.goto(f"{studio.url}/evals/{run['run_id']}/t1-wrong")
    attempts = page.locator(".eval-section", has_text="Earlier attempts")
    expect(attempts.locator("summary").first).to_contain_text("Failed")


def test_running_one_test_again_is_prepared_in_the_dialog(page, studio, run):
    page.goto(f"{studio.url}/evals/{run}/t3")
    page.get_by_role("button", name="Run this test…").click()
    dialog = page.get_by_role("dialog", name="Run Eval")
    expect(dialog.get_by_label("Only these tests")).to_have_value("t3")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(page).to_have_url(re.compile("/jobs/studio-"))
    expect(page.locator("main .title-line av-status")).to_have_text("Finished")
    expect(page.locator(".test-row")).to_have_count(1)


def test_a_test_that_does_not_exist_is_said(page, trouble, studio, run):
    trouble.ignore = "the server responded with a status of 404"
    page.goto(f"{studio.url}/evals/{run}/nope")
    expect(page.get_by_role("heading", name="No result of this test")).to_be_visible()


def test_tags_are_added_and_removed_in_place(page, studio, run):
    open_run(page, studio, run)
    page.get_by_role("button", name="Add tag").click()
    page.get_by_label("New tag").fill("nightly")
    page.keyboard.press("Enter")
    expect(page.locator("av-tags .chip")).to_have_text(["nightly"])
    page.reload()
    expect(page.locator("av-tags .chip")).to_have_text(["nightly"])
    page.get_by_role("button", name="Remove the tag nightly").click()
    expect(page.locator("av-tags .chip")).to_have_count(0)


def test_experiments_and_targets_list_only_their_own_runs(page, studio, project):
    project.open()
    one = project.add_eval("alpha", ["t1"])
    two = project.add_eval("beta", ["t1-wrong"], target="gated")
    assert project.eval(one, "--experiment", "first").wait(30) == 0
    assert project.eval(two, "--experiment", "second").wait(30) == 0
    page.goto(f"{studio.url}/?tab=experiments")
    rows = page.locator("av-data-table tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_label("Filter experiments").fill("first")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile("q=first"))
    page.get_by_role("link", name="first").click()
    expect(page.locator(".run-row")).to_have_count(1)
    expect(page.locator(".run-row")).to_contain_text("alpha")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Targets").click()
    expect(page.locator("av-data-table tbody tr")).to_have_count(1)
    page.locator("av-data-table tbody").get_by_role("link").click()
    expect(page.locator(".run-row")).to_have_count(2)


def test_analytics_shows_a_matrix_and_compares_runs(page, studio, project):
    project.open()
    suite = project.add_eval("core", ["t1", "t2"])
    assert project.eval(suite, "--experiment", "before").wait(30) == 0
    project.add_eval("core", ["t1", "t2-wrong"])
    assert project.eval(suite, "--experiment", "after").wait(30) == 0
    page.goto(f"{studio.url}/analytics")
    expect(page.locator(".matrix-cell")).to_have_count(2)
    page.locator(".matrix-cell", has_text="50%").click()
    expect(page.locator(".matrix-detail")).to_contain_text("t2-wrong")
    expect(page.get_by_role("img", name=re.compile("Score distribution"))).to_be_visible()
    page.get_by_role("button", name=re.compile("Run by run")).click()
    expect(page).to_have_url(re.compile("view=runs"))
    boxes = page.locator("tbody").get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.reload()
    expect(page.locator("tbody").get_by_role("checkbox", checked=True)).to_have_count(2)
    page.get_by_role("link", name="Compare 2 runs").click()
    expect(page).to_have_url(re.compile(r"/compare\?runs="))
    expect(page.locator("table.compare tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Only what changed").click()
    expect(page.locator("table.compare tbody tr")).to_have_count(2)
    page.reload()
    expect(page.locator("table.compare tbody tr")).to_have_count(2)


def test_the_threshold_is_saved_in_the_project(page, studio, project, run):
    page.goto(f"{studio.url}/settings")
    field = page.get_by_label("Score from which a test counts as passed")
    expect(field).to_have_value("0.8")
    field.fill("0.55")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert "0.55" in (project.path / ".agentv/config.yaml").read_text()
    page.reload()
    expect(field).to_have_value("0.55")


def test_jobs_are_listed_with_how_they_ended(page, studio, run):
    page.goto(f"{studio.url}/jobs")
    row = page.locator("av-data-table tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Finished")
    row.get_by_role("link", name="Results").click()
    expect(page).to_have_url(re.compile(re.escape(run)))


def test_read_only_pages_offer_no_change(page, make_studio, project):
    project.open()
    assert project.eval(project.add_eval("core", ["t1"])).wait(30) == 0
    studio = make_studio("--read-only")
    run = studio.get("/api/runs")["runs"][0]["filename"]
    page.goto(f"{studio.url}/evals/{run}/t1")
    expect(page.locator(".grader")).to_have_count(1)
    expect(page.get_by_role("button", name="Run this test…")).to_be_hidden()
    expect(page.get_by_label("Feedback on this test")).to_be_hidden()
    page.goto(f"{studio.url}/settings")
    expect(page.get_by_text("This Studio is read-only")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_hidden()
    page.goto(f"{studio.url}/runs/{run}")
    expect(page.locator(".test-row")).to_have_count(1)
    expect(page.get_by_role("button", name="Add tag")).to_be_hidden()


def test_the_run_list_is_filtered_in_the_address(page, studio, project):
    project.open()
    for name in ("alpha", "beta"):
        assert project.eval(project.add_eval(name, ["t1"])).wait(30) == 0
    page.goto(studio.url)
    expect(page.locator(".run-row")).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("beta")
    expect(page.locator(".run-row")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=beta"))
    page.reload()
    expect(page.locator(".run-row")).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".run-row")).to_have_count(2)


def test_the_keyboard_reaches_everything(page, studio, run):
    page.goto(studio.url)
    expect(page.locator(".run-row")).to_have_count(1)
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/runs/"))
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page).to_have_url(re.compile("/settings"))
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_the_whole_log_is_searched_and_follows_the_run(page, studio, project):
    suite = project.add_eval("core", TESTS)
    project.open("t1")
    job = studio.launch(suite)
    studio.completed(job["id"], 1)
    page.goto(f"{studio.url}/jobs/{job['id']}")
    page.get_by_role("link", name="Whole log").click()
    log = page.locator(".whole-log")
    expect(log).to_contain_text("🔄 t1")
    project.open()
    expect(log).to_contain_text("Results written to:")
    page.get_by_role("searchbox").fill("RESULT:")
    expect(page.locator(".whole-log-line[aria-current]")).to_contain_text("RESULT:")
    page.get_by_role("searchbox").fill("nowhere at all")
    expect(page.get_by_text("Not found")).to_be_visible()
