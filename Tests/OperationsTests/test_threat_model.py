"""The threat model names tests; they exist."""

import re

PAGE = "docs/threat-model.md"


def shown_by(root):
    """The last cells of the tables whose last column is "Shown by"."""
    cells, in_table = [], False
    for line in (root / PAGE).read_text().splitlines():
        if not line.startswith("|"):
            in_table = False
            continue
        last = line.strip().strip("|").split("|")[-1].strip()
        if last == "Shown by":
            in_table = True
        elif in_table and set(last) != {"-"}:
            cells.append(last)
    return cells


def known_tests(root):
    names = set()
    for path in (root / "Tests").rglob("*.swift"):
        if "Fuzz" not in path.parts:
            names |= set(re.findall(r"func `([^`]+)`", path.read_text()))
    for path in (root / "Tests").rglob("test_*.py"):
        names |= set(re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.M))
    return names


def test_every_threat_has_a_test_or_a_fuzz_target(root):
    cells = shown_by(root)
    assert len(cells) >= 25
    assert all("`" in cell for cell in cells), [cell for cell in cells if "`" not in cell]


def test_the_tests_that_it_names_exist(root):
    known = known_tests(root)
    targets = {path.name for path in (root / "Tests/Fuzz/Corpus").iterdir()}
    missing = []
    for cell in shown_by(root):
        fuzzed = re.findall(r"fuzz targets? (`\w+`(?: and `\w+`)?)", cell)
        for target in re.findall(r"`(\w+)`", " ".join(fuzzed)):
            if target not in targets:
                missing.append(f"fuzz target {target}")
        for text in fuzzed:
            cell = cell.replace(text, "")
        missing += [name for name in re.findall(r"`([^`]+)`", cell) if name not in known]
    assert not missing, f"{PAGE} names what is not there: {missing}"
