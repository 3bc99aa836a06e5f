"""The wizard on a real terminal: keys go in, the screen comes out."""

import json
import signal
import subprocess
import termios

UP, DOWN, RIGHT, LEFT, ENTER, ESCAPE = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\r", "\x1b"


def last_config(project):
    return json.loads((project / ".agentv/last-config.json").read_text())


def test_keys_choose_files_target_and_settings_and_the_run_is_remembered(agentv, terminal, project):
    screen = terminal([agentv])
    screen.wait_for("What would you like to do?")
    screen.wait_for("Exit")
    screen.type(ENTER)
    screen.wait_for("? Category")
    screen.type(ENTER)
    screen.wait_for("? Eval files")
    screen.type(LEFT + "first" + RIGHT)
    screen.wait_for("◉ evals/first.eval.yaml")
    screen.type(ENTER)
    screen.wait_for("? Target")
    screen.type("defa")
    screen.wait_for("❯ default")
    screen.type(ENTER)
    screen.wait_for("Workers")
    screen.type(DOWN + LEFT + DOWN + DOWN + UP + RIGHT)
    screen.wait_for("Dry run  ‹ yes ›")
    screen.type(UP + UP + ENTER)
    screen.wait_for("$ agentv eval run evals/first.eval.yaml --target default --workers 2 --dry-run")
    screen.wait_for("Results written to:")
    assert screen.end() == 0
    config = last_config(project)
    assert config["evalPaths"] == [str(project / "evals/first.eval.yaml")]
    assert config["target"] == "default" and config["workers"] == 2 and config["dryRun"] is True
    assert config["cwd"] == str(project) and config["outputDir"].startswith(str(project))
    assert screen.settings() == screen.before, "the terminal is as it was"


def test_errors_are_run_again_and_the_last_configuration_is_offered(agentv, terminal, project):
    (project / "more/evals/second.eval.yaml").unlink()
    first = terminal([agentv, "eval"])
    first.wait_for("Run new evaluation")
    first.type(ENTER)
    first.wait_for("? Eval files")
    first.type(ENTER)
    first.wait_for("? Target")
    first.type("brok" + ENTER)
    first.wait_for("Workers")
    first.type(ENTER)
    first.wait_for("Run the 1 execution error(s) again?")
    (project / "fixed").write_text("")
    first.type(ENTER)
    first.wait_for("✅ one")
    assert first.end() == 0

    second = terminal([agentv])
    second.wait_for("Rerun last configuration")
    second.wait_for("target: broken")
    second.type(DOWN + ENTER)
    second.wait_for("✅ one")
    assert second.end() == 0

    third = terminal([agentv])
    third.wait_for("❯ Resume last run")
    third.type(ENTER)
    third.wait_for("Nothing to resume")
    assert third.end() == 0


def test_escape_goes_back_and_out(agentv, terminal):
    screen = terminal([agentv])
    screen.wait_for("Exit")
    screen.type(ENTER)
    screen.wait_for("? Category")
    screen.type(ESCAPE)
    screen.wait_for("What would you like to do?")
    screen.type(ESCAPE)
    assert screen.end() == 0
    assert screen.settings() == screen.before


def test_ctrl_c_and_a_signal_give_the_terminal_back(agentv, terminal):
    screen = terminal([agentv])
    screen.wait_for("Exit")
    assert not screen.settings()[3] & termios.ECHO
    screen.type("\x03")
    assert screen.end() == 130
    assert screen.settings() == screen.before

    screen = terminal([agentv])
    screen.wait_for("Exit")
    screen.process.send_signal(signal.SIGTERM)
    assert screen.end() == 143
    assert screen.settings() == screen.before


def test_ctrl_c_during_the_run_stops_it_resumably(agentv, terminal, project):
    (project / ".agentv/targets.yaml").write_text(
        "targets:\n  - {name: slow, provider: cli, command: 'exec sleep 600'}\n"
    )
    screen = terminal([agentv])
    screen.wait_for("Exit")
    screen.type(ENTER)
    screen.wait_for("? Category")
    screen.type(ENTER)
    screen.wait_for("? Eval files")
    screen.type(ENTER)
    screen.wait_for("? Target")
    screen.type(DOWN + ENTER)
    screen.wait_for("Workers")
    screen.type(ENTER)
    screen.wait_for("🔄 one")
    screen.type("\x03")
    screen.wait_for("Run stopped by SIGINT")
    assert screen.end() == 130
    assert last_config(project)["target"] == "slow"


def test_without_a_terminal_the_help_is_printed(agentv, project, environment):
    shown = subprocess.run(
        [agentv], cwd=project, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=30,
    )  # fmt: skip
    assert shown.returncode == 0 and "SUBCOMMANDS" in shown.stdout
    shown = subprocess.run(
        [agentv, "eval"], cwd=project, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert shown.returncode == 1 and "No eval paths provided" in shown.stderr


def test_a_dumb_terminal_and_ci_get_the_help(agentv, terminal):
    for more in [{"TERM": "dumb"}, {"CI": "true"}]:
        screen = terminal([agentv], **more)
        screen.wait_for("SUBCOMMANDS")
        assert screen.end() == 0


def test_without_colours_no_colours(agentv, terminal):
    screen = terminal([agentv], NO_COLOR="1")
    screen.wait_for("Exit")
    screen.type(ESCAPE)
    assert screen.end() == 0
    assert "\x1b[1;36m" not in screen.shown and "\x1b[2m" not in screen.shown


def test_a_watcher_keeps_a_live_line_and_gives_the_prompt_back(agentv, terminal, project):
    (project / ".agentv/targets.yaml").write_text(
        "targets:\n  - {name: default, provider: cli, command: 'exec sleep 600'}\n"
    )
    run = terminal([agentv, "eval", "evals", "--output", "out"])
    run.wait_for("🔄 one")
    watch = terminal([agentv, "watch", "out"])
    watch.wait_for("Watching out")
    watch.wait_for("1 running: one")
    watch.type("\x03")
    watch.wait_for("the run goes on")
    assert watch.end() == 130
    stop = subprocess.run([agentv, "stop", "out"], cwd=project, capture_output=True, timeout=60)
    assert stop.returncode == 0
    assert run.end() == 143
