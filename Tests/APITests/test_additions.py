"""What our API has beyond upstream's: pages, stops of several kinds, entity tags, compression."""

import gzip
import json
import re
import subprocess

from common import ROOT, wait_until
from studio import Project, row


def test_pages_hold_every_run_once(project, serve):
    for day in range(1, 8):
        project.run(
            f"exp-{day % 2}/2026-05-0{day}T10-00-00-000Z",
            [row("a", target=f"t{day % 3}"), row("b", day / 10)], tags=["odd"] if day % 2 else None)
    studio = serve(project)
    whole = [r["filename"] for r in studio.get("/api/runs").json["runs"]]
    seen, cursor = [], ""
    while cursor is not None:
        page = studio.get(f"/api/runs?limit=3&cursor={cursor}").json
        assert page["total"] == 7
        seen += [r["filename"] for r in page["runs"]]
        cursor = page["next_cursor"]
    assert seen == whole and len(seen) == 7
    filtered = studio.get("/api/runs?tag=odd&target=t1,t0&sort=-avg_score").json
    assert [r["avg_score"] for r in filtered["runs"]] == sorted(
        (r["avg_score"] for r in filtered["runs"]), reverse=True)
    assert all(r["tags"] == ["odd"] for r in filtered["runs"]) and filtered["total"] == 3
    assert studio.get("/api/runs?q=2026-05-03").json["runs"][0]["experiment"] == "exp-1"
    assert len(studio.get("/api/runs?experiment=exp-0").json["runs"]) == 3
    for query, field in [("limit=0", "limit"), ("sort=x", "sort"), ("status=x", "status"),
                         ("cursor=x", "cursor"), ("source=x", "source")]:
        answer = studio.get(f"/api/runs?{query}")
        assert answer.status == 400 and answer.json["field"] == field


def test_the_names_that_runs_can_be_filtered_by_are_all_told(project, serve):
    project.run("exp-a/2026-05-01T10-00-00-000Z", [row("a", target="t1"), row("a", target="t2")],
                tags=["nightly"])
    project.run("2026-05-02T10-00-00-000Z", [row("a", target="t1")], tags=["nightly", "v2"])
    studio = serve(project)
    facets = studio.get("/api/facets").json
    names = {key: {each["name"]: each["run_count"] for each in facets[key]} for key in facets}
    assert names == {
        "targets": {"t1": 2, "t2": 1}, "experiments": {"default": 1, "exp-a": 1},
        "tags": {"nightly": 2, "v2": 1}, "sources": {"local": 2}}
    for key, field in [("targets", "target"), ("experiments", "experiment"), ("tags", "tag")]:
        for name, count in names[key].items():
            found = studio.get(f"/api/runs?{field}={name}").json["runs"]
            assert len(found) == count, f"{field} {name}: the filter finds what was counted"


def test_a_test_names_the_ones_beside_it(project, serve):
    project.run("r", [row("a"), row("b", 0.1), row("c"), row("b", 0.9)])
    studio = serve(project)
    middle = studio.get("/api/runs/r/evals/b").json
    assert (middle["position"], middle["total"]) == (2, 3), "an attempt is no further test"
    assert (middle["previous"]["test_id"], middle["next"]["test_id"]) == ("a", "c")
    assert middle["next"]["execution_status"] == "ok"
    assert studio.get("/api/runs/r/evals/a").json["previous"] is None
    assert studio.get("/api/runs/r/evals/c").json["next"] is None


def test_a_page_that_is_asked_for_again_is_what_is_on_the_disk(project, serve):
    studio = serve(project)
    for number in range(40):
        project.run(f"2026-05-{number // 24 + 1:02}T{number % 24:02}-00-00-000Z", [row("a")])
        for _ in range(2):
            answer = studio.get("/api/runs?limit=1")
            assert answer.json["total"] == number + 1
            assert len(answer.json["runs"]) == 1 and answer.headers["etag"]
        known = studio.get("/api/runs?limit=1", If_None_Match=answer.headers["etag"])
        assert known.status == 304


def test_results_of_a_run_have_pages_and_filters(project, serve):
    project.run("r", [row(f"t{n:03}", (n % 10) / 10, duration_ms=n) for n in range(120)])
    studio = serve(project)
    page = studio.get("/api/runs/r?view=compact&limit=50&sort=-durationMs").json
    assert [r["testId"] for r in page["results"][:2]] == ["t119", "t118"]
    assert page["total"] == 120 and page["next_cursor"]
    columns = studio.get("/api/runs/r?view=columns&limit=50&sort=-durationMs").json
    assert columns["results"] == [] and columns["next_cursor"] == page["next_cursor"]
    assert columns["columns"]["testId"] == [r["testId"] for r in page["results"]]
    assert columns["columns"]["durationMs"][:2] == [119, 118]
    failed = studio.get("/api/runs/r?status=quality_failure&limit=1000").json
    assert failed["total"] == 96 and failed["run"]["test_count"] == 120
    assert studio.get("/api/runs/r?view=x").json["field"] == "view"


def test_what_has_not_changed_is_not_sent_again(project, serve):
    project.run("r", [row("a")])
    studio = serve(project)
    for path in ["/api/runs", "/api/runs/r", "/api/compare", "/api/config", "/api/experiments",
                 "/api/openapi.json", "/"]:
        answer = studio.get(path)
        tag = answer.headers["etag"]
        again = studio.get(path, If_None_Match=tag)
        assert again.status == 304 and again.body == b"" and again.headers["etag"] == tag, path
    tag = studio.get("/api/runs/r").headers["etag"]
    studio.send("PUT", "/api/runs/r/tags", {"tags": ["x"]})
    assert studio.get("/api/runs/r", If_None_Match=tag).status == 200
    assert studio.get("/api/runs", If_None_Match='"other"').status == 200


def test_files_of_a_page_are_kept_for_as_long_as_they_are_the_same(project, serve):
    studio = serve(project)
    page = studio.get("/").body.decode()
    addresses = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)
    assert len(addresses) > 30 and all("/assets/~" in each for each in addresses)
    for address in addresses:
        answer = studio.get(address)
        assert answer.status == 200 and "immutable" in answer.headers["cache-control"]
    # Neither without the version nor with another one.
    for other in ["/assets/app.js", "/assets/~0/app.js"]:
        answer = studio.get(other)
        assert answer.headers["cache-control"] == "no-cache" and answer.status == 200
    assert studio.get("/assets/~0/../../index.html").status == 404


def test_a_page_names_the_modules_of_its_address(project, serve):
    """The server's hint at what an address needs says what router.js does."""
    studio = serve(project)
    router = (ROOT / "web/public/assets/router.js").read_text()
    routes = re.findall(r"\[/\^(.+)\$/, \"(av-[a-z-]+)\"", router)
    assert len(routes) > 15
    for pattern, element in routes:
        path = pattern.replace("([^/]+)", "x").replace("\\/", "/")
        page = studio.get(path).body.decode()
        preloaded = re.findall(r'rel="modulepreload" href="/assets/~\w+/([^"]+)"', page)
        assert "app.js" in preloaded and f"components/{element}.js" in preloaded, path
        # The start page shows one of two others.
        others = {f"components/{other}.js" for _, other in routes if other != element}
        assert element == "av-start-page" or not others & set(preloaded), path


def test_large_answers_are_compressed_for_who_accepts_it(project, serve):
    project.run("small", [row("a")])
    project.run("large", [row(f"t{n}", error="x" * 100) for n in range(20_000)])
    studio = serve(project)
    for path in ["/api/runs/large", "/api/runs/large?view=compact", "/api/compare",
                 "/api/openapi.json", "/"]:
        plain = studio.get(path)
        coded = studio.get(path, Accept_Encoding="gzip")
        assert "content-encoding" not in plain.headers, path
        assert coded.headers["content-encoding"] == "gzip", path
        assert "accept-encoding" in coded.headers["vary"].lower()
        assert gzip.decompress(coded.body) == plain.body, path
        assert len(coded.body) < len(plain.body)
    assert "content-encoding" not in studio.get("/healthz", Accept_Encoding="gzip").headers
    results = studio.get("/api/runs/large?view=compact").json["results"]
    assert [r["testId"] for r in results] == [f"t{n}" for n in range(20_000)]


def test_a_run_can_end_after_its_current_tests(project, serve):
    project.evaluation("many", {"first": "linger", "second": "say", "third": "say"})
    studio = serve(project)
    job = studio.launch("many")
    studio.running(job, "first")
    stop = studio.post(
        f"/api/eval/run/{job['id']}/stop", {"mode": "after_current", "reason": "lunch"})
    assert stop.json["stopped"] is True
    status = studio.get(f"/api/eval/status/{job['id']}").json
    assert status["stopping"] is True and status["stop_mode"] == "after_current"
    assert status["stop_deadline_at"] is None
    run = project.path / job["run_dir"]
    wait_until((run / ".stop-after-current.json").exists, "the request")
    project.write("go", "")
    end = studio.ended(job)
    assert (end["exit_code"], end["outcome"]) == (143, "stopped")
    rows = [json.loads(line)["test_id"] for line in (run / "index.jsonl").read_text().splitlines()]
    assert rows == ["first"]
    record = json.loads((run / "run.json").read_text())
    assert record["completion"] == "interrupted"
    assert (record["stop"]["mode"], record["stop"]["reason"]) == ("after_current", "lunch")
    assert studio.get(f"/api/runs/{job['run_id']}").json["run"]["stop"]["actor"] == "api"
    assert not (run / ".stop-after-current.json").exists()
    resumed = studio.post("/api/eval/run", {"output": job["run_dir"], "resume": True}).json
    assert studio.ended(resumed)["exit_code"] == 0
    rows = [json.loads(line)["test_id"] for line in (run / "index.jsonl").read_text().splitlines()]
    assert rows == ["first", "second", "third"]


def test_a_patient_stop_can_become_an_urgent_one(project, serve):
    studio = serve(project)
    job = studio.launch("slow")
    studio.running(job, "held")
    path = f"/api/eval/run/{job['id']}/stop"
    studio.post(path, {"mode": "after_current"})
    studio.post(path, {"mode": "now"})
    end = studio.ended(job)
    assert end["stop_mode"] == "now" and end["exit_code"] == 143
    assert studio.post(path, {"mode": "later"}).json["field"] == "mode"


def test_several_jobs_are_stopped_at_once(project, serve):
    studio = serve(project)
    jobs = [studio.launch("slow") for _ in range(3)]
    answer = studio.post("/api/eval/stop", {"ids": [jobs[0]["id"], "nope"], "reason": "enough"})
    assert [(j["stopped"], j.get("reason")) for j in answer.json["jobs"]] == [
        (True, None), (False, "not_found")]
    answer = studio.post("/api/eval/stop", {"all": True, "mode": "force"}).json["jobs"]
    assert {j["id"] for j in answer} >= {j["id"] for j in jobs[1:]}
    for job in jobs:
        assert studio.ended(job)["outcome"] == "stopped"
    assert studio.post("/api/eval/stop", {}).status == 400
    assert studio.post("/api/eval/stop", {"ids": "x"}).json["field"] == "ids"


def test_a_run_is_removed_unless_it_is_live(project, serve):
    studio = serve(project)
    job = studio.launch("slow")
    studio.running(job, "held")
    answer = studio.send("DELETE", f"/api/runs/{job['run_id']}")
    assert answer.status == 409 and answer.json["code"] == "run-is-live"
    studio.post(f"/api/eval/run/{job['id']}/stop")
    studio.ended(job)
    assert studio.send("DELETE", f"/api/runs/{job['run_id']}").json == {"ok": True}
    assert studio.get("/api/runs").json == {"runs": []}
    assert not (project.path / job["run_dir"]).exists()
    assert studio.send("DELETE", f"/api/runs/{job['run_id']}").status == 404


def test_a_log_is_read_by_ranges(project, serve):
    studio = serve(project)
    job = studio.launch("quick")
    studio.ended(job)
    path = f"/api/eval/run/{job['id']}/log"
    whole = studio.get(path)
    assert whole.status == 200 and len(whole.body) > 100
    part = studio.get(path, Range="bytes=10-19")
    assert part.status == 206 and part.body == whole.body[10:20]
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.body)}"
    assert studio.get(path, Range=f"bytes={len(whole.body)}-").status == 416


def test_the_numbers_for_prometheus(project, serve):
    text = serve(project).get("/metrics").text
    for line in text.splitlines():
        assert line.startswith("#") or len(line.rsplit(" ", 1)) == 2
    assert "agentv_http_requests_total 1" in text and 'agentv_jobs_ended_total{outcome="lost"} 0' in text


def test_scoped_routes_are_about_their_project(project, serve):
    other = Project("other")
    other.run("r", [row("a", experiment="there")], tags=["t"])
    project.register(("other", other.path))
    studio = serve(project)
    base = "/api/benchmarks/other"
    assert studio.get(f"{base}/config").json["benchmark_name"] == "other"
    for path, name in [("runs", "runs"), ("experiments", "experiments"), ("targets", "targets"),
                       ("runs/r/suites", "suites")]:
        assert len(studio.get(f"{base}/{path}").json[name]) == 1, path
        assert studio.get(f"/api/{path}").json.get(name, []) == []
    assert len(studio.get(f"{base}/compare?tags=t").json["cells"]) == 1
    studio.post(f"{base}/feedback", {"reviews": [{"test_id": "a", "comment": "c"}]})
    assert (other.path / ".agentv/results/feedback.json").exists()
    for path in ["runs", "compare", "feedback", "remote/status", "runs/r/evals/a/attempts"]:
        assert studio.get(f"/api/benchmarks/nope/{path}").status == 404
    other.close()


def git(*arguments):
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *map(str, arguments)],
        check=True, capture_output=True)


def test_a_results_repository_is_cloned_and_followed(project, serve):
    source = project.home / "source"
    run = source / "runs/2026-05-07T10-00-00-000Z"
    run.mkdir(parents=True)
    (run / "index.jsonl").write_text(json.dumps(row("far")) + "\n")
    git("init", "-q", "-b", "main", source)
    git("-C", source, "add", ".")
    git("-C", source, "commit", "-qm", "x")
    project.write(
        ".agentv/config.yaml", f"results:\n  export:\n    repo: file://{source}\n    path: runs\n")
    studio = serve(project)
    status = studio.post("/api/remote/sync").json
    assert status["available"] and status["run_count"] == 1 and status["last_synced_at"], status
    assert [r["filename"] for r in studio.get("/api/runs").json["runs"]] == [
        "remote::2026-05-07T10-00-00-000Z"]
    assert len(status["commit"]) == 40 and status["syncing"] is False, status
    assert (status["ahead"], status["behind"]) == (0, 0), status
    second = source / "runs/exp/2026-05-08T10-00-00-000Z"
    second.mkdir(parents=True)
    (second / "index.jsonl").write_text(json.dumps(row("near")) + "\n")
    git("-C", source, "add", ".")
    git("-C", source, "commit", "-qm", "y")
    # A run that is pushed from here fetches into the same clone, without showing it.
    git("-C", f"{status['cache_dir']}/repo", "fetch", "-q", "origin")
    assert studio.get("/api/remote/status").json["behind"] == 1
    assert studio.post("/api/remote/sync").json["run_count"] == 2
    assert [r["filename"] for r in studio.get("/api/runs").json["runs"]] == [
        "remote::exp::2026-05-08T10-00-00-000Z", "remote::2026-05-07T10-00-00-000Z"]
    project.write(".agentv/config.yaml", "results:\n  export:\n    repo: file:///no/such\n")
    failed = studio.post("/api/remote/sync")
    assert failed.status == 200 and failed.json["last_error"] and failed.json["run_count"] == 0
    frozen = serve(project, "--read-only")
    assert frozen.post("/api/remote/sync").status == 403, "a sync writes and reaches out"


def test_what_others_write_is_told_on_the_stream_of_every_project(project, serve, agentv):
    other = Project("other")
    try:
        studio = serve(project)
        events = studio.events("/api/events")
        assert next(events)[1]["benchmarks"] == []

        def told(name, condition):
            """The first such event; the test ends with its stream otherwise."""
            return next(data for each, data in events if each == name and condition(data))

        # The directory of the registry is new as well.
        for path in [project.path, other.path]:
            subprocess.run(
                [agentv, "studio", "--add", str(path)], env=project.environment(), check=True,
                capture_output=True)
        entries = told("registry", lambda data: len(data["benchmarks"]) == 2)["benchmarks"]
        assert [(e["id"], e["available"], e["is_home"]) for e in entries] == [
            ("project", True, True), ("other", True, False)]

        assert [e["live_count"] for e in studio.get("/api/benchmarks").json["benchmarks"]] == [0, 0]
        scoped = studio.events("/api/benchmarks/other/events")
        assert len(next(scoped)[1]["benchmarks"]) == 2
        run = other.run("r1", [row("a"), row("b", 0.2, "quality_failure")])
        counted = told("benchmark", lambda data: data["benchmark"].get("pass_rate") == 0.5)
        assert counted["benchmark"]["id"] == "other"
        assert (counted["benchmark"]["run_count"], counted["benchmark"]["live_count"]) == (1, 0)

        (run / "tags.json").write_text(json.dumps({"tags": ["kept"], "updated_at": "x"}))
        assert next(
            data for name, data in scoped if name == "run" and data["run"].get("tags") == ["kept"])
        other.write(".agentv/config.yaml", "studio:\n  threshold: 0.4\n")
        assert next(
            data for name, data in scoped if name == "config" and data["threshold"] == 0.4)

        registry = project.home / ".agentv/benchmarks.yaml"
        registry.write_text("benchmarks: []\n")
        assert told("registry", lambda data: data["benchmarks"] == [])
        registry.unlink()
        studio.post("/api/benchmarks", {"path": str(other.path)})
        assert told("registry", lambda data: [e["id"] for e in data["benchmarks"]] == ["other"])
    finally:
        other.close()


def test_a_kept_list_is_used_by_the_next_server(project, serve):
    for number in range(120):
        project.run(f"r{number:03}", [row("a")])
    studio = serve(project)
    whole = studio.get("/api/runs").json
    assert len(whole["runs"]) == 120
    kept = project.path / ".agentv/studio-index.jsonl"
    wait_until(kept.exists, "the file")
    studio.close()
    kept.write_text(kept.read_text().replace("r007", "r999", 1))
    second = serve(project)
    wait_until(lambda: second.get("/api/runs").json == whole, "the same list")


def test_the_description_names_every_documented_route(project, serve):
    document = serve(project).get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    page = (ROOT / "docs/reference/http-api.md").read_text()
    for path, item in document["paths"].items():
        if path.startswith("/api/benchmarks/{benchmarkId}/"):
            assert path.replace("/benchmarks/{benchmarkId}", "", 1) in document["paths"]
            continue
        for method in item:
            shown = path.replace("{path}", "*path")
            shown = re.sub(r"\{(\w+)\}", r":\1", shown)
            assert f"`{method.upper()} {shown}`" in page, f"{method} {path}"


def test_every_documented_field_is_described(project, serve):
    schemas = serve(project).get("/api/openapi.json").json["components"]["schemas"]
    page = (ROOT / "docs/reference/http-api.md").read_text()
    for name in ["Job", "Run"]:
        for field in schemas[name]["properties"]:
            assert f"`{field}`" in page, f"{name}.{field}"
