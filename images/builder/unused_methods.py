"""Leaves out of a jar of generated messages the methods that nothing calls: UnusedMethods.java, which reads and writes class files."""

import pathlib
import subprocess
from collections.abc import Sequence

PROGRAM = pathlib.Path(__file__).with_name("UnusedMethods.java")
TIMEOUT = 300  # seconds


def leave_out(jar: pathlib.Path, others: Sequence[pathlib.Path], java: pathlib.Path) -> None:
    """Replaces the jar; `others` is the rest of the class path, `java` that of a JDK."""
    smaller = jar.with_suffix(".smaller")
    subprocess.run([java, PROGRAM, jar, smaller, *others], check=True, timeout=TIMEOUT)
    smaller.replace(jar)
