"""Jobs whose runs lie in an S3 store: told from outside, with faults on the way."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivegen.capture.place import fetch
from drivegen.capture.reader import CaptureReader
from drivegen.cli.main import main
from drivegen.core.errors import DamagedCaptureError
from drivegen.runtime.storage.access import Access
from drivegen.runtime.storage.store import Store
from tests.integration.test_job import COMMAND
from tests.s3_server import BUCKET, Proxy, fault_proxy, options, s3_server

URL = f"s3://{BUCKET}/runs"


@dataclass
class Storage:
    proxy: Proxy
    store: Store
    home: Path
    """Where the first job ran."""
    stopped: subprocess.CompletedProcess[str]
    captures: dict[str, bytes]
    """In the spool when the storage was broken."""
    visible: list[str]
    """Captures and marks in the storage then."""
    resumed: subprocess.CompletedProcess[str]

    def job(self, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        folder.mkdir(exist_ok=True)
        return generate(folder, self.proxy.port, *words)


def generate(folder: Path, port: int, *words: str) -> subprocess.CompletedProcess[str]:
    command = (
        *(*COMMAND, "generate", "experiment=tiny", "export=none", "report=false", "job.pool=inline"),
        *("storage=s3", f"storage.url={URL}", f"storage.options.endpoint_url=http://127.0.0.1:{port}"),
    )
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing-secret"}
    environment = {**os.environ, **keys, "AWS_DEFAULT_REGION": "us-east-1"}
    return subprocess.run(
        [*command, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """A run of one scene, then of two. Storage answered 500, then cut connections for good; it recovered."""
    home = tmp_path_factory.mktemp("home")
    with s3_server() as port, fault_proxy(port) as proxy:
        seen = 0

        def broken(method: str, path: str) -> str:
            nonlocal seen
            seen += "captures/" in path and method == "PUT"
            return "" if "captures/" not in path or method != "PUT" else "500" if seen < 4 else "cut"

        proxy.fault = broken
        stopped = generate(home, proxy.port, "storage.timeout_s=2")
        store = Store(Access(url=f"{URL}/tiny", options=options(proxy.port)))
        captures = {p.name: p.read_bytes() for p in (home / "runs" / "tiny" / "captures").iterdir()}
        visible = list(store.entries("captures")) + list(store.entries("marks"))
        faults = ["500", "500", "500", "cut", "cut"]
        proxy.fault = lambda method, path: (
            faults.pop(0) if faults and method == "PUT" and "captures/" in path else ""
        )
        resumed = generate(home, proxy.port, "job.scenes=2")
        proxy.fault = lambda _method, _path: ""
        assert not faults
        yield Storage(proxy, store, home, stopped, captures, visible, resumed)


def words_of(port: int) -> list[str]:
    plain = {**options(port), "client_kwargs.region_name": "us-east-1"}
    del plain["client_kwargs"]
    return [w for k, v in plain.items() for w in ("--storage", f"{k}={v}")]


def test_the_run_lies_in_storage_and_no_key_in_the_run(storage: Storage) -> None:
    there = storage.store.entries("")
    for name in ("config.yaml", "manifest.json", "content_hashes.txt", "index/objects.parquet"):
        assert name in there, name
    for top, end in (("captures", "mcap"), ("marks", "json"), ("plans", "json"), ("logs", "log")):
        assert [n for n in there if n.startswith(top)] == [f"{top}/scene-000{n}.{end}" for n in (1, 2)]
    assert any(n.startswith("maps/") for n in there)
    root = storage.home / "runs" / "tiny"
    assert not list((root / "captures").iterdir())
    assert not list((root / "spool").iterdir())
    assert "ledger/000001.jsonl" in there
    for path in (p for p in root.rglob("*") if p.is_file()):
        assert b"testing-secret" not in path.read_bytes(), path
    assert "testing-secret" not in storage.stopped.stderr + storage.resumed.stderr
    for name in there:
        assert b"testing-secret" not in (storage.store.read(name) or b""), name


def test_broken_storage_stops_the_job_which_goes_on_later_without_recording_again(storage: Storage) -> None:
    stopped, resumed = storage.stopped, storage.resumed
    assert stopped.returncode == 2, stopped.stderr
    assert stopped.stderr.count("drivegen: error:") == 1
    assert "the upload failed" in stopped.stderr and "run the job again" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert storage.visible == []
    assert list(storage.captures) == ["scene-0001.mcap"]
    assert resumed.returncode == 0, resumed.stderr
    assert "1 recorded, 1 there already" in resumed.stderr
    for name, data in storage.captures.items():
        assert storage.store.read(f"captures/{name}") == data
        mark = json.loads(storage.store.read(f"marks/{name.replace('.mcap', '.json')}") or b"")
        assert mark["stored"]["sha256"] == hashlib.sha256(data).hexdigest()


def test_queries_and_exports_read_from_there(
    storage: Storage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = words_of(storage.proxy.port)
    assert main(["query", f"{URL}/tiny", "select count(*) as scenes from scenes", *words]) == 0
    assert "2" in capsys.readouterr().out
    url = f"s3://{BUCKET}/sets/nuscenes"
    assert main(["export", f"{URL}/tiny", "format=nuscenes", f"out={url}", *words]) == 0
    assert capsys.readouterr().out == f"{url}\n"
    # The same data set, from copies of the captures.
    root = tmp_path / "local" / "tiny"
    for scene in ("scene-0001", "scene-0002"):
        fetch(storage.store.file(f"captures/{scene}.mcap"), root / "captures" / f"{scene}.mcap")
    assert main(["export", str(root), "format=nuscenes", f"out={tmp_path / 'set'}"]) == 0
    local = {str(p.relative_to(tmp_path / "set")): p for p in (tmp_path / "set").rglob("*") if p.is_file()}
    there = Store(Access(url=url, options=options(storage.proxy.port)))
    assert list(there.entries("")) == sorted(local)
    assert there.read_many(sorted(local)) == {n: p.read_bytes() for n, p in local.items()}


def test_one_frame_does_not_cost_the_whole_file(storage: Storage) -> None:
    before = storage.proxy.bytes_out
    with CaptureReader(storage.store.file("captures/scene-0001.mcap")) as reader:
        frame = next(reader.frames(keyframes=True))
        assert frame.agents["ego"].bgr("CAM_FRONT").any()
        whole = storage.store.entry("captures/scene-0001.mcap")
    assert whole is not None
    # A small capture: its end alone, which is fetched first, is a good part of it.
    assert storage.proxy.bytes_out - before < whole.bytes


@pytest.mark.stress
def test_another_machine_goes_on_from_what_lies_there_and_records_anew_what_is_damaged(
    storage: Storage, tmp_path: Path
) -> None:
    hashes = storage.store.read("content_hashes.txt")
    name = "captures/scene-0002.mcap"
    data = bytearray(storage.store.read(name) or b"")
    data[data.index(b"\xff\xd8\xff") + 200] ^= 1  # within a JPEG
    storage.store.write(name, bytes(data))
    with (
        CaptureReader(storage.store.file(name)) as reader,
        pytest.raises(DamagedCaptureError, match=r"s3://.*scene-0002\.mcap is damaged .*job\.verify=true"),
    ):
        for frame in reader.frames():
            frame.load()
    storage.proxy.seen.clear()
    result = storage.job(tmp_path / "elsewhere", "job.scenes=2")
    assert result.returncode == 0, result.stderr
    assert "captures that are not what was written, to be recorded anew: scene-0002" in result.stderr
    assert "1 recorded, 1 there already" in result.stderr
    sent = {p.split("?")[0] for m, p, _ in storage.proxy.seen if m == "PUT" and "captures/" in p}
    assert sent == {f"/{BUCKET}/runs/tiny/{name}"}
    assert storage.store.read("content_hashes.txt") == hashes
    with CaptureReader(storage.store.file(name)) as reader:
        reader.verify()


@pytest.mark.stress
def test_a_full_disk_stops_the_job_and_leaves_no_half_file(tmp_path: Path) -> None:
    """The run folder lies on a file system of one megabyte."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed: no small file system can be made")
    job = " ".join(
        (
            *(f"'{sys.executable}'", "-m", "drivegen.cli.main", "generate", "experiment=tiny"),
            *("export=none", "report=false", "job.pool=inline", "job.least_free_gb=0", "job.runs_dir=small"),
        )
    )
    script = (
        "mkdir small && mount -t tmpfs -o size=1m none small || exit 77\n"
        f"{job}\ncode=$?\nfind small -type f\nexit $code"
    )
    result = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    if result.returncode == 77 or "unshare" in result.stderr:
        pytest.skip(f"no small file system can be mounted here: {result.stderr}")
    assert result.returncode == 2, result.stderr
    assert "No space left on device" in result.stderr
    assert result.stderr.count("drivegen: error:") == 1
    assert not [line for line in result.stdout.splitlines() if ".mcap" in line]


def test_a_wrong_bucket_is_told_before_anything_is_recorded(storage: Storage, tmp_path: Path) -> None:
    result = storage.job(tmp_path, "storage.url=s3://no-such-bucket/x")
    assert result.returncode == 2
    assert "create the bucket" in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.rglob("*.mcap"))
