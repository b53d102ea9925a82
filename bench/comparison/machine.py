"""What the numbers were taken on, and which processors do what."""

import dataclasses
import os
import pathlib
import platform
import re
import resource


@dataclasses.dataclass(frozen=True)
class Processors:
    """Which run the proxies that are measured, and which everything else: load and origins never take time of a proxy's processor.

    On a machine with one processor both are that one.
    """

    proxies: frozenset[int]
    others: frozenset[int]

    @classmethod
    def split(cls, workers: int) -> "Processors":
        """As many for the proxies as one of them has workers, the rest for the others."""
        available = sorted(os.sched_getaffinity(0))
        if len(available) <= workers:
            return cls(frozenset(available), frozenset(available))
        return cls(frozenset(available[:workers]), frozenset(available[workers:]))


def raise_file_limit() -> int:
    """To what this user may have; returns it. Ten thousand connections take more than the usual 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def description() -> dict[str, str | int]:
    information = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", information, re.MULTILINE)
    total = re.search(r"^MemTotal:\s+(\d+) kB", pathlib.Path("/proc/meminfo").read_text(), re.MULTILINE)
    release = platform.freedesktop_os_release()
    return {
        "processor": model.group(1) if model else platform.machine(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_megabytes": int(total.group(1)) // 1024 if total else 0,
        "kernel": platform.release(),
        "system": release.get("PRETTY_NAME", "unknown"),
    }


def busy() -> float:
    """Processors that other work took on average over the last minute."""
    return os.getloadavg()[0]
