"""The Java runtime of all images: only the modules that the product uses, as jlink makes it from the JDK of the build."""

import pathlib
import platform
import subprocess

from builder import archive, cache

MODULES = (
    "java.base",
    "java.logging",
    "java.management",
    "java.naming",  # DNS of the JDK's HTTP client, and grpc-java's resolver
    "java.net.http",  # the Kubernetes client's transport
    "java.security.sasl",  # Netty's codecs
    "java.sql",  # Jackson's optional types
    "java.xml",
    "jdk.httpserver",  # health and metrics
    "jdk.jfr",
    "jdk.management",
    "jdk.unsupported",  # sun.misc.Unsafe: Netty, protobuf
)


def build(java_home: pathlib.Path) -> pathlib.Path:
    """The folder of the cached runtime; uncompressed, since layers are compressed as a whole and the JVM maps the file."""

    def make(path: pathlib.Path) -> None:
        subprocess.run(
            [
                java_home / "bin" / "jlink", "--add-modules", ",".join(MODULES), "--strip-debug", "--no-header-files", "--no-man-pages",
                "--output", path,
            ],
            check=True,
        )  # fmt: skip

    return cache.cached("runtime", _inputs(java_home), make)


def layer(java_home: pathlib.Path, folder: str) -> pathlib.Path:
    """The cached layer that holds the runtime in a folder of the image."""
    runtime = build(java_home)

    def make(path: pathlib.Path) -> None:
        with archive.LayerWriter(path) as target:
            target.tree(folder, runtime)

    return cache.cached("runtime-layer", (*_inputs(java_home), folder), make)


def _inputs(java_home: pathlib.Path) -> tuple[object, ...]:
    here = pathlib.Path(__file__).parent
    return (platform.machine(), java_home / "release", *MODULES, here / "runtime.py", here / "archive.py")
