"""The processes of a scenario: started in the background, awaited with bounds, ended as Kubernetes ends them."""

import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence

TIMEOUT = 30  # seconds that anything may take to come
RECORDING_TIMEOUT = 150  # seconds that a JVM may take to end, which is when it writes its cache
POLL = 0.1  # seconds
TAIL = 25  # lines
ENDED_BY_SIGTERM = (0, 143, -signal.SIGTERM)


class Failed(Exception):
    """Something did not go as a scenario needs it; the message says what."""


class Process:
    """A program in the background, its output in a file."""

    def __init__(self, name: str, command: Sequence[str], folder: pathlib.Path, environment: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._log = folder / f"{name}.log"
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment)

    def alive(self) -> None:
        """Raises Failed if the process has ended by itself."""
        status = self._process.poll()
        if status is not None:
            raise Failed(f"{self.name} ended with status {status}:\n{self.tail()}")

    def await_answer(self, url: str) -> None:
        """Returns once a URL answers 2xx."""

        def answered() -> bool:
            self.alive()
            try:
                fetch(url)
            except OSError:
                return False
            return True

        until(answered, f"{self.name} to answer at {url}", self.tail)

    def terminate(self) -> None:
        self._process.terminate()

    def wait(self) -> None:
        """Returns when the process has ended after `terminate`, a JVM that records with its cache written."""
        try:
            status = self._process.wait(RECORDING_TIMEOUT)
        except subprocess.TimeoutExpired as timeout:
            raise Failed(f"{self.name} did not end within {RECORDING_TIMEOUT} s:\n{self.tail()}") from timeout
        if status not in ENDED_BY_SIGTERM:
            raise Failed(f"{self.name} ended with status {status}:\n{self.tail()}")

    def tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-TAIL:])


def until(true: Callable[[], bool], what: str, details: Callable[[], str] = str) -> None:
    """Asks again and again, for a bounded time; `details` are added to the failure."""
    deadline = time.monotonic() + TIMEOUT
    while not true():
        if time.monotonic() > deadline:
            raise Failed(f"waited {TIMEOUT} s for {what}:\n{details()}")
        time.sleep(POLL)


def run(*command: str | os.PathLike, given: str | None = None) -> str:
    """The output of a program that must succeed."""
    try:
        return subprocess.run(command, input=given, check=True, text=True, capture_output=True, timeout=TIMEOUT).stdout
    except subprocess.CalledProcessError as failed:
        raise Failed(f"{' '.join(map(str, command))}: status {failed.returncode}:\n{failed.stdout}{failed.stderr}") from failed
    except subprocess.TimeoutExpired as timeout:
        raise Failed(f"{' '.join(map(str, command))}: not done within {TIMEOUT} s") from timeout


def fetch(url: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body of an answer, whichever; raises OSError if there is none, or 503 of a process that is not ready."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=TIMEOUT) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        if body is None and url.endswith("/readyz"):
            raise
        return answer.code, answer.read()
