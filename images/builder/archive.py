"""Layers and images in the format of `docker save`, which `ctr images import`, `docker load` and `k3s ctr` read."""

import dataclasses
import hashlib
import io
import json
import pathlib
import shutil
import struct
import tarfile
from typing import Mapping, Sequence

# Everything in an image is this old (2026-11-21T00:00:00Z), so that equal content has an equal digest. The JVM compares a jar's time with
# the one its AOT cache saw, so files are given it before training already.
TIME = 1795219200

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def file_capability(*capabilities: int) -> bytes:
    """The value of `security.capability` for permitted and effective capabilities (linux/capability.h: revision 2)."""
    bits = sum(1 << capability for capability in capabilities)
    revision_2, effective = 0x02000000, 0x000001
    return struct.pack("<IIIII", revision_2 | effective, bits & 0xFFFFFFFF, 0, bits >> 32, 0)


class LayerWriter:
    """Writes a layer as a tar whose bytes depend on names and contents alone."""

    def __init__(self, path: pathlib.Path):
        self._tar = tarfile.open(path, "w", format=tarfile.PAX_FORMAT)
        self._folders: set[str] = set()

    def __enter__(self) -> "LayerWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()

    def folder(self, name: str, mode: int = 0o755, owner: int = 0) -> None:
        """A folder and, where missing, those above it."""
        name = name.strip("/")
        if not name or name in self._folders:
            return
        self.folder(name.rpartition("/")[0])
        self._folders.add(name)
        entry = self._entry(name, tarfile.DIRTYPE, mode)
        entry.uid = entry.gid = owner
        self._tar.addfile(entry)

    def file(self, name: str, content: bytes, mode: int = 0o644, capability: bytes | None = None) -> None:
        self._stream(name, io.BytesIO(content), len(content), mode, capability)

    def path(self, name: str, source: pathlib.Path, mode: int | None = None) -> None:
        """A file of the build machine; executable if it is so there."""
        executable = source.stat().st_mode & 0o111
        with source.open("rb") as content:
            self._stream(name, content, source.stat().st_size, mode or (0o755 if executable else 0o644), None)

    def link(self, name: str, target: str) -> None:
        name = name.strip("/")
        self.folder(name.rpartition("/")[0])
        entry = self._entry(name, tarfile.SYMTYPE, 0o777)
        entry.linkname = target
        self._tar.addfile(entry)

    def tree(self, name: str, source: pathlib.Path) -> None:
        """A whole folder of the build machine, in sorted order."""
        for path in sorted(source.rglob("*")):
            inside = f"{name}/{path.relative_to(source)}"
            if path.is_symlink():
                self.link(inside, str(path.readlink()))
            elif path.is_dir():
                self.folder(inside)
            else:
                self.path(inside, path)

    def _stream(self, name: str, content: io.IOBase, size: int, mode: int, capability: bytes | None) -> None:
        name = name.strip("/")
        self.folder(name.rpartition("/")[0])
        entry = self._entry(name, tarfile.REGTYPE, mode)
        entry.size = size
        if capability is not None:
            # tarfile writes header values as UTF-8; "surrogateescape" lets bytes that are none through.
            entry.pax_headers = {"SCHILY.xattr.security.capability": capability.decode("utf-8", "surrogateescape")}
        self._tar.addfile(entry, content)

    @staticmethod
    def _entry(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode, entry.mtime = kind, mode, TIME
        return entry


@dataclasses.dataclass(frozen=True)
class Configuration:
    """How a container of the image runs."""

    user: str
    entrypoint: Sequence[str]
    command: Sequence[str] = ()
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    working_directory: str = "/"


def digest(path: pathlib.Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_image(
    path: pathlib.Path, reference: str, machine: str, configuration: Configuration, layers: Sequence[pathlib.Path]
) -> None:
    """Writes the image `reference` (NAME:TAG) for a machine as uname names it."""
    digests = [digest(layer) for layer in layers]
    created = "2026-11-21T00:00:00Z"
    document = {
        "architecture": ARCHITECTURES[machine],
        "os": "linux",
        "created": created,
        "config": {
            "User": configuration.user,
            "Env": [f"{name}={value}" for name, value in configuration.environment.items()],
            "Entrypoint": list(configuration.entrypoint),
            "Cmd": list(configuration.command),
            "WorkingDir": configuration.working_directory,
            "Labels": dict(configuration.labels),
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{each}" for each in digests]},
        "history": [{"created": created, "created_by": layer.stem} for layer in layers],
    }
    content = json.dumps(document, separators=(",", ":")).encode()
    name = f"{hashlib.sha256(content).hexdigest()}.json"
    manifest = [{"Config": name, "RepoTags": [reference], "Layers": [f"{each}.tar" for each in digests]}]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    with LayerWriter(unfinished) as tar:
        tar.file("manifest.json", json.dumps(manifest).encode())
        tar.file(name, content)
        for each, layer in zip(digests, layers):
            tar.path(f"{each}.tar", layer, mode=0o644)
    shutil.move(unfinished, path)
