"""Several projects: their list, the switcher, their pages, and what changes outside the browser."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from common import binary, wait_until
from studio import Project

TESTS = [f"t{number}" for number in range(1, 7)]


class World:
    """A home directory with a registry, and projects in it."""

    def __init__(self, path: Path):
        self.home = path / "home"
        (self.home / ".agentv").mkdir(parents=True)
        self.registry = self.home / ".agentv/benchmarks.yaml"

    def register(self, *paths: Path) -> None:
        """As a person does on the command line."""
        for path in paths:
            subprocess.run(
                [binary(), "studio", "--add", path],
                env={"HOME": str(self.home), "PATH": "/usr/bin:/bin"},
                cwd=self.home,
                check=True,
                capture_output=True,
                timeout=60,
            )


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture
def other(tmp_path):
    """A second project; its agents answer at the end, whatever a test left."""
    other = Project(tmp_path / "other")
    yield other
    other.open()


@pytest.fixture
def both(world, project, other, make_studio):
    """A server of the first project that shows both."""
    project.add_eval("core", TESTS, 1)
    other.add_eval("core", TESTS, 1)
    world.register(project.path, other.path)
    return make_studio(home=world.home)


def card(page: Page, name: str):
    return page.locator(".benchmark-card", has=page.get_by_role("heading", name=name, exact=True))


def figure(card, name: str):
    return card.locator(".figure", has_text=name).locator("dd")


def badge(page: Page):
    return page.locator("main .title-line av-status")


def streams(studio) -> int:
    """Event streams that are open at the server."""
    with urllib.request.urlopen(studio.url + "/metrics", timeout=20) as answer:
        text = answer.read().decode()
    return int(float(re.search(r"^agentv_\w*streams\w*(?:\{[^}]*\})? (\S+)$", text, re.M).group(1)))


def test_all_projects_are_listed_live(page, both, other):
    page.goto(both.url)
    expect(page.get_by_role("heading", name="Benchmarks", level=1)).to_be_visible()
    expect(card(page, "demo")).to_contain_text("This server's project")
    expect(figure(card(page, "other"), "Runs")).to_have_text("0")

    # A run in a terminal of a project that no page shows.
    process = other.eval("evals/core.eval.yaml")
    try:
        expect(card(page, "other")).to_contain_text("1 live")
        expect(page).to_have_title(re.compile("^1 live"))
        other.open()
        expect(card(page, "other").locator(".chip-live")).to_be_hidden()
        expect(figure(card(page, "other"), "Runs")).to_have_text("1")
        expect(figure(card(page, "other"), "Pass rate")).to_have_text("100%")
    finally:
        other.open()
        assert process.wait(60) == 0


def test_a_run_of_another_project_is_launched_stopped_and_resumed_on_its_pages(
    page, both, other
):
    page.goto(both.url)
    card(page, "other").get_by_role("link").click()
    expect(page).to_have_url(f"{both.url}/benchmarks/other")
    page.get_by_role("button", name="Run Eval").first.click()
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url(re.compile(r"/benchmarks/other/jobs/studio-"))
    expect(badge(page)).to_have_text("Running")
    other.open("t1", "t2")
    expect(page.locator("main .progress-count").first).to_have_text("2 of 6 tests")

    # Another project meanwhile, and back: nothing is lost.
    page.keyboard.press("b")
    page.get_by_role("dialog", name="Switch benchmark").get_by_role("link", name="demo").click()
    expect(page).to_have_url(f"{both.url}/benchmarks/demo")
    expect(page.get_by_role("heading", name="No runs yet")).to_be_visible()
    page.go_back()
    expect(badge(page)).to_have_text("Running")
    expect(page.locator("main .progress-count").first).to_have_text("2 of 6 tests")
    page.reload()
    expect(page.locator(".test-row")).to_have_count(2)

    page.locator("main .page-head .stop").click()
    expect(badge(page)).to_have_text("Stopped")
    page.get_by_role("button", name="Resume run").click()
    expect(badge(page)).to_have_text("Running")
    other.open()
    expect(badge(page)).to_have_text("Finished")
    page.get_by_role("link", name="Open results").click()
    expect(page).to_have_url(re.compile(r"/benchmarks/other/runs/"))
    expect(page.locator(".test-row")).to_have_count(6)
    runs = both.get("/api/benchmarks/other/runs")["runs"]
    assert [(run["status"], run["ok"]) for run in runs] == [("finished", 6)]
    assert both.get("/api/benchmarks/demo/runs")["runs"] == []


def test_every_page_of_a_project_is_there_after_a_reload(page, both, other):
    other.open()
    job = both.post("/api/benchmarks/other/eval/run", {"suite_filter": "evals/core.eval.yaml"})
    run = both.ended(job["id"])["run_id"]
    name = urllib.parse.quote(run, safe="")
    pages = {
        "": "Runs",
        "/jobs": "Jobs",
        f"/jobs/{job['id']}": "core",
        f"/jobs/{job['id']}/log": "Log",
        f"/runs/{name}": "core",
        f"/runs/{name}/suite/core": "core",
        f"/evals/{name}/t1": "t1",
        "/experiments": "Experiments",
        "/experiments/default": "default",
        "/targets": "Targets",
        "/targets/gated": "gated",
        "/analytics": "Analytics",
        f"/compare?runs={name}": "Compare",
        "/settings": "Settings",
    }
    requests: list[str] = []
    page.on("request", lambda request: requests.append(urllib.parse.urlsplit(request.url).path))
    for path, heading in pages.items():
        page.goto(f"{both.url}/benchmarks/other{path}")
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        expect(page.locator(".switcher-button")).to_contain_text("other")
        expect(page.locator("main .skeleton").first).to_be_hidden()
        hrefs = page.locator("main a[href^='/']").evaluate_all(
            "links => links.map(link => link.getAttribute('href'))"
        )
        assert [href for href in hrefs if not href.startswith("/benchmarks/other")] == [], path
    asked = [each for each in requests if each.startswith("/api/")]
    assert [each for each in asked if not each.startswith("/api/benchmarks/other/")] == []


def test_a_job_of_another_project_leads_to_its_pages(page, both, other):
    job = both.post("/api/benchmarks/other/eval/run", {"suite_filter": "evals/core.eval.yaml"})
    page.goto(f"{both.url}/jobs")
    row = page.locator("main tbody tr")
    expect(row).to_contain_text("other")
    expect(row).to_contain_text(job["id"])
    row.get_by_role("link", name="core", exact=True).click()
    expect(page).to_have_url(f"{both.url}/benchmarks/other/jobs/{job['id']}")
    # The address without the project, as a script may print it.
    page.goto(f"{both.url}/jobs/{job['id']}")
    expect(page).to_have_url(f"{both.url}/benchmarks/other/jobs/{job['id']}")
    other.open()
    expect(badge(page)).to_have_text("Finished")


def test_the_switcher_is_worked_with_the_keyboard_and_searched(
    page, world, project, make_studio, tmp_path
):
    names = [f"evals-{number}" for number in range(1, 9)]
    for name in names:
        (tmp_path / f"many/{name}/.agentv").mkdir(parents=True)
    world.register(*(tmp_path / f"many/{name}" for name in names))
    studio = make_studio(home=world.home)
    page.goto(f"{studio.url}/benchmarks/evals-1/targets")
    expect(page.get_by_role("heading", name="Targets", level=1)).to_be_visible()
    button = page.locator(".switcher-button")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Switch benchmark")
    expect(dialog.locator("li")).to_have_count(9)
    expect(dialog.get_by_role("link", name="evals-1")).to_have_attribute("aria-current", "true")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("nothing such")
    expect(dialog).to_contain_text("No benchmark matches.")
    dialog.get_by_role("searchbox").fill("evals-7")
    expect(dialog.locator("li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("link", name="evals-7")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{studio.url}/benchmarks/evals-7/targets")
    expect(page.get_by_role("heading", name="Targets", level=1)).to_be_focused()

    page.keyboard.press("b")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("b")
    dialog.get_by_role("searchbox").fill("evals-3")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{studio.url}/benchmarks/evals-3/targets")


def test_projects_are_added_and_removed(page, both, tmp_path, other):
    page.goto(f"{both.url}/benchmarks")
    page.get_by_role("button", name="Add benchmark").click()
    field = page.get_by_label("Directory of the project")
    expect(field).to_be_focused()
    (tmp_path / "third/.agentv").mkdir(parents=True)
    field.fill(str(tmp_path / "third"))
    page.get_by_role("button", name="Add", exact=True).click()
    expect(card(page, "third")).to_be_visible()
    expect(field).to_be_hidden()
    expect(page.get_by_role("button", name="Add benchmark")).to_be_focused()

    card(page, "third").get_by_role("button", name="Remove third from the list").click()
    dialog = page.get_by_role("dialog", name="Remove from the list?")
    expect(dialog).to_contain_text("Its directory stays as it is")
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(card(page, "third")).to_have_count(0)
    assert (tmp_path / "third/.agentv").is_dir()


def test_what_cannot_be_added_is_said(page, both, tmp_path, trouble):
    trouble.ignore = "status of 400"
    page.goto(f"{both.url}/benchmarks")
    page.get_by_role("button", name="Add benchmark").click()
    field = page.get_by_label("Directory of the project")
    for path, words in [
        (tmp_path / "nowhere", "Directory not found"),
        (tmp_path, "No .agentv/ directory found"),
    ]:
        field.fill(str(path))
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(words)
        expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()


def test_the_registry_is_followed_when_others_write_it(page, both, world, tmp_path):
    page.goto(f"{both.url}/benchmarks")
    expect(page.locator(".benchmark-card")).to_have_count(2)
    (tmp_path / "third/.agentv").mkdir(parents=True)
    world.register(tmp_path / "third")
    expect(card(page, "third")).to_be_visible()
    expect(figure(card(page, "third"), "Runs")).to_have_text("0")

    # With an editor, and while a page of the project is shown.
    page.goto(f"{both.url}/benchmarks/other")
    expect(page.get_by_role("heading", name="No runs yet")).to_be_visible()
    text = world.registry.read_text()
    entry = text.index("  - id: other")
    world.registry.write_text(text[:entry] + text[text.index("  - id: third") :])
    expect(page.get_by_role("alert")).to_contain_text("taken out of the list")
    page.get_by_role("button", name="All benchmarks").click()
    expect(page.locator(".benchmark-card")).to_have_count(2)
    world.registry.write_text(text)
    expect(page.locator(".benchmark-card")).to_have_count(3)


def test_a_benchmark_that_is_not_there_says_so_and_is_found_later(page, both, world, tmp_path, trouble):
    trouble.ignore = "status of 404"
    page.goto(f"{both.url}/benchmarks/third/jobs")
    expect(page.get_by_role("heading", name="No benchmark “third”")).to_be_visible()
    (tmp_path / "third/.agentv").mkdir(parents=True)
    world.register(tmp_path / "third")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_role("heading", name="Jobs", level=1)).to_be_visible()
    expect(page.locator(".connection")).to_have_text("Live")


def test_a_directory_that_is_gone_is_told(page, both, world, other, tmp_path):
    other.path.rename(tmp_path / "elsewhere")
    try:
        page.goto(f"{both.url}/benchmarks")
        expect(card(page, "other")).to_contain_text("Its directory is gone")
        expect(card(page, "other").get_by_role("link")).to_have_count(0)
    finally:
        (tmp_path / "elsewhere").rename(other.path)


def test_read_only_shows_projects_and_changes_nothing(page, world, project, other, make_studio):
    world.register(project.path, other.path)
    studio = make_studio("--read-only", home=world.home)
    page.goto(studio.url)
    expect(card(page, "other")).to_be_visible()
    expect(page.get_by_text("This Studio is read-only: benchmarks can be looked at")).to_be_visible()
    expect(page.get_by_role("button", name="Add benchmark")).to_be_hidden()
    expect(page.get_by_role("button", name="Remove other from the list")).to_be_hidden()


def test_one_project_and_the_list_is_a_page_of_its_own(page, studio, trouble):
    page.goto(studio.url)
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    page.locator(".switcher-button").click()
    page.get_by_role("link", name="All benchmarks").click()
    expect(page.get_by_role("heading", name="Benchmarks", level=1)).to_be_focused()


def test_many_tabs_on_many_projects_use_few_streams(context, world, project, make_studio, tmp_path):
    projects = []
    for number in range(8):
        each = Project(tmp_path / f"many/p{number}")
        each.add_eval("core", ["a", "b"], 1)
        projects.append(each)
    world.register(*(each.path for each in projects))
    studio = make_studio("--max-jobs", "8", home=world.home)
    jobs = [
        studio.post(f"/api/benchmarks/p{number}/eval/run", {"suite_filter": "evals/core.eval.yaml"})
        for number in range(8)
    ]
    tabs = []
    for number, job in enumerate(jobs):
        tab = context.new_page()
        tab.goto(f"{studio.url}/benchmarks/p{number}/jobs/{job['id']}")
        expect(badge(tab)).to_have_text("Running")
        tabs.append(tab)
    # Seven more tabs than connections: each answers when it is looked at.
    assert wait_until(lambda: streams(studio) <= 4, "at most four streams") is True
    for number, tab in enumerate(tabs):
        projects[number].open()
        tab.bring_to_front()
        tab.evaluate("dispatchEvent(new Event('focus'))")
        expect(badge(tab)).to_have_text("Finished")
        expect(tab.locator(".connection")).to_have_text("Live")
    assert wait_until(lambda: streams(studio) <= 4, "at most four streams") is True

    # One tab through all projects leaves no stream behind.
    for tab in tabs[1:]:
        tab.close()
    for number in range(8):
        tabs[0].goto(f"{studio.url}/benchmarks/p{number}")
        expect(tabs[0].locator(".run-row")).to_have_count(1)
    tabs[0].keyboard.press("b")
    tabs[0].get_by_role("dialog").get_by_role("link", name="p2").click()
    expect(tabs[0].locator(".run-row")).to_have_count(1)
    assert wait_until(lambda: streams(studio) <= 1, "one stream") is True


def test_pages_of_a_project_come_back_after_the_server_was_killed(page, both, other, trouble):
    trouble.allow_network_errors = True
    page.goto(f"{both.url}/benchmarks/other")
    expect(page.get_by_role("heading", name="No runs yet")).to_be_visible()
    port = both.port
    both.kill()
    expect(page.get_by_role("alert")).to_contain_text("Connection lost")
    other.open()
    assert other.eval("evals/core.eval.yaml").wait(60) == 0
    both.start(port)
    expect(page.locator(".connection")).to_have_text("Live")
    expect(page.locator(".run-row")).to_have_count(1)
    page.locator(".switcher-button").click()
    page.get_by_role("link", name="All benchmarks").click()
    expect(card(page, "other")).to_be_visible()


def test_tags_and_settings_written_by_others_arrive(page, both, other):
    other.open()
    job = both.post("/api/benchmarks/other/eval/run", {"suite_filter": "evals/core.eval.yaml"})
    directory = other.path / both.ended(job["id"])["run_dir"]
    page.goto(f"{both.url}/benchmarks/other/runs/{directory.name}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("core")
    for tags in (["nightly"], ["nightly", "keep"], []):
        (directory / "tags.json").write_text(json.dumps({"tags": tags, "updated_at": "x"}))
        expect(page.locator("av-tags .chip")).to_have_count(len(tags))
    page.goto(f"{both.url}/benchmarks/other/settings")
    threshold = page.get_by_label("Score from which")
    expect(threshold).to_have_value("0.8")
    (other.path / ".agentv/config.yaml").write_text("studio:\n  threshold: 0.55\n")
    expect(threshold).to_have_value("0.55")
