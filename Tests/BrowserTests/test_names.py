"""Names and messages are of any length and script: no page grows wider than the window for one."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from sample_project import LAST, write_run
from studio import Project, Studio

LONG = "a-name-without-a-space-" * 8
TESTS = [LONG, "שלום-עולם مرحبا بالعالم", "🦊 👩‍👩‍👧‍👦", '<b>markup</b> & "quotes"']
#: 10 kB in lines of 400 characters.
ERROR = ("connection refused at https://example.org/" + "x" * 358 + "\n") * 25
WIDE = """() => [...document.querySelectorAll('body *')].filter(e =>
  e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(
    '.grid-frame, .chart-scroll, .log-view, pre, .visually-hidden, svg, av-nav, thead'))
  .map(e => e.outerHTML.slice(0, 120)).slice(0, 3)"""


def row(number: int, experiment: str, target: str) -> dict:
    status = ["ok", "execution_error", "quality_failure", "ok"][number]
    said = {"text": "x" * 300, "passed": False, "evidence": "שלום " * 40}
    return {
        "timestamp": (LAST + timedelta(seconds=number)).isoformat(), "test_id": TESTS[number],
        "suite": LONG, "category": "שלום", "experiment": experiment, "target": target,
        "score": 0.97, "execution_status": status, "duration_ms": 1234567, "cost_usd": 123.456,
        "error": ERROR if status == "execution_error" else None,
        "scores": [{"name": LONG, "type": "llm-grader", "score": 0.5, "weight": 2,
                    "verdict": "fail", "assertions": [said]}],
        "input": [{"role": "user", "content": "q " * 400}],
        "output": [{"role": "assistant", "content": "z" * 5000}],
    }  # fmt: skip


class Hostile:
    def __init__(self, directory):
        project = Project(directory / LONG[:100])
        self.runs = []
        for day, (experiment, target) in enumerate([("default", LONG), (LONG[:60], "שלום")]):
            rows = [row(number, experiment, target) for number in range(len(TESTS))]
            start = LAST + timedelta(days=day)
            self.runs.append(
                write_run(project, start, experiment, target, rows, [LONG[:60], "🦊"])
            )
        write_run(project, LAST + timedelta(days=2), "empty", "gpt", [])
        suite = project.add_eval(LONG[:90], [LONG, "two"])
        self.project = project
        self.studio = Studio(project)
        self.job = self.studio.launch(suite)["id"]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory):
    hostile = Hostile(tmp_path_factory.mktemp("names"))
    yield hostile
    hostile.project.open()
    hostile.studio.ended(hostile.job)
    hostile.studio.stop()


PAGES = {
    "/": ".run-row", "/runs/{new}": ".test-row", "/evals/{new}/{test}": ".grader",
    "/evals/{new}/{error}": ".eval-section", "/jobs/{job}": ".in-flight-item",
    "/jobs": "tbody tr", "/experiments": "tbody tr", "/targets": "tbody tr",
    "/targets/{target}": ".run-row", "/analytics?baseline={target}": ".matrix-cell",
    "/analytics?view=runs": "tbody tr", "/compare?runs={old},{new}": "table.compare tbody tr",
}  # fmt: skip


@pytest.mark.parametrize("pattern", PAGES)
def test_no_name_makes_a_page_wider(page, hostile, pattern):
    names = {
        "old": hostile.runs[0], "new": hostile.runs[1], "job": hostile.job, "test": TESTS[0],
        "error": TESTS[1], "target": LONG,
    }  # fmt: skip
    path = pattern.format(**{key: quote(name, safe="") for key, name in names.items()})
    page.goto(hostile.studio.url + path)
    expect(page.locator(f"main {PAGES[pattern]}").first).to_be_visible()
    for width in (1280, 1010, 920, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(WIDE) == [], width
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


def test_a_run_without_a_test_has_its_page(page, hostile):
    page.goto(f"{hostile.studio.url}/?q=empty")
    page.locator(".run-row a.row-link").click()
    expect(page.locator(".table-empty")).to_have_text("This run has no results yet.")
    expect(page.locator(".progress-count")).to_have_text("0 tests")
