"""Results of slow steps, kept outside the tree by the hash of what they were made from."""

import hashlib
import os
import pathlib
import shutil
import tempfile
from typing import Callable, Iterable

FOLDER = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "heddle"


def fingerprint(parts: Iterable[object]) -> str:
    """The hash of texts and of files (a Path stands for its content)."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, pathlib.Path):
            with part.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").digest()
        else:
            content = hashlib.sha256(str(part).encode()).digest()
        digest.update(content)
    return digest.hexdigest()[:24]


def cached(name: str, inputs: Iterable[object], make: Callable[[pathlib.Path], None]) -> pathlib.Path:
    """The path of the cached result; `make` writes it (a file or folder at the path it is given) if there is none yet.

    Two builds at once both make it and one of the two equal results stays.
    """
    path = FOLDER / name / fingerprint(inputs)
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="making-") as scratch:
        result = pathlib.Path(scratch) / "result"
        make(result)
        try:
            result.rename(path)
        except OSError:
            if not path.exists():
                raise
    return path


def replace(folder: pathlib.Path) -> pathlib.Path:
    """An empty folder in place of what was there."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder
