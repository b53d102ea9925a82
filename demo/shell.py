"""Running commands, and saying what is done meanwhile."""

import datetime
import pathlib
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Sequence

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMMAND_TIMEOUT = 180


class Failed(Exception):
    """What a person should read when it cannot go on."""


class step:
    """Says what is done, on a terminal how long it has taken so far, and when it is done how long it took."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._done = threading.Event()
        self._ticking = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> None:
        self._started = time.monotonic()
        say(self._title + " …", end="" if sys.stdout.isatty() else "\n")
        if sys.stdout.isatty():
            self._ticking.start()

    def __exit__(self, kind, *_) -> None:
        self._done.set()
        if sys.stdout.isatty():
            self._ticking.join()
        took = f"{self._seconds():.0f} s"
        say(f"{self._title} … {took if kind is None else 'FAILED after ' + took}", again=sys.stdout.isatty())

    def _tick(self) -> None:
        while not self._done.wait(1):
            say(f"{self._title} … {self._seconds():.0f} s", end="", again=True)

    def _seconds(self) -> float:
        return time.monotonic() - self._started


def say(text: str, end: str = "\n", again: bool = False) -> None:
    print(("\r" if again else "") + "==> " + text, end=end, flush=True)


def indent(text: str) -> str:
    return "\n".join("  " + line for line in text.splitlines())


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> str:
    """Aligned columns; those whose numbers are in `right` to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = []
    for row in [head, *rows]:
        cells = [cell.rjust(width) if column in right else cell.ljust(width) for column, (cell, width) in enumerate(zip(row, widths))]
        lines.append("   ".join(cells).rstrip())
    return "\n".join(lines)


def run(command, given: str | None = None, timeout: float = COMMAND_TIMEOUT, log: str | None = None, environment=None) -> str:
    """Runs a command and returns what it printed; keeps it in target/log/ where it is long."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, input=given, text=True, capture_output=True, timeout=timeout, env=environment)
    except FileNotFoundError as missing:
        raise Failed(f"{words[0]} is not installed") from missing
    except subprocess.TimeoutExpired as expired:
        raise Failed(f"{' '.join(words)}: no end after {timeout:.0f} s") from expired
    if log:
        folder = ROOT / "target" / "log"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"demo-{log}.log").write_text(f"{datetime.datetime.now()}\n{done.stdout}{done.stderr}")
    if done.returncode:
        raise Failed(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout
