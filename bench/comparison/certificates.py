"""Two workloads with SPIFFE identities under one root, as a mesh's own CA would make them: ECDSA P-256, one day."""

import dataclasses
import pathlib

from demo.shell import run

DAYS = "2"


@dataclasses.dataclass(frozen=True)
class Identity:
    spiffe_id: str
    certificate: pathlib.Path
    key: pathlib.Path
    # Both in one file, as HAProxy wants them.
    bundle: pathlib.Path


@dataclasses.dataclass(frozen=True)
class Certificates:
    root: pathlib.Path
    client: Identity
    server: Identity


def make(openssl: pathlib.Path, folder: pathlib.Path) -> Certificates:
    key, root = folder / "root.key", folder / "root.crt"
    run([openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", key, "-out", root,
         "-days", DAYS, "-subj", "/O=bench", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"])  # fmt: skip
    return Certificates(root, _identity(openssl, folder, key, root, "client"), _identity(openssl, folder, key, root, "server"))


def _identity(openssl: pathlib.Path, folder: pathlib.Path, root_key: pathlib.Path, root: pathlib.Path, name: str) -> Identity:
    spiffe_id = f"spiffe://cluster.local/ns/bench/sa/{name}"
    key, request, certificate, bundle = (folder / f"{name}.{ending}" for ending in ("key", "csr", "crt", "pem"))
    run([openssl, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", key, "-out", request, "-subj", "/"])
    extensions = folder / f"{name}.ext"
    extensions.write_text(
        f"subjectAltName=critical,URI:{spiffe_id}\n"
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n"
    )
    run([openssl, "x509", "-req", "-in", request, "-CA", root, "-CAkey", root_key, "-CAcreateserial", "-days", DAYS, "-out", certificate,
         "-extfile", extensions])  # fmt: skip
    bundle.write_text(certificate.read_text() + key.read_text())
    return Identity(spiffe_id, certificate, key, bundle)
