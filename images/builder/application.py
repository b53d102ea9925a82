"""One process of the product as files: its jars, the native libraries in them, its JVM options and its AOT cache."""

import dataclasses
import os
import pathlib
import platform
import shutil
import zipfile
from typing import Mapping, Sequence

from builder import archive, cache, reachable, unused_methods

HOME = "/opt/heddle"
OWN_JARS = "heddle-*.jar"
# One arena: the JVM's threads hardly allocate at once, and each arena keeps what it once had.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "LANG": "C.UTF-8"}
NETTY_MACHINES = {"x86_64": "x86_64", "aarch64": "aarch_64"}


@dataclasses.dataclass(frozen=True)
class Application:
    """A process of the product; `name` is that of its image and its Maven artifact, `reflects` whether it may read protobuf's messages by reflection."""

    name: str
    module: str
    main: str
    user: int
    reflects: bool = True

    @property
    def home(self) -> str:
        """Its folder in the image."""
        return f"{HOME}/{self.name.removeprefix('heddle-')}"


PROXY = Application("heddle-proxy", "data-plane", "dev.heddle.dataplane.Main", 15000, reflects=False)
APPLICATIONS = (
    Application("heddle-operator", "operator", "dev.heddle.operator.Main", 65532),
    Application("heddle-ca", "ca", "dev.heddle.ca.Main", 65532),
    Application("heddle-smi-adapter", "smi-adapter", "dev.heddle.smiadapter.Main", 65532),
    PROXY,
)


class MissingJar(Exception):
    """A module was not packaged."""


def jars(root: pathlib.Path, application: Application) -> Sequence[pathlib.Path]:
    """The class path: the module's own jar, the product's other jars, the libraries by name.

    Raises MissingJar naming the first that is not there.
    """
    target = root / application.module / "target"
    own = target / f"{application.name}.jar"
    if not own.exists():
        raise MissingJar(f"{own} is missing: package the module {application.module} first")
    with zipfile.ZipFile(own) as jar:
        if application.main.replace(".", "/") + ".class" not in jar.namelist():
            raise MissingJar(f"{own} has no class {application.main}")
    libraries = sorted((target / "lib").glob("*.jar"))
    if not libraries:
        raise MissingJar(f"{target}/lib has no jars: package the module {application.module} first")
    product = [jar for jar in libraries if jar.match(OWN_JARS)]
    return [own, *product, *(jar for jar in libraries if jar not in product)]


def assemble(
    folder: pathlib.Path, application: Application, class_path: Sequence[pathlib.Path], options: pathlib.Path, java: pathlib.Path
) -> None:
    """Lays the application out as it will lie in the image. Files get the time that they will have there: the AOT cache remembers it."""
    cache.replace(folder)
    (folder / "lib").mkdir()
    names = []
    for position, jar in enumerate(class_path):
        name = f"{application.name}.jar" if position == 0 else f"lib/{jar.name}"
        if reachable.generated(jar):
            reachable.trimmed(jar, class_path, folder / name)
            if not application.reflects:
                unused_methods.leave_out(folder / name, [other for other in class_path if other != jar], java)
        else:
            shutil.copyfile(jar, folder / name)
        os.utime(folder / name, (archive.TIME, archive.TIME))
        names.append(name)
        _unpack_native(jar, folder / "native")
    (folder / "class-path").write_text("".join(f"{name}\n" for name in names))
    shutil.copyfile(options, folder / "jvm.options")


def _unpack_native(jar: pathlib.Path, folder: pathlib.Path) -> None:
    """Netty looks for its libraries in java.library.path before it unpacks them into a temporary folder: a read-only root file system
    needs the first, and one file is then shared by all proxies of a node."""
    ending = f"_{NETTY_MACHINES[platform.machine()]}.so"
    with zipfile.ZipFile(jar) as content:
        for entry in content.namelist():
            if entry.startswith("META-INF/native/") and entry.endswith(ending):
                folder.mkdir(exist_ok=True)
                library = folder / pathlib.PurePath(entry).name
                library.write_bytes(content.read(entry))
                library.chmod(0o755)


def arguments(folder: str, class_path: Sequence[str]) -> Sequence[str]:
    """The JVM's arguments that depend on where the application lies."""
    return (
        f"-Djava.library.path={folder}/native",
        "--class-path",
        ":".join(f"{folder}/{name}" for name in class_path),
    )


def names(folder: pathlib.Path) -> Sequence[str]:
    """The class path of an assembled application, relative to its folder."""
    return (folder / "class-path").read_text().split()


def cached_classes(application: Application, folder: pathlib.Path) -> pathlib.Path:
    """Its AOT cache in an assembled folder, where it has been trained."""
    return folder / f"{application.name}.aot"


def command(application: Application, folder: pathlib.Path, runtime: pathlib.Path) -> list[str]:
    """Runs an assembled application where it lies; the last argument is the main class."""
    cache_option = [f"-XX:AOTCache={cached_classes(application, folder)}"] if cached_classes(application, folder).exists() else []
    return [
        str(runtime / "bin" / "java"), f"@{folder}/jvm.options", *cache_option, *arguments(str(folder), names(folder)), application.main,
    ]  # fmt: skip


def layers(folder: pathlib.Path, application: Application, target: pathlib.Path) -> Sequence[pathlib.Path]:
    """Two layers: what changes with the dependencies, and what changes with the code. The AOT cache and the jars whose classes it
    holds must never be exchanged apart, so both layers come from one assembled folder."""
    libraries, code = target / f"{application.name}-libraries.tar", target / f"{application.name}-code.tar"
    with archive.LayerWriter(libraries) as layer:
        for jar in sorted((folder / "lib").iterdir()):
            if not jar.match(OWN_JARS):
                layer.path(f"{application.home}/lib/{jar.name}", jar, mode=0o644)
        if (folder / "native").is_dir():
            layer.tree(f"{application.home}/native", folder / "native")
    with archive.LayerWriter(code) as layer:
        layer.path(f"{application.home}/{application.name}.jar", folder / f"{application.name}.jar", mode=0o644)
        for jar in sorted((folder / "lib").glob(OWN_JARS)):
            layer.path(f"{application.home}/lib/{jar.name}", jar, mode=0o644)
        trained = cached_classes(application, folder)
        if trained.exists():
            layer.path(f"{application.home}/{trained.name}", trained, mode=0o644)
        complete = [(folder / "jvm.options").read_text().rstrip()]
        if trained.exists():
            complete.append(f"-XX:AOTCache={application.home}/{trained.name}")
        complete.extend(arguments(application.home, names(folder)))
        layer.file(f"{application.home}/jvm.options", ("\n".join(complete) + "\n").encode())
    return libraries, code


def configuration(application: Application, labels: Mapping[str, str]) -> archive.Configuration:
    return archive.Configuration(
        user=f"{application.user}:{application.user}",
        entrypoint=[f"{HOME}/runtime/bin/java", f"@{application.home}/jvm.options", application.main],
        environment=ENVIRONMENT,
        labels=labels,
    )
