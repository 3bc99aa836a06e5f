"""What attackers do to a Studio, each in a process of its own and from addresses 127.0.1.x."""

from __future__ import annotations

import os
import resource
import socket
import ssl
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2] / "Tests"
sys.path[:0] = [str(TESTS / "SecurityTests"), str(TESTS)]

from test_requests import VECTORS  # noqa: E402


def raise_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def client_hello() -> bytes:
    """The first flight of a TLS client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Attack:
    """Goes on until it is told to stop; counts what it did."""

    def __init__(self, port: int, host: str, connections: int, done):
        self.port, self.host, self.connections, self.done = port, host, connections, done
        self.sockets: list[socket.socket | None] = []

    def connect(self, number: int, receive_buffer: int | None = None) -> socket.socket | None:
        sock = socket.socket()
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(5)
        try:
            sock.bind((f"127.0.1.{number % 250 + 1}", 0))
            sock.connect(("127.0.0.1", self.port))
        except OSError:
            sock.close()
            return None
        self.done.value += 1
        return sock

    def send(self, sock: socket.socket | None, data: bytes) -> bool:
        try:
            sock.sendall(data)
            return True
        except (OSError, AttributeError):
            return False

    def request(self, line: str, *fields: str) -> bytes:
        more = "".join(f"{field}\r\n" for field in fields)
        return f"{line} HTTP/1.1\r\nHost: {self.host}\r\n{more}\r\n".encode()

    def begun(self, number: int, data: bytes, receive_buffer: int | None = None):
        sock = self.connect(number, receive_buffer)
        self.send(sock, data)
        return sock

    # Connections that are opened and kept.

    def hold(self, data: bytes, ready, stop, receive_buffer: int | None = None):
        self.sockets = [self.begun(number, data, receive_buffer) for number in range(self.connections)]
        ready.set()
        stop.wait()

    def idle(self, ready, stop):
        self.hold(b"", ready, stop)

    def deaf_subscribers(self, ready, stop):
        self.hold(self.request("GET /api/events"), ready, stop, receive_buffer=2048)

    def unread_answers(self, ready, stop):
        self.hold(self.request("GET /api/openapi.json") * 5, ready, stop, receive_buffer=2048)

    def half_handshakes(self, ready, stop):
        """The server has signed its answer and waits for the client's."""
        self.hold(client_hello(), ready, stop)

    def begun_handshakes(self, ready, stop):
        self.hold(client_hello()[:50], ready, stop)

    # Connections that are kept with a byte now and then; those that are closed come back.

    def trickle(self, data: bytes, byte: bytes, ready, stop):
        self.sockets = [self.begun(number, data) for number in range(self.connections)]
        ready.set()
        while not stop.is_set():
            for number, sock in enumerate(self.sockets):
                if not self.send(sock, byte):
                    if sock:
                        sock.close()
                    self.sockets[number] = self.begun(number, data)
                if stop.is_set():
                    return
            stop.wait(0.5)

    def slow_headers(self, ready, stop):
        self.trickle(self.request("GET /", "X-A: ")[:-4], b"a", ready, stop)

    def slow_bodies(self, ready, stop):
        head = self.request("POST /api/eval/preview", "Content-Length: 4000000")
        self.trickle(head + b"x" * 100_000, b"x", ready, stop)

    # As many requests as one process can send.

    def flood(self, requests: list[bytes], ready, stop):
        """A hundred of them are open at a time; the oldest one is closed, answered or not."""
        ready.set()
        self.sockets = [None] * 100
        number = 0
        while not stop.is_set():
            old = self.sockets[number % 100]
            if old:
                old.close()
            self.sockets[number % 100] = self.begun(number, requests[number % len(requests)])
            number += 1

    def malformed(self, ready, stop):
        garbage = [os.urandom(200) + b"\r\n\r\n" for _ in range(50)]
        self.flood(
            [*garbage, b"\x16\x03\x01" + os.urandom(200), b"\r\n" * 100, b"GET\r\n\r\n"], ready, stop)

    def smuggling(self, ready, stop):
        vectors = [text.format(host=self.host).encode("latin-1") for text, _ in VECTORS.values()]
        self.flood([each for each in vectors if len(each) < 20_000], ready, stop)

    def oversize(self, ready, stop):
        post = "POST /api/eval/preview"
        self.flood([
            self.request("GET /" + "a" * 30_000),
            self.request("GET /", "X-A: " + "a" * 60_000),
            self.request("GET /", *["X-A: b"] * 2000),
            self.request("GET /", "Cookie: " + "a=b; " * 8000),
            self.request(post, "Content-Length: 4194305"),
            self.request(post, "Content-Length: 4000000") + b"x" * 4_000_000,
            self.request(post, "Transfer-Encoding: chunked") + b"1\r\nx\r\n" * 300_000,
            self.request(post, "Transfer-Encoding: chunked") + b"2;" + b"a" * 9_000_000,
        ], ready, stop)  # fmt: skip

    def guesses(self, ready, stop):
        self.flood([self.request("GET /api/runs", f"Authorization: Bearer g{number}")
                    for number in range(1000)], ready, stop)  # fmt: skip

    def handshake_flood(self, ready, stop):
        self.flood([client_hello()], ready, stop)

    def pipelining(self, ready, stop):
        """Ten connections send requests without a pause; what is answered is read when it is there."""
        block = self.request("GET /api/runs/nowhere") * 100
        self.sockets = [self.connect(number) for number in range(10)]
        for sock in self.sockets:
            sock.setblocking(False)
        ready.set()
        places = [0] * len(self.sockets)
        while not stop.is_set():
            for number, sock in enumerate(self.sockets):
                try:
                    places[number] += sock.send(block[places[number]:])
                    if places[number] == len(block):
                        places[number] = 0
                        self.done.value += 100
                except BlockingIOError:
                    pass
                try:
                    while sock.recv(1 << 20):
                        pass
                except BlockingIOError:
                    pass


class Kind:
    """An attack as the table names it."""

    def __init__(self, words: str, share: float | None, tls: bool = False, guarded: bool = False):
        self.words = words
        #: Part of --connections that it opens; None: as many requests as it can send.
        self.share = share
        self.tls = tls
        self.guarded = guarded


KINDS = {
    "none": Kind("none", 0),
    "none_tls": Kind("none, over TLS", 0, tls=True),
    "idle": Kind("idle connections", 1),
    "slow_headers": Kind("headers that trickle in", 1),
    "slow_bodies": Kind("bodies of 100 kB that trickle on", 0.2),
    "deaf_subscribers": Kind("subscribers that never read", 1),
    "unread_answers": Kind("answers that nobody reads", 1),
    "malformed": Kind("malformed requests", None),
    "smuggling": Kind("smuggling vectors", None),
    "oversize": Kind("everything too large", None),
    "pipelining": Kind("pipelined requests without end", None),
    "guesses": Kind("wrong tokens", None, guarded=True),
    "begun_handshakes": Kind("TLS handshakes that have begun", 1, tls=True),
    "half_handshakes": Kind("TLS handshakes that stop half way", 1, tls=True),
    "handshake_flood": Kind("TLS handshakes that are broken off", None, tls=True),
}


def run(name, port, host, connections, done, ready, stop):
    """What the process of an attacker does."""
    raise_limit()
    try:
        getattr(Attack(port, host, connections, done), name)(ready, stop)
    except KeyboardInterrupt:
        pass
