"""C2PA signatures of scenes: what they bind, and that `drivegen verify` finds what was changed under them."""

from __future__ import annotations

import datetime
import hashlib
import importlib.util
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivegen.capture.export import signatures
from drivegen.capture.export.manifest import MANIFEST
from drivegen.capture.export.signing import read_signing
from drivegen.cli.main import main
from drivegen.core.errors import ExportError
from drivegen_exporters.yolo.exporter import Yolo

signs = pytest.mark.skipif(
    not (importlib.util.find_spec("c2pa") and importlib.util.find_spec("cryptography")),
    reason="c2pa-python is not installed (extra: c2pa)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """A root certificate, and a signer whom it vouches for."""

    root: Path
    chain: Path
    key: Path


def publisher(folder: Path, name: str, *, days: int = 30) -> Publisher:
    """Self-made: the root's key is of a curve, the signer's RSA."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    now = datetime.datetime.now(datetime.UTC)

    def named(text: str) -> x509.Name:
        organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"{name} GmbH")
        return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, text)])

    root_key = ec.generate_private_key(ec.SECP256R1())
    key = rsa.generate_private_key(65537, 2048)

    def certificate(subject: str, public: object, *, is_root: bool) -> x509.Certificate:
        usages = dict.fromkeys(
            (
                *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
                *("encipher_only", "decipher_only"),
            ),
            False,
        )
        usage = x509.KeyUsage(
            digital_signature=not is_root, key_cert_sign=is_root, crl_sign=is_root, **usages
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named(f"{name} root"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=60))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
            )
        )
        if not is_root:
            purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(purposes, critical=False)
        return builder.sign(root_key, hashes.SHA256())

    pem = serialization.Encoding.PEM
    root = certificate(f"{name} root", root_key.public_key(), is_root=True).public_bytes(pem)
    leaf = certificate(f"{name} data", key.public_key(), is_root=False).public_bytes(pem)
    folder.mkdir()
    found = Publisher(root=folder / "root.pem", chain=folder / "chain.pem", key=folder / "key.pem")
    found.root.write_bytes(root)
    found.chain.write_bytes(leaf + root)
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    found.key.write_bytes(key.private_bytes(pem, *private))
    return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    return publisher(tmp_path_factory.mktemp("lab") / "pem", "Lab")


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, captures: list[Path], lab: Publisher) -> Path:
    out = tmp_path_factory.mktemp("signed") / "set"
    Yolo({"cameras": "CAM_FRONT", "c2pa": {"certificate": str(lab.chain), "key": str(lab.key)}}).export(
        captures, out
    )
    return out


@pytest.fixture
def copy(signed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(signed, tmp_path / "set"))


def contents(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.write_bytes(data)


def verified(root: Path, trust: Path | None, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["verify", str(root), *([] if trust is None else ["--trust", str(trust)])])
    return code, capsys.readouterr().out


@signs
def test_scenes_are_signed_and_nothing_else_changes(
    signed: Path, captures: list[Path], lab: Publisher, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Yolo({"cameras": "CAM_FRONT"}).export(captures, tmp_path / "bare")
    here, bare = contents(signed), contents(tmp_path / "bare")
    extra = {f"c2pa/scene-000{n}.{end}" for n in (1, 2) for end in (("jsonl", "c2pa"))}
    assert set(here) - set(bare) == extra and set(bare) <= set(here)
    assert all(here[name] == data for name, data in bare.items())
    code, out = verified(signed, lab.root, capsys)
    assert code == 0 and "2 scenes, signed by Lab data" in out and "vouched for" in out
    code, out = verified(signed, None, capsys)
    assert code == 0 and "signed by Lab data (give --trust" in out
    code, out = verified(tmp_path / "bare", None, capsys)
    assert code == 0 and "signed by" not in out
    code, out = verified(tmp_path / "bare", lab.root, capsys)
    assert code == 1 and "no scene is signed" in out


@signs
def test_lists_hold_every_file_of_the_scene(signed: Path) -> None:
    import c2pa

    lines = (signed / MANIFEST).read_bytes().splitlines(keepends=True)
    listed = (signed / "c2pa/scene-0002.jsonl").read_bytes().splitlines(keepends=True)
    mine = [line for line in lines if b'"file"' in line and b"scene-0002" in line]
    assert len(mine) > 2 and set(mine) <= set(listed[1:]) <= set(lines)
    assert not [line for line in listed if b"scene-0001" in line]
    scene, root = json.loads(listed[-2]), json.loads(listed[-1])
    with (signed / "c2pa/scene-0002.jsonl").open("rb") as file:
        store = (signed / "c2pa/scene-0002.c2pa").read_bytes()
        reader = c2pa.Reader("application/octet-stream", file, store)
        told = reader.get_active_manifest()
    by_label = {a["label"]: a["data"] for a in told["assertions"]}
    assert by_label["drivegen.scene"] == {**scene, "root": root["root"]}
    (action,) = by_label["c2pa.actions.v2"]["actions"]
    assert action["action"] == "c2pa.created"
    assert action["digitalSourceType"].endswith("/digitalsourcetype/algorithmicMedia")
    assert told["claim_generator_info"][0]["name"] == "drivegen"


@signs
def test_one_flipped_bit_is_found(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed, store = copy / "c2pa/scene-0001.jsonl", copy / "c2pa/scene-0001.c2pa"
    data = store.read_bytes()
    root = json.loads((copy / MANIFEST).read_bytes().splitlines()[-1])["root"].encode()
    places = [(listed, at) for at in range(0, listed.stat().st_size, listed.stat().st_size // 12)]
    # The store's claims; between them, and behind the signature, lies padding that says nothing.
    places += [(store, data.index(word) + 3) for word in (root, b"algorithmicMedia", b"Lab data")]
    for path, at in places:
        before = path.read_bytes()
        flip(path, at)
        code, out = verified(copy, None, capsys)
        assert code == 1 and "c2pa/scene-0001" in out, (path.name, at)
        path.write_bytes(before)
    assert verified(copy, None, capsys)[0] == 0
    image = next(p for p in copy.rglob("*.jpg"))
    flip(image, image.stat().st_size // 2)
    code, out = verified(copy, None, capsys)
    assert code == 1 and f"{image.relative_to(copy)}: its bytes are not" in out


@signs
def test_a_forged_manifest_does_not_fit_what_was_signed(
    copy: Path, lab: Publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    image = next(p for p in sorted(copy.rglob("*.jpg")) if "scene-0002" in str(p.relative_to(copy)))
    image.write_bytes(b"another")
    forged = b""
    for line in (copy / MANIFEST).read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        if data.get("file") == image.relative_to(copy).as_posix():
            data |= {"bytes": 7, "sha256": hashlib.sha256(b"another").hexdigest()}
        data |= {key: hashlib.sha256(forged).hexdigest() for key in ("chain", "root") if key in data}
        forged += json.dumps(data, ensure_ascii=False).encode() + b"\n"
    (copy / MANIFEST).write_bytes(forged)
    code, out = verified(copy, lab.root, capsys)
    assert code == 1
    assert "c2pa/scene-0002.c2pa: what was signed is not what manifest.jsonl says" in out
    shutil.rmtree(copy / "c2pa")
    assert verified(copy, None, capsys)[0] == 0
    assert verified(copy, lab.root, capsys)[0] == 1


@signs
def test_others_signatures_missing_ones_and_more_are_told(
    copy: Path, lab: Publisher, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = publisher(tmp_path / "other", "Mallory")
    code, out = verified(copy, other.root, capsys)
    assert code == 1 and out.count("does not hold: signingCredential.untrusted") == 2
    for end in ("jsonl", "c2pa"):
        shutil.copy(copy / f"c2pa/scene-0001.{end}", copy / f"c2pa/scene-0002.{end}")
    (copy / "c2pa/scene-0003.c2pa").write_bytes(b"")
    (copy / "c2pa/scene-0001.c2pa").unlink()
    code, out = verified(copy, lab.root, capsys)
    assert code == 1
    assert "c2pa/scene-0001: cannot be read" in out
    assert "c2pa/scene-0002.c2pa: the list that it signs is another scene's" in out
    assert "c2pa/scene-0003.c2pa: there is no such file in the manifest" in out


@signs
def test_the_key_stays_where_it_is(
    signed: Path, captures: list[Path], lab: Publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(lab.key.read_bytes(), None)
    secret = key.private_numbers().d.to_bytes(256, "big")
    body = lab.key.read_bytes().splitlines()[1]
    for name, data in contents(signed).items():
        assert secret not in data and body not in data, name
        assert str(lab.key).encode() not in data and str(lab.chain).encode() not in data, name
    with pytest.raises(ExportError) as told:
        Yolo({"c2pa": {"certificate": str(lab.chain), "key": str(lab.key), "algorithm": "es256"}}).signer()
    with pytest.raises(ExportError, match="cannot be read: No such file"):
        Yolo({"c2pa": {"certificate": str(lab.chain), "key": f"{lab.key}.none"}}).signer()
    assert "c2pa.algorithm=es256" in str(told.value) and body.decode() not in str(told.value)
    assert "PRIVATE" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"certificate": "chain.pem"}, "c2pa.certificate and c2pa.key are wanted"),
        ({"certificate": "a", "key": "b", "algorithm": "rs256"}, "es256, es384"),
        ({"certificate": "a", "key": "b", "source": "humanEdits"}, "algorithmicMedia"),
        ({"certificate": "a", "key": "b", "secret": "c"}, "unknown option secret"),
        ("key.pem", "values by name are wanted"),
    ],
)
def test_what_is_asked_wrongly_is_told(given: object, said: str) -> None:
    with pytest.raises(ExportError, match=said):
        read_signing(given, "yolo")
    assert read_signing({}, "yolo") is None and read_signing(None, "yolo") is None


def test_without_the_extra_it_is_said_that_nothing_was_checked(
    captures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signatures, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "c2pa", None)
    for name in ("certificate", "key"):
        (tmp_path / name).write_bytes(b"")
    paths = {name: str(tmp_path / name) for name in ("certificate", "key")}
    with pytest.raises(ExportError, match="the extra is not installed"):
        Yolo({"c2pa": paths}).signer()
    Yolo({"cameras": "CAM_FRONT"}).export(captures[1:], tmp_path / "set")
    (tmp_path / "set/c2pa").mkdir()
    for end in ("jsonl", "c2pa"):
        (tmp_path / f"set/c2pa/scene-0002.{end}").write_bytes(b"signed elsewhere")
    code, out = verified(tmp_path / "set", None, capsys)
    assert code == 0 and "signatures in c2pa/ were not checked; pip install 'drivegen[c2pa]'" in out
    assert main(["verify", str(tmp_path / "set"), "--trust", str(tmp_path / "key")]) == 2
