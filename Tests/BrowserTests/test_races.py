"""What a person is in the middle of is not undone by what happens meanwhile."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browsing import Held
from studio import Project, Studio

TESTS = [f"t{number}" for number in range(1, 9)]


class Busy:
    """A server with a run under way that goes on when a test says so."""

    def __init__(self, directory):
        self.project = Project(directory / "busy")
        self.suite = self.project.add_eval("core", TESTS, 1)
        self.studio = Studio(self.project)
        self.job = self.studio.launch(self.suite)
        self.done = 0

    def go_on(self) -> str:
        """One more test ends; returns what the pages then say."""
        self.done += 1
        self.project.open(TESTS[self.done - 1])
        return f"{self.done} of {len(TESTS)} tests"


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory):
    busy = Busy(tmp_path_factory.mktemp("races"))
    yield busy
    busy.project.open()
    busy.studio.ended(busy.job["id"])
    busy.studio.stop()


def test_a_menu_stays_open_while_the_log_follows_its_end(page: Page, busy):
    page.goto(f"{busy.studio.url}/jobs/{busy.job['id']}")
    expect(page.locator(".in-flight-item").first).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 500})
    page.locator("main .page-head .stop-more").click()
    item = page.get_by_role("menuitem", name="With a reason")
    expect(item).to_be_visible()
    # The log is made to scroll, as it does with every line once it is full.
    page.evaluate("document.querySelector('.log-view').style.height = '30px'")
    count = busy.go_on()
    expect(page.locator("main .progress-count")).to_have_text(count)
    expect(page.locator(".log-view")).to_contain_text(f"{busy.done}/8")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(item).to_be_visible()
    page.keyboard.press("Escape")
    expect(item).to_be_hidden()


def test_a_row_of_a_table_keeps_focus_and_menu_while_its_numbers_change(page: Page, busy):
    page.goto(f"{busy.studio.url}/jobs")
    row = page.locator("main tbody tr", has_text=busy.job["id"])
    row.locator(".stop-more").click()
    expect(page.get_by_role("menuitem").first).to_be_focused()
    busy.go_on()
    expect(row).to_contain_text(f"{busy.done}/8")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(row.locator(".stop-more")).to_be_focused()
    box = row.get_by_role("checkbox")
    box.check()
    busy.go_on()
    expect(row).to_contain_text(f"{busy.done}/8")
    expect(box).to_be_focused()
    expect(box).to_be_checked()


def test_the_switcher_keeps_its_links_while_a_run_goes_on(page: Page, busy):
    page.goto(busy.studio.url)
    expect(page.locator("av-live-card")).to_be_visible()
    page.keyboard.press("b")
    link = page.locator(".switcher-list a").first
    expect(link).to_be_focused()
    page.evaluate("document.querySelector('.switcher-list a').dataset.mine = 'yes'")
    count = busy.go_on()
    expect(page.locator("av-live-card .progress-count")).to_have_text(count)
    expect(page.locator(".switcher-list a[data-mine=yes]")).to_be_focused()


def test_selected_text_of_a_log_stays_selected_while_more_arrives(page: Page, busy):
    page.goto(f"{busy.studio.url}/jobs/{busy.job['id']}/log")
    expect(page.locator(".whole-log-line").first).to_be_visible()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.whole-log-line'))")
    said = page.evaluate("String(getSelection())")
    assert said
    busy.go_on()
    expect(page.locator(".whole-log")).to_contain_text(f"{busy.done}/8")
    assert page.evaluate("String(getSelection())") == said


def test_a_dialog_that_is_opened_twice_is_filled_once(page: Page, busy):
    held = Held(page, "**/api/eval/targets")
    page.goto(busy.studio.url)
    for _ in range(2):
        page.get_by_role("button", name="Run Eval").click()
        page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Run Eval").click()
    field = page.get_by_label("Or a path or glob")
    field.fill("evals/other*.yaml")
    held.release()
    options = page.get_by_label("Target", exact=True).locator("option")
    expect(options.filter(has_text="gated")).to_have_count(1)
    # The only file is not ticked for somebody who has asked for another one.
    expect(page.get_by_role("checkbox", name=busy.suite)).not_to_be_checked()
    expect(field).to_have_value("evals/other*.yaml")


def test_two_quick_tags_are_both_kept(page: Page, busy):
    page.goto(f"{busy.studio.url}/runs/{busy.job['run_id']}")
    page.get_by_role("button", name="Add tag").click()
    held = Held(page, "**/tags")
    page.get_by_label("New tag").fill("first")
    page.keyboard.press("Enter")
    page.get_by_label("New tag").fill("second")
    page.keyboard.press("Enter")
    # Seen at once, saved one after the other.
    expect(page.locator("av-tags .chip")).to_have_text(["first", "second"])
    with page.expect_response(lambda response: "second" in (response.request.post_data or "")):
        held.release()
    page.reload()
    expect(page.locator("av-tags .chip")).to_have_text(["first", "second"])
    # Who removes one by keyboard stays among the tags.
    page.get_by_role("button", name="Remove the tag first").press("Enter")
    expect(page.locator("av-tags .chip")).to_have_text(["second"])
    expect(page.get_by_role("button", name="Add tag")).to_be_focused()


def test_what_is_written_before_the_answer_came_is_not_overwritten(page: Page, busy):
    busy.studio.completed(busy.job["id"], 1)
    held = Held(page, "**/api/feedback")
    page.goto(f"{busy.studio.url}/evals/{busy.job['run_id']}/t1")
    box = page.get_by_label("Feedback on this test")
    box.fill("half a sentence")
    held.release()
    page.get_by_role("button", name="Save feedback").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(box).to_have_value("half a sentence")


def test_a_second_click_on_run_starts_nothing_more(page: Page, busy, trouble):
    trouble.allow_network_errors = True
    page.goto(busy.studio.url)
    page.get_by_role("button", name="Run Eval").click()
    page.get_by_role("checkbox", name=busy.suite).check()
    held = Held(page, "**/api/eval/run")
    page.get_by_role("button", name="Run", exact=True).dblclick()
    expect(page.get_by_role("button", name="Launching…")).to_be_visible()
    assert len(held.routes) == 1
    held.routes[0].abort()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    page.keyboard.press("Escape")


def test_details_that_are_on_their_way_come_although_the_run_is_read_again(
    page: Page, project, make_studio
):
    studio = make_studio()
    project.open()
    job = studio.ended(studio.launch(project.add_eval("core", ["t1", "t2"]))["id"])
    page.goto(f"{studio.url}/runs/{job['run_id']}")
    held = Held(page, "**/evals/**")
    page.get_by_role("button", name="t2", exact=True).click()
    expect(page.locator(".test-row [role=status]")).to_have_text("Loading…")
    with page.expect_response("**/api/runs/*?view=columns"):
        page.get_by_role("button", name="Add tag").click()
        page.get_by_label("New tag").fill("nightly")
        page.keyboard.press("Enter")
    # The page has drawn what it read.
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    held.release()
    expect(page.locator(".test-detail")).to_be_visible()
