"""A process that is started, measured and ended."""

import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence

from demo.shell import Failed

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
ENDING = 15  # seconds that a process may take to end
TAIL = 2000  # characters of a log that are shown


class Process:
    """Runs until it is closed; whatever it says goes into a file."""

    def __init__(
        self, command: Sequence[str | pathlib.Path], log: pathlib.Path, processors: Collection[int], environment: Mapping[str, str] | None = None
    ) -> None:
        self.started = time.monotonic()
        self._command = [str(word) for word in command]
        self._log = log
        with log.open("w") as output:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                preexec_fn=lambda: os.sched_setaffinity(0, processors),
            )

    def check(self) -> None:
        """Raises Failed with the end of its log if it has ended by itself."""
        status = self._process.poll()
        if status is not None:
            raise Failed(f"{' '.join(self._command)} ended with status {status}:\n{self._log.read_text()[-TAIL:]}")

    def cpu(self) -> float:
        """Seconds of user and system time, of all its threads, since it began."""
        self.check()
        fields = self._read("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def memory(self) -> "Memory":
        self.check()
        rollup = dict(re.findall(r"^(\w+):\s+(\d+) kB", self._read("smaps_rollup"), re.MULTILINE))
        resident, clean, dirty = (int(rollup[name]) / 1024 for name in ("Rss", "Private_Clean", "Private_Dirty"))
        return Memory(resident, clean + dirty, dirty)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(ENDING)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def kill(self) -> None:
        """At once: for a process whose end nobody waits for."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _read(self, name: str) -> str:
        return pathlib.Path(f"/proc/{self._process.pid}/{name}").read_text()


@dataclasses.dataclass(frozen=True)
class Memory:
    """In megabytes: what is resident, what of it no other process shares, and what of that is no unchanged page of a file.

    Of files a process maps now more pages and now fewer; where no other process runs the same program, they count as its own.
    """

    resident: float
    private: float
    written: float
