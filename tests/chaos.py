"""Chaos: a job whose processes are killed at random must end as if nothing had happened.

python -m tests.chaos [--scenes 40] [--workers 2] [--kills 50] [--every 4] [WORD ...]

Runs a job undisturbed, then the same beside a killer that sends SIGKILL to a random process of it every few
seconds; when the driver is hit, or gives up, it is run again. After the kills it runs to its end.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

COMMAND = (sys.executable, "-m", "drivegen.cli.main", "generate", "experiment=tiny", "report=false")
MARK = "DRIVEGEN_CHAOS"
GONE_WITHIN_S = 30.0
"""So long the processes of a killed driver may take to notice it."""

_KINDS = {
    "server": ("drivegen.cli.main serve", "drivegen serve"),
    "recorder": ("drivegen.runtime.recorder",),
    "uploader": ("drivegen.runtime.storage.uploader",),
    "raylet": ("raylet/raylet",),
    "gcs": ("gcs_server",),
    "worker": ("ray::",),
    "driver": ("drivegen.cli.main generate",),
}
"""Words of command lines by kind of process, those that name it best first."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process of the job."""

    pid: int
    kind: str


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What became of the disturbed job."""

    planned: int
    finished: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    equal: bool = False
    left: list[str] = field(default_factory=list)
    """Processes that still run, files that are half-written."""

    @property
    def is_good(self) -> bool:
        """Whether all is as in the undisturbed run."""
        return self.finished == self.planned and self.equal and not self.left

    def __str__(self) -> str:
        return (
            f"chaos: {self.planned} scenes planned, {self.finished} finished, {self.kills.total()} kills, "
            f"hashes equal {'yes' if self.equal else 'no'}, {len(self.left)} processes or part files left"
        )


def processes(token: str) -> list[Running]:
    """Those that carry the mark in their environment, as all descendants of the job do."""
    found = []
    wanted = f"{MARK}={token}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if wanted not in (entry / "environ").read_bytes().split(b"\0"):
                continue
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if line:  # a process that has ended and is not yet reaped has none
            kind = next((k for k, words in _KINDS.items() if any(w in line for w in words)), "other")
            found.append(Running(int(entry.name), kind))
    return found


def part_files(folder: Path) -> list[str]:
    """Files that somebody began and did not end."""
    return [
        str(p) for p in folder.rglob("*") if p.is_file() and (".part" in p.name or p.name.startswith("."))
    ]


class Disturbed:
    """A job and what is done to it."""

    def __init__(self, folder: Path, words: list[str], seed: int) -> None:
        self._folder = folder
        self._words = words
        self._dice = random.Random(seed)
        self._token = secrets.token_hex(8)
        self._log = (folder / "job.log").open("ab")
        self._job: subprocess.Popen[bytes] | None = None
        self.kills: Counter[str] = Counter()
        self.starts = 0

    def keep_running(self) -> bool:
        """Starts the job, again if it was killed or gave up. False when it has come to its end."""
        if self._job is not None:
            code = self._job.poll()
            if code is None:
                return True
            if code == 0:
                return False
            self.wait_until_alone()
        self.starts += 1
        self._job = subprocess.Popen(
            [*COMMAND, *self._words],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, MARK: self._token},
        )
        return True

    def kill_one(self) -> None:
        """A process of a kind drawn first, so that drivers are hit as often as the many others."""
        there = processes(self._token)
        kinds = sorted({p.kind for p in there})
        # One that only starts has lost nothing: on a busy machine nothing but drivers would be hit.
        if "recorder" in kinds:
            kind = self._dice.choice(kinds)
            victim = self._dice.choice(sorted((p for p in there if p.kind == kind), key=lambda p: p.pid))
            try:
                os.kill(victim.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            self.kills[kind] += 1

    def pause(self, mean_s: float) -> None:
        """Between kills."""
        time.sleep(self._dice.uniform(0.3, 1.7) * mean_s)

    def wait_until_alone(self) -> list[str]:
        """What still runs of a job without a driver, at the latest after GONE_WITHIN_S."""
        deadline = time.monotonic() + GONE_WITHIN_S
        while (there := processes(self._token)) and time.monotonic() < deadline:
            time.sleep(0.2)
        return [f"{p.kind} {p.pid}" for p in there]

    def close(self) -> None:
        """Ends what is left of it, by the mark alone."""
        for process in processes(self._token):
            os.kill(process.pid, signal.SIGKILL)
        if self._job is not None:
            self._job.wait()
        self._log.close()


def hashes(run: Path) -> list[str]:
    """The content hash of each scene; none when the job did not get so far."""
    try:
        return (run / "content_hashes.txt").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def chaos(
    folder: Path, *, scenes: int, workers: int, kills: int, every_s: float, words: list[str], seed: int = 0
) -> Verdict:
    """Both runs, below a folder; raises RuntimeError when the undisturbed one fails."""
    # A kill costs an attempt of the scene that it hits.
    words = [
        f"job.scenes={scenes}",
        f"job.workers={workers}",
        "job.pool=ray",
        f"job.max_attempts={kills + 1}",
        *words,
    ]
    for name in ("calm", "chaos"):
        (folder / name).mkdir(parents=True)
    # Runs go into a storage, so that there is an uploader to be killed.
    stores = {name: folder / name / "store" for name in ("calm", "chaos")}
    calm = subprocess.run(
        [*COMMAND, *words, f"storage.url=file://{stores['calm']}"],
        cwd=folder / "calm",
        capture_output=True,
        text=True,
        check=False,
    )
    if calm.returncode:
        raise RuntimeError(f"the undisturbed job failed: {calm.stderr[-2000:]}")
    verdict = Verdict(planned=scenes)
    job = Disturbed(folder / "chaos", [*words, f"storage.url=file://{stores['chaos']}"], seed)
    try:
        while job.kills.total() < kills and job.keep_running():
            job.pause(every_s)
            job.kill_one()
        while job.keep_running():
            time.sleep(0.5)
        verdict.left = job.wait_until_alone()
    finally:
        job.close()
    calm_hashes, chaos_hashes = (hashes(stores[name] / "tiny") for name in ("calm", "chaos"))
    verdict.kills, verdict.starts = job.kills, job.starts
    verdict.finished = len(chaos_hashes)
    verdict.equal = calm_hashes == chaos_hashes != []
    verdict.left += part_files(folder / "chaos")
    return verdict


def main() -> int:
    """The command."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--every", type=float, default=4.0, help="seconds between kills, on average")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=None, help="keeps the runs there")
    parser.add_argument("word", nargs="*", help="of drivegen generate")
    chosen = parser.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="drivegen-chaos-"))
    verdict = chaos(
        folder,
        scenes=chosen.scenes,
        workers=chosen.workers,
        kills=chosen.kills,
        every_s=chosen.every,
        words=chosen.word,
        seed=chosen.seed,
    )
    sys.stdout.write("".join(f"left: {thing}\n" for thing in verdict.left))
    hit = ", ".join(f"{kind} {number}" for kind, number in sorted(verdict.kills.items()))
    sys.stdout.write(f"killed: {hit}; started {verdict.starts} times\n{verdict}\n")
    if chosen.folder is None and verdict.is_good:
        shutil.rmtree(folder)
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
