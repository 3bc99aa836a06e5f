"""Requests made from the OpenAPI description: no 5xx, nothing that the description does not tell.

The number of examples is bounded and the seed fixed, so that a run takes as long as the last one and a
failure can be seen again.
"""

import json
import subprocess
import sys

from studio import Project, row

# Streams do not end by themselves, and a sync reaches out. The twins for registered projects have the
# handlers of the others: a few of them stand for all.
LEFT_OUT = (
    r"/events$|/remote/sync$|^/login$"
    r"|^/api/benchmarks/\{benchmarkId\}/(?!runs$|compare$|config$|eval/run$)")
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance")


def test_no_request_meets_a_server_error_or_an_undescribed_answer(project, serve, tmp_path):
    project.run("exp/2026-05-07T10-00-00-000Z", [
        row("a", grading_path="s/a/grading.json", suite="s", category="c"), row("b", 0),
        row("b", 1, duration_ms=3, cost_usd=0.1, token_usage={"input": 1, "output": 2})],
        tags=["x"], files={"s/a/grading.json": json.dumps({"assertions": [], "graders": []})})
    project.register(("mine", project.path))
    studio = serve(project, "--max-jobs", "1")
    # A description whose paths name things that exist meets more than 404s.
    document = studio.get("/api/openapi.json").json
    known = {
        "runId": ["exp::2026-05-07T10-00-00-000Z", "nope"], "evalId": ["a", "b", "nope"],
        "benchmarkId": ["mine", "nope"], "path": ["s/a/grading.json", "nope"], "category": ["c"],
    }
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for parameter in operation.get("parameters", []):
                if method == "delete" and path.endswith("{runId}"):
                    continue  # the run is still needed
                if parameter["in"] == "path" and parameter["name"] in known:
                    parameter["schema"]["enum"] = known[parameter["name"]]
    description = tmp_path / "openapi.json"
    description.write_text(json.dumps(document))
    # A method that HTTP knows and we do not is 501 by RFC 9110 §9.1, which would count as a 5xx.
    (tmp_path / "schemathesis.toml").write_text(
        '[phases.coverage]\nunexpected-methods = ["PATCH", "PUT"]\n')
    result = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", str(description),
         "--url", f"http://localhost:{studio.port}", "--checks", CHECKS,
         "--exclude-path-regex", LEFT_OUT, "--phases", "examples,coverage,fuzzing",
         "--max-examples", "3", "--seed", "1", "--suppress-health-check", "all",
         "--generation-database", "none", "--request-timeout", "20", "--no-color"],
        capture_output=True, text=True, timeout=300, cwd=tmp_path)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    assert studio.get("/healthz").status == 200
