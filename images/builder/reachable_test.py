import pathlib
import struct
import tempfile
import unittest
import zipfile

from builder import reachable


def class_file(*texts: str) -> bytes:
    """The beginning of a class file: a long constant, which counts as two entries, and the texts."""
    pool = b"\5" + struct.pack(">q", 7) + b"".join(b"\1" + struct.pack(">H", len(text)) + text.encode() for text in texts)
    return b"\xca\xfe\xba\xbe\0\0\0\x45" + struct.pack(">H", len(texts) + 3) + pool


class ReachableTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def jar(self, name: str, entries: dict[str, bytes]) -> pathlib.Path:
        with zipfile.ZipFile(self.folder / name, "w") as jar:
            for entry, content in entries.items():
                jar.writestr(entry, content)
        return self.folder / name

    def test_keeps_what_is_reached_and_leaves_the_rest_out(self) -> None:
        product = self.jar("product.jar", {"a/Main.class": class_file("java/lang/Object", "(Lenvoy/Listener;I)V")})
        api = self.jar(
            "api-1.0.jar",
            {
                "META-INF/": b"",
                "META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n",
                "envoy/": b"",
                "envoy/Listener.class": class_file("Ljava/util/List<Lenvoy/Filter;>;", "envoy/Listener"),
                "envoy/Filter.class": class_file("[Lenvoy/Filter$Kind;", "envoy/Listener"),
                "envoy/Filter$Kind.class": class_file("envoy/Filter$Kind"),
                "envoy/Unused.class": class_file("envoy/Listener"),
                "envoy/listener.proto": b"syntax",
            },
        )
        reachable.trimmed(api, [product, api], self.folder / "trimmed.jar")
        with zipfile.ZipFile(self.folder / "trimmed.jar") as jar:
            self.assertEqual(
                jar.namelist(), ["META-INF/MANIFEST.MF", "envoy/Filter$Kind.class", "envoy/Filter.class", "envoy/Listener.class"]
            )
            self.assertEqual(jar.read("envoy/Filter$Kind.class"), class_file("envoy/Filter$Kind"))

    def test_knows_generated_jars_by_name(self) -> None:
        self.assertTrue(reachable.generated(pathlib.Path("lib/api-1.0.49.jar")))
        self.assertFalse(reachable.generated(pathlib.Path("lib/grpc-api-1.85.1.jar")))


if __name__ == "__main__":
    unittest.main()
