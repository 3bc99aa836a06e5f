"""The token: who has it gets in, who guesses is slowed down, and it is never told to anybody."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from serving import PATIENCE_S, Studio, binary, wait_until

TOKEN = "correct-horse-battery-staple"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def guarded(make_studio):
    return make_studio(environment={"AGENTV_STUDIO_TOKEN": TOKEN})


def login(studio: Studio, token: str, source: str | None = None, **headers):
    return studio.send("POST", "/login", headers={**FORM, **headers}, raw=f"token={token}".encode(), source=source)


def bearer(studio: Studio, token: str, source: str | None = None, **headers):
    return studio.send(
        "GET", "/api/runs", headers={"Authorization": f"Bearer {token}", **headers}, source=source)


def cookie(answer) -> str:
    return answer.headers["set-cookie"].split(";")[0]


def test_a_session_is_not_the_token_and_ends_with_the_logout(guarded):
    session = cookie(login(guarded, TOKEN))
    assert TOKEN not in session and TOKEN.encode().hex() not in session
    other = cookie(login(guarded, TOKEN))
    assert session != other
    assert guarded.get("/api/runs", Cookie=session).status == 200
    out = guarded.send("POST", "/logout", headers={"Cookie": session, "Origin": guarded.url})
    assert out.status == 303 and "Max-Age=0" in out.headers["set-cookie"]
    assert guarded.get("/api/runs", Cookie=session).status == 401
    assert guarded.get("/api/runs", Cookie=other).status == 200
    assert b"Log out" in guarded.get("/login", Cookie=other).body
    assert b"Log out" not in guarded.get("/login", Cookie=session).body


def test_a_session_outlives_the_server_but_not_the_token(guarded, make_studio):
    session = cookie(login(guarded, TOKEN))
    again = make_studio(environment={"AGENTV_STUDIO_TOKEN": TOKEN})
    assert again.get("/api/runs", Cookie=session).status == 200
    changed = make_studio(environment={"AGENTV_STUDIO_TOKEN": TOKEN + "2"})
    assert changed.get("/api/runs", Cookie=session).status == 401


@pytest.mark.parametrize("change", [
    lambda s: s[:-1] + ("0" if s[-1] != "0" else "1"),
    lambda s: s.replace("=", "=f", 1),
    lambda s: s + "0",
    lambda s: s.split("=")[0] + "=",
    lambda s: s.split("=")[0] + "=..",
    lambda s: s.split("=")[0] + "=" + "a" * 4000,
    lambda s: s.split("=")[0] + "=" + TOKEN,
])  # fmt: skip
def test_a_changed_session_is_none(guarded, change):
    session = cookie(login(guarded, TOKEN))
    assert guarded.get("/api/runs", Cookie=change(session)).status == 401


def test_guessing_is_slowed_down_for_the_one_who_guesses(guarded):
    session = cookie(login(guarded, TOKEN))
    answers = [login(guarded, f"guess{n}", source="127.0.0.66") for n in range(15)]
    assert [answer.status for answer in answers[:10]] == [401] * 10
    assert answers[-1].status == 429
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    # By header as well, also with the right token: it is not even looked at.
    refused = bearer(guarded, "guess", source="127.0.0.66")
    assert refused.status == 429 and refused.code == "too-many-attempts"
    assert bearer(guarded, TOKEN, source="127.0.0.66").status == 429
    # Others are not concerned, nor is who is logged in already.
    assert bearer(guarded, TOKEN, source="127.0.0.67").status == 200
    assert guarded.send("GET", "/api/runs", headers={"Cookie": session}, source="127.0.0.66").status == 200
    metrics = guarded.send("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).body.decode()
    assert int(re.search(r"^agentv_login_refusals_total (\d+)", metrics, re.M).group(1)) >= 3


def test_many_addresses_that_guess_do_not_lock_out_a_known_one(guarded):
    assert bearer(guarded, TOKEN, source="127.0.1.1").status == 200
    for number in range(260):
        bearer(guarded, "guess", source=f"127.0.2.{number % 250 + 1}")
    fresh = bearer(guarded, TOKEN, source="127.0.3.1")
    assert fresh.status == 429
    assert bearer(guarded, TOKEN, source="127.0.1.1").status == 200


def test_behind_a_proxy_the_client_is_counted_and_not_the_proxy(guarded):
    for _ in range(12):
        last = bearer(guarded, "guess", **{"X-Forwarded-For": "10.1.1.1, 203.0.113.5"})
    assert last.status == 429
    assert bearer(guarded, TOKEN, **{"X-Forwarded-For": "203.0.113.6"}).status == 200


def test_no_answer_tells_the_token(guarded):
    job = guarded.launch("quick", Authorization=f"Bearer {TOKEN}")
    right = {"Authorization": f"Bearer {TOKEN}"}
    wait_until(
        lambda: guarded.send("GET", f"/api/eval/status/{job['id']}", headers=right).json["status"]
        in ("finished", "failed"), "the end of the run")
    paths = ["/", "/login", "/metrics", "/api/openapi.json", "/api/config", "/api/runs", "/api/eval/runs",
             f"/api/eval/run/{job['id']}/log", f"/api/eval/run/{job['id']}", "/healthz", "/api/nope"]  # fmt: skip
    for path in paths:
        for headers in (right, {"Cookie": cookie(login(guarded, TOKEN))}, {}):
            answer = guarded.send("GET", path, headers=headers)
            assert TOKEN.encode() not in answer.body + repr(answer.all_headers).encode(), path
    run = guarded.project.path / ".agentv"
    for file in run.rglob("*"):
        if file.is_file():
            assert TOKEN.encode() not in file.read_bytes(), file
    assert TOKEN.encode() not in guarded.said + guarded.complained


def test_children_and_other_users_see_no_token(make_studio, project, tmp_path):
    file = tmp_path / "token"
    file.write_text(f"  {TOKEN} \r\nsecond line\n")
    file.chmod(0o600)
    project.write(
        "agent.sh",
        'env > env.txt; for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline; echo; done > ps.txt 2>/dev/null\n'
        'echo fine > "$2"\n')
    for how in ({"environment": {"AGENTV_STUDIO_TOKEN": TOKEN}}, {"file": True}):
        arguments = ("--token-file", str(file)) if how.pop("file", False) else ()
        studio = make_studio(*arguments, **how)
        for name in ("env.txt", "ps.txt"):
            (project.path / name).unlink(missing_ok=True)
        studio.launch("quick", Authorization=f"Bearer {TOKEN}")
        wait_until(lambda: (project.path / "ps.txt").exists(), "the agent")
        wait_until(
            lambda: studio.send("GET", "/api/eval/runs", headers={"Authorization": f"Bearer {TOKEN}"})
            .json["runs"][0]["status"] in ("finished", "failed"), "the end")  # fmt: skip
        for name in ("env.txt", "ps.txt"):
            assert TOKEN not in (project.path / name).read_text(errors="replace")


def test_weak_ways_to_give_a_token_are_warned_of(make_studio, tmp_path, project):
    file = tmp_path / "token"
    file.write_text("short\n")
    file.chmod(0o644)
    studio = make_studio("--token-file", str(file))
    wait_until(lambda: b"has 5 characters" in studio.complained, "the warning about the length")
    assert b"other users of this machine may read the token" in studio.complained
    assert b"short\n" not in studio.complained
    shown = make_studio("--token", TOKEN)
    wait_until(lambda: b"--token-file" in shown.complained, "the warning about the command line")
    for arguments, words in [
        (["--token-file", tmp_path / "none"], "No such file"),
        (["--token-file", os.devnull], "is empty"),
        (["--token-file", file, "--token", "x"], "not both"),
        (["--host", "0.0.0.0"], "--token"),
    ]:
        ended = subprocess.run(
            [binary(), "studio", "--port", "0", *arguments], cwd=project.path, capture_output=True,
            text=True, timeout=PATIENCE_S, env={"PATH": os.environ["PATH"], "HOME": str(project.home)})
        assert ended.returncode != 0 and words in ended.stderr, (arguments, ended.stderr)


def test_other_sites_cannot_log_in_or_out(guarded):
    for path in ("/login", "/logout"):
        session = cookie(login(guarded, TOKEN))
        for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
            answer = guarded.send(
                "POST", path, headers={**FORM, "Cookie": session, **headers}, raw=f"token={TOKEN}".encode())
            assert answer.status == 403 and "set-cookie" not in answer.headers
        assert guarded.get("/api/runs", Cookie=session).status == 200
