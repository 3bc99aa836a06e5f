"""The results repository: a real bare git repository, synced from the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from sample_project import Repository

@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


def run_of(project, name: str) -> Path:
    """A finished run, taken out of the project."""
    project.open()
    output = project.path / f"elsewhere/{name}"
    suite = project.add_eval("core", ["a", "b"])
    assert project.eval(suite, "--output", str(output)).wait(60) == 0
    return output


def test_a_repository_is_configured_synced_and_its_runs_are_looked_at(
    page, project, repository, make_studio, tmp_path
):
    first = run_of(project, "2026-05-01T10-00-00-000Z")
    second = run_of(project, "2026-05-02T10-00-00-000Z")
    repository.push(first)
    studio = make_studio(home=tmp_path / "home")
    page.goto(f"{studio.url}/settings")
    expect(page.get_by_text("No results repository is configured")).to_be_visible()

    # The file is written while the page is open.
    repository.configure(project)
    remote = page.locator("av-remote")
    expect(remote).to_contain_text("never synced")

    page.goto(studio.url)
    expect(remote).to_contain_text(str(repository.bare))
    page.get_by_role("button", name="Sync").click()
    expect(remote).to_contain_text("1 run")
    expect(remote).to_contain_text("synced just now")
    row = page.locator(".run-row", has_text=first.name)
    expect(row.locator(".chip", has_text="remote")).to_be_visible()
    expect(row.get_by_role("button", name="Resume")).to_have_count(0)

    repository.push(second)
    page.get_by_role("button", name="Sync").click()
    expect(remote).to_contain_text("2 runs")
    expect(page.locator(".run-row", has_text=second.name)).to_be_visible()

    # Told apart in the list, and the choice is in the address.
    project.open()
    job = studio.launch("evals/core.eval.yaml")
    studio.ended(job["id"])
    expect(page.locator(".run-row")).to_have_count(3)
    page.get_by_label("Source", exact=True).select_option("remote")
    expect(page.locator(".run-row")).to_have_count(2)
    page.reload()
    expect(page.locator(".run-row")).to_have_count(2)
    page.get_by_label("Source", exact=True).select_option("local")
    expect(page.locator(".run-row")).to_have_count(1)

    page.goto(f"{studio.url}/runs/remote%3A%3A{first.name}")
    expect(page.get_by_text("a copy from the results repository")).to_be_visible()
    expect(page.locator(".test-row")).to_have_count(2)
    expect(page.get_by_role("button", name="Add tag")).to_be_hidden()


def test_every_open_page_sees_a_sync_that_another_started(
    context, project, repository, make_studio, tmp_path
):
    repository.push(run_of(project, "2026-05-01T10-00-00-000Z"))
    repository.configure(project)
    studio = make_studio(home=tmp_path / "home")
    pages = [context.new_page() for _ in range(2)]
    pages[0].goto(studio.url)
    pages[1].goto(f"{studio.url}/settings")
    for page in pages:
        expect(page.locator("av-remote")).to_contain_text("never synced")
    requests: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    studio.post("/api/remote/sync", {})
    for page in pages:
        expect(page.locator("av-remote")).to_contain_text("1 run")
    expect(pages[0].locator(".run-row")).to_have_count(1)
    assert requests == [], "events told it"


def test_a_failed_sync_says_why_and_keeps_what_was_there(
    page, project, repository, make_studio, tmp_path
):
    repository.push(run_of(project, "2026-05-01T10-00-00-000Z"))
    repository.configure(project)
    studio = make_studio(home=tmp_path / "home")
    page.goto(studio.url)
    page.get_by_role("button", name="Sync").click()
    expect(page.locator(".run-row")).to_have_count(1)
    repository.bare.rename(tmp_path / "away.git")
    page.get_by_role("button", name="Sync").click()
    expect(page.get_by_role("alert")).to_contain_text("The last sync failed")
    expect(page.get_by_role("alert")).to_contain_text(re.compile("does not exist|not appear"))
    expect(page.locator(".run-row")).to_have_count(1)
    (tmp_path / "away.git").rename(repository.bare)
    page.get_by_role("button", name="Sync").click()
    expect(page.get_by_text("The last sync failed")).to_be_hidden()


def test_a_repository_without_a_commit_is_said(page, project, repository, make_studio, tmp_path):
    repository.configure(project)
    studio = make_studio(home=tmp_path / "home")
    page.goto(studio.url)
    page.get_by_role("button", name="Sync").click()
    expect(page.get_by_role("alert")).to_contain_text("has no commit")


def test_read_only_shows_the_repository_and_syncs_nothing(
    page, project, repository, make_studio, tmp_path
):
    repository.configure(project)
    studio = make_studio("--read-only", home=tmp_path / "home")
    page.goto(studio.url)
    expect(page.locator("av-remote")).to_contain_text("read-only: no sync here")
    expect(page.get_by_role("button", name="Sync")).to_be_hidden()
