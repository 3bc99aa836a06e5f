"""The docs agree with the code: modules, imports, options, routes, error codes, links."""

import json
import re
import subprocess

import pytest

# What each module may import of ours; the drawing in docs/architecture.md says the same.
ALLOWED = {
    "Core": set(),
    "EventLoop": {"CShims", "CLibevent"},
    "HTTPServer": {"EventLoop", "CShims", "CLibevent", "CTLS"},
    "HTTPClient": {"EventLoop", "CCurl"},
    "EventStream": {"EventLoop"},
    "Supervisor": {"EventLoop", "CShims"},
    "EvalFiles": set(),
    "Providers": {"Supervisor", "EventLoop", "EvalFiles", "HTTPClient"},
    "Graders": {"Supervisor", "EventLoop", "EvalFiles"},
    "ScriptProxy": {"EventLoop", "HTTPServer", "EvalFiles", "Graders"},
    "Workspaces": {"Supervisor", "EventLoop", "EvalFiles"},
    "RunArtifacts": set(),
    "Wizard": {"EvalFiles", "RunArtifacts"},
    "Reports": {"RunArtifacts", "EvalFiles"},
    "JobStore": {"EventLoop", "CSQLite"},
    "RunControl": {"EventLoop", "Supervisor", "RunArtifacts"},
    "EvalRunner": {
        "EventLoop", "Supervisor", "EvalFiles", "Providers", "Graders", "RunArtifacts",
        "ScriptProxy", "Workspaces", "Reports", "HTTPClient",
    },
    "Studio": {
        "EventLoop", "HTTPServer", "EventStream", "Supervisor", "RunArtifacts", "EvalFiles",
        "RunControl", "JobStore",
    },
    "agentv": {
        "EventLoop", "Supervisor", "Studio", "EvalRunner", "EvalFiles", "RunArtifacts", "RunControl",
        "Wizard", "Reports", "Graders",
    },
}  # fmt: skip
IMPORT = re.compile(r"^\s*(?:@\w+(?:\(.*?\))?\s+)*(?:public |internal |package )?import (?:\w+ )?(\w+)", re.M)


def swift_files(root, module):
    return sorted((root / "Sources" / module).rglob("*.swift"))


@pytest.mark.parametrize("module", ALLOWED)
def test_module_imports_only_what_the_drawing_allows(root, module):
    ours = set(ALLOWED) | {"CShims", "CLibevent", "CCurl", "CTLS", "CSQLite"}
    for path in swift_files(root, module):
        imported = set(IMPORT.findall(path.read_text())) & ours
        extra = imported - ALLOWED[module] - {"Core"}
        assert not extra, f"{path.relative_to(root)} imports {sorted(extra)}"


def test_architecture_page_names_every_module(root):
    page = (root / "docs/architecture.md").read_text()
    sources = {path.name for path in (root / "Sources").iterdir() if path.is_dir()}
    missing = [module for module in sorted(sources) if f"`{module}`" not in page]
    assert not missing, f"docs/architecture.md does not name {missing}"


def test_links_in_the_docs_lead_somewhere(root):
    broken = []
    pages = [root / "README.md", *(root / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if re.match(r"[a-z]+:", target):
                continue
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(root)} -> {target}")
    assert not broken, "\n".join(broken)


def help_text(agentv, *command):
    shown = subprocess.run([agentv, *command, "--help"], capture_output=True, text=True, timeout=30)
    return shown.stdout + shown.stderr


# The commands around a finished run, and those that make new files.
COMMANDS = [
    *(f"results {name}" for name in ["summary", "failures", "show", "export", "report", "validate"]),
    *(f"inspect {name}" for name in ["list", "show", "stats", "filter", "search", "score"]),
    *(f"import {name}" for name in ["claude", "codex", "copilot"]),
    *(f"create {name}" for name in ["eval", "assertion", "grader", "provider", "target"]),
    "compare", "trend", "convert", "trim", "init",
]  # fmt: skip


@pytest.mark.parametrize("command", ["eval", "studio", "validate", *COMMANDS])
def test_every_option_is_in_the_command_line_reference(root, agentv, command):
    text = help_text(agentv, *({"eval": ["eval", "run"]}.get(command, command.split())))
    options = set(re.findall(r"(--[a-z][a-z-]+)", text)) - {"--help", "--version"}
    assert options, f"agentv {command} --help shows no options:\n{text}"
    page = (root / "docs/reference/cli.md").read_text()
    missing = sorted(option for option in options if f"{option}" not in page)
    assert not missing, f"docs/reference/cli.md lacks {missing} of agentv {command}"


def commands(agentv):
    """Every command that is shown, with its words, as ArgumentParser describes it."""
    dump = subprocess.run(
        [agentv, "--experimental-dump-help"], capture_output=True, text=True, check=True, timeout=30
    )

    def walk(command, words):
        words = [*words, command["commandName"]]
        yield words, command
        for child in command.get("subcommands", []):
            if child.get("shouldDisplay", True) and child["commandName"] != "help":
                yield from walk(child, words)

    return list(walk(json.loads(dump.stdout)["command"], []))


def test_every_command_and_option_has_a_help_text(agentv):
    lacking = []
    for words, command in commands(agentv):
        if not command.get("abstract"):
            lacking.append(" ".join(words))
        for argument in command.get("arguments", []):
            if argument.get("shouldDisplay", True) and not argument.get("abstract"):
                lacking.append(f"{' '.join(words)}: {argument['valueName']}")
    assert not lacking, f"without help: {lacking}"


# Helps that tell a reader of `--help` alone how to use the command and what its end means.
STAND_ALONE = [
    "eval", "eval run", "eval aggregate", "eval assert", "validate", "studio", "ps", "watch", "logs", "stop",
    "resume", "completions", "workspace", "workspace list", "workspace clean", "compare", "trend", "convert",
    "trim", "import", "import claude", "import codex", "import copilot", "inspect", "inspect list",
    "inspect show", "inspect stats", "inspect filter", "inspect search", "inspect score", "results",
    "results summary", "results failures", "results show", "results export", "results report",
    "results validate", "init", "create", "create eval", "create assertion", "create grader",
    "create provider", "create target",
]  # fmt: skip


@pytest.mark.parametrize("name", STAND_ALONE)
def test_a_help_has_examples_and_exit_codes(agentv, name):
    found = [command for words, command in commands(agentv) if words[1:] == name.split()]
    discussion = found[0].get("discussion", "")
    assert "Exit codes:" in discussion
    examples = [line for line in discussion.splitlines() if re.match(r"\s*(\w+=\S+ )?agentv ", line)]
    assert len(examples) >= 2, discussion
    assert "Exit codes:" in help_text(agentv, *name.split())


def test_every_command_and_option_is_in_the_command_line_reference(root, agentv):
    page = (root / "docs/reference/cli.md").read_text()
    missing = []
    for words, command in commands(agentv):
        if len(words) > 1 and " ".join(words) not in page and " ".join([words[0], f"`{words[-1]}`"]) not in page:
            missing.append(" ".join(words))
        for argument in command.get("arguments", []):
            for name in argument.get("names", []):
                option = f"--{name['name']}"
                if name["kind"] == "long" and argument.get("shouldDisplay", True) and option not in page:
                    missing.append(f"{' '.join(words)} {option}")
    assert not missing, f"docs/reference/cli.md lacks {missing}"


def routes(root):
    found = set()
    for module in ("Studio", "HTTPServer"):
        for path in swift_files(root, module):
            found |= set(re.findall(r'"(/(?:api|healthz|readyz|metrics|login)[^"\s\\]*)"', path.read_text()))
    return found


def test_every_route_is_in_the_api_reference(root):
    page = (root / "docs/reference/http-api.md").read_text()
    known = routes(root)
    assert len(known) >= 8, f"only {sorted(known)} found in the sources"
    missing = sorted(route for route in known if route.rstrip("/") not in page)
    assert not missing, f"docs/reference/http-api.md lacks {missing}"


def test_every_error_code_is_in_the_api_reference(root):
    page = (root / "docs/reference/http-api.md").read_text()
    codes = set()
    for module in ("Studio", "HTTPServer"):
        for path in swift_files(root, module):
            codes |= set(re.findall(r'code: "([a-z]+(?:-[a-z]+)*)"', path.read_text()))
    assert codes, "no error code found in the sources"
    missing = sorted(code for code in codes if f"`{code}`" not in page)
    assert not missing, f"docs/reference/http-api.md lacks {missing}"


def test_every_grader_type_is_in_the_grader_reference(root):
    page = (root / "docs/reference/graders.md").read_text()
    source = (root / "Sources/EvalFiles/Model/GraderTypes.swift").read_text()
    declared = source[: source.index("scriptExtensions")]
    types = set(re.findall(r'"([a-z]+(?:-[a-z]+)*)"', declared)) - {"conversation"}
    assert len(types) >= 20, f"only {sorted(types)} found in GraderTypes.swift"
    missing = sorted(kind for kind in types if f"`{kind}`" not in page)
    assert not missing, f"docs/reference/graders.md lacks {missing}"


def test_decisions_are_numbered_without_gap(root):
    numbers = sorted(int(path.name[:4]) for path in (root / "docs/decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_scripts_named_in_the_docs_exist(root):
    for page in [root / "README.md", root / "docs/contributing.md"]:
        for script in re.findall(r"`(scripts/[a-z-]+)", page.read_text()):
            assert (root / script).exists(), f"{page.name} names {script}"
