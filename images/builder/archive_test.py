import json
import pathlib
import tarfile
import tempfile
import unittest

from builder import archive


class LayerTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name: str) -> pathlib.Path:
        path = self.folder / name
        with archive.LayerWriter(path) as layer:
            layer.file("/usr/sbin/nft", b"binary", mode=0o755, capability=archive.file_capability(12))
            layer.link("usr/lib/libz.so", "libz.so.1")
            layer.folder("tmp", mode=0o1777)
        return path

    def test_equal_content_has_equal_bytes(self) -> None:
        self.assertEqual(archive.digest(self.write("a")), archive.digest(self.write("b")))

    def test_folders_come_before_what_is_in_them(self) -> None:
        with tarfile.open(self.write("a")) as layer:
            self.assertEqual(layer.getnames(), ["usr", "usr/sbin", "usr/sbin/nft", "usr/lib", "usr/lib/libz.so", "tmp"])
            self.assertTrue(all(entry.mtime == archive.TIME and entry.uid == 0 for entry in layer))

    def test_capability_is_cap_net_admin_permitted_and_effective(self) -> None:
        # As setcap cap_net_admin+ep writes it.
        expected = bytes.fromhex("0100000200100000000000000000000000000000")
        self.assertEqual(archive.file_capability(12), expected)
        with tarfile.open(self.write("a")) as layer:
            value = layer.getmember("usr/sbin/nft").pax_headers["SCHILY.xattr.security.capability"]
            self.assertEqual(value.encode("utf-8", "surrogateescape"), expected)

    def test_capability_with_bytes_that_are_no_text_survives(self) -> None:
        capability = archive.file_capability(7, 39)
        path = self.folder / "a"
        with archive.LayerWriter(path) as layer:
            layer.file("tool", b"", capability=capability)
        self.assertIn(b"SCHILY.xattr.security.capability=" + capability + b"\n", path.read_bytes())


class ImageTest(unittest.TestCase):
    def test_is_read_by_engines(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            layer, image = pathlib.Path(folder) / "layer.tar", pathlib.Path(folder) / "image.tar"
            with archive.LayerWriter(layer) as writer:
                writer.file("hello", b"hi")
            configuration = archive.Configuration("65532:65532", ["/hello"], environment={"A": "b"})
            archive.write_image(image, "heddle-test:1", "x86_64", configuration, [layer])
            with tarfile.open(image) as tar:
                content = {name: tar.extractfile(name).read() for name in tar.getnames()}
            (entry,) = json.loads(content["manifest.json"])
            self.assertEqual(entry["RepoTags"], ["heddle-test:1"])
            self.assertEqual([content[name] for name in entry["Layers"]], [layer.read_bytes()])
            document = json.loads(content[entry["Config"]])
            self.assertEqual(document["architecture"], "amd64")
            self.assertEqual(document["config"]["User"], "65532:65532")
            self.assertEqual(document["config"]["Env"], ["A=b"])
            self.assertEqual(document["rootfs"]["diff_ids"], ["sha256:" + archive.digest(layer)])


if __name__ == "__main__":
    unittest.main()
