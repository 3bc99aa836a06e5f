"""The reverse proxy as docs/operations/deployment.md describes it, with Debian's nginx as an ordinary process."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest

from common import ROOT, wait_until
from serving import PATIENCE_S, Answer, Wire

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
TOKEN = "correct-horse-battery-staple"
NAME = "studio.example"

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@pytest.fixture
def proxy(make_studio, certificate, tmp_path):
    """nginx with the documented server block; only names, ports and files are changed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    studio = make_studio("--allow-host", NAME, environment={"AGENTV_STUDIO_TOKEN": TOKEN})
    page = (ROOT / "docs/operations/deployment.md").read_text()
    block = re.search(r"```nginx\n(.*?)```", page, re.S).group(1)
    for documented, real in [
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("studio.example.org", NAME),
        ("/etc/ssl/studio/fullchain.pem", str(certificate.file)),
        ("/etc/ssl/studio/privkey.pem", str(certificate.key)),
        ("http://127.0.0.1:3117", f"http://127.0.0.1:{studio.port}"),
    ]:  # fmt: skip
        assert documented in block, documented
        block = block.replace(documented, real)
    folders = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"daemon off;\nmaster_process off;\npid {tmp_path}/pid;\nerror_log {tmp_path}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{folders}{block}}}\n")
    nginx = subprocess.Popen(
        [NGINX, "-p", tmp_path, "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def answers():
        assert nginx.poll() is None, nginx.stderr.read().decode()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    wait_until(answers, "nginx")
    yield Proxy(studio, port, certificate.client())
    nginx.send_signal(signal.SIGTERM)
    nginx.wait(PATIENCE_S)
    nginx.stderr.close()


class Proxy:
    def __init__(self, studio, port: int, tls: ssl.SSLContext):
        self.studio, self.port, self.tls = studio, port, tls
        self.host = f"{NAME}:{port}"
        self.origin = f"https://{self.host}"

    def wire(self) -> Wire:
        return Wire(self.port, tls=self.tls, name=NAME)

    def send(self, method: str, path: str, body: str = "", **headers) -> Answer:
        fields = {"Host": self.host, "Connection": "close", "Content-Length": str(len(body))}
        fields.update({name.replace("_", "-"): value for name, value in headers.items()})
        with self.wire() as wire:
            wire.send(
                f"{method} {path} HTTP/1.1\r\n"
                + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n" + body)
            return wire.answer()


def test_a_browser_logs_in_launches_watches_and_stops_through_the_proxy(proxy):
    form = {"Content_Type": "application/x-www-form-urlencoded", "Origin": proxy.origin}
    login = proxy.send("POST", "/login", f"token={TOKEN}", Sec_Fetch_Site="same-origin", **form)
    assert login.status == 303 and "; Secure" in login.headers["set-cookie"]
    cookie = login.headers["set-cookie"].split(";")[0]
    own = {"Cookie": cookie, "Origin": proxy.origin, "Content_Type": "application/json"}
    launched = proxy.send("POST", "/api/eval/run", '{"suite_filter":"evals/slow.eval.yaml"}', **own)
    assert launched.status == 202
    job = launched.json["id"]
    with proxy.wire() as wire:
        wire.send(
            f"GET /api/eval/run/{job}/events HTTP/1.1\r\nHost: {proxy.host}\r\nCookie: {cookie}\r\n\r\n")
        head = wire.answer(head_only=True)
        assert head.status == 200 and head.headers["content-type"].startswith("text/event-stream")
        # Unbuffered: the snapshot is here although the stream has not ended, and so is each event.
        assert wire.event()[1] == "snapshot"
        begun = time.monotonic()
        assert proxy.send("POST", f"/api/eval/run/{job}/stop", "{}", **own).status in (200, 202)
        while wire.event()[1] != "end":
            assert time.monotonic() - begun < PATIENCE_S
    assert proxy.send("POST", "/logout", **own).status == 303
    assert proxy.send("GET", "/api/runs", Cookie=cookie).status == 401


def test_the_rules_hold_through_the_proxy(proxy):
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert proxy.send("GET", "/api/runs", **bearer).status == 200
    assert proxy.send("GET", "/api/runs").status == 401
    assert proxy.send("GET", "/healthz", Host="evil.example").json["code"] == "host-not-allowed"
    json = {"Content_Type": "application/json"}
    evil = proxy.send("POST", "/api/eval/run", "{}", Origin="https://evil.example", **bearer, **json)
    assert evil.status == 403 and evil.json["code"] == "origin-not-allowed"
    form = proxy.send("POST", "/api/eval/run", "{}", Content_Type="text/plain", **bearer)
    assert form.status == 415
    page = proxy.send("GET", "/", **bearer)
    assert page.status == 200 and "content-security-policy" in page.headers


def test_wrong_tokens_are_counted_by_client_and_not_by_proxy(proxy):
    for _ in range(11):
        last = proxy.send("GET", "/api/runs", Authorization="Bearer guess", X_Forwarded_For="203.0.113.9")
    assert last.status == 429 and int(last.headers["retry-after"]) > 0
    # nginx replaces what the client says of itself, so another name does not help.
    again = proxy.send("GET", "/api/runs", Authorization="Bearer guess", X_Forwarded_For="203.0.113.10")
    assert again.status == 429


def test_smuggling_through_the_proxy_finds_no_second_request(proxy):
    for coding in ("Transfer-Encoding: chunked\r\nContent-Length: 4", "Content-Length: 0\r\nContent-Length: 40"):
        with proxy.wire() as wire:
            wire.send(
                f"POST /api/eval/preview HTTP/1.1\r\nHost: {proxy.host}\r\n{coding}\r\n\r\n0\r\n\r\n"
                f"GET /hidden HTTP/1.1\r\nHost: {proxy.host}\r\n\r\n")
            assert wire.answer().status in (400, 401, 413, 415)
            assert b"HTTP/1.1 200" not in wire.rest()
