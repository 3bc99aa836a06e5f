"""Ways to stop, several runs at once, who stopped, and deleting runs."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from test_stop_and_resume import badge, stop_button

TESTS = ["t1", "t2", "t3", "t4"]


def fact(page, name: str):
    return page.locator(f"[data-fact={name}] dd")


def menu_of(page):
    return page.locator("main .page-head av-stop-button .stop-more")


def test_a_run_can_end_after_its_current_tests(page, studio, project):
    suite = project.add_eval("core", TESTS)
    job = studio.launch(suite)
    page.goto(f"{studio.url}/jobs/{job['id']}")
    expect(page.locator(".in-flight-item")).to_have_count(2)
    menu_of(page).click()
    menu = page.get_by_role("menu", name="Ways to stop")
    expect(menu.get_by_role("menuitem")).to_have_count(4)
    menu.get_by_role("menuitem", name="After the current tests").click()
    expect(badge(page)).to_have_text("Stopping…")
    expect(stop_button(page)).to_have_text("Stopping…")
    expect(page.locator("[data-notice=stop]")).to_contain_text("Nothing new starts")
    expect(page.get_by_role("button", name="Stop now")).to_be_visible()
    project.open("t1", "t2")
    expect(badge(page)).to_have_text("Stopped")
    expect(page.locator(".progress-count").first).to_have_text("2 of 4 tests")
    expect(fact(page, "stop")).to_contain_text("asked for in the browser")
    expect(fact(page, "stop")).to_contain_text("after the current tests")


def test_a_mild_stop_can_be_made_stronger_step_by_step(page, project, make_studio):
    studio = make_studio("--stop-grace", "600")
    suite = project.add_eval("stubborn", TESTS, target="stubborn")
    job = studio.launch(suite)
    page.goto(f"{studio.url}/jobs/{job['id']}")
    expect(page.locator(".in-flight-item")).to_have_count(2)
    menu_of(page).click()
    page.get_by_role("menuitem", name="After the current tests").click()
    page.get_by_role("button", name="Stop now").click()
    expect(page.locator("[data-notice=stop]")).to_contain_text("is killed")
    # What is weaker or the same is not offered any more.
    menu_of(page).click()
    enabled = page.locator(".menu:popover-open .menu-item:not([aria-disabled])")
    expect(enabled).to_have_count(1)
    expect(enabled).to_contain_text("Kill now")
    enabled.click()
    expect(badge(page)).to_have_text("Stopped")
    expect(fact(page, "stop")).to_contain_text("killed at once")


def test_the_menu_of_stop_works_with_the_keyboard(page, studio, project):
    suite = project.add_eval("core", TESTS)
    job = studio.launch(suite)
    page.goto(f"{studio.url}/jobs/{job['id']}")
    expect(page.locator(".in-flight-item")).to_have_count(2)
    more = menu_of(page)
    more.focus()
    page.keyboard.press("Enter")
    item = page.locator(".menu-item:focus .menu-label")
    expect(item).to_have_text("After the current tests")
    page.keyboard.press("ArrowDown")
    expect(item).to_have_text("Now")
    page.keyboard.press("End")
    expect(item).to_have_text("With a reason…")
    page.keyboard.press("ArrowDown")
    expect(item).to_have_text("After the current tests")
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(more).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(item).to_have_text("After the current tests")
    page.keyboard.press("ArrowUp")
    expect(item).to_have_text("With a reason…")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Stop this run?")
    expect(dialog.get_by_role("radio", name=re.compile("^Now"))).to_be_checked()
    dialog.get_by_label("Reason").fill("the target was wrong")
    page.keyboard.press("Enter")
    expect(badge(page)).to_have_text("Stopped")
    expect(fact(page, "stop")).to_contain_text("the target was wrong")
    # The run tells it as well, also to whom opens it later.
    page.get_by_role("link", name="Open results").click()
    expect(page.locator("[data-notice=stopped]")).to_contain_text("the target was wrong")


def test_all_live_runs_are_stopped_at_once(page, studio, project):
    jobs = [studio.launch(project.add_eval(name, TESTS)) for name in ("one", "two", "three")]
    page.goto(f"{studio.url}/jobs")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Stop all 3…").click()
    dialog = page.get_by_role("dialog", name="Stop 3 runs?")
    expect(dialog.locator(".name-list li")).to_have_count(3)
    dialog.get_by_role("button", name="Stop 3 runs").click()
    expect(page.locator("tbody av-status", has_text="Stopped")).to_have_count(3)
    expect(page.get_by_role("button", name="Stop all")).to_have_count(0)
    assert {studio.ended(job["id"])["actor"] for job in jobs} == {"browser"}


def test_selected_jobs_are_stopped_and_no_others(page, studio, project):
    for name in ("one", "two"):
        studio.launch(project.add_eval(name, TESTS))
    page.goto(f"{studio.url}/jobs")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("tbody tr", has_text="evals/one").get_by_role("checkbox").check()
    bar = page.get_by_role("region", name="Selection")
    expect(bar).to_contain_text("1 selected")
    bar.get_by_role("button", name="Stop 1…").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop this run").click()
    expect(page.locator("tbody tr", has_text="evals/one").locator("av-status")).to_have_text("Stopped")
    expect(page.locator("tbody tr", has_text="evals/two").locator("av-status")).to_have_text("Running")
    expect(bar).to_be_hidden()


def test_a_run_is_deleted_after_a_question(page, studio, project):
    project.open()
    job = studio.ended(studio.launch(project.add_eval("core", TESTS))["id"])
    page.goto(f"{studio.url}/runs/{job['run_id']}")
    expect(page.locator(".test-row")).to_have_count(4)
    other = page.context.new_page()
    other.goto(f"{studio.url}/runs/{job['run_id']}")
    expect(other.locator(".test-row")).to_have_count(4)
    page.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("alertdialog", name="Delete this run?")
    expect(dialog).to_contain_text(job["run_id"])
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Delete…").click()
    dialog.get_by_role("button", name="Delete run").click()
    expect(page).to_have_url(f"{studio.url}/runs")
    expect(page.locator(".run-row", has_text=job["run_id"])).to_have_count(0)
    expect(other.get_by_role("heading", name="This run was deleted")).to_be_visible()
    assert not (project.path / job["run_dir"]).exists()


def test_several_runs_are_deleted_and_the_list_follows(page, studio, project):
    project.open()
    suite = project.add_eval("core", ["t1"])
    for _ in range(3):
        studio.ended(studio.launch(suite)["id"])
    page.goto(studio.url)
    expect(page.locator(".run-row")).to_have_count(3)
    page.get_by_role("checkbox", name="Select all that are shown").check()
    page.locator(".run-row").first.get_by_role("checkbox").uncheck()
    bar = page.get_by_role("region", name="Selection")
    expect(bar.get_by_role("link", name="Compare 2")).to_be_visible()
    bar.get_by_role("button", name="Delete 2…").click()
    dialog = page.get_by_role("alertdialog", name="Delete 2 runs?")
    dialog.get_by_role("button", name="Delete 2 runs").click()
    expect(dialog).to_have_count(0)
    # A job stays in the list when its run is gone; only what can be opened counts here.
    expect(page.locator(".run-row a.row-link[href^='/runs/']")).to_have_count(1)
    expect(bar).to_be_hidden()


def test_deleting_a_run_that_became_live_is_refused(page, trouble, studio, project):
    trouble.ignore = "the server responded with a status of 409"
    suite = project.add_eval("core", TESTS)
    project.open("t1")
    job = studio.launch(suite)
    studio.completed(job["id"], 1)
    studio.post(f"/api/eval/run/{job['id']}/stop", {})
    studio.ended(job["id"])
    page.goto(f"{studio.url}/runs/{job['run_id']}")
    page.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_be_visible()
    studio.post("/api/eval/run", {"output": job["run_dir"], "resume": True})
    dialog.get_by_role("button", name="Delete run").click()
    expect(dialog.get_by_role("alert")).to_contain_text(re.compile("live|under way|writ"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Delete…")).to_be_hidden()
    expect(stop_button(page)).to_be_visible()


def test_read_only_offers_neither_stop_nor_delete(page, project, make_studio):
    project.open()
    assert project.eval(project.add_eval("core", ["t1"])).wait(60) == 0
    studio = make_studio("--read-only")
    page.goto(studio.url)
    page.locator(".run-row").get_by_role("checkbox").check()
    bar = page.get_by_role("region", name="Selection")
    expect(bar).to_contain_text("1 selected")
    expect(bar.locator(".actions button")).to_have_count(0)
    page.locator(".run-row .row-link").click()
    expect(page.locator(".test-row")).to_have_count(1)
    expect(page.get_by_role("button", name="Delete…")).to_have_count(0)
