"""Makes an application's AOT cache: the process really runs, does what its scenario asks of it, and writes the cache when it ends."""

import os
import pathlib
import signal
import subprocess
import tempfile
from typing import Mapping

from builder import application

SCENARIOS = pathlib.Path(__file__).parent.parent / "training"
LONGEST = 240  # seconds
# The JVM that writes the cache takes the options of the one that was trained, and writes it into a class space of that size.
ROOM = ("-XX:MaxMetaspaceSize=1g", "-XX:CompressedClassSpaceSize=512m")


class TrainingFailed(Exception):
    """The scenario failed, or left no cache."""


def train(
    app: application.Application, folder: pathlib.Path, runtime: pathlib.Path, tools: Mapping[str, pathlib.Path]
) -> None:
    """Writes `<name>.aot` into the application's folder.

    The scenario is `images/training/<name>`, started in a network namespace of its own (its ports collide with nobody's) with the
    process's command line as arguments; `tools` are programs it may use, by environment variable.
    """
    cached_classes = folder / f"{app.name}.aot"
    command = [
        runtime / "bin" / "java", f"@{folder}/jvm.options", f"-XX:AOTCacheOutput={cached_classes}", "-Xlog:aot=error", *ROOM,
        *application.arguments(str(folder), application.names(folder)), app.main,
    ]  # fmt: skip
    isolation = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    with tempfile.TemporaryDirectory(prefix="heddle-training-") as scratch:
        environment = {
            **os.environ, "MALLOC_ARENA_MAX": "1", **app.environment, "SCRATCH": scratch,
            **{name: str(path) for name, path in tools.items()},
        }  # fmt: skip
        # A session of its own, so that whatever the scenario leaves behind ends with it.
        process = subprocess.Popen([*isolation, SCENARIOS / app.name, *command], env=environment, start_new_session=True)
        try:
            status = process.wait(LONGEST)
        except subprocess.TimeoutExpired as timeout:
            raise TrainingFailed(f"{app.name}: training took longer than {LONGEST} s") from timeout
        finally:
            _end(process)
    if status != 0:
        raise TrainingFailed(f"{app.name}: training ended with status {status}")
    if not cached_classes.exists():
        raise TrainingFailed(f"{app.name}: training left no {cached_classes}")


def _end(process: subprocess.Popen) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()
