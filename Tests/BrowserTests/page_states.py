"""Every page in every state: what the accessibility tests look at and what the pictures show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from browsing import go, never, refused
from sample_project import TESTS, Repository, add_history, sample
from studio import Project, Studio

Step = Callable[[Page], None]

class World:
    """The servers behind the states: one with everything, one that is empty, one read-only, one
    that goes away, and two that show several projects."""

    def __init__(self, directory: Path):
        self.project = sample(directory / "support-bot")
        self.history = add_history(self.project)
        self.empty_project = Project(directory / "empty")
        self.locked_project = sample(directory / "archive")
        self.locked_history = add_history(self.locked_project)
        self.lost_project = sample(directory / "laptop")
        self.lost_history = add_history(self.lost_project)
        self.team_project = Project(directory / "billing-bot")
        add_history(self.team_project)
        self.shared_project = Project(directory / "search-eu")
        history = add_history(self.shared_project)
        self.repository = Repository(directory / "shared")
        self.shared_runs = [
            self.shared_project.path / ".agentv/results/runs" / name.replace("::", "/")
            for name in history[:4]
        ]
        self.repository.configure(self.shared_project)
        for run in self.shared_runs[:3]:
            self.repository.push(run)
        self.team_home = directory / "home"
        self._register(directory)
        self.studios: dict[str, Studio] = {}
        self.names: dict[str, str] = {}

    def _register(self, directory: Path) -> None:
        """Two projects, one that is gone, and a results repository that cannot be reached."""
        lines = ["benchmarks:"]
        for name in ("empty", "billing-bot", "search-bot", "search-eu"):
            lines.append(f"  - {{id: {name}, name: {name}, path: '{directory / name}'}}")
        registry = self.team_home / ".agentv/benchmarks.yaml"
        registry.parent.mkdir(parents=True)
        registry.write_text("\n".join(lines) + "\n")
        (self.team_project.path / ".agentv/config.yaml").write_text(
            f"results:\n  export:\n    repo: {directory / 'results.git'}\n"
        )

    def start(self) -> None:
        main = Studio(self.project)
        self.studios = {"main": main}
        self.studios["empty"] = Studio(self.empty_project)
        self.studios["read-only"] = Studio(self.locked_project, "--read-only")
        self.studios["lost"] = Studio(self.lost_project)
        self.studios["team"] = Studio(self.empty_project, home=self.team_home)
        self.studios["team-read-only"] = Studio(
            self.empty_project, "--read-only", home=self.team_home
        )
        nobody = self.team_home.parent / "nobody"
        nobody.mkdir()
        self.studios["none"] = Studio(self.empty_project, home=nobody)
        self.studios["guarded"] = Studio(self.empty_project, "--token", "a-token-of-the-pictures")
        for name in ("billing-bot", "search-eu"):
            self.studios["team"].post(f"/api/benchmarks/{name}/remote/sync", {})
        # Somebody else pushes, and a run that this machine pushes has fetched it.
        self.repository.push(self.shared_runs[3])
        self.repository.fetch_into(self.team_home)
        self.project.open()
        finished = main.ended(main.launch("evals/refunds.eval.yaml")["id"])
        (self.project.gates / "all").unlink()
        broken = self.project.path / "evals/broken.eval.yaml"
        broken.write_text("tests: [: broken")
        failed = main.ended(main.launch("evals/broken.eval.yaml")["id"])
        broken.unlink()
        self.project.open(*TESTS[:6])
        stopped = main.launch("evals/red-team.eval.yaml")
        main.completed(stopped["id"], 6)
        main.post(
            f"/api/eval/run/{stopped['id']}/stop", {"reason": "the wrong target was chosen"}
        )
        stopped = main.ended(stopped["id"])
        self.project.open(*TESTS[:9])
        live = main.launch("evals/support.eval.yaml")
        main.completed(live["id"], 9)
        stubborn = main.launch("evals/red-team.eval.yaml", target="stubborn")
        main.completed(stubborn["id"], 9)
        # Lasts until the agents answer, and they never do.
        later = {"mode": "after_current", "reason": "the office closes"}
        main.post(f"/api/eval/run/{stubborn['id']}/stop", later)
        old = self.history[-1]
        self.names = {
            "finished": finished["run_id"], "finished_job": finished["id"],
            "failed_job": failed["id"], "stopped": stopped["run_id"],
            "stopped_job": stopped["id"], "live": live["run_id"], "live_job": live["id"],
            "stopping": stubborn["run_id"], "stopping_job": stubborn["id"],
            "old": old, "older": self.history[-3], "locked": self.locked_history[-1],
            "lost": self.lost_history[-1],
        }  # fmt: skip

    def url(self, state: State) -> str:
        studio = self.studios[state.server]
        if studio.process.poll() is not None:
            studio.start(0)
        return studio.url + state.path.format(**self.names)

    def open(self, page: Page, state: State) -> None:
        """Goes to the page, as a link does where the tab shows this server already, and brings it into
        its state."""
        url = self.url(state)
        is_here = page.url.startswith(f"{self.studios[state.server].url}/")
        # The login page is the server's, not one of the pages that lead to each other.
        if is_here and state.server != "guarded":
            go(page, "/nowhere")
            go(page, url)
        else:
            page.goto(url)
        state.ready(page)
        if state.prepare:
            state.prepare(page)
        if state.server == "lost":
            self.studios["lost"].kill()
            expect(page.locator(".banner")).to_be_visible()

    def stop(self) -> None:
        for project in (self.project, self.empty_project, self.locked_project):
            project.open()
        main = self.studios.get("main")
        if main:
            main.post("/api/eval/stop", {"all": True, "mode": "force"})
            for key in ("live_job", "stopping_job"):
                main.ended(self.names[key])
        for studio in self.studios.values():
            studio.stop()


@dataclass(frozen=True)
class State:
    """One page in one state: where it is, when it is there, and what a person does first."""

    name: str
    #: What the gallery says below the picture.
    words: str
    path: str
    ready: Step
    prepare: Step | None = None
    server: str = "main"
    #: Before the page is opened: answers of the server that are late or wrong.
    intercept: Callable[[BrowserContext], None] | None = None
    #: Messages of the console that belong to the state.
    expected: tuple[str, ...] = field(default=())
    #: A page that pictures show on wide screens as well.
    main: bool = False


def seen(selector: str) -> Step:
    return lambda page: expect(page.locator(selector).first).to_be_visible()


def reads(selector: str, text: str) -> Step:
    return lambda page: expect(page.locator(selector).first).to_have_text(text)


def heading(text: str) -> Step:
    return lambda page: expect(page.get_by_role("heading", name=text)).to_be_visible()


def press(name: str) -> Step:
    return lambda page: page.get_by_role("button", name=name).first.click()


def steps(*each: Step) -> Step:
    def run(page: Page) -> None:
        for step in each:
            step(page)

    return run


def unfold(page: Page) -> None:
    page.get_by_role("button", name="currency-conversion").first.click()
    expect(page.locator(".test-detail").first).to_be_visible()


def open_run_dialog(page: Page) -> None:
    page.get_by_role("button", name="Run Eval").first.click()
    page.get_by_role("checkbox", name="evals/support.eval.yaml").check()
    page.get_by_text("Advanced options").click()
    expect(page.locator(".dialog .command-text")).to_contain_text("support")


def open_stop_menu(page: Page) -> None:
    page.locator("main .page-head .stop-more").click()
    expect(page.locator(".menu-item:focus")).to_have_count(1)


def stop_with_reason(page: Page) -> None:
    open_stop_menu(page)
    page.get_by_role("menuitem", name="With a reason").click()
    page.get_by_label("Reason, kept with the run").fill("The prompt of the agent is outdated")


def away(page: Page) -> None:
    """The server goes, then a person goes on."""
    page.context.set_offline(True)
    go(page, "/targets")
    expect(page.locator(BOX)).to_contain_text("cannot be reached")


def sync(page: Page) -> None:
    page.get_by_role("button", name="Sync").click()
    expect(page.get_by_role("button", name="Syncing…")).to_be_visible()


def open_tests(page: Page) -> None:
    page.locator(".matrix-cell").first.click()
    expect(page.locator(".matrix-detail")).to_contain_text("refund-policy")


def choose_runs(page: Page) -> None:
    boxes = page.locator(".run-row").get_by_role("checkbox")
    for index in (1, 2, 3):
        boxes.nth(index).check()
    expect(page.locator(".selection-bar")).to_contain_text("3 selected")


def add_nowhere(page: Page) -> None:
    page.get_by_role("button", name="Add benchmark").click()
    page.get_by_label("Directory of the project").fill("/nowhere")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Directory not found")


def open_files(page: Page) -> None:
    page.get_by_text("Files", exact=True).click()
    expect(page.locator("av-run-files .text-block")).to_be_visible()


def log_in_wrong(page: Page) -> None:
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("That token is not right.")


STATUS = "main .title-line av-status"
COUNT = "main .progress-count"
ROWS = "main tbody tr"
BOX = ".message-box"
REFUSED = ("the server responded with a status of 401",)
NOT_FOUND = ("the server responded with a status of 404",)
BROKEN = ("the server responded with a status of 500",)

STATES = [
    State("home", "Runs: what is live now, then every run", "/", seen("av-live-card"), main=True),
    State("home-empty", "Runs before there are any", "/", seen(BOX), server="empty"),
    State("home-loading", "Runs while the list is on its way", "/", seen(".skeleton"),
          intercept=never("**/net/events-worker.js")),
    State("home-filtered", "Runs of one experiment, those with the lowest pass rate first",
          "/?experiment=baseline&sort=worst", seen(".run-row")),
    State("home-nothing", "Runs: the filter finds nothing", "/?q=nowhere", seen(".table-empty")),
    State("home-selected", "Several runs chosen", "/", seen(".run-row"), choose_runs),
    State("home-lost", "The connection to the server is lost", "/", seen(".run-row"),
          server="lost", expected=("net::ERR_",)),
    State("home-read-only", "Runs of a read-only Studio", "/", seen(".run-row"),
          server="read-only"),
    State("run-eval", "Run Eval", "/", seen(".run-row"), open_run_dialog),
    State("stop-all", "Stopping all runs", "/jobs", seen(ROWS),
          steps(press("Stop all"), seen("dialog[open]"))),
    State("stop-reason", "Stopping one run, with a reason", "/jobs/{live_job}",
          reads(COUNT, "9 of 16 tests"), stop_with_reason),
    State("shortcuts", "Keyboard shortcuts", "/", seen(".run-row"),
          steps(lambda page: page.keyboard.press("?"), seen("dialog[open]"))),
    State("job-running", "A job that is under way", "/jobs/{live_job}",
          reads(COUNT, "9 of 16 tests"), main=True),
    State("job-stop-menu", "Ways to stop", "/jobs/{live_job}", reads(COUNT, "9 of 16 tests"),
          open_stop_menu),
    State("job-stopping-later", "A job that ends after its current tests", "/jobs/{stopping_job}",
          reads(STATUS, "Stopping…")),
    State("job-stopped", "A stopped job: who stopped it, and what became of its processes",
          "/jobs/{stopped_job}", reads(STATUS, "Stopped"), main=True),
    State("job-failed", "A job that failed: its log says why", "/jobs/{failed_job}",
          reads(STATUS, "Failed")),
    State("job-finished", "A job that ran to its end", "/jobs/{finished_job}",
          reads(STATUS, "Finished")),
    State("job-missing", "A job that the server does not know", "/jobs/nowhere", seen(BOX),
          expected=NOT_FOUND),
    State("job-log", "The whole log of a job", "/jobs/{finished_job}/log",
          seen(".whole-log-line"), main=True),
    State("job-log-loading", "A log while it is on its way", "/jobs/{finished_job}/log",
          seen(".log-notice"), intercept=never("**/api/**/log")),
    State("jobs", "Every job of this server", "/jobs", seen(ROWS), main=True),
    State("jobs-empty", "Jobs before there are any", "/jobs", seen(".table-empty"),
          server="empty"),
    State("jobs-loading", "Jobs while the list is on its way", "/jobs", seen(".skeleton"),
          intercept=never("**/api/eval/runs*")),
    State("jobs-error", "A page whose data cannot be read", "/jobs", seen(BOX),
          intercept=refused("**/api/eval/runs*"), expected=BROKEN),
    State("run-live", "The results of a run while it is under way", "/runs/{live}",
          reads(COUNT, "9 of 16 tests"), main=True),
    State("run-loading", "Results while they are on their way", "/runs/{old}",
          seen(".loading-rows"), intercept=never("**/api/runs/*")),
    State("run-lost", "Results when the connection is lost", "/runs/{lost}", seen(".test-row"),
          server="lost", expected=("net::ERR_",)),
    State("run-finished", "The results of a finished run, one test unfolded", "/runs/{finished}",
          seen(".test-row"), unfold, main=True),
    State("run-stopped", "The results of a stopped run", "/runs/{stopped}",
          reads(STATUS, "Stopped")),
    State("run-delete", "Deleting a run", "/runs/{stopped}", reads(STATUS, "Stopped"),
          steps(press("Delete…"), seen("dialog[open]"))),
    State("run-suite", "The tests of one suite", "/runs/{old}/suite/support", seen(".test-row")),
    State("run-category", "The tests of one category", "/runs/{old}/category/tone",
          seen(".test-row")),
    State("run-missing", "A run that is not there", "/runs/nowhere", seen(BOX),
          expected=NOT_FOUND),
    State("run-read-only", "A run in a read-only Studio", "/runs/{locked}", seen(".test-row"),
          server="read-only"),
    State("eval", "One test: prompt, answer, tool calls and judgement",
          "/evals/{old}/json-tool-call", seen(".grader"), main=True),
    State("eval-error", "A test that ended in an error",
          "/evals/{finished}/order-status-lookup", seen(".eval-section"), open_files),
    State("eval-loading", "A test while it is on its way", "/evals/{old}/json-tool-call",
          seen(".skeleton"), intercept=never("**/api/runs/*/evals/**")),
    State("eval-missing", "A test without a result", "/evals/{old}/nowhere", seen(BOX),
          expected=NOT_FOUND),
    State("experiments", "Experiments", "/experiments", seen(ROWS), main=True),
    State("experiments-empty", "Experiments before there are any", "/experiments",
          seen(".table-empty"), server="empty"),
    State("experiment", "The runs of one experiment", "/experiments/with-skills",
          seen(".run-row"), main=True),
    State("targets", "Targets", "/targets", seen(ROWS), main=True),
    State("target", "The runs of one target, by experiment", "/targets/claude-haiku",
          seen(".run-row"), main=True),
    State("analytics", "Targets × experiments against a baseline",
          "/analytics?baseline=gpt-5-mini", seen(".matrix-cell"), main=True),
    State("analytics-cell", "The tests of one cell", "/analytics", seen(".matrix-cell"),
          open_tests),
    State("analytics-runs", "Runs to choose for a comparison", "/analytics?view=runs",
          seen(ROWS)),
    State("analytics-empty", "Analytics before there is anything", "/analytics", seen(BOX),
          server="empty"),
    State("analytics-loading", "Analytics while the numbers are on their way", "/analytics",
          seen(".skeleton"), intercept=never("**/api/compare*")),
    State("compare", "Runs side by side, what got worse first", "/compare?runs={older},{old}",
          seen("table.compare tbody tr"), main=True),
    State("compare-loading", "A comparison while its runs are on their way",
          "/compare?runs={older},{old}", seen(".skeleton"), intercept=never("**/api/runs/*")),
    State("compare-nothing", "A comparison of nothing", "/compare", seen(BOX)),
    State("settings", "Settings", "/settings", seen("main form"), main=True),
    State("settings-loading", "Settings while they are on their way", "/settings",
          seen(".skeleton"), intercept=never("**/api/config")),
    State("settings-read-only", "Settings of a read-only Studio", "/settings", seen("main form"),
          server="read-only"),
    State("benchmarks", "All registered projects", "/", seen(".benchmark-card"), server="team",
          main=True),
    State("benchmarks-empty", "The list of projects before there are any", "/benchmarks",
          seen(BOX), server="none"),
    State("benchmarks-add", "A project to add that is not there", "/", seen(".benchmark-card"),
          add_nowhere, server="team", expected=("the server responded with a status of 400",)),
    State("benchmarks-remove", "Taking a project out of the list", "/", seen(".benchmark-card"),
          steps(press("Remove billing-bot"), seen("dialog[open]")), server="team"),
    State("benchmarks-read-only", "All projects of a read-only Studio", "/",
          seen(".benchmark-card"), server="team-read-only"),
    State("benchmarks-error", "The list of projects cannot be read", "/benchmarks", seen(BOX),
          server="team", intercept=refused("**/api/benchmarks"), expected=BROKEN),
    State("benchmark", "The runs of a project, and its results repository that cannot be reached",
          "/benchmarks/billing-bot", seen(".remote-error"), server="team"),
    State("benchmark-read-only", "The results repository in a read-only Studio",
          "/benchmarks/billing-bot", seen(".remote-line"), server="team-read-only"),
    State("benchmark-remote", "A project with a results repository that has news",
          "/benchmarks/search-eu", seen(".chip:has-text('1 commit behind')"), server="team",
          main=True),
    State("benchmark-syncing", "Results while they are fetched", "/benchmarks/search-eu",
          seen(".remote-line"), sync, server="team", intercept=never("**/remote/sync")),
    State("benchmark-missing", "A project that is not registered", "/benchmarks/nowhere/jobs",
          seen(BOX), server="team", expected=NOT_FOUND),
    State("benchmark-switch", "Going to another project", "/benchmarks/billing-bot/targets",
          seen(ROWS), steps(lambda page: page.keyboard.press("b"), seen("dialog[open]")),
          server="team"),
    State("login", "The login page of a Studio with a token", "/login", seen("form"),
          server="guarded", main=True),
    State("login-refused", "A token that is not right", "/login", seen("form"), log_in_wrong,
          server="guarded", expected=REFUSED),
    State("unreachable", "A page that was opened while the server was away", "/experiments",
          seen(ROWS), away, intercept=lambda context: None, expected=("net::ERR_",)),
    State("missing-page", "An address that leads nowhere", "/nowhere", seen(BOX)),
]  # fmt: skip
