"""Runs of many tests: only what is on the screen is in the page, and everything is found all the same."""

from __future__ import annotations

import fcntl
import json
import os
import re
import struct

import pytest
from playwright.sync_api import Page, expect

TESTS = 1500
#: fcntl(2): locks of the open file description, as the writer of a run takes them.
F_OFD_SETLK = 37
MIDDLE = """() => {
  const row = document.elementFromPoint(600, 450).closest("tr");
  return [row.querySelector(".col-test").textContent, row.getBoundingClientRect().top];
}"""


def line(test: str, target: str = "gpt", **more) -> str:
    row = {
        "timestamp": "2026-05-08T09:35:02.417Z", "test_id": test, "target": target, "score": 1,
        "execution_status": "ok", "eval_file": "evals/a.eval.yaml", "requested_target": target,
        "duration_ms": 12, **more,
    }  # fmt: skip
    return json.dumps(row, separators=(",", ":")) + "\n"


class Run:
    """A run on the disk that this process may write on, as a run in a terminal does."""

    def __init__(self, project, lines: list[str]):
        self.path = project.path / ".agentv/results/runs/default/long"
        self.path.mkdir(parents=True)
        self.append(lines)
        self._lock: int | None = None

    def append(self, lines: list[str]) -> None:
        with open(self.path / "index.jsonl", "a") as index:
            index.write("".join(lines))

    def lock(self) -> None:
        self._lock = os.open(self.path / ".writer.lock", os.O_RDWR | os.O_CREAT, 0o644)
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        fcntl.fcntl(self._lock, F_OFD_SETLK, lock)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)


@pytest.fixture
def run(project):
    lines = [line(f"test-{n:04}", error="late" if n == 1400 else None) for n in range(TESTS)]
    run = Run(project, lines)
    yield run
    run.close()


def table(page: Page):
    return page.locator("table.test-table")


def row_of(page: Page, name: str):
    return page.locator(".test-row", has=page.get_by_role("button", name=name, exact=True))


def test_only_rows_on_the_screen_are_in_the_page(page, run, make_studio):
    page.goto(f"{make_studio().url}/runs/long")
    expect(table(page)).to_have_attribute("aria-rowcount", str(TESTS + 1))
    expect(row_of(page, "test-0000")).to_have_attribute("aria-rowindex", "2")
    assert page.locator(".test-row").count() < 200

    page.keyboard.press("End")
    expect(row_of(page, "test-1499")).to_be_in_viewport()
    expect(row_of(page, "test-1499")).to_have_attribute("aria-rowindex", str(TESTS + 1))
    expect(row_of(page, "test-0000")).to_have_count(0)
    assert page.locator(".test-row").count() < 200

    # Filters look at all of them.
    page.get_by_role("searchbox", name="Filter tests").fill("0777")
    expect(page.locator(".test-row")).to_have_count(1)
    expect(table(page)).not_to_have_attribute("aria-rowcount", re.compile("."))
    page.get_by_role("searchbox", name="Filter tests").fill("late")
    expect(row_of(page, "test-1400")).to_be_visible()
    expect(page.locator(".test-row")).to_have_count(1)
    expect(page.get_by_role("button", name="All 1,500")).to_be_visible()


def test_the_focused_row_and_opened_details_survive_scrolling(page, run, make_studio):
    page.goto(f"{make_studio().url}/runs/long")
    button = page.get_by_role("button", name="test-0002", exact=True)
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    page.evaluate("window.scrollTo(0, 30000)")
    expect(row_of(page, "test-0675")).to_have_count(1)
    expect(row_of(page, "test-0001")).to_have_count(0)
    expect(button).to_be_focused()
    page.evaluate("window.scrollTo(0, 0)")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(button).to_be_focused()
    # On with the keyboard, over the edge of what is in the page.
    for _ in range(60):
        page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_be_in_viewport()
    assert page.evaluate("document.activeElement.closest('.test-row') !== null")


def test_what_is_chosen_in_the_table_is_in_the_address(page, run, make_studio):
    studio = make_studio()
    page.goto(f"{studio.url}/runs/long")
    page.get_by_role("button", name=re.compile("^Passed")).click()
    expect(page).to_have_url(re.compile(r"show=passed"))
    search = page.get_by_role("searchbox", name="Filter tests")
    search.fill("late")
    page.get_by_role("button", name="test-1400", exact=True).click()
    expect(page).to_have_url(re.compile(r"q=late&open=test-1400"))

    # Away and back, back to before, and forward again.
    page.get_by_role("link", name="Jobs").click()
    expect(page.get_by_role("heading", name="Jobs", level=1)).to_be_visible()
    page.go_back()
    for _ in range(2):
        expect(page.get_by_role("button", name=re.compile("^Passed"))).to_have_attribute("aria-pressed", "true")
        expect(search).to_have_value("late")
        expect(page.locator(".test-row")).to_have_count(1)
        button = page.get_by_role("button", name="test-1400", exact=True)
        expect(button).to_have_attribute("aria-expanded", "true")
        # In another tab, or after a reload.
        page.reload()
    button.click()
    search.fill("")
    page.get_by_role("button", name=re.compile("^All")).click()
    expect(page).to_have_url(f"{studio.url}/runs/long")


def test_rows_that_arrive_do_not_move_what_is_read(page, run, make_studio):
    run.lock()
    studio = make_studio()
    page.goto(f"{studio.url}/runs/long")
    # A live run begins with its newest tests.
    expect(row_of(page, "test-1499")).to_have_attribute("aria-rowindex", "2")
    run.append([line("begin")])
    expect(row_of(page, "begin")).to_have_attribute("aria-rowindex", "2")
    page.evaluate("window.scrollTo(0, 20000)")
    page.wait_for_function("document.elementFromPoint(600, 450).closest('.test-row') !== null")
    name, top = page.evaluate(MIDDLE)
    run.append([line(f"more-{n:03}") for n in range(400)])
    expect(table(page)).to_have_attribute("aria-rowcount", str(TESTS + 402))
    again, now = page.evaluate(MIDDLE)
    assert again == name and abs(now - top) < 3


@pytest.mark.parametrize("live", [False, True])
def test_rows_that_are_read_anew_do_not_move_what_is_read(page, run, make_studio, trouble, live):
    trouble.allow_network_errors = True
    if live:
        run.lock()
    studio = make_studio()
    page.goto(f"{studio.url}/runs/long")
    # A live run begins with its newest tests.
    expect(row_of(page, "test-1499" if live else "test-0000")).to_be_visible()
    page.evaluate("window.scrollTo(0, 20000)")
    page.wait_for_function("document.elementFromPoint(600, 450).closest('.test-row') !== null")
    name, top = page.evaluate(MIDDLE)
    # The page takes all rows anew from the next server.
    port = studio.port
    studio.kill()
    expect(page.locator(".banner")).to_contain_text("out of date")
    run.append([line(f"more-{n:03}") for n in range(400)])
    studio.start(port)
    expect(page.locator(".banner")).to_be_hidden()
    expect(table(page)).to_have_attribute("aria-rowcount", str(TESTS + 401))
    page.wait_for_function("document.elementFromPoint(600, 450).closest('.test-row') !== null")
    again, now = page.evaluate(MIDDLE)
    assert again == name and abs(now - top) < 3


def test_the_grid_of_a_long_run_draws_what_is_seen(page, project, make_studio):
    lines = [line(f"test-{n:04}", target) for n in range(600) for target in ("gpt", "claude")]
    Run(project, lines)
    page.goto(f"{make_studio().url}/runs/long")
    frame = page.get_by_role("region", name="Tests by target")
    expect(frame.locator("table")).to_have_attribute("aria-rowcount", "601")
    assert frame.locator("tbody th").count() < 200
    frame.evaluate("frame => frame.scrollTo(0, frame.scrollHeight)")
    expect(frame.locator("tbody th", has_text="test-0599")).to_be_visible()
