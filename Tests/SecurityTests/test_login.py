"""The token: who has it gets in, who guesses is slowed down, and it is never told to anybody."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from common import binary, wait_until
from serving import PATIENCE_S, Project, Studio

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


def restarted(studio: Studio, make_studio, *arguments, token: str = TOKEN, crashed: bool = False) -> Studio:
    """The next server of the project, on the same port, as the cookie's name has it."""
    if crashed:
        studio.process.kill()
        studio.process.wait()
    else:
        studio.close()
    return make_studio(
        *arguments, port=studio.port, environment={"AGENTV_STUDIO_TOKEN": token})


def test_a_session_outlives_the_server_but_not_the_token(guarded, make_studio):
    session = cookie(login(guarded, TOKEN))
    again = restarted(guarded, make_studio)
    assert again.get("/api/runs", Cookie=session).status == 200
    changed = restarted(again, make_studio, token=TOKEN + "2")
    assert changed.get("/api/runs", Cookie=session).status == 401


def test_a_logout_holds_for_every_server_to_come(guarded, make_studio):
    session, other = cookie(login(guarded, TOKEN)), cookie(login(guarded, TOKEN))
    assert guarded.send("POST", "/logout", headers={"Cookie": session}).status == 303
    # Killed the moment the answer is there.
    again = restarted(guarded, make_studio, crashed=True)
    assert again.get("/api/runs", Cookie=session).status == 401
    assert again.get("/api/runs", Cookie=other).status == 200


def test_without_its_journal_a_server_knows_no_sessions_at_all(guarded, make_studio, project):
    """A logout that was lost with the journal must not bring the session back."""
    session, other = cookie(login(guarded, TOKEN)), cookie(login(guarded, TOKEN))
    guarded.send("POST", "/logout", headers={"Cookie": session})
    guarded.close()
    for file in project.path.glob(".agentv/studio.db*"):
        file.unlink()
    again = restarted(guarded, make_studio)
    for each in (session, other):
        assert again.get("/api/runs", Cookie=each).status == 401
    new = cookie(login(again, TOKEN))
    read_only = restarted(again, make_studio, "--read-only")
    assert read_only.get("/api/runs", Cookie=new).status == 401
    # Of a server that keeps nothing, sessions end with it.
    last = cookie(login(read_only, TOKEN))
    assert read_only.get("/api/runs", Cookie=last).status == 200
    read_only.send("POST", "/logout", headers={"Cookie": last})
    assert read_only.get("/api/runs", Cookie=last).status == 401
    assert restarted(read_only, make_studio, "--read-only").get("/api/runs", Cookie=last).status == 401


def test_a_logout_ends_the_streams_of_its_session_and_no_others(guarded):
    session, other = cookie(login(guarded, TOKEN)), cookie(login(guarded, TOKEN))
    streams = []
    for credential in (f"Cookie: {session}", f"Cookie: {other}", f"Authorization: Bearer {TOKEN}"):
        wire = guarded.wire()
        wire.send(f"GET /api/events HTTP/1.1\r\nHost: {guarded.host}\r\n{credential}\r\n\r\n")
        assert wire.answer(head_only=True).status == 200 and wire.event()[1] == "snapshot"
        streams.append(wire)
    guarded.send("POST", "/logout", headers={"Cookie": session})
    streams[0].rest()  # ends
    job = guarded.launch("quick", Authorization=f"Bearer {TOKEN}")
    for wire in streams[1:]:
        while (event := wire.event())[1] != "status":
            pass
        assert event[2]["job"]["id"] == job["id"]
        wire.socket.close()


def test_several_servers_of_one_host_leave_each_others_sessions_alone(guarded, make_studio, tmp_path):
    second = make_studio(of=Project(tmp_path / "second"), environment={"AGENTV_STUDIO_TOKEN": TOKEN})
    # As a browser sends them: all cookies of the host, whatever the port.
    both = "; ".join([cookie(login(guarded, TOKEN)), cookie(login(second, TOKEN))])
    for studio in (guarded, second):
        assert studio.get("/api/runs", Cookie=both).status == 200
    second.send("POST", "/logout", headers={"Cookie": both})
    assert guarded.get("/api/runs", Cookie=both).status == 200
    assert second.get("/api/runs", Cookie=both).status == 401


def test_the_login_leads_back_to_where_one_was(guarded):
    html = {"Accept": "text/html"}
    asked = guarded.send("GET", "/jobs?q=a%20b&x=%3Cy", headers=html)
    assert asked.status == 303
    assert asked.headers["location"] == "/login?next=/jobs%3Fq%3Da%2520b%26x%3D%253Cy"
    form = guarded.send("GET", asked.headers["location"], headers=html).body.decode()
    assert 'name="next" value="/jobs?q=a%20b&amp;x=%3Cy"' in form
    there = guarded.send(
        "POST", "/login", headers=FORM, raw=f"next=%2Fjobs%3Fq%3Da&token={TOKEN}".encode())
    assert there.status == 303 and there.headers["location"] == "/jobs?q=a"
    wrong = guarded.send("POST", "/login", headers=FORM, raw=b"next=%2Fjobs&token=no")
    assert wrong.status == 401 and b'value="/jobs"' in wrong.body


@pytest.mark.parametrize("next", [
    "//evil.example", "%2F%2Fevil.example", "/%5Cevil.example", "https:%2F%2Fevil.example",
    "/%09/evil.example", "/%0d%0aSet-Cookie:%20a=b", "javascript:alert(1)", "%22%3E%3Cscript%3E",
])  # fmt: skip
def test_the_login_leads_nowhere_else(guarded, next):
    page = guarded.send("GET", f"/login?next={next}")
    assert b'name="next" value="/"' in page.body and b"evil" not in page.body
    answer = guarded.send("POST", "/login", headers=FORM, raw=f"next={next}&token={TOKEN}".encode())
    assert answer.status == 303 and answer.headers["location"] == "/"
    assert len([name for name, _ in answer.all_headers if name == "set-cookie"]) == 1


def test_only_the_login_pages_own_files_are_there_without_a_token(guarded):
    page = guarded.get("/login").body.decode()
    files = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)
    assert len(files) >= 5
    for file in files:
        assert guarded.get(file).status == 200, file
    for file in ["/assets/app.js", "/assets/net/api.js", "/assets/styles/", "/assets/styles/../app.js",
                 "/assets/styles/%2e%2e/app.js", "/assets/styles/tables.css", "/assets/theme.js/", "/assets/"]:  # fmt: skip
        assert guarded.get(file).status == 401, file


def test_heaps_of_cookies_are_no_way_in(guarded):
    session = cookie(login(guarded, TOKEN))
    name = session.split("=")[0]
    many = "; ".join(f"{name}=x{n}" for n in range(1000))
    assert guarded.get("/api/runs", Cookie=many).status == 401
    assert guarded.get("/api/runs", Cookie=f"{many}; {session}").status == 200
    assert guarded.get("/api/runs", Cookie=f"{name}={'a' * 40000}").status == 431
    # Those that could be sessions cost a look each, so only a few are looked at.
    forged = [session[:-1] + ("0" if session[-1] != "0" else "1")] * 4
    assert guarded.get("/api/runs", Cookie="; ".join([*forged[:3], session])).status == 200
    assert guarded.get("/api/runs", Cookie="; ".join([*forged, session])).status == 401


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
