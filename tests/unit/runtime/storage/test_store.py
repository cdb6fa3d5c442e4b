"""Small and large files into storage: a folder, memory, and S3 by way of a proxy that makes faults."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from drivegen.core.errors import ConfigError, DamagedCaptureError, StorageError
from drivegen.runtime.storage import patience
from drivegen.runtime.storage.access import Access
from drivegen.runtime.storage.store import Store
from drivegen.runtime.storage.transfer import upload, verify
from tests.s3_server import BUCKET, Proxy, fault_proxy, options, s3_server

PART = 5 << 20


@pytest.fixture(scope="module")
def s3() -> Iterator[Proxy]:
    with s3_server() as port, fault_proxy(port) as proxy:
        yield proxy


@pytest.fixture
def access(s3: Proxy, monkeypatch: pytest.MonkeyPatch) -> Access:
    """A new prefix of the bucket."""
    monkeypatch.setattr(patience, "FIRST_PAUSE_S", 0.02)
    s3.fault = lambda _method, _path: ""
    s3.seen.clear()
    return Access(
        url=f"s3://{BUCKET}/{uuid4().hex}",
        options=options(s3.port),
        part_bytes=PART,
        call_timeout_s=5.0,
        timeout_s=20.0,
    )


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Two whole parts and a piece."""
    path = tmp_path / "large.bin"
    path.write_bytes(os.urandom(2 * PART + 12345))
    return path


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def uploads_under_way(store: Store) -> int:
    answer = store.system.call_s3("list_multipart_uploads", Bucket=BUCKET)
    return len([u for u in answer.get("Uploads", []) if store.path("") in f"{BUCKET}/{u['Key']}"])


@pytest.mark.parametrize("kind", ["file", "memory", "s3"])
def test_small_files_are_written_read_listed_and_removed(kind: str, access: Access, tmp_path: Path) -> None:
    urls = {"file": f"file://{tmp_path}/run", "memory": f"memory://{uuid4().hex}/run"}
    if kind != "s3":
        access = Access(url=urls[kind], timeout_s=1.0)
    store = Store(access)
    store.check()
    assert store.read("ledger/a.json") is None
    assert store.entry("ledger/a.json") is None
    assert store.entries("ledger") == {}
    store.write("ledger/a.json", b"one")
    store.write("ledger/a.json", b"three")
    store.write("ledger/b.json", b"two")
    assert store.read("ledger/a.json") == b"three"
    assert store.read_many(["ledger/b.json", "ledger/a.json"]) == {
        "ledger/a.json": b"three",
        "ledger/b.json": b"two",
    }
    assert {n: e.bytes for n, e in store.entries("ledger").items()} == {
        "ledger/a.json": 5,
        "ledger/b.json": 3,
    }
    store.remove("ledger/a.json")
    store.remove("ledger/a.json")
    assert list(store.entries("")) == ["ledger/b.json"]


def test_a_large_file_goes_in_parts_and_its_etag_proves_it(access: Access, s3: Proxy, large: Path) -> None:
    store = Store(access)
    receipt = upload(store, large, "captures/a.mcap", sha256_of(large))
    assert (receipt.verified, receipt.bytes) == ("etag", large.stat().st_size)
    assert receipt.etag.endswith("-3")
    parts = [path for method, path, _ in s3.seen if method == "PUT" and "partNumber=" in path]
    assert len(parts) == 3
    assert not [m for m, _, _ in s3.seen if m == "GET"], "nothing was read back"
    assert verify(store, "captures/a.mcap", sha256_of(large))
    assert not verify(store, "captures/a.mcap", "0" * 64)
    assert not verify(store, "captures/b.mcap", "0" * 64)


@pytest.mark.parametrize("kind", ["file", "memory", "s3"])
def test_without_a_checksum_of_the_storage_it_is_read_back(
    kind: str, access: Access, large: Path, tmp_path: Path
) -> None:
    urls = {"file": f"file://{tmp_path}/run", "memory": f"memory://{uuid4().hex}"}
    if kind == "s3":
        access = dataclasses.replace(access, read_back=True)
    else:
        access = Access(url=urls[kind], part_bytes=PART)
    store = Store(access)
    receipt = upload(store, large, "captures/a.mcap")
    assert (receipt.verified, receipt.sha256) == ("read back", sha256_of(large))
    assert store.entries("") == {"captures/a.mcap": store.entry("captures/a.mcap")}


def test_500s_and_cut_connections_are_passed_by(access: Access, s3: Proxy, large: Path) -> None:
    faults = ["500", "500", "", "cut", "500", "", "cut", "cut"]
    s3.fault = lambda method, _path: faults.pop(0) if faults and method in {"PUT", "POST"} else ""
    store = Store(access)
    receipt = upload(store, large, "captures/a.mcap", sha256_of(large))
    assert not faults
    assert receipt.verified == "etag"
    assert verify(store, "captures/a.mcap", sha256_of(large))


def test_storage_that_stays_broken_gives_one_error_and_no_file(
    access: Access, s3: Proxy, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes one part, then it answers 500, and at last cuts every connection."""
    parts = 0

    def fault(method: str, path: str) -> str:
        nonlocal parts
        parts += "partNumber=" in path
        return "" if "partNumber=" not in path or parts <= 1 else "500" if parts < 6 else "cut"

    s3.fault = fault
    store = Store(dataclasses.replace(access, timeout_s=1.0))
    with pytest.raises(StorageError, match=r"captures/a\.mcap: .*tries in 1 s \(storage\.timeout_s\)"):
        upload(store, large, "captures/a.mcap")
    s3.fault = lambda _method, _path: ""
    assert store.entries("") == {}
    assert uploads_under_way(store) == 0
    assert large.is_file()


def test_a_bit_that_flips_on_the_way_is_found_and_sent_again(access: Access, s3: Proxy, large: Path) -> None:
    faults = ["flip"]
    s3.fault = lambda _method, path: faults.pop() if faults and "partNumber=2" in path else ""
    store = Store(access)
    receipt = upload(store, large, "captures/a.mcap", sha256_of(large))
    assert not faults
    assert receipt.tries == 2
    assert verify(store, "captures/a.mcap", sha256_of(large))


def test_a_bit_that_flipped_in_the_spool_is_found_before_anything_is_visible(
    access: Access, large: Path
) -> None:
    written = sha256_of(large)
    data = bytearray(large.read_bytes())
    data[PART + 77] ^= 4
    large.write_bytes(data)
    store = Store(access)
    with pytest.raises(DamagedCaptureError, match=r"large\.bin is damaged .*job\.verify=true"):
        upload(store, large, "captures/a.mcap", written)
    assert store.entries("") == {}
    assert uploads_under_way(store) == 0


def test_what_a_user_can_mend_is_one_clear_error(access: Access, s3: Proxy, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"s4://bucket: .*s3://BUCKET/PREFIX"):
        Store(Access(url="s4://bucket"))
    with pytest.raises(ConfigError, match="create the bucket"):
        Store(dataclasses.replace(access, url="s3://no-such-bucket/run")).check()
    s3.fault = lambda method, _path: "403" if method == "PUT" else ""
    with pytest.raises(ConfigError, match="AWS_ACCESS_KEY_ID"):
        Store(access).check()
    nobody = {**access.options, "endpoint_url": "http://127.0.0.1:9"}
    with pytest.raises(ConfigError, match="endpoint_url"):
        Store(dataclasses.replace(access, options=nobody, timeout_s=0.1)).check()
    folder = tmp_path / "file"
    folder.write_text("")
    with pytest.raises(ConfigError, match=r"storage\.url: file://"):
        Store(Access(url=f"file://{folder}/run", timeout_s=0.1)).check()


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    """In a process of its own, where s3fs cannot be imported."""
    words = (
        "import sys; sys.modules['s3fs'] = None\n"
        "from drivegen.runtime.storage.access import Access\n"
        "from drivegen.runtime.storage.store import Store\n"
        "try: Store(Access(url='s3://bucket/run'))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    said = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout
    assert said.startswith("ConfigError s3://bucket/run: a package is missing")
    assert "pip install 'drivegen[s3]'" in said


def test_keys_are_never_shown(access: Access) -> None:
    assert "testing" not in repr(access)
    assert "testing" not in repr(Store(access).file("a"))
