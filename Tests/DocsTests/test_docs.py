"""The docs agree with the code: modules, imports, options, routes, error codes, links."""

import re
import subprocess

import pytest

# What each module may import of ours; the drawing in docs/architecture.md says the same.
ALLOWED = {
    "Core": set(),
    "EventLoop": {"CShims", "CLibevent"},
    "HTTPServer": {"EventLoop", "CShims", "CLibevent"},
    "HTTPClient": {"EventLoop", "CCurl"},
    "EventStream": {"EventLoop"},
    "Supervisor": {"EventLoop", "CShims"},
    "EvalFiles": set(),
    "Providers": {"Supervisor", "EventLoop", "EvalFiles", "HTTPClient"},
    "Graders": {"Supervisor", "EventLoop", "EvalFiles"},
    "ScriptProxy": {"EventLoop", "HTTPServer", "EvalFiles", "Graders"},
    "RunArtifacts": set(),
    "RunControl": {"EventLoop", "Supervisor", "RunArtifacts"},
    "EvalRunner": {
        "EventLoop", "Supervisor", "EvalFiles", "Providers", "Graders", "RunArtifacts",
        "ScriptProxy",
    },
    "Studio": {
        "EventLoop", "HTTPServer", "EventStream", "Supervisor", "RunArtifacts", "EvalFiles",
        "RunControl",
    },
    "agentv": {
        "EventLoop", "Supervisor", "Studio", "EvalRunner", "EvalFiles", "RunArtifacts", "RunControl",
    },
}  # fmt: skip
IMPORT = re.compile(r"^\s*(?:@\w+(?:\(.*?\))?\s+)*(?:public |internal |package )?import (?:\w+ )?(\w+)", re.M)


def swift_files(root, module):
    return sorted((root / "Sources" / module).rglob("*.swift"))


@pytest.mark.parametrize("module", ALLOWED)
def test_module_imports_only_what_the_drawing_allows(root, module):
    ours = set(ALLOWED) | {"CShims", "CLibevent", "CCurl"}
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


@pytest.mark.parametrize("command", ["eval", "studio", "validate"])
def test_every_option_is_in_the_command_line_reference(root, agentv, command):
    text = help_text(agentv, *({"eval": ["eval", "run"]}.get(command, [command])))
    options = set(re.findall(r"(--[a-z][a-z-]+)", text)) - {"--help", "--version"}
    assert len(options) > 2, f"agentv {command} --help shows no options:\n{text}"
    page = (root / "docs/reference/cli.md").read_text()
    missing = sorted(option for option in options if f"{option}" not in page)
    assert not missing, f"docs/reference/cli.md lacks {missing} of agentv {command}"


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
