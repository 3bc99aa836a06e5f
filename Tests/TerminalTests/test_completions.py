"""The completion scripts, run by the shells they are for."""

import shutil
import subprocess

import pytest

SHELLS = ["bash", "zsh", "fish"]


def script(agentv, shell):
    shown = subprocess.run([agentv, "completions", shell], capture_output=True, text=True, timeout=30)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


def needs(shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed; scripts/install-packages test installs it")


# What is on the line, and what must and must not be offered for its last word.
CASES = [
    (["agentv", "st"], {"studio", "stop"}, {"watch"}),
    (["agentv", "eval", "--tar"], {"--target", "--targets"}, {"--workers"}),
    (["agentv", "eval", "run", "--tar"], {"--target", "--targets"}, {"--workers"}),
    (["agentv", "eval", "agg"], {"aggregate"}, {"run"}),
    (["agentv", "eval", "ev"], {"evals/"}, {"more/"}),
    (["agentv", "eval", "evals/f"], {"evals/first.eval.yaml"}, {"more/evals/second.eval.yaml"}),
    (["agentv", "eval", "evals/first.eval.yaml", "mo"], {"more/evals/second.eval.yaml"}, set()),
    (["agentv", "eval", "--target", "bro"], {"broken"}, {"default"}),
    (["agentv", "watch", "20"], {"2026-05-08T09-30-00-000Z"}, {"evals/"}),
    (["agentv", "stop", "--re"], {"--reason"}, {"--force"}),
    (["agentv", "completions", "fi"], {"fish"}, {"bash"}),
]


def bash(agentv, words, project, environment):
    quoted = " ".join(f"'{word}'" for word in words)
    line = " ".join(words)
    body = script(agentv, "bash") + f"""
COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; COMP_LINE='{line}'; COMP_POINT={len(line)}
complete -p agentv >/dev/null
function_name=$(complete -p agentv | sed 's/.*-F \\([^ ]*\\).*/\\1/')
"$function_name" agentv '{words[-1]}' '{words[-2]}'
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    shown = subprocess.run(
        ["bash", "--norc", "--noprofile", "-c", body], cwd=project, env=environment,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert not shown.stderr, shown.stderr
    return {line.strip() for line in shown.stdout.splitlines() if line.strip()}


def fish(agentv, words, project, environment, terminal):
    (project / "c.fish").write_text(script(agentv, "fish"))
    # Its custom completions work only where there is a command line to edit.
    shell = terminal(["fish", "--no-config", "-i"])
    shell.type(f"source c.fish; complete -C '{' '.join(words)}' >found; echo en''d\r")
    shell.wait_for("end\r\n")
    return {line.split("\t")[0] for line in (project / "found").read_text().splitlines()}


def zsh(agentv, words, project, environment, terminal):
    directory = project / "functions"
    directory.mkdir()
    (directory / "_agentv").write_text(script(agentv, "zsh"))
    (project / "setup").write_text(
        "fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -u -D\n"
        # A key that puts all matches into the line.
        "zle -C all-matches complete-word _generic; bindkey '^X' all-matches\n"
        "zstyle ':completion:all-matches:*' completer _all_matches _complete\n"
        "zstyle ':completion:all-matches:*' insert yes\n"
    )
    shell = terminal(["zsh", "-f", "-i"])
    shell.type("source setup; print beg''in\r")
    shell.wait_for("begin\r\n")
    shell.type(" ".join(words) + "\x18")
    shell.type("\x01print -rl -- \x05 >found; print en''d\r")
    shell.wait_for("end\r\n")
    found = (project / "found").read_text().splitlines()
    return {line.rstrip() for line in found[len(words) - 1 :]}


@pytest.fixture
def ran(project):
    run = project / ".agentv/results/runs/default/2026-05-08T09-30-00-000Z"
    run.mkdir(parents=True)
    (run / "index.jsonl").write_text("")
    return run


@pytest.mark.parametrize("words, offered, left_out", CASES, ids=lambda case: " ".join(map(str, case)) if isinstance(case, list) else "")
@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_offers_what_fits(agentv, project, environment, terminal, ran, shell, words, offered, left_out):
    needs(shell)
    if shell == "bash":
        found = bash(agentv, words, project, environment)
    elif shell == "fish":
        found = fish(agentv, words, project, environment, terminal)
    else:
        found = zsh(agentv, words, project, environment, terminal)
    assert offered <= found, sorted(found)
    assert not left_out & found, sorted(found)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_sound(agentv, tmp_path, shell):
    needs(shell)
    path = tmp_path / "script"
    path.write_text(script(agentv, shell))
    subprocess.run([shell, "-n", str(path)], check=True, timeout=30)


def test_an_unknown_shell_is_refused(agentv):
    shown = subprocess.run([agentv, "completions", "csh"], capture_output=True, text=True, timeout=30)
    assert shown.returncode == 1 and "bash" in shown.stderr
