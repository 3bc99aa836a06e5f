"""HTTPS by the server itself: everything works over it, and mistakes have clear words."""

from __future__ import annotations

import os
import ssl
import subprocess

import pytest

from common import binary, wait_until
from serving import PATIENCE_S, Certificate, Wire

TOKEN = "correct-horse-battery-staple"


def test_pages_and_api_are_served_over_tls(make_studio, certificate):
    studio = make_studio(tls=certificate)
    assert studio.scheme == "https"
    page = studio.get("/")
    assert page.status == 200 and b"<html" in page.body
    assert "strict-transport-security" not in page.headers  # localhost has other ports
    large = studio.get("/api/openapi.json")
    assert large.status == 200 and large.json["openapi"].startswith("3.1")
    with studio.wire() as wire:  # keep-alive and pipelining
        one = f"GET /healthz HTTP/1.1\r\nHost: {studio.host}\r\n\r\n"
        wire.send(one * 200)
        assert [wire.answer().status for _ in range(200)] == [200] * 200


def test_more_pipelined_requests_than_fit_are_all_answered(make_studio, certificate):
    studio = make_studio(tls=certificate)
    count = 3000
    one = f"GET /healthz HTTP/1.1\r\nHost: {studio.host}\r\nX-Pad: {'x' * 200}\r\n\r\n"
    with studio.wire() as wire:
        import threading

        sender = threading.Thread(target=wire.send, args=(one * count,), daemon=True)
        sender.start()
        assert all(wire.answer().status == 200 for _ in range(count))
        sender.join(PATIENCE_S)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_from_1_2_on_is_spoken(make_studio, certificate, version):
    studio = make_studio(tls=certificate)
    studio.tls.minimum_version = studio.tls.maximum_version = version
    with studio.wire() as wire:
        assert wire.socket.version() == version.name.replace("_", ".")
        wire.send(f"GET /healthz HTTP/1.1\r\nHost: {studio.host}\r\n\r\n")
        assert wire.answer().status == 200


def test_older_versions_are_not_spoken(make_studio, certificate):
    studio = make_studio(tls=certificate)
    said = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{studio.port}", "-tls1_1",
         "-cipher", "DEFAULT@SECLEVEL=0"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S)  # fmt: skip
    assert said.returncode != 0 and "alert protocol version" in said.stderr


def test_a_run_is_launched_watched_and_stopped_over_tls(make_studio, certificate):
    studio = make_studio("--token-file", _token(certificate), tls=certificate)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    job = studio.launch("slow", **bearer)
    with studio.wire() as wire:
        wire.send(
            f"GET /api/eval/run/{job['id']}/events HTTP/1.1\r\nHost: {studio.host}\r\n"
            f"Authorization: Bearer {TOKEN}\r\n\r\n")
        assert wire.answer(head_only=True).status == 200
        assert wire.event()[1] == "snapshot"
        stop = studio.send("POST", f"/api/eval/run/{job['id']}/stop", {}, bearer)
        assert stop.status in (200, 202)
        while (event := wire.event())[1] != "end":
            pass
        assert wire.rest().endswith(b"0\r\n\r\n")  # the end is told, not cut off


def test_large_answers_and_events_come_whole(make_studio, project, certificate):
    for number in range(2000):
        project.run(f"default/2026-05-07T10-00-00-{number:04}Z")
    studio = make_studio(tls=certificate)
    whole = wait_until(
        lambda: (page := studio.get("/api/runs")).json.get("complete", True) and page, "the whole list")
    assert len(whole.json["runs"]) == 2000
    with studio.wire() as wire:
        wire.send(f"GET /api/events HTTP/1.1\r\nHost: {studio.host}\r\n\r\n")
        assert wire.answer(head_only=True).status == 200
        _, name, data = wire.event()
        assert name == "snapshot" and data["runs_total"] == 2000
        job = studio.launch("quick")
        names = set()
        while not (name == "status" and data["job"]["id"] == job["id"] and data["job"]["status"] == "finished"):
            _, name, data = wire.event()
            names.add(name)
        assert "row" in names


def test_the_cookie_of_a_login_is_secure(make_studio, certificate):
    studio = make_studio("--token-file", _token(certificate), tls=certificate)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": studio.url}
    login = studio.send("POST", "/login", headers=form, raw=f"token={TOKEN}".encode())
    cookie = login.headers["set-cookie"]
    assert login.status == 303 and "; Secure" in cookie and TOKEN not in cookie
    assert studio.get("/api/runs", Cookie=cookie.split(";")[0]).status == 200
    form["Origin"] = studio.url.replace("https:", "http:")
    assert studio.send("POST", "/login", headers=form, raw=b"token=x").code == "origin-not-allowed"


def test_browsers_are_told_to_keep_to_https_only_where_the_whole_name_is_ours(make_studio, certificate):
    studio = make_studio("--allow-host", "studio.example", tls=certificate)
    assert "max-age" in studio.get("/", Host="studio.example").headers["strict-transport-security"]
    for host in [studio.host, f"studio.example:{studio.port}"]:
        assert "strict-transport-security" not in studio.get("/", Host=host).headers


def test_plain_http_on_the_tls_port_is_told_so(make_studio, certificate):
    studio = make_studio(tls=certificate)
    with Wire(studio.port) as wire:
        wire.send(f"GET / HTTP/1.1\r\nHost: {studio.host}\r\nX-Pad: {'x' * 3000}\r\n\r\n")
        answer = wire.answer()
        assert answer.status == 400 and answer.code == "https-required"
        assert wire.rest() == b""
    assert studio.get("/healthz").status == 200


def test_garbage_instead_of_a_handshake_is_closed(make_studio, certificate):
    studio = make_studio(tls=certificate)
    for bytes in [b"\x00" * 100, b"\x16\x03\x01\xff\xff" + b"x" * 70000, b"SSH-2.0-x\r\n"]:
        with Wire(studio.port) as wire:
            wire.send(bytes)
            wire.rest()
    assert studio.get("/healthz").status == 200


def test_refusals_over_tls_are_read_whole(make_studio, certificate):
    studio = make_studio(tls=certificate)
    cases = {
        "GET / HTTP/1.1\r\n\r\n": 400,
        f"GET /{'a' * 10000} HTTP/1.1\r\nHost: {studio.host}\r\n\r\n": 414,
        f"GET / HTTP/1.1\r\nHost: {studio.host}\r\nX: {'a' * 40000}\r\n\r\n": 431,
        f"POST /api/config HTTP/1.1\r\nHost: {studio.host}\r\nContent-Length: 99999999\r\n\r\n": 413,
        f"BREW / HTTP/1.1\r\nHost: {studio.host}\r\n\r\n": 501,
    }
    for request, status in cases.items():
        with studio.wire() as wire:
            wire.send(f"GET /healthz HTTP/1.1\r\nHost: {studio.host}\r\n\r\n")
            assert wire.answer().status == 200
            wire.send(request)
            assert wire.answer().status == status, request[:60]
            assert wire.rest() == b""


def test_a_certificate_is_renewed_while_the_server_runs(make_studio, tmp_path):
    certificate = Certificate(tmp_path, "renewed")
    studio = make_studio(tls=certificate)
    old = ssl.get_server_certificate(("127.0.0.1", studio.port))
    with studio.wire() as before:
        certificate.make()
        wait_until(
            lambda: ssl.get_server_certificate(("127.0.0.1", studio.port)) != old, "the new certificate")
        before.send(f"GET /healthz HTTP/1.1\r\nHost: {studio.host}\r\n\r\n")
        assert before.answer().status == 200
    studio.tls = certificate.client()
    assert studio.get("/healthz").status == 200
    certificate.file.write_text("broken")
    wait_until(lambda: b"the old certificate stays in use" in studio.complained, "the warning")
    assert studio.get("/healthz").status == 200


def test_a_certificate_that_has_expired_is_warned_of(make_studio, tmp_path):
    studio = make_studio(tls=Certificate(tmp_path, "old", days=-1))
    wait_until(lambda: b"expired on" in studio.complained, "the warning")


def test_mistakes_with_the_files_are_told(tmp_path, project, certificate):
    other = Certificate(tmp_path, "other")
    locked = tmp_path / "locked.key"
    subprocess.run(
        ["openssl", "pkey", "-in", certificate.key, "-aes256", "-passout", "pass:x", "-out", locked],
        check=True, timeout=PATIENCE_S)
    cases = [
        ([certificate.file, other.key], "is not that of the certificate"),
        ([certificate.file, locked], "is encrypted"),
        ([certificate.file, certificate.file], "holds no private key"),
        ([certificate.key, certificate.key], "holds no certificate"),
        ([certificate.file, tmp_path / "none"], "No such file"),
        ([certificate.file, None], "give --tls-key"),
        ([None, certificate.key], "give --tls-cert"),
    ]
    for (cert, key), words in cases:
        arguments = (["--tls-cert", cert] if cert else []) + (["--tls-key", key] if key else [])
        ended = subprocess.run(
            [binary(), "studio", "--port", "0", *arguments], cwd=project.path, capture_output=True,
            text=True, timeout=PATIENCE_S, env={"PATH": os.environ["PATH"], "HOME": str(project.home)})
        assert ended.returncode == 1 and words in ended.stderr, (words, ended.stderr)
        assert "PRIVATE" not in ended.stderr


def test_plain_servers_do_not_load_openssl(make_studio, certificate):
    plain, encrypted = make_studio(), make_studio(tls=certificate)
    maps = lambda studio: open(f"/proc/{studio.process.pid}/maps").read()  # noqa: E731
    assert "libssl" not in maps(plain) and "libevent_openssl" in maps(encrypted)


def _token(certificate) -> str:
    path = certificate.file.with_suffix(".token")
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    return str(path)
