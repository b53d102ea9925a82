import io
import pathlib
import tarfile
import tempfile
import unittest

from builder import archive, debian


class TrimTest(unittest.TestCase):
    def trim(self, names: list[str], capabilities: dict[str, bytes] | None = None) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            unpacked, path = pathlib.Path(folder) / "root.tar", pathlib.Path(folder) / "layer.tar"
            with tarfile.open(unpacked, "w") as tar:
                for name in names:
                    tar.addfile(tarfile.TarInfo(f"./{name}"), io.BytesIO())
            debian._trim(unpacked, path, debian.LEFT_OUT, {"heddle": 65532}, capabilities or {})
            with tarfile.open(path) as layer:
                return [entry.name for entry in layer if not entry.isdir()]

    def test_keeps_programs_and_licenses_only(self) -> None:
        names = ["usr/sbin/nft", "usr/share/doc/nftables/copyright", "usr/share/doc/nftables/changelog.gz", "usr/share/man/man8/nft.8.gz"]
        kept = self.trim(names)
        self.assertEqual(kept, ["usr/sbin/nft", "usr/share/doc/nftables/copyright", "etc/passwd", "etc/group", "etc/nsswitch.conf"])

    def test_a_capability_for_a_file_that_is_not_there_fails(self) -> None:
        with self.assertRaisesRegex(FileNotFoundError, "usr/sbin/nft"):
            self.trim(["bin/true"], {"usr/sbin/nft": archive.file_capability(12)})


if __name__ == "__main__":
    unittest.main()
