"""Many clients that do no good: memory stays bounded and others are served. bench/attack has the figures."""

from __future__ import annotations

import socket

from serving import Studio

MIB = 1024


def crowd(studio: Studio, count: int, send: bytes = b"", receive_buffer: int | None = None) -> list[socket.socket]:
    """Connections that send so much and read nothing."""
    sockets = []
    for number in range(count):
        sock = socket.socket()
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.bind((f"127.0.0.{number % 200 + 2}", 0))
        sock.settimeout(20)
        sockets.append(sock)
        try:
            sock.connect(("127.0.0.1", studio.port))
            sock.sendall(send)
        except OSError:  # cut off already
            continue
    return sockets


def assert_served(studio: Studio) -> None:
    for _ in range(20):
        assert studio.get("/api/eval/runs").status == 200


def with_crowd(studio: Studio, growth_mib: int, *arguments, **more) -> None:
    assert_served(studio)
    before = studio.resident_kib()
    sockets = crowd(studio, *arguments, **more)
    try:
        assert_served(studio)
        assert studio.resident_kib() - before < growth_mib * MIB
    finally:
        for sock in sockets:
            sock.close()
    assert_served(studio)


def test_idle_connections_take_nobodys_place(make_studio):
    # 512 descriptors are 384 connections; four times as many come.
    with_crowd(make_studio(wrapper=("prlimit", "--nofile=512:512")), 32, 1500)


def test_requests_that_are_never_complete_take_nobodys_place(make_studio):
    studio = make_studio(wrapper=("prlimit", "--nofile=512:512"))
    sockets = crowd(studio, 300, f"GET /healthz HTTP/1.1\r\nHost: {studio.host}\r\nX-Slow: ".encode())
    assert_served(studio)
    for sock in sockets:
        sock.close()


def test_bodies_that_are_never_complete_are_bounded_together(make_studio):
    studio = make_studio()
    head = f"POST /api/eval/preview HTTP/1.1\r\nHost: {studio.host}\r\nContent-Length: 4194304\r\n\r\n"
    # 160 MB of them; 64 MiB are kept.
    with_crowd(studio, 128, 40, head.encode() + b"x" * 4_000_000)


def test_subscribers_that_never_read_hold_nobody_up(make_studio, project):
    for number in range(500):
        project.run(f"default/2026-05-07T10-00-00-{number:04}Z")
    studio = make_studio()
    request = f"GET /api/events HTTP/1.1\r\nHost: {studio.host}\r\n\r\n".encode()
    before = studio.resident_kib()
    sockets = crowd(studio, 400, request, receive_buffer=2048)
    with studio.wire() as healthy:
        healthy.send(request)
        assert healthy.answer(head_only=True).status == 200
        assert healthy.event()[1] == "snapshot"
        job = studio.launch("quick")
        while True:
            _, name, data = healthy.event()
            if name == "status" and data["job"]["id"] == job["id"] and data["job"]["status"] == "finished":
                break
    assert studio.resident_kib() - before < 192 * MIB
    for sock in sockets:
        sock.close()
    assert_served(studio)


def test_answers_that_nobody_reads_are_bounded_together(make_studio, project):
    for number in range(400):
        project.run(f"default/2026-05-07T10-00-00-{number:04}Z")
    studio = make_studio()
    request = f"GET /api/runs HTTP/1.1\r\nHost: {studio.host}\r\n\r\n".encode()
    with_crowd(studio, 320, 300, request * 20, receive_buffer=2048)
