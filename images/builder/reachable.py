"""Leaves out of jars of generated code what the product never reaches.

The jar of Envoy's API has 10,702 classes, of which the proxy reaches a fifth; the JVM keeps the directory of every jar that it has opened on its
heap, and the image holds them all. Generated messages find each other by their constant pools alone, so what no constant pool mentions is not
reached: that is what makes this safe for them, and unsafe for libraries that look up classes by name.
"""

import pathlib
import re
import struct
import zipfile
from collections.abc import Collection, Iterator, Sequence

GENERATED = ("api-*.jar",)
TIME = (2026, 11, 21, 0, 0, 0)
# Names stand alone, in descriptors and in signatures.
NAME = re.compile(rb"[\w$]+(?:/[\w$]+)+")
UTF8 = 1
WIDTHS = {3: 5, 4: 5, 5: 9, 6: 9, 7: 3, 8: 3, 9: 5, 10: 5, 11: 5, 12: 5, 15: 4, 16: 3, 17: 5, 18: 5, 19: 3, 20: 3}
WIDE = (5, 6)  # they count as two entries
FIRST_CONSTANT = 10  # bytes
ENDING = ".class"


def generated(jar: pathlib.Path) -> bool:
    return any(jar.match(pattern) for pattern in GENERATED)


def trimmed(jar: pathlib.Path, class_path: Sequence[pathlib.Path], target: pathlib.Path) -> None:
    """Writes a jar of generated code with those of its classes that the rest of the class path reaches."""
    with zipfile.ZipFile(jar) as source:
        classes = {name.removesuffix(ENDING).encode(): name for name in source.namelist() if name.endswith(ENDING)}
        found: set[bytes] = set()
        waiting: set[bytes] = set()
        for other in class_path:
            if other != jar:
                with zipfile.ZipFile(other) as content:
                    for name in content.namelist():
                        if name.endswith(ENDING):
                            waiting.update(mentioned(content.read(name), classes))
        while waiting:
            name = waiting.pop()
            found.add(name)
            waiting.update(mentioned(source.read(classes[name]), classes) - found)
        kept = {classes[name] for name in found}
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as smaller:
            for entry in sorted(source.namelist()):
                if entry in kept or entry.startswith("META-INF/") and not entry.endswith("/"):
                    smaller.writestr(zipfile.ZipInfo(entry, TIME), source.read(entry), zipfile.ZIP_DEFLATED)


def mentioned(code: bytes, classes: Collection[bytes]) -> set[bytes]:
    """Those of the classes that a class file's constant pool mentions."""
    names = (name for text in constants(code) if b"/" in text for name in NAME.findall(text))
    # In a descriptor an L stands before the name, and the package may begin with one too.
    return {candidate for name in names for candidate in (name, name[1:]) if candidate in classes}


def constants(code: bytes) -> Iterator[bytes]:
    """The texts in the constant pool of a class file (JVM specification, 4.4)."""
    (count,) = struct.unpack_from(">H", code, FIRST_CONSTANT - 2)
    at, index = FIRST_CONSTANT, 1
    while index < count:
        tag = code[at]
        if tag == UTF8:
            (length,) = struct.unpack_from(">H", code, at + 1)
            yield code[at + 3 : at + 3 + length]
            at += 3 + length
        else:
            at += WIDTHS[tag]
        index += 2 if tag in WIDE else 1
