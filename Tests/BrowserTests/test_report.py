"""The HTML report in a real browser: filters, order, details, themes, and that it is inert."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from common import binary

STATUSES = ["ok", "quality_failure", "execution_error"]
HOSTILE = (
    "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
    "<style>body{display:none}</style>\u2028\u2029\"'`${1}<!--"
)


def row(number: int, **more) -> dict:
    status = STATUSES[number % 3]
    score = {"ok": 1, "quality_failure": 0.4, "execution_error": 0}[status]
    made = {
        "timestamp": f"2026-05-08T09:{number // 60 % 60:02}:{number % 60:02}.000Z",
        "test_id": f"case-{number:05}",
        "suite": ["alpha", "beta"][number % 2],
        "target": ["small", "large"][number // 2 % 2],
        "score": score,
        "scores": [
            {
                "name": "names-it",
                "type": "contains",
                "score": score,
                "verdict": "pass" if score >= 0.8 else "fail",
                "assertions": [{"text": "Output contains it", "passed": score >= 0.8}],
            }
        ],
        "execution_status": status,
        "duration_ms": (number * 37) % 5000,
        "cost_usd": number / 1000,
        "token_usage": {"input": 10, "output": number},
        "input": [{"role": "user", "content": f"Question {number}"}],
        "output": [{"role": "assistant", "content": f"Answer {number}"}],
    }
    if status == "execution_error":
        made["error"] = f"boom {number}"
    return made | more


@pytest.fixture
def make_report(tmp_path: Path):
    """Writes the report of these rows and returns its address."""

    def make(rows: list[dict]) -> str:
        run = tmp_path / "2026-05-08T09-34-33-123Z"
        run.mkdir(exist_ok=True)
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (run / "index.jsonl").write_text("\n".join(lines) + "\n")
        subprocess.run([binary(), "results", "report", str(run)], check=True, capture_output=True)
        return (run / "report.html").as_uri()

    return make


@pytest.fixture
def report_page(browser, trouble):
    """A page that may not ask for anything but the report itself."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    context.on("page", trouble.watch)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    yield page
    others = [url for url in asked if not url.startswith(("file:", "data:"))]
    files = [url for url in asked if url.startswith("file:")]
    context.close()
    assert others == [], "the report asked for something"
    assert len(set(files)) <= 1, "the report asked for another file"


def names(page: Page) -> list[str]:
    return page.locator("tr.test th button").all_inner_texts()


def test_filters_by_status_target_suite_and_text(report_page, make_report):
    page = report_page
    page.goto(make_report([row(number) for number in range(12)]))
    expect(page.locator("#count")).to_have_text("12")
    page.get_by_role("button", name="Error 4").click()
    expect(page.locator("#count")).to_have_text("4 of 12")
    assert names(page) == ["case-00002", "case-00005", "case-00008", "case-00011"]
    page.get_by_role("button", name="Failed 4").click()
    expect(page.locator("#count")).to_have_text("8 of 12")
    page.get_by_role("button", name="Error 4").click()
    expect(page.get_by_role("button", name="Error 4")).to_have_attribute("aria-pressed", "false")
    page.locator("#target").select_option("small")
    page.locator("#suite").select_option("beta")
    expect(page.locator("tr.test")).to_have_count(1)
    assert names(page) == ["case-00001"]
    page.get_by_label("Search tests").fill("nothing like this")
    expect(page.locator("#empty")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.locator("#count")).to_have_text("12")
    # Prompts, answers and errors are searched as well as names.
    page.get_by_label("Search tests").fill("boom 8")
    expect(page.locator("#count")).to_have_text("1 of 12")
    assert names(page) == ["case-00008"]


def test_columns_sort_in_both_directions(report_page, make_report):
    page = report_page
    page.goto(make_report([row(number) for number in range(9)]))
    head = page.locator("#list thead")
    head.get_by_role("button", name="Cost").click()
    assert names(page)[0] == "case-00008"
    expect(head.locator("th", has_text="Cost")).to_have_attribute("aria-sort", "descending")
    head.get_by_role("button", name="Cost").click()
    assert names(page)[0] == "case-00000"
    head.get_by_role("button", name="Score").click()
    assert names(page)[0] == "case-00002"


def test_a_test_opens_by_mouse_and_keyboard(report_page, make_report):
    page = report_page
    page.goto(make_report([row(number) for number in range(6)]))
    page.locator("tr.test", has_text="case-00001").locator("td").first.click()
    detail = page.locator("tr.detail")
    expect(detail).to_contain_text("Question 1")
    expect(detail).to_contain_text("Answer 1")
    expect(detail).to_contain_text("Output contains it")
    expect(detail.locator(".assertions .missed")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.get_by_label("Search tests")).to_be_focused()
    page.get_by_role("button", name="case-00001").focus()
    page.keyboard.press("Enter")
    expect(detail).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="case-00002")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("tr.detail .error pre")).to_have_text("boom 2")
    expect(page.get_by_role("button", name="case-00002")).to_have_attribute("aria-expanded", "true")


def test_the_theme_follows_the_system_and_the_button(report_page, make_report):
    page = report_page
    page.goto(make_report([row(0)]))

    def background() -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = background()
    page.emulate_media(color_scheme="dark")
    dark = background()
    assert light != dark
    page.get_by_role("button", name="Light theme").click()
    assert background() == light
    page.get_by_role("button", name="Dark theme").click()
    assert background() == dark
    page.emulate_media(media="print", color_scheme="dark")
    assert background() == "rgb(255, 255, 255)"


def test_hostile_content_is_inert_and_shown_as_it_was_said(report_page, make_report):
    page = report_page
    message = [{"role": "assistant", "content": HOSTILE}]
    hostile = row(
        2, test_id=HOSTILE, suite=HOSTILE, target=HOSTILE, error=HOSTILE, input=message,
        output=message, category=HOSTILE, metadata={HOSTILE: HOSTILE},
        scores=[
            {
                "name": HOSTILE, "type": HOSTILE, "score": 0, "reasoning": HOSTILE,
                "assertions": [{"text": HOSTILE, "passed": False, "evidence": HOSTILE}],
            }
        ],
    )  # fmt: skip
    page.goto(make_report([hostile, row(1)]))
    expect(page.locator("tr.test")).to_have_count(2)
    page.locator("tr.test button").first.click()
    expect(page.locator("tr.detail .error pre")).to_have_text(HOSTILE, use_inner_text=False)
    assert page.locator("tr.test button").first.text_content() == HOSTILE
    assert page.locator("tr.detail .columns pre").first.text_content() == HOSTILE
    assert page.evaluate("window.hacked") is None
    assert page.locator("img, iframe, object, embed").count() == 0
    assert page.locator("script").count() == 4
    page.get_by_label("Search tests").fill("</script><video")
    expect(page.locator("#count")).to_have_text("0 of 2")
    page.get_by_label("Search tests").fill("<img src=x")
    expect(page.locator("#count")).to_have_text("1 of 2")


def test_script_that_gets_in_is_refused_by_the_policy(report_page, trouble, make_report):
    page = report_page
    trouble.ignore = "Content Security Policy"
    page.goto(make_report([row(0)]))
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.hacked = 1";
          document.body.append(script);
        }"""
    )
    assert page.evaluate("window.hacked") is None


def test_ten_thousand_tests_open_and_filter(report_page, make_report):
    page = report_page
    page.goto(make_report([row(number) for number in range(10_000)]))
    expect(page.locator("#count")).to_have_text("10,000")
    # Only what is looked at is drawn.
    assert page.locator("tr.test").count() < 2000
    page.get_by_label("Search tests").fill("Answer 9999")
    expect(page.locator("#count")).to_have_text("1 of 10,000")
    page.locator("tr.test button").click()
    expect(page.locator("tr.detail")).to_contain_text("Question 9999")
    page.get_by_label("Search tests").fill("")
    expect(page.locator("#count")).to_have_text("10,000")
    page.locator("tr.test").last.scroll_into_view_if_needed()
    expect(page.locator("tr.test").nth(250)).to_be_attached()


def test_a_phone_shows_names_verdicts_and_scores(report_page, make_report):
    page = report_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(make_report([row(number) for number in range(6)]))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    first = page.locator("tr.test").first
    expect(first.locator(".status")).to_be_visible()
    expect(first.locator("td.wide").first).to_be_hidden()


def test_without_script_the_figures_are_there(browser, make_report):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(make_report([row(number) for number in range(3)]))
    expect(page.get_by_text("1 of 3 tests passed")).to_be_visible()
    expect(page.locator("svg.chart")).to_have_attribute(
        "aria-label", re.compile("Distribution of scores.*90 to 100 percent: 1")
    )
    context.close()
