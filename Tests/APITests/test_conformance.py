"""The numbered facts about upstream's API, against the real binary.

A name begins with the fact's number. Where we rule otherwise, the name says so and the text why.
"""

import json
import subprocess

import pytest

from common import wait_until
from studio import Project, row


def command(agentv, project, *arguments):
    return subprocess.run(
        [agentv, *arguments], cwd=project.path, env=project.environment(), capture_output=True,
        text=True, timeout=60)


# Start-up


def test_fact_1_a_source_that_does_not_exist_is_refused(agentv, project):
    result = command(agentv, project, "studio", "nope", "--port", "0")
    assert result.returncode == 1 and "Source file not found" in result.stderr


def test_fact_2_a_source_that_is_no_manifest_is_refused(agentv, project):
    project.write("rows.jsonl", "{}\n")
    result = command(agentv, project, "studio", "rows.jsonl", "--port", "0")
    assert result.returncode == 1
    assert "Expected a run workspace directory or index.jsonl manifest" in result.stderr


def test_fact_3_two_rows_are_two_results_in_order_and_ours_an_empty_run_has_none(project, serve):
    """Upstream's loader throws on an empty text; a run that has just started has one."""
    project.run("r", [row("a", 0.25), row("b", 1)])
    project.run("empty", [])
    studio = serve(project)
    results = studio.get("/api/runs/r").json["results"]
    assert [(r["testId"], r["score"]) for r in results] == [("a", 0.25), ("b", 1)]
    assert studio.get("/api/runs/empty").json["results"] == []


@pytest.mark.parametrize(
    "registered, flags, is_multi, warns",
    [
        (0, [], False, False), (1, [], False, False), (2, [], True, False),
        (1, ["--multi"], True, True), (3, ["--single"], False, False),
        (3, ["--single", "--multi"], False, True),
    ])
def test_fact_4_the_mode_follows_from_flags_and_registry(
    project, serve, registered, flags, is_multi, warns):
    project.register(*((f"b{n}", project.path) for n in range(registered)))
    studio = serve(project, *flags)
    assert studio.get("/api/config").json["multi_benchmark_dashboard"] is is_multi
    assert (b"deprecated" in studio.said) is warns


def test_fact_5_a_missing_web_bundle_is_refused(agentv, project):
    result = command(agentv, project, "studio", "--port", "0", "--web-root", "/nope")
    assert result.returncode == 1 and "Studio dist not found" in result.stderr


# SPA


@pytest.mark.parametrize("path", ["/", "/runs/some-run", "/favicon.ico", "/api"])
@pytest.mark.parametrize("has_results", [True, False])
def test_facts_6_and_7_every_page_is_the_application(project, serve, path, has_results):
    if has_results:
        project.run("r", [row("a")])
    answer = serve(project).get(path)
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/html")
    assert "AgentV" in answer.text


def test_fact_8_an_unknown_api_route_is_not_found_as_json(project, serve):
    answer = serve(project).get("/api/nonexistent")
    assert answer.status == 404 and answer.json["error"] == "Not found"


# Feedback


def test_facts_9_to_13_feedback_is_stored_and_replaced_by_test(project, serve):
    run = project.run("r", [row("a")])
    studio = serve(project, str(run))
    assert studio.get("/api/feedback").json == {"reviews": []}
    first = studio.post("/api/feedback", {"reviews": [{"test_id": "a", "comment": "good"}]})
    assert first.status == 200
    [review] = first.json["reviews"]
    assert (review["test_id"], review["comment"]) == ("a", "good") and review["updated_at"]
    stored = json.loads((run / "feedback.json").read_text())
    assert len(stored["reviews"]) == 1
    studio.post("/api/feedback", {"reviews": [{"test_id": "b", "comment": "x"}]})
    assert [r["test_id"] for r in studio.get("/api/feedback").json["reviews"]] == ["a", "b"]
    studio.post("/api/feedback", {"reviews": [{"test_id": "a", "comment": "better"}]})
    reviews = studio.get("/api/feedback").json["reviews"]
    assert [r["comment"] for r in reviews] == ["better", "x"]
    emptied = studio.post("/api/feedback", {"reviews": [{"test_id": "a", "comment": ""}]})
    assert emptied.status == 200 and emptied.json["reviews"][0]["comment"] == ""


@pytest.mark.parametrize(
    "body, error",
    [
        ({}, "Missing reviews array"),
        ({"reviews": [{"test_id": 1, "comment": "x"}]}, "Each review must have"),
        ({"reviews": [{"test_id": "a"}]}, "Each review must have"),
        ({"reviews": [None]}, "Each review must have"), ("text", "Invalid payload"),
    ])
def test_fact_14_feedback_of_a_wrong_shape_is_refused(project, serve, body, error):
    answer = serve(project).post("/api/feedback", body)
    assert answer.status == 400 and error in answer.json["error"]


def test_fact_15_read_only_refuses_feedback(project, serve):
    answer = serve(project, "--read-only").post("/api/feedback", {"reviews": []})
    assert answer.status == 403
    assert answer.json["error"] == "Studio is running in read-only mode"


# Config


def test_fact_16_the_configuration_tells_the_modes(project, serve):
    config = serve(project, "--read-only", "--multi").get("/api/config").json
    assert config["read_only"] is True and config["multi_benchmark_dashboard"] is True


@pytest.mark.parametrize(
    "text, threshold",
    [
        (None, 0.8), ("studio:\n  threshold: 0.6\n", 0.6), ("studio:\n  pass_threshold: 0.6\n", 0.6),
        ("studio:\n  threshold: 0.7\n  pass_threshold: 0.6\n", 0.7), ("pass_threshold: 0.5\n", 0.5),
        ("pass_threshold: 0.5\nstudio:\n  threshold: 0.9\n", 0.9),
        ("studio:\n  threshold: -0.5\n", 0), ("studio:\n  threshold: 1.5\n", 1), ("", 0.8),
        ("studio:\n  threshold: high\n", 0.8),
    ])
def test_fact_17_where_the_threshold_comes_from(project, serve, text, threshold):
    if text is not None:
        project.write(".agentv/config.yaml", text)
    assert serve(project).get("/api/config").json["threshold"] == threshold


def test_fact_18_saving_keeps_other_sections_and_drops_the_old_keys(project, serve):
    studio = serve(project)
    assert studio.post("/api/config", {"threshold": 0.4}).json == {"threshold": 0.4}
    path = project.path / ".agentv/config.yaml"
    assert path.exists()
    path.write_text("pass_threshold: 0.1\neval_patterns:\n  - 'x/*.yaml'\nstudio:\n  pass_threshold: 0.2\n"
                    "results:\n  export:\n    repo: a/b\n    auto_push: true\n")
    assert studio.post("/api/config", {"threshold": 7}).json["threshold"] == 1
    text = path.read_text()
    assert "pass_threshold" not in text and "x/*.yaml" in text and "auto_push: true" in text
    assert studio.get("/api/remote/status").json["repo"] == "a/b"


def test_fact_18_ours_other_settings_and_types_are_refused(project, serve):
    """Upstream stores whatever it is sent."""
    studio = serve(project)
    for body, field in [({"x": 1}, "x"), ({"threshold": "high"}, "threshold")]:
        answer = studio.post("/api/config", body)
        assert answer.status == 400 and answer.json["field"] == field
    assert studio.post("/api/config", {}).status == 200


# Runs


def test_fact_19_an_empty_project_has_no_runs(project, serve):
    assert serve(project).get("/api/runs").json == {"runs": []}


def test_fact_20_a_run_directly_in_the_tree_is_called_by_its_directory(project, serve):
    project.run("2026-05-07T10-00-00-000Z", [row("a")])
    [run] = serve(project).get("/api/runs").json["runs"]
    assert run["filename"] == "2026-05-07T10-00-00-000Z" and run["source"] == "local"


@pytest.mark.parametrize("threshold", [0.9, 0.5])
def test_fact_21_ours_a_test_passes_by_its_status_whatever_the_threshold(
    project, serve, threshold):
    """One pass rule everywhere: the status, which the run decided with its own threshold."""
    project.write(".agentv/config.yaml", f"studio:\n  threshold: {threshold}\n")
    project.run("r", [row("a", 0.8, "ok"), row("b", 0.6, "quality_failure")])
    [run] = serve(project).get("/api/runs").json["runs"]
    assert run["pass_rate"] == 0.5


def test_fact_22_the_experiment_of_a_run_is_its_directory_when_rows_name_none(project, serve):
    project.run("with-skills/2026-05-07T10-00-00-000Z", [row("a")])
    [run] = serve(project).get("/api/runs").json["runs"]
    assert run["experiment"] == "with-skills" and run["target"] == "gpt-4o"


def remote_run(project, place="2026-05-07T10-00-00-000Z"):
    project.write(".agentv/config.yaml", "results:\n  export:\n    repo: owner/name\n    path: runs\n")
    clone = project.home / ".agentv/cache/results-repo/owner-name/repo/runs" / place
    clone.mkdir(parents=True)
    (clone / "index.jsonl").write_text(json.dumps(row("far")) + "\n")


def test_fact_23_a_cached_remote_run_is_listed(project, serve):
    remote_run(project)
    studio = serve(project)
    [run] = studio.get("/api/runs").json["runs"]
    assert run["filename"] == "remote::2026-05-07T10-00-00-000Z" and run["source"] == "remote"
    detail = studio.get(f"/api/runs/{run['filename']}").json
    assert detail["source"] == "remote" and "run_dir" not in detail
    assert studio.send("PUT", f"/api/runs/{run['filename']}/tags", {"tags": ["x"]}).json[
        "error"] == "Tags can only be set on local runs"
    assert studio.send("DELETE", f"/api/runs/{run['filename']}/tags").json[
        "error"] == "Tags can only be removed on local runs"


def test_fact_24_the_runs_of_all_projects_name_theirs(project, serve):
    project.run("exp/2026-05-07T10-00-00-000Z", [row("a")])
    project.register(("mine", project.path))
    [run] = serve(project).get("/api/benchmarks/all-runs").json["runs"]
    assert (run["benchmark_id"], run["experiment"], run["target"]) == ("mine", "exp", "gpt-4o")


def test_fact_25_an_unknown_run_is_not_found(project, serve):
    answer = serve(project).get("/api/runs/nope")
    assert answer.status == 404 and answer.json["error"] == "Run not found"


def test_facts_26_and_28_a_run_has_its_results_in_order(project, serve):
    project.run("r", [row("a"), row("b")])
    detail = serve(project).get("/api/runs/r").json
    assert [r["testId"] for r in detail["results"]] == ["a", "b"]
    assert (detail["source"], detail["source_label"]) == ("local", "r")
    assert detail["run_dir"] == ".agentv/results/runs/r" and "suite_filter" not in detail


def test_fact_27_a_run_tells_its_directory_and_its_eval_file(project, serve):
    project.run("r", [row("a")], {"metadata": {"eval_file": "evals/a.yaml", "planned_test_count": 3}})
    detail = serve(project).get("/api/runs/r").json
    assert detail["run_dir"] == ".agentv/results/runs/r"
    assert detail["suite_filter"] == "evals/a.yaml" and detail["planned_test_count"] == 3


def test_fact_29_a_file_is_read_through_an_encoded_id(project, serve):
    project.run("exp/2026-05-07T10-00-00-000Z", [row("a")], files={"s/a/outputs/response.md": "hi"})
    answer = serve(project).get(
        "/api/runs/exp%3A%3A2026-05-07T10-00-00-000Z/evals/a/files/s/a/outputs/response.md")
    assert answer.status == 200 and answer.json["content"] == "hi"


# Remote


def test_fact_30_a_repository_without_clone_is_configured_and_not_available(project, serve):
    studio = serve(project)
    assert studio.get("/api/remote/status").json == {
        "configured": False, "available": False, "repo": "", "cache_dir": "", "run_count": 0}
    project.write(".agentv/config.yaml", "results:\n  export:\n    repo: owner/name\n    path: runs\n")
    status = studio.get("/api/remote/status").json
    assert status["configured"] is True and status["available"] is False
    assert (status["repo"], status["path"]) == ("owner/name", "runs")


# Compare


@pytest.fixture
def compared(project, serve):
    def run(place, experiment, target, tags):
        project.run(place, [row("t1", 0.8, "ok", experiment=experiment, target=target),
                            row("t2", 0.6 if target == "claude" else 1, experiment=experiment,
                                target=target)], tags=tags)
    run("2026-05-01T10-00-00-000Z", "exp-a", "gpt-4o", ["baseline"])
    run("2026-05-02T10-00-00-000Z", "exp-a", "claude", ["baseline"])
    run("2026-05-03T10-00-00-000Z", "exp-b", "gpt-4o", ["v2-prompt"])
    run("2026-05-04T10-00-00-000Z", "exp-b", "claude", None)
    return serve(project)


@pytest.mark.parametrize(
    "query, runs, experiments, targets, cells",
    [
        ("", 4, 2, 2, 4), ("?tags=baseline", 2, 1, 2, 2), ("?tags=baseline,v2-prompt", 3, 2, 2, 3),
        ("?tags=nonexistent", 0, 0, 0, 0), ("?tags=%20,%20baseline%20,%20", 2, 1, 2, 2),
    ])
def test_facts_31_to_35_tags_choose_what_is_compared(
    compared, query, runs, experiments, targets, cells):
    answer = compared.get(f"/api/compare{query}")
    assert answer.status == 200
    found = answer.json
    assert [len(found[name]) for name in ("runs", "experiments", "targets", "cells")] == [
        runs, experiments, targets, cells]
    if query == "?tags=baseline":
        assert found["experiments"] == ["exp-a"]
        assert all(r["tags"] == ["baseline"] for r in found["runs"])


def test_compare_tells_the_gain_over_a_baseline(compared):
    cells = compared.get("/api/compare?baseline=gpt-4o").json["cells"]
    for cell in cells:
        if cell["target"] == "gpt-4o":
            assert "delta" not in cell
        else:
            assert cell["delta"] == -0.2 and cell["normalized_gain"] == -2


# Launch


def test_facts_36_and_37_a_resume_names_its_run_in_the_command(project, serve):
    studio = serve(project)
    first = studio.launch("quick", output=".agentv/results/runs/r1")
    studio.ended(first)
    for mode, flag in [("resume", "--resume"), ("rerun_failed", "--rerun-failed")]:
        answer = studio.post(
            "/api/eval/run", {"suite_filter": "evals/quick.eval.yaml", "output": "runs/r1", mode: True})
        assert answer.status == 202
        assert flag in answer.json["command"] and "--output runs/r1" in answer.json["command"]
        studio.ended(answer.json)


def test_fact_38_errors_are_retried_from_another_run(project, serve):
    studio = serve(project)
    project.run("default/r0", [row("one", 0, "execution_error", target="shell")])
    answer = studio.post("/api/eval/run", {
        "suite_filter": "evals/quick.eval.yaml", "retry_errors": "runs/default/r0/index.jsonl"})
    assert answer.status == 202
    assert "--retry-errors runs/default/r0/index.jsonl" in answer.json["command"]
    studio.ended(answer.json)


@pytest.mark.parametrize("other", [{"rerun_failed": True}, {"retry_errors": "runs/r0"}])
def test_facts_39_and_40_modes_exclude_each_other(project, serve, other):
    answer = serve(project).post(
        "/api/eval/run", {"suite_filter": "evals/quick.eval.yaml", "resume": True, **other})
    assert answer.status == 400 and "mutually exclusive" in answer.json["error"]


@pytest.mark.parametrize("path", ["/api/eval/run", "/api/benchmarks/nope/eval/run"])
def test_facts_41_and_42_read_only_refuses_a_launch_first(project, serve, path):
    assert serve(project, "--read-only").post(path, {}).status == 403


# Stop


def test_facts_43_to_46_what_cannot_be_stopped(project, serve):
    studio = serve(project)
    assert studio.post("/api/eval/run/nope/stop").json["error"] == "Run not found"
    assert studio.post("/api/eval/run/nope/stop").status == 404
    assert studio.post("/api/benchmarks/nope/eval/run/nope/stop").status == 404
    frozen = serve(project, "--read-only")
    assert frozen.post("/api/eval/run/nope/stop").status == 403
    assert frozen.post("/api/benchmarks/nope/eval/run/nope/stop").status == 403


# Preview


@pytest.mark.parametrize(
    "body, holds, lacks",
    [
        ({"resume": True, "output": "runs/r1"}, ["--resume", "--output runs/r1"], ["--rerun-failed"]),
        ({"rerun_failed": True, "output": "runs/r1"}, ["--rerun-failed"], ["--resume"]),
        ({"retry_errors": "runs/r0/index.jsonl"}, ["--retry-errors runs/r0/index.jsonl"], []),
        ({}, ["agentv eval"], ["--output"]),
    ])
def test_facts_47_to_49_a_preview_shows_the_mode(project, serve, body, holds, lacks):
    answer = serve(project).post("/api/eval/preview", body)
    command = answer.json["command"]
    assert answer.status == 200 and all(text in command for text in holds)
    assert not any(text in command for text in lacks)


# Registry


def test_facts_50_to_55_the_registry(project, serve, agentv):
    studio = serve(project)
    assert studio.get("/api/benchmarks").json == {"benchmarks": []}
    added = studio.post("/api/benchmarks", {"path": str(project.path)})
    assert added.status == 201 and added.json["id"] == "project"
    other = Project("other")
    bare = project.home / "bare"
    bare.mkdir()
    refused = studio.post("/api/benchmarks", {"path": str(bare)})
    assert refused.status == 400
    assert refused.json["error"] == (
        f"No .agentv/ directory found in {bare}. Run an evaluation first.")
    assert studio.post("/api/benchmarks", {"path": "/no/such"}).json["error"] == (
        "Directory not found: /no/such")
    assert studio.post("/api/benchmarks", {}).json["error"] == "Missing path"
    again = studio.post("/api/benchmarks", {"path": str(project.path)})
    assert again.status == 201 and again.json == added.json
    studio.post("/api/benchmarks", {"path": str(other.path)})
    assert [b["id"] for b in studio.get("/api/benchmarks").json["benchmarks"]] == [
        "project", "other"]
    text = (project.home / ".agentv/benchmarks.yaml").read_text()
    assert "added_at:" in text and "last_opened_at:" in text and "addedAt" not in text
    assert studio.send("DELETE", "/api/benchmarks/project").json == {"ok": True}
    assert studio.send("DELETE", "/api/benchmarks/project").status == 404
    shown = command(agentv, project, "studio", "--add", str(project.path))
    assert shown.returncode == 0 and "project" in shown.stdout
    assert command(agentv, project, "studio", "--remove", "nope").returncode == 1
    assert command(agentv, project, "studio", "--remove", "project").returncode == 0
    other.close()


# What upstream's tests do not cover


def test_check_a_a_live_run_is_stopped_and_stays_so(project, serve):
    studio = serve(project)
    job = studio.launch("slow")
    studio.running(job, "held")
    answer = studio.post(f"/api/eval/run/{job['id']}/stop")
    assert answer.json == {"stopped": True, "status": "running"}
    end = studio.ended(job)
    assert end["exit_code"] == 143 and end["status"] == "failed"
    again = studio.post(f"/api/eval/run/{job['id']}/stop")
    assert again.json == {"stopped": False, "reason": "already_terminal", "status": "failed"}


def test_checks_b_and_d_ours_every_job_is_listed_newest_first(project, serve):
    """Upstream forgets all but 20 ended jobs."""
    studio = serve(project)
    ids = []
    for _ in range(22):
        job = studio.post("/api/eval/run", {"suite_filter": "evals/quick.eval.yaml", "dry_run": True})
        ids.append(job.json["id"])
        assert studio.post(f"/api/eval/run/{ids[-1]}/stop", {"force": True}).status == 200
    listed = studio.get("/api/eval/runs").json["runs"]
    assert [job["id"] for job in listed] == ids[::-1]


def test_check_c_the_tails_are_bounded(project, serve):
    project.write("agent.sh", 'head -c 30000 /dev/zero | tr "\\0" x >&2; echo fine > "$2"\n')
    studio = serve(project)
    job = studio.launch("quick")
    studio.ended(job)
    status = studio.get(f"/api/eval/status/{job['id']}").json
    assert len(status["stdout"]) <= 10_000 and len(status["stderr"]) <= 5_000


def test_check_e_no_file_outside_of_the_run_is_read(project, serve):
    run = project.run("r", [row("a", grading_path="s/a/grading.json")], files={
        "s/a/grading.json": "{}", "s/a/b #?%.txt": "odd"})
    (run / "s/a/out").symlink_to("/etc")
    (run / "s/a/link.txt").symlink_to("/etc/hostname")
    (run / "s/a/inner.json").symlink_to("grading.json")
    studio = serve(project)
    files = "/api/runs/r/evals/a/files"
    assert studio.get(f"{files}//etc/passwd").status == 403
    assert studio.get(f"{files}/").status == 400
    for path in ["..%2f..%2fx", "s", "nope", "s/a/link.txt", "s/a/out/hostname", "%2e%2e%2fx"]:
        answer = studio.get(f"{files}/{path}")
        assert answer.status == 404 and answer.json["error"] == "File not found", path
    assert studio.get(f"{files}/s/a/b%20%23%3F%25.txt").json["content"] == "odd"
    assert studio.get(f"{files}/s/a/inner.json").json["content"] == "{}"
    [*names] = [f["name"] for f in studio.get(files).json["files"]]
    assert names == ["b #?%.txt", "grading.json", "inner.json", "link.txt", "out"]


@pytest.mark.parametrize(
    "body, error",
    [
        ([], "Invalid payload"), ({}, "Missing tags array"), ({"tags": [1]}, "Tags must be strings"),
        ({"tags": ["a\u0001"]}, "Tag must not contain control characters"),
        ({"tags": ["x" * 61]}, f"Tag \"{'x' * 20}…\" exceeds 60 characters"),
        ({"tags": [str(n) for n in range(21)]}, "Too many tags (max 20)"),
    ])
def test_check_f_tags_of_a_wrong_shape_are_refused(project, serve, body, error):
    project.run("r", [row("a")])
    answer = serve(project).send("PUT", "/api/runs/r/tags", body)
    assert answer.status == 400 and answer.json["error"] == error


def test_check_f_tags_are_kept_and_removed(project, serve):
    run = project.run("r", [row("a")])
    studio = serve(project)
    assert studio.send("PUT", "/api/runs/r/tags", raw=b"{").json["error"] == "Invalid JSON"
    answer = studio.send("PUT", "/api/runs/r/tags", {"tags": [" b ", "", "a", "b"]})
    assert answer.json["tags"] == ["b", "a"]
    assert studio.get("/api/runs").json["runs"][0]["tags"] == ["b", "a"]
    assert (run / "tags.json").read_text().endswith("}\n")
    assert studio.send("PUT", "/api/runs/r/tags", {"tags": []}).json["tags"] == []
    assert not (run / "tags.json").exists()
    assert studio.send("DELETE", "/api/runs/r/tags").json == {"ok": True}
    assert "tags" not in studio.get("/api/runs").json["runs"][0]
    assert studio.send("DELETE", "/api/runs/x/tags").status == 404


def test_check_g_an_unknown_category_has_no_suites(project, serve):
    project.run("r", [row("a", suite="s", category="c"), row("b", 0, suite="s")])
    studio = serve(project)
    assert studio.get("/api/runs/r/categories/nope/suites").json == {"suites": []}
    assert [c["name"] for c in studio.get("/api/runs/r/categories").json["categories"]] == [
        "c", "Uncategorized"]
    assert studio.get("/api/runs/r/suites").json["suites"] == [
        {"name": "s", "total": 2, "passed": 1, "failed": 1, "avg_score": 0.5}]


def test_check_i_a_path_with_blanks_is_quoted(project, serve):
    answer = serve(project).post("/api/eval/preview", {"suite_filter": "my evals/a.yaml"})
    assert '"my evals/a.yaml"' in answer.json["command"]


def test_check_j_a_preview_works_read_only(project, serve):
    assert serve(project, "--read-only").post("/api/eval/preview", {}).status == 200


def test_check_k_an_unknown_baseline_is_refused(project, serve):
    answer = serve(project).get("/api/compare?baseline=zzz")
    assert answer.status == 400
    assert answer.json["error"] == 'Baseline target "zzz" does not exist in the data'


def test_check_l_a_slash_in_a_run_id_is_encoded(project, serve):
    project.run("a/b/2026-05-07T10-00-00-000Z", [row("t")])
    studio = serve(project)
    assert studio.get("/api/runs").json["runs"][0]["filename"] == "a/b::2026-05-07T10-00-00-000Z"
    assert studio.get("/api/runs/a%2Fb::2026-05-07T10-00-00-000Z").status == 200
    assert studio.get("/api/runs/a/b::2026-05-07T10-00-00-000Z").status == 404


@pytest.mark.parametrize("path", ["/", "/api/runs", "/api/runs/r", "/api/config", "/api/compare"])
def test_check_m_head_answers_where_get_does(project, serve, path):
    project.run("r", [row("a")])
    answer = serve(project).send("HEAD", path)
    assert answer.status == 200 and answer.body == b""


def test_check_n_an_unknown_route_is_not_found_and_ours_a_known_one_tells_its_methods(
    project, serve):
    """Upstream answers 404 for both."""
    studio = serve(project)
    assert studio.post("/api/nonexistent", {}).status == 404
    answer = studio.send("DELETE", "/api/runs")
    assert answer.status == 405 and "GET" in answer.headers["allow"]


def test_attempts_count_once_and_stay_readable(project, serve):
    project.run("r", [row("a", 0, "execution_error", error="broke"), row("a", 1)])
    studio = serve(project)
    [run] = studio.get("/api/runs").json["runs"]
    assert (run["test_count"], run["attempts"], run["pass_rate"]) == (1, 1, 1)
    assert studio.get("/api/runs/r/evals/a").json["eval"]["attempts"] == 2
    attempts = studio.get("/api/runs/r/evals/a/attempts").json["attempts"]
    assert [(a["attempt"], a["counts"], a["executionStatus"]) for a in attempts] == [
        (1, False, "execution_error"), (2, True, "ok")]
    assert studio.get("/api/runs/r/evals/zz").json["error"] == "Eval not found"


def test_a_file_written_by_another_program_is_seen_by_the_next_request(project, serve):
    project.run("r1", [row("a")])
    studio = serve(project)
    assert len(studio.get("/api/runs").json["runs"]) == 1
    run = project.run("deep/er/r2", [row("a")])
    assert len(studio.get("/api/runs").json["runs"]) == 2
    with open(run / "index.jsonl", "a") as index:
        index.write(json.dumps(row("b")) + "\n")
    assert studio.get("/api/runs/deep%2Fer::r2").json["run"]["test_count"] == 2
    wait_until(
        lambda: sorted(r["test_count"] for r in studio.get("/api/runs").json["runs"]) == [1, 2],
        "the second row")
