"""Makes AOT caches: processes really run, do what a scenario asks of them, and write their caches when they end."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
from typing import Mapping

from builder import application

SCENARIOS = pathlib.Path(__file__).parent.parent / "training"
LONGEST = 400  # seconds
# The JVM that writes the cache takes the options of the one that was trained, and writes it into a class space of that size.
ROOM = ("-XX:MaxMetaspaceSize=1g", "-XX:CompressedClassSpaceSize=512m")


class TrainingFailed(Exception):
    """The scenario failed, or left no cache."""


def train(
    scenario: str,
    folders: Mapping[application.Application, pathlib.Path],
    stale: set[application.Application],
    runtime: pathlib.Path,
    tools: Mapping[str, pathlib.Path],
) -> None:
    """Writes `<name>.aot` into the folders of the stale applications, all of them in one run of a scenario, which needs every one of `folders`.

    The scenario is `images/training/<scenario>`, started in network and mount namespaces of its own: its ports and mounts collide with
    nobody's. `tools` are programs it may use, by environment variable.
    """
    commands = {
        "run": {app.name: application.command(app, folder, runtime) for app, folder in folders.items() if app not in stale},
        "record": {app.name: _recording(app, folder, runtime) for app, folder in folders.items() if app in stale},
    }
    for app in stale:
        # The same process beside the one that records.
        commands["run"][app.name] = application.command(app, folders[app], runtime)
    isolation = ["unshare", "--net", "--mount"]
    if os.geteuid() != 0:
        isolation += ["--user", "--map-root-user"]
    with tempfile.TemporaryDirectory(prefix="heddle-training-") as scratch:
        plan = pathlib.Path(scratch) / "commands.json"
        plan.write_text(json.dumps(commands))
        environment = {
            **os.environ, **application.ENVIRONMENT, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "PYTHONDONTWRITEBYTECODE": "1",
            "SCRATCH": scratch, **{name: str(path) for name, path in tools.items()},
        }  # fmt: skip
        # A session of its own, so that whatever the scenario leaves behind ends with it.
        process = subprocess.Popen([*isolation, SCENARIOS / scenario, plan], env=environment, start_new_session=True)
        try:
            status = process.wait(LONGEST)
        except subprocess.TimeoutExpired as timeout:
            raise TrainingFailed(f"{scenario}: training took longer than {LONGEST} s") from timeout
        finally:
            _end(process)
    if status != 0:
        raise TrainingFailed(f"{scenario}: training ended with status {status}")
    for app in stale:
        if not application.cached_classes(app, folders[app]).exists():
            raise TrainingFailed(f"{app.name}: training left no {application.cached_classes(app, folders[app])}")


def _recording(app: application.Application, folder: pathlib.Path, runtime: pathlib.Path) -> list[str]:
    java, *rest = application.command(app, folder, runtime)
    return [java, *rest[:-1], f"-XX:AOTCacheOutput={application.cached_classes(app, folder)}", "-Xlog:aot=error", *ROOM, rest[-1]]


def _end(process: subprocess.Popen) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()
