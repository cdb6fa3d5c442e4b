"""Recorded scenes on their way into storage: nothing lost, whoever is killed; nothing before it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

import pytest

from drivegen import __version__
from drivegen.core.errors import ConfigError, StorageError
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import FINISHED, Ledger, Mark
from drivegen.runtime.storage import mirror
from drivegen.runtime.storage.access import Access
from drivegen.runtime.storage.config import StorageConfig
from drivegen.runtime.storage.delivery import Delivery
from drivegen.runtime.storage.spool import Order, Spool
from drivegen.runtime.storage.store import Store
from drivegen.runtime.storage.stored_run import StoredRun, withdraw_damaged
from drivegen.runtime.storage.uploader import Uploader
from drivegen.runtime.worker import Assigned
from tests.s3_server import BUCKET, Proxy, fault_proxy, options, s3_server


@pytest.fixture(scope="module")
def s3() -> Iterator[Proxy]:
    with s3_server() as port, fault_proxy(port) as proxy:
        yield proxy


@pytest.fixture
def access(s3: Proxy) -> Access:
    s3.fault = lambda _method, _path: ""
    return Access(
        url=f"s3://{BUCKET}/{uuid4().hex}", options=options(s3.port), part_bytes=5 << 20, timeout_s=20.0
    )


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    found = RunFolder(tmp_path / "run")
    found.create()
    return found


@pytest.fixture
def ledger(folder: RunFolder) -> Iterator[Ledger]:
    with Ledger(folder, exclusive=True) as found:
        found.begin_run()
        yield found


def record(folder: RunFolder, ledger: Ledger, number: int, size: int = 3000) -> Mark:
    """What a recording leaves: plan, log, capture, mark."""
    scene = f"scene-{number:04d}"
    folder.plan(scene).write_text("{}")
    folder.log(scene).write_text("well\n")
    folder.capture(scene).write_bytes(os.urandom(size))
    mark = Mark(
        index=number - 1,
        status=FINISHED,
        plan_sha256=hashlib.sha256(b"{}").hexdigest(),
        version=__version__,
        attempts=1,
        seconds=1.0,
        bytes=size,
        sha256=hashlib.sha256(folder.capture(scene).read_bytes()).hexdigest(),
    )
    ledger.write(mark)
    return mark


def deliver(delivery: Delivery, within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    while delivery.busy() and time.monotonic() < deadline:
        delivery.step()
        time.sleep(0.02)
    assert not delivery.busy()


def assigned(mark: Mark) -> Assigned:
    return Assigned(index=mark.index, scene=mark.scene)


def test_a_scene_is_finished_in_storage_when_all_of_it_lies_there(
    access: Access, folder: RunFolder, ledger: Ledger, s3: Proxy
) -> None:
    s3.seen.clear()
    wanted = {1}
    with closing(Delivery(folder, ledger, access, 1.0, lambda s: int(s[-4:]) in wanted)) as delivery:
        for number in (1, 2):
            mark = record(folder, ledger, number)
            delivery.recorded(assigned(mark), mark)
        while not all((found := ledger.read(n)) and found.stored for n in (0, 1)):
            delivery.step()
            time.sleep(0.02)
        delivery.step()
        assert folder.capture("scene-0001").is_file(), "a stage still wants it"
        wanted.clear()
        deliver(delivery)
    assert not list((folder.root / "captures").iterdir())
    assert delivery.delivered.scenes == 2
    store = Store(access)
    assert list(store.entries("")) == sorted(
        f"{top}/scene-000{n}.{end}"
        for n in (1, 2)
        for top, end in (("captures", "mcap"), ("logs", "log"), ("marks", "json"), ("plans", "json"))
    )
    stored = json.loads(store.read("marks/scene-0001.json") or b"")["stored"]
    assert stored["verified"] == "etag"
    puts = [path.rsplit("/", 2)[-2:] for method, path, _ in s3.seen if method == "PUT"]
    for scene in ("scene-0001", "scene-0002"):
        assert puts.index(["captures", f"{scene}.mcap"]) < puts.index(["marks", f"{scene}.json"])


def test_an_uploader_that_is_killed_in_the_middle_loses_nothing(
    access: Access, folder: RunFolder, ledger: Ledger, s3: Proxy
) -> None:
    marks = [record(folder, ledger, 1, 11 << 20), record(folder, ledger, 2)]
    with closing(Delivery(folder, ledger, access, 1.0)) as delivery:
        killed = 0

        def fault(_method: str, path: str) -> str:
            nonlocal killed
            if "partNumber=2" in path and killed < 1:
                killed += 1
                os.kill(delivery.pid, signal.SIGKILL)
            return ""

        s3.fault = fault
        for mark in marks:
            delivery.recorded(assigned(mark), mark)
        deliver(delivery)
        assert killed == 1
    store = Store(access)
    for mark in marks:
        assert json.loads(store.read(f"marks/{mark.scene}.json") or b"")["stored"]["sha256"] == mark.sha256
        assert hashlib.sha256(store.read(f"captures/{mark.scene}.mcap") or b"").hexdigest() == mark.sha256
    assert not list((folder.root / "captures").iterdir())


def test_storage_that_stays_broken_stops_the_job_and_the_spool_goes_on_later(
    access: Access, folder: RunFolder, ledger: Ledger, s3: Proxy
) -> None:
    mark = record(folder, ledger, 1)
    s3.fault = lambda method, path: "500" if method == "PUT" and "captures" in path else ""
    broken = Access(url=access.url, options=access.options, timeout_s=0.5)
    with closing(Delivery(folder, ledger, broken, 1.0)) as delivery:
        delivery.recorded(assigned(mark), mark)
        with pytest.raises(StorageError, match=r"1 recorded scenes lie in .*run the job again"):
            deliver(delivery)
    assert folder.capture(mark.scene).is_file()
    assert ledger.is_finished(mark.index), "it need not be recorded again"
    assert [n for n in Store(access).entries("") if "marks" in n or "captures" in n] == []
    s3.fault = lambda _method, _path: ""
    with closing(Delivery(folder, ledger, access, 1.0)) as delivery:
        delivery.there(assigned(mark), mark)
        deliver(delivery)
    assert Store(access).read("marks/scene-0001.json")
    assert not folder.capture(mark.scene).exists()


def test_a_job_that_was_killed_before_the_order_was_written_hands_the_scene_over(
    folder: RunFolder, ledger: Ledger, tmp_path: Path
) -> None:
    access = Access(url=f"file://{tmp_path}/store")
    mark = record(folder, ledger, 1)
    with closing(Delivery(folder, ledger, access, 1.0)) as delivery:
        delivery.there(assigned(mark), mark)
        deliver(delivery)
    stored = ledger.read(0)
    assert stored is not None and stored.stored["sha256"] == mark.sha256


def test_a_capture_that_rots_in_the_spool_is_missing_again(
    folder: RunFolder, ledger: Ledger, tmp_path: Path
) -> None:
    access = Access(url=f"file://{tmp_path}/store")
    mark = record(folder, ledger, 1)
    data = bytearray(folder.capture(mark.scene).read_bytes())
    data[1000] ^= 1
    folder.capture(mark.scene).write_bytes(data)
    with closing(Delivery(folder, ledger, access, 1.0)) as delivery:
        delivery.recorded(assigned(mark), mark)
        deliver(delivery)
    assert delivery.delivered.damaged == [mark.scene]
    assert not ledger.is_finished(mark.index)
    assert not folder.capture(mark.scene).exists()
    assert not [n for n in Store(access).entries("") if "marks" in n or "captures" in n]


def test_recording_waits_while_the_spool_is_over_its_bound(
    folder: RunFolder, ledger: Ledger, tmp_path: Path
) -> None:
    access = Access(url=f"file://{tmp_path}/store")
    with closing(Delivery(folder, ledger, access, 5000 / 1e9)) as delivery:
        os.kill(delivery.pid, signal.SIGSTOP)
        held = []
        for number in (1, 2):
            mark = record(folder, ledger, number)
            delivery.recorded(assigned(mark), mark)
            held.append(delivery.hold())
        assert held[0] == ""
        assert "storage.spool_gb=5e-06" in held[1]
        os.kill(delivery.pid, signal.SIGCONT)
        deliver(delivery)
        assert delivery.hold() == ""


def test_two_uploaders_do_not_take_one_order(folder: RunFolder, ledger: Ledger, tmp_path: Path) -> None:
    store = Store(Access(url=f"file://{tmp_path}/store"))
    mark = record(folder, ledger, 1)
    spool = Spool(folder)
    spool.add(Order(scene=mark.scene, files=(), capture="captures/scene-0001.mcap", mark=asdict(mark)))
    with spool.claim(mark.scene) as order:
        assert order is not None
        assert Uploader(folder, store).once() is None
    event = Uploader(folder, store).once()
    assert event is not None and event["event"] == "stored"
    assert Uploader(folder, store).once() is None


def test_another_machine_takes_marks_over_and_refuses_what_is_damaged(
    folder: RunFolder, ledger: Ledger, tmp_path: Path
) -> None:
    storage = StorageConfig(url=f"file://{tmp_path}/store")
    (tmp_path / "store").mkdir()
    folder.config.write_text("seed: 1\n")
    first = StoredRun(storage, folder)
    first.begin()
    assert first.agree(ledger) == []
    with closing(first.delivery(ledger, None)) as delivery:
        for number in (1, 2, 3):
            mark = record(folder, ledger, number)
            delivery.recorded(assigned(mark), mark)
        deliver(delivery)
    ledger.sync()
    first.finish()
    shorter, flipped = (tmp_path / f"store/run/captures/scene-000{n}.mcap" for n in (2, 3))
    shorter.write_bytes(shorter.read_bytes()[:-1])
    data = bytearray(flipped.read_bytes())
    data[7] ^= 1
    flipped.write_bytes(data)

    elsewhere = RunFolder(tmp_path / "elsewhere" / "run")
    elsewhere.create()
    second = StoredRun(storage, elsewhere)
    second.begin()
    assert elsewhere.config.read_text() == "seed: 1\n"
    with Ledger(elsewhere, exclusive=True) as other:
        assert other.runs == 1
        other.begin_run()
        assert second.agree(other) == ["scene-0002"]
        assert [other.is_finished(n) for n in range(3)] == [True, False, True]
        # A folder has no checksum of its own: what was flipped is found when it is read.
        assert withdraw_damaged(elsewhere, other, second) == ["scene-0003"]
        assert [other.is_finished(n) for n in range(3)] == [True, False, False]
        assert list(other.finished()) == [0]
    assert list(second.store.entries("marks")) == ["marks/scene-0001.json"]

    # The marks alone are enough.
    for path in (tmp_path / "store/run/ledger").iterdir():
        path.unlink()
    third = RunFolder(tmp_path / "third" / "run")
    third.create()
    StoredRun(storage, third).begin()
    with Ledger(third, exclusive=True) as other:
        other.begin_run()
        assert StoredRun(storage, third).agree(other) == []
        assert [other.is_finished(n) for n in range(3)] == [True, False, False]

    another = RunFolder(tmp_path / "another" / "run")
    another.create()
    another.config.write_text("seed: 2\n")
    with pytest.raises(ConfigError, match="is of another job"):
        StoredRun(storage, another).begin()


def test_captures_of_a_local_run_are_verified_too(folder: RunFolder, ledger: Ledger) -> None:
    marks = [record(folder, ledger, n) for n in (1, 2)]
    data = bytearray(folder.capture(marks[1].scene).read_bytes())
    data[5] ^= 128
    folder.capture(marks[1].scene).write_bytes(data)
    assert ledger.is_finished(1)
    assert withdraw_damaged(folder, ledger, None) == ["scene-0002"]
    assert [ledger.is_finished(n) for n in (0, 1)] == [True, False]


def test_what_lies_there_already_is_not_sent_again(access: Access, folder: RunFolder) -> None:
    folder.manifest.write_text("{}")
    (folder.root / "index" / "scenes.parquet").write_bytes(b"1")
    (folder.root / "export" / ".nuscenes.parts").mkdir()
    (folder.root / "export" / ".nuscenes.parts" / "half").write_bytes(b"1")
    store = Store(access)
    assert mirror.store_run_files(store, folder) == 2
    assert list(store.entries("")) == ["index/scenes.parquet", "manifest.json"]
    (folder.root / "index" / "frames.parquet").write_bytes(b"2")
    assert mirror.store_run_files(store, folder) == 2  # the manifest is always sent
