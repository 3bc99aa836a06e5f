"""Requests that break rules: each has its answer, and the server goes on as if nothing had been."""

from __future__ import annotations

import pytest

from serving import Studio

HOST = "Host: {host}\r\n"
GET = "GET /healthz HTTP/1.1\r\n" + HOST
POST = "POST /api/eval/preview HTTP/1.1\r\n" + HOST + "Content-Type: application/json\r\n"
CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n"
#: A request hidden in the body of another: it must never be answered.
HIDDEN = "GET /hidden HTTP/1.1\r\nHost: {host}\r\n\r\n"

# name: (bytes, status of the first answer; None: closed without one). After an answer of 400 and more
# the connection must be closed, so that nothing that follows is taken for a request.
VECTORS = {
    # Length and coding: two readers could see two bodies.
    "CL and TE": (POST + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN, 400),
    "TE and CL": (POST + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + HIDDEN, 400),
    "two lengths": (POST + "Content-Length: 0\r\nContent-Length: 40\r\n\r\n" + HIDDEN, 400),
    "two equal lengths": (POST + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{{}}" + HIDDEN, 400),
    "length list": (POST + "Content-Length: 2, 2\r\n\r\n{{}}" + HIDDEN, 400),
    "plus length": (POST + "Content-Length: +2\r\n\r\n{{}}" + HIDDEN, 400),
    "negative length": (POST + "Content-Length: -1\r\n\r\n" + HIDDEN, 400),
    "hexadecimal length": (POST + "Content-Length: 0x2\r\n\r\n{{}}" + HIDDEN, 400),
    "length with text": (POST + "Content-Length: 2 3\r\n\r\n{{}}" + HIDDEN, 400),
    "empty length": (POST + "Content-Length: \r\n\r\n" + HIDDEN, 400),
    "huge length": (POST + "Content-Length: 99999999999999999999\r\n\r\n" + HIDDEN, 413),
    "2^64 length": (POST + "Content-Length: 18446744073709551618\r\n\r\n{{}}" + HIDDEN, 413),
    "TE twice": (POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400),
    "TE list": (POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + HIDDEN, 400),
    "TE identity": (POST + "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{{}}" + HIDDEN, 400),
    "TE xchunked": (POST + "Transfer-Encoding: xchunked\r\n\r\n" + HIDDEN, 400),
    "TE with tab": (POST + "Transfer-Encoding:\tchunked\x0b\r\n\r\n0\r\n\r\n" + HIDDEN, 400),
    "TE space before colon": (POST + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN, 400),
    "TE folded": (POST + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + HIDDEN, 400),
    "TE quoted": (POST + 'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n' + HIDDEN, 400),
    "TE in HTTP/1.0": (CHUNKED.replace("HTTP/1.1", "HTTP/1.0") + "0\r\n\r\n" + HIDDEN, 400),
    "HEAD with a body": (GET.replace("GET", "HEAD") + "Content-Length: 40\r\n\r\n" + HIDDEN, 400),
    # Chunks.
    "chunk size signed": (CHUNKED + "-1\r\n" + HIDDEN, 413),
    "chunk size not hexadecimal": (CHUNKED + "zz\r\n{{}}\r\n0\r\n\r\n", 413),
    "chunk size huge": (CHUNKED + "ffffffffffffffff\r\n{{}}", 413),
    "chunk size over the limit": (CHUNKED + "500000\r\n{{}}", 413),
    "chunk extension": (CHUNKED + "2;a=b\r\n{{}}\r\n0\r\n\r\n", 413),
    "chunk extension endless": (CHUNKED + "2;" + "a" * 9_000_000, 413),
    # Lines.
    "no Host": ("GET /healthz HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (GET + "Host: evil.example\r\n\r\n", 400),
    "two equal Hosts": (GET + HOST + "\r\n", 400),
    "Host list": ("GET /healthz HTTP/1.1\r\nHost: {host}, evil.example\r\n\r\n", 403),
    "Host with user": ("GET /healthz HTTP/1.1\r\nHost: {host}@evil.example\r\n\r\n", 403),
    "empty Host": ("GET /healthz HTTP/1.1\r\nHost:\r\n\r\n", 403),
    "rebound Host": ("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
    "Host of another port": ("GET /healthz HTTP/1.1\r\nHost: localhost:1\r\n\r\n", 403),
    "space before the colon": (GET + "X-A : b\r\n\r\n", 400),
    "space in the name": (GET + "X A: b\r\n\r\n", 400),
    "no colon": (GET + "nonsense\r\n\r\n", 400),
    "no name": (GET + ": b\r\n\r\n", 400),
    "header begins folded": ("GET /healthz HTTP/1.1\r\n Host: {host}\r\n\r\n", 400),
    "control in the name": (GET + "X-\x01A: b\r\n\r\n", 400),
    # Targets.
    "absolute form of another": ("GET http://evil.example/healthz HTTP/1.1\r\n" + HOST + "\r\n", 400),
    "absolute form without host": ("GET http:///healthz HTTP/1.1\r\n" + HOST + "\r\n", 400),
    "absolute form of a file": ("GET file:///etc/passwd HTTP/1.1\r\n" + HOST + "\r\n", 400),
    "relative target": ("GET healthz HTTP/1.1\r\n" + HOST + "\r\n", 400),
    "NUL in the path": ("GET /healthz%00 HTTP/1.1\r\n" + HOST + "\r\n", 400),
    "bad escape": ("GET /%zz HTTP/1.1\r\n" + HOST + "\r\n", 400),
    "path not UTF-8": ("GET /%c0%af HTTP/1.1\r\n" + HOST + "\r\n", 400),
    "fragment": ("GET /healthz#x HTTP/1.1\r\n" + HOST + "\r\n", 400),
    "space in the target": ("GET /health z HTTP/1.1\r\n" + HOST + "\r\n", 400),
    "asterisk": ("GET * HTTP/1.1\r\n" + HOST + "\r\n", 400),
    # Sizes.
    "target too long": ("GET /" + "a" * 9000 + " HTTP/1.1\r\n" + HOST + "\r\n", 414),
    "header too large": (GET + "X-A: " + "a" * 40_000 + "\r\n\r\n", 431),
    "header lines too large": (GET + ("X-A: " + "a" * 1000 + "\r\n") * 40 + "\r\n", 431),
    "too many header fields": (GET + "X-A: b\r\n" * 120 + "\r\n", 431),
    "body too large": (POST + "Content-Length: 4194305\r\n\r\n", 413),
    "body too large, expected": (POST + "Content-Length: 4194305\r\nExpect: 100-continue\r\n\r\n", 413),
    # Versions and methods.
    "empty lines before": ("\r\n\r\n" + GET + "\r\n", 400),
    "no HTTP": ("hello\r\n\r\n", 400),
    "HTTP/2 preface": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "HTTP/0.9": ("GET /healthz\r\n\r\n", 400),
    "HTTP/9.9": (GET.replace("1.1", "9.9") + "\r\n", 400),
    "unknown method": (GET.replace("GET", "BREW") + "\r\n", 501),
    "lower-case method": (GET.replace("GET", "get") + "\r\n", 501),
    "CONNECT": ("CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + "\r\n", 501),
    "TRACE": (GET.replace("GET", "TRACE") + "\r\n", 501),
    "other expectation": (POST + "Content-Length: 2\r\nExpect: tea\r\n\r\n{{}}", 417),
    "TLS on a plain port": ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "\x00" * 600 + "\r\n\r\n", 400),
}  # fmt: skip

# These are served, and what follows them as well.
HARMLESS = {
    "HTTP/1.0": (GET.replace("1.1", "1.0") + "Connection: keep-alive\r\n\r\n", 200),
    "absolute form of ours": ("GET http://{host}/healthz HTTP/1.1\r\n" + HOST + "\r\n", 200),
    "HEAD": (GET.replace("GET", "HEAD") + "\r\n", 200),
    "OPTIONS": (GET.replace("GET", "OPTIONS") + "\r\n", 204),
    "OPTIONS *": ("OPTIONS * HTTP/1.1\r\n" + HOST + "\r\n", 204),
    "another method": (GET.replace("GET", "DELETE") + "\r\n", 405),
    "chunks": (CHUNKED + "1\r\n{{\r\n1\r\n}}\r\n0\r\n\r\n", 200),
    "upgrade that is not made": (GET + "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 200),
    "double slash": ("GET //evil.example/x HTTP/1.1\r\n" + HOST + "\r\n", 200),
    "dots": ("GET /assets/../../../../etc/passwd HTTP/1.1\r\n" + HOST + "\r\n", 404),
    "dots, encoded": ("GET /assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + HOST + "\r\n", 404),
    "dots, slash encoded": ("GET /assets/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\n" + HOST + "\r\n", 404),
    "backslashes": ("GET /assets/..\\..\\..\\etc\\passwd HTTP/1.1\r\n" + HOST + "\r\n", 404),
}  # fmt: skip

SECURITY_HEADERS = [
    "content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy",
    "cross-origin-opener-policy", "cross-origin-resource-policy",
]  # fmt: skip


def answer_to(studio: Studio, request: str):
    wire = studio.wire()
    wire.send(request.format(host=studio.host))
    return wire, wire.answer(head_only=request.startswith("HEAD"))


@pytest.mark.parametrize("name", VECTORS)
def test_broken_requests_have_their_answer_and_end_the_connection(studio, name):
    request, status = VECTORS[name]
    wire, answer = answer_to(studio, request)
    with wire:
        assert answer.status == status
        if not request.startswith("HEAD"):
            assert answer.code, answer.body
        assert not any(name.startswith("access-control-") for name in answer.headers)
        for header in SECURITY_HEADERS:
            assert header in answer.headers, header
        if status != 403:
            assert answer.headers["connection"] == "close"
            assert wire.rest() == b""
    assert studio.get("/healthz").status == 200


@pytest.mark.parametrize("name", HARMLESS)
def test_unusual_requests_leave_the_connection_usable(studio, name):
    request, status = HARMLESS[name]
    wire, answer = answer_to(studio, request)
    with wire:
        assert answer.status == status
        assert b"root:x:" not in answer.body
        for header in SECURITY_HEADERS:
            assert header in answer.headers, header
        wire.send(f"GET /readyz HTTP/1.1\r\nHost: {studio.host}\r\n\r\n")
        assert wire.answer().status == 200


@pytest.mark.parametrize("line", [GET, GET.replace("healthz", "hidden")])
def test_bare_line_feeds_do_not_split_requests(studio, line):
    """evhttp takes LF for a line end; a proxy that does not would see one odd field, not two requests."""
    with studio.wire() as wire:
        wire.send(line.format(host=studio.host).replace("\r\n", "\n") + "X: a\rGET /hidden HTTP/1.1\n\n")
        answer = wire.answer()
        assert answer.status in (200, 400)
        assert wire.pending == b"" or answer.status == 400


def test_a_NUL_in_a_value_cuts_nothing_that_counts(studio):
    with studio.wire() as wire:
        wire.send(f"GET /api/runs HTTP/1.1\r\nHost: {studio.host}\x00.evil.example\r\n\r\n".encode())
        assert wire.answer().status in (200, 400, 403)
    with studio.wire() as wire:
        wire.send(
            POST.format(host=studio.host).encode() + b"Content-Length: 2\x000\r\n\r\n{}"
            + HIDDEN.format(host=studio.host).encode())
        first = wire.answer()
        assert first.status in (200, 400)
        if first.status == 200:  # then 2 bytes were the body, and the rest is a request of its own
            assert wire.answer().status in (200, 404)


def test_trailers_are_no_headers(studio):
    """CVE-2026-63379: a trailer must not let anybody in, nor change what was checked."""
    with studio.wire() as wire:
        wire.send(
            CHUNKED.format(host=studio.host).replace("Content-Type: application/json\r\n", "")
            + "2\r\n{}\r\n0\r\nContent-Type: application/json\r\n\r\n")
        assert wire.answer().status in (400, 415)


def test_deep_pipelines_are_answered_in_order(studio):
    count = 2000
    with studio.wire() as wire:
        import threading

        requests = "".join(
            f"GET /api/runs/{number} HTTP/1.1\r\nHost: {studio.host}\r\n\r\n" for number in range(count))
        sender = threading.Thread(target=wire.send, args=(requests,), daemon=True)
        sender.start()
        assert [wire.answer().status for _ in range(count)] == [404] * count
        sender.join(60)


def test_a_request_behind_a_stream_is_never_answered(studio):
    with studio.wire() as wire:
        wire.send(
            f"GET /api/events HTTP/1.1\r\nHost: {studio.host}\r\n\r\n" + HIDDEN.format(host=studio.host))
        assert wire.answer(head_only=True).status == 200
        assert wire.event()[1] == "snapshot"
        wire.send(b"x" * 1_000_000)
        assert b"HTTP/1.1" not in wire.pending


def test_continue_is_said_only_for_bodies_that_fit(studio):
    with studio.wire() as wire:
        wire.send(POST.format(host=studio.host) + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert wire.until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        wire.send("{}")
        assert wire.answer().status in (200, 400)


def took(studio: Studio, wire_bytes: bytes):
    """The answer, after it was seen that the server served others meanwhile."""
    with studio.wire() as wire, studio.wire() as other:
        wire.send(wire_bytes)
        other.send(f"GET /healthz HTTP/1.1\r\nHost: {studio.host}\r\n\r\n")
        assert other.answer().status == 200
        return wire.answer()


@pytest.mark.parametrize("body", [
    b"{" + b",".join(b'"k%d":1' % number for number in range(100_000)) + b"}",
    b"[" * 4_000_000, b'{"a":' * 600_000, b"{" + b'"' + b"\\" * 3_900_000,
    b'{"suite_filter":[' + b'"a",' * 900_000 + b'"a"]}',
], ids=["names", "arrays", "objects", "escapes", "list"])  # fmt: skip
def test_json_that_is_hard_to_read_holds_nobody_up(studio, body):
    head = POST.format(host=studio.host) + f"Content-Length: {len(body)}\r\n\r\n"
    assert took(studio, head.encode() + body).status in (200, 400)


@pytest.mark.parametrize("path, body", [
    ("/login", b"token=" + b"%41" * 1_300_000), ("/login", b"&" * 4_000_000),
    ("/api/eval/stop", b'{"ids":[' + b'"a",' * 900_000 + b'"a"]}'),
])  # fmt: skip
def test_what_is_read_at_once_is_short(make_studio, path, body):
    studio = make_studio(environment={"AGENTV_STUDIO_TOKEN": "a-token-for-this-test"})
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {studio.host}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer a-token-for-this-test\r\nContent-Length: {len(body)}\r\n\r\n")
    answer = took(studio, head.encode() + body)
    assert answer.status == 413 and answer.code == "body-too-large"
