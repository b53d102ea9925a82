import pathlib
import platform
import tarfile
import tempfile
import unittest
import zipfile

from builder import application, archive

PROXY = next(app for app in application.APPLICATIONS if app.name == "heddle-proxy")

JAVA = pathlib.Path("java")  # not run: no jar here holds generated messages


class ApplicationTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.options = self.root / "jvm.options"
        self.options.write_text("-Xmx1m\n")

    def jar(self, name: str, *entries: str) -> None:
        path = self.root / "data-plane" / "target" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as content:
            for entry in entries or ("a/B.class",):
                content.writestr(entry, entry)

    def package(self) -> None:
        machine = application.NETTY_MACHINES[platform.machine()]
        self.jar("heddle-proxy.jar", "dev/heddle/dataplane/Main.class")
        self.jar("lib/netty-epoll.jar", f"META-INF/native/libnetty_epoll_{machine}.so", "META-INF/native/libnetty_epoll_other.so")
        self.jar("lib/heddle-mesh-api-0.1.0.jar")

    def test_names_the_missing_jar(self) -> None:
        with self.assertRaisesRegex(application.MissingJar, r"data-plane/target/heddle-proxy\.jar is missing"):
            application.jars(self.root, PROXY)

    def test_names_the_missing_main_class(self) -> None:
        self.jar("heddle-proxy.jar")
        with self.assertRaisesRegex(application.MissingJar, r"heddle-proxy\.jar has no class dev\.heddle\.dataplane\.Main"):
            application.jars(self.root, PROXY)

    def test_product_comes_before_libraries(self) -> None:
        self.package()
        names = [jar.name for jar in application.jars(self.root, PROXY)]
        self.assertEqual(names, ["heddle-proxy.jar", "heddle-mesh-api-0.1.0.jar", "netty-epoll.jar"])

    def test_code_and_libraries_are_layers_of_their_own(self) -> None:
        self.package()
        folder = self.root / "assembled"
        application.assemble(folder, PROXY, application.jars(self.root, PROXY), self.options, JAVA)
        (folder / "heddle-proxy.aot").write_bytes(b"cache")
        libraries, code = application.layers(folder, PROXY, self.root)
        machine = application.NETTY_MACHINES[platform.machine()]
        with tarfile.open(libraries) as layer:
            files = [entry.name for entry in layer if entry.isfile()]
        self.assertEqual(files, ["opt/heddle/proxy/lib/netty-epoll.jar", f"opt/heddle/proxy/native/libnetty_epoll_{machine}.so"])
        with tarfile.open(code) as layer:
            files = sorted(entry.name.removeprefix("opt/heddle/proxy/") for entry in layer if entry.isfile())
            options = layer.extractfile("opt/heddle/proxy/jvm.options").read().decode().splitlines()
        self.assertEqual(files, ["heddle-proxy.aot", "heddle-proxy.jar", "jvm.options", "lib/heddle-mesh-api-0.1.0.jar"])
        self.assertEqual(
            options,
            [
                "-Xmx1m",
                "-XX:AOTCache=/opt/heddle/proxy/heddle-proxy.aot",
                "-Djava.library.path=/opt/heddle/proxy/native",
                "--class-path",
                "/opt/heddle/proxy/heddle-proxy.jar:/opt/heddle/proxy/lib/heddle-mesh-api-0.1.0.jar:/opt/heddle/proxy/lib/netty-epoll.jar",
            ],
        )

    def test_jars_have_the_time_that_they_have_in_the_image(self) -> None:
        self.package()
        folder = self.root / "assembled"
        application.assemble(folder, PROXY, application.jars(self.root, PROXY), self.options, JAVA)
        self.assertEqual((folder / "heddle-proxy.jar").stat().st_mtime, archive.TIME)


if __name__ == "__main__":
    unittest.main()
