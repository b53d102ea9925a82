"""Free TCP ports, and waiting for them to be served."""

import socket
import time

from demo.shell import Failed

from comparison.process import Process

_given: set[int] = set()


def free() -> int:
    """One that nobody listens on and that was not given before."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


def await_open(port: int, process: Process, longest: float = 30, pause: float = 0.02) -> None:
    deadline = time.monotonic() + longest
    while time.monotonic() < deadline:
        process.check()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(pause)
    raise Failed(f"nothing listened on port {port} within {longest:.0f} s")


def await_answer(port: int, process: Process, longest: float = 30, pause: float = 0.005) -> None:
    """Until an HTTP request through the port is answered with 200."""
    deadline = time.monotonic() + longest
    last = b"nothing"
    while time.monotonic() < deadline:
        process.check()
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")
                last = connection.recv(1024)
                if last.startswith(b"HTTP/1.1 200"):
                    return
        except OSError:
            pass
        time.sleep(pause)
    raise Failed(f"port {port} did not answer 200 within {longest:.0f} s; the last answer: {last[:300]!r}")
