"""Layers made of Debian packages, unpacked but not configured: what they run at installation is not run, and what an image does not need is left out."""

import fnmatch
import pathlib
import platform
import subprocess
import tarfile
import tempfile
from typing import Mapping, Sequence

from builder import archive, cache

SUITE = "bookworm"

# Never wanted: package management, documentation (but the licenses), translations, what only a service manager reads.
LEFT_OUT = (
    "dev/*",
    "etc/apt/*",
    "etc/dpkg/*",
    "etc/debconf.conf",
    "etc/fstab",
    "etc/hostname",
    "etc/resolv.conf",
    "etc/init.d/*",
    "etc/cron*",
    "etc/logrotate.d/*",
    "lib/systemd/*",
    "usr/lib/*/gconv/*",
    "usr/lib/systemd/*",
    "usr/lib/tmpfiles.d/*",
    "usr/share/debconf/*",
    "usr/share/doc-base/*",
    "usr/share/info/*",
    "usr/share/lintian/*",
    "usr/share/locale/*",
    "usr/share/man/*",
    "usr/share/zoneinfo/*",
    "usr/sbin/dpkg-*",
    "var/cache/*",
    "var/lib/apt/*",
    "var/lib/dpkg/*",
    "var/log/*",
)
LICENSE = "usr/share/doc/*/copyright"


def layer(
    packages: Sequence[str],
    left_out: Sequence[str] = (),
    users: Mapping[str, int] | None = None,
    capabilities: Mapping[str, bytes] | None = None,
) -> pathlib.Path:
    """The cached layer of the packages and all they depend on; `capabilities` by file, `users` besides root by name."""
    users, capabilities = users or {}, capabilities or {}
    here = pathlib.Path(__file__).parent
    inputs = (
        SUITE, platform.machine(), *packages, *left_out, sorted(users.items()), sorted(capabilities.items()),
        here / "debian.py", here / "archive.py",
    )  # fmt: skip

    def make(path: pathlib.Path) -> None:
        with tempfile.TemporaryDirectory(prefix="heddle-debian-") as scratch:
            unpacked = pathlib.Path(scratch) / "root.tar"
            subprocess.run(
                ["mmdebstrap", "--variant=extract", f"--include={','.join(packages)}", "--quiet", SUITE, str(unpacked)],
                check=True,
            )
            _trim(unpacked, path, (*LEFT_OUT, *left_out), users, capabilities)

    return cache.cached("debian", inputs, make)


def _trim(
    unpacked: pathlib.Path, path: pathlib.Path, left_out: Sequence[str], users: Mapping[str, int], capabilities: Mapping[str, bytes]
) -> None:
    missing = set(capabilities)
    with tarfile.open(unpacked) as source, archive.LayerWriter(path) as target:
        for name, entry in sorted((entry.name.removeprefix("./"), entry) for entry in source if entry.name != "."):
            if not _is_wanted(name, left_out):
                continue
            if entry.issym():
                target.link(name, entry.linkname)
            elif entry.isreg() or entry.islnk():
                content = source.extractfile(entry)
                assert content is not None, name
                target.file(name, content.read(), entry.mode & 0o755, capabilities.get(name))
                missing.discard(name)
        _accounts(target, users)
        target.folder("tmp", mode=0o1777)
    if missing:
        raise FileNotFoundError(f"no such file in the packages: {', '.join(sorted(missing))}")


def _is_wanted(name: str, left_out: Sequence[str]) -> bool:
    if name.startswith("usr/share/doc/"):
        return fnmatch.fnmatchcase(name, LICENSE)
    return not any(fnmatch.fnmatchcase(name, pattern) for pattern in left_out)


def _accounts(target: archive.LayerWriter, users: Mapping[str, int]) -> None:
    passwd = ["root:x:0:0:root:/:/usr/sbin/nologin"]
    group = ["root:x:0:"]
    for name, number in users.items():
        passwd.append(f"{name}:x:{number}:{number}:{name}:/:/usr/sbin/nologin")
        group.append(f"{name}:x:{number}:")
    target.file("etc/passwd", ("\n".join(passwd) + "\n").encode())
    target.file("etc/group", ("\n".join(group) + "\n").encode())
    target.file("etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files dns\n")
