"""A history that is longer than what the stream brings: older runs are fetched when asked for."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from sample_project import LAST, write_run

RUNS = 450
#: Runs that the project's stream begins with.
STREAMED = 200


@pytest.fixture
def many(project):
    """450 finished runs, a minute apart; every third of another experiment, the oldest tagged."""
    for number in range(RUNS):
        start = LAST - timedelta(minutes=number)
        status = "quality_failure" if number == RUNS - 2 else "ok"
        row = {
            "timestamp": start.isoformat(), "test_id": "t1", "target": "gpt",
            "score": 0.0 if status != "ok" else 1.0, "execution_status": status,
        }  # fmt: skip
        experiment = "nightly" if number % 3 == 0 else "default"
        tags = ["first"] if number == RUNS - 1 else []
        write_run(project, start, experiment, "gpt", [row], tags)
    return project


def count(page):
    return page.locator("h2", has_text="All runs").locator(".count")


def test_older_runs_are_shown_found_and_sorted(page, many, make_studio):
    studio = make_studio()
    page.goto(studio.url)
    expect(count(page)).to_have_text(str(RUNS))
    expect(page.locator(".run-row")).to_have_count(50)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    more = page.locator(".table-more button")
    for shown in range(100, STREAMED + 101, 50):
        more.click()
        expect(page.locator(".run-row")).to_have_count(shown)
    # Nothing is asked for before what the stream brought is used up.
    assert [url for url in requests if "/api/runs" in url] == [
        f"{studio.url}/api/runs?sort=-timestamp&limit=500"
    ]
    expect(more).to_have_text(re.compile(f"{RUNS - 300} runs left"))

    # The tag and the failure are among the oldest.
    page.get_by_label("Filter runs").fill("first")
    expect(page.locator(".run-row")).to_have_count(1)
    expect(count(page)).to_have_text(f"1 of {RUNS}")
    page.get_by_label("Filter runs").fill("")
    page.get_by_label("Order").select_option("worst")
    expect(page.locator(".run-row .rate-text").first).to_have_text("0%")
    page.reload()
    expect(page.locator(".run-row .rate-text").first).to_have_text("0%")


def test_the_page_of_an_experiment_counts_all_its_runs(page, many, make_studio):
    studio = make_studio()
    page.goto(f"{studio.url}/experiments/nightly")
    expect(page.get_by_text(f"{RUNS // 3} runs", exact=True)).to_be_visible()
    page.goto(f"{studio.url}/targets/gpt")
    expect(page.get_by_text(f"{RUNS // 3} runs", exact=True)).to_be_visible()
    expect(page.get_by_text(f"{RUNS - RUNS // 3} runs", exact=True)).to_be_visible()


def test_an_old_run_changes_in_place_and_vanishes(page, many, make_studio):
    studio = make_studio()
    page.goto(f"{studio.url}/?q=first")
    row = page.locator(".run-row")
    expect(row).to_have_count(1)
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete 1…").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete run").click()
    expect(row).to_have_count(0)
    expect(page.get_by_text("No run matches the filter.")).to_be_visible()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(count(page)).to_have_text(str(RUNS - 1))
