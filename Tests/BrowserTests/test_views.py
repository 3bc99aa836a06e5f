"""The address is the view: a reload shows the same, the way back leads there, nothing is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from browsing import go
from sample_project import add_history
from common import wait_until
from studio import Project, Studio


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory):
    project = Project(tmp_path_factory.mktemp("views") / "shop")
    runs = add_history(project)
    studio = Studio(project)
    studio.runs = runs
    yield studio
    studio.stop()


def test_another_query_of_the_same_page_is_another_view(page: Page, history):
    page.goto(f"{history.url}/?experiment=baseline")
    expect(page.locator(".run-row")).to_have_count(4)
    go(page, "/?experiment=with-skills&sort=worst")
    expect(page.locator(".run-row")).to_have_count(6)
    expect(page.get_by_label("Experiment", exact=True)).to_have_value("with-skills")
    page.go_back()
    expect(page.locator(".run-row")).to_have_count(4)
    expect(page.get_by_label("Experiment", exact=True)).to_have_value("baseline")
    page.go_forward()
    expect(page.locator(".run-row")).to_have_count(6)


def test_the_main_navigation_leads_out_of_a_filter(page: Page, history):
    page.goto(f"{history.url}/runs?experiment=baseline")
    expect(page.locator(".run-row")).to_have_count(4)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Runs").click()
    expect(page.locator(".run-row")).to_have_count(10)


def test_what_is_selected_is_part_of_the_address(page: Page, history):
    page.goto(history.url)
    boxes = page.locator(".run-row").get_by_role("checkbox")
    boxes.nth(0).check()
    boxes.nth(2).check()
    page.reload()
    expect(page.locator(".selection-bar")).to_contain_text("2 selected")
    expect(boxes.nth(2)).to_be_checked()
    page.get_by_role("button", name="Clear selection").click()
    expect(page).not_to_have_url(re.compile("selected"))


def test_the_way_back_leads_to_where_the_page_was(page: Page, history):
    page.set_viewport_size({"width": 900, "height": 400})
    page.goto(history.url)
    row = page.locator(".run-row").nth(7)
    row.scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 60)")
    top = page.evaluate("scrollY")
    assert top > 100
    row.get_by_role("link").first.click()
    expect(page.locator(".test-row").first).to_be_visible()
    assert page.evaluate("scrollY") == 0
    page.go_back()
    expect(page.locator(".run-row").nth(7)).to_be_visible()
    # By the debugger: the Content-Security-Policy forbids what Playwright would wait with.
    wait_until(lambda: abs(page.evaluate("scrollY") - top) < 3, "the place on the page")
    page.reload()
    wait_until(lambda: abs(page.evaluate("scrollY") - top) < 3, "the place after a reload")


def test_a_file_of_a_result_is_part_of_the_address(page: Page, studio, project):
    suite = project.add_eval("core", ["t1"])
    project.open()
    run = studio.ended(studio.launch(suite)["id"])["run_id"]
    page.goto(f"{studio.url}/evals/{run}/t1")
    page.get_by_text("Files", exact=True).click()
    page.get_by_role("button", name="timing.json").click()
    expect(page).to_have_url(re.compile("file=.*timing.json"))
    page.reload()
    chosen = page.locator(".file-button[aria-current]")
    expect(chosen).to_have_text("timing.json")
    expect(page.locator(".file-view")).to_contain_text("duration_ms")


def test_the_tests_of_a_cell_and_its_view_stay_over_a_reload(page: Page, history):
    page.goto(f"{history.url}/analytics")
    page.locator(".matrix-cell").first.click()
    expect(page.locator(".matrix-detail")).to_contain_text("refund-policy")
    page.reload()
    expect(page.locator(".matrix-detail")).to_contain_text("refund-policy")
    # The button that was pressed keeps the focus.
    page.get_by_role("button", name="Run by run").click()
    expect(page.get_by_role("button", name="Run by run")).to_be_focused()


def test_a_run_is_read_through_test_by_test(page: Page, history):
    run = history.runs[-1]
    page.goto(f"{history.url}/evals/{run}/refund-policy")
    way = page.get_by_role("navigation", name="Tests of the run")
    expect(way).to_contain_text("1 of 16")
    expect(way.get_by_label("Previous test")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("]")
    expect(page.get_by_role("heading", name="greets-by-name")).to_be_visible()
    expect(way).to_contain_text("2 of 16")
    page.keyboard.press("[")
    expect(page.get_by_role("heading", name="refund-policy")).to_be_visible()


def test_all_tests_of_the_chosen_runs_are_compared_oldest_first(page: Page, history, trouble):
    trouble.ignore = "the server responded with a status of 404"
    newest, oldest = history.runs[-1], history.runs[-3]
    page.goto(f"{history.url}/compare?runs={newest},{oldest},nowhere")
    expect(page.get_by_text("Not in this project any more: nowhere.")).to_be_visible()
    heads = page.locator("table.compare thead a")
    expect(heads).to_have_count(2)
    expect(heads.first).to_have_attribute("href", re.compile(oldest.split("::")[1]))
    page.get_by_role("button", name="Only what changed").click()
    expect(page.get_by_role("button", name="Only what changed")).to_be_focused()
    page.locator("a.compare-cell").first.click()
    expect(page).to_have_url(re.compile("/evals/"))
