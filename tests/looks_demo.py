"""`make looks-demo`: the looks stage, whole, over a diffusion pipeline of random weights, on any machine.

python -m tests.looks_demo [RUNS_FOLDER]

Records two short scenes, gives them two looks through `drivegen generate`, has them judged, exports one as
nuScenes, and checks what the stage promises; each claim is printed with its figure, and the command ends with
1 if one fails. The pictures are coloured noise: the weights were never trained.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.images import decode_jpeg
from drivegen.capture.look_file import LookFile, look_path
from drivegen.capture.looks import LookOrder, make_looks
from drivegen.capture.reader import CaptureReader
from drivegen.core.looks import Style
from drivegen.core.verdicts import Verdict, VerdictRates
from drivegen_exporters.nuscenes.tables import token

LOOK = "diffused"
HAZE = "haze"
PARAMS: dict[str, Any] = {"long_side_px": 128, "steps": 4, "batch": 2, "scenes": 2}
LEAST_PIXELS = 40
SPLITS = ("splits.train=0.5", "splits.val=0.5", "splits.test=0")
"""A scene for each, so that the devkit has something to evaluate."""
JOB = (
    "experiment=tiny", "job.scenes=2", "job.stage_backlog=2", "job.seed=2", "report=false",
    "traffic.vehicles=24", "pedestrians.pedestrians=16",
)  # fmt: skip


class Claims:
    """What is claimed, and whether it holds."""

    def __init__(self) -> None:
        self.failed = 0

    def hold(self, claim: str, holds: bool, figure: str) -> None:
        self.failed += not holds
        print(f"{'yes' if holds else 'NO ':4} {claim}: {figure}", flush=True)


def main() -> int:
    runs = Path(sys.argv[1] if len(sys.argv) > 1 else "runs").resolve()
    run, weights = runs / "looks-demo", runs / "looks-demo-weights"
    shutil.rmtree(run, ignore_errors=True)
    shutil.rmtree(weights, ignore_errors=True)
    claims = Claims()
    timed("a pipeline of random weights is saved", lambda: _save(weights))
    words = [
        f"job.runs_dir={runs}", "job.name=looks-demo", *JOB, f"look=[{LOOK},{HAZE}]", f"export.look={LOOK}",
        *(f"export.{share}" for share in SPLITS),
        *(f"+look.{name}.judges={{edges: {{}}, segmenter: {{}}}}" for name in (LOOK, HAZE)),
        *(f"look.{name}.verdicts.least_pixels={LEAST_PIXELS}" for name in (LOOK, HAZE)),
        f"look.{LOOK}.params.weights={weights}", *(f"look.{LOOK}.params.{k}={v}" for k, v in PARAMS.items()),
    ]  # fmt: skip
    plain = [w for w in words if "look" not in w.split("=")[0] and not w.startswith("export.")]
    timed("two scenes are recorded", lambda: _generate([*plain, "export=none"]))
    timed("they get their looks, judged, and are exported", lambda: _generate(words))
    _check_look(claims, run, weights)
    _check_export(claims, run)
    _check_verdicts(claims, run)
    _check_resume(claims, run, words)
    timed("the same, another seed, no controls", lambda: _check_same_and_other(claims, run))
    print(f"{'all claims hold' if not claims.failed else f'{claims.failed} claims FAILED'}; see {run}")
    return 1 if claims.failed else 0


def timed(what: str, work: Any) -> None:
    start = time.monotonic()
    work()
    print(f"     {what}: {time.monotonic() - start:.1f} s", flush=True)


def _save(weights: Path) -> None:
    from drivegen_generators.appearance.tiny_pipeline import save_tiny

    save_tiny(weights)


def _generate(words: Sequence[str]) -> None:
    _drivegen("generate", *words)


def _drivegen(*words: str) -> None:
    command = [sys.executable, "-m", "drivegen.cli.main", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")


def _captures(run: Path) -> list[Path]:
    return sorted((run / "captures").glob("*.mcap"))


def _images(capture: Path, look: str) -> np.ndarray:
    with CaptureReader(capture, look=look) as reader:
        return np.stack([image.bgr for image in Clip(reader).images()])


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def _check_look(claims: Claims, run: Path, weights: Path) -> None:
    captures = _captures(run)
    with LookFile(look_path(captures[0], LOOK)) as look:
        making, facts = look.making, look.origin.facts
    told, errors = making["back_end"], making["warp_error"]
    models = sum(1 for _ in weights.rglob("*.safetensors"))
    claims.hold(
        "the pipeline was loaded from its folder",
        told["pipeline"].endswith("ControlNetImg2ImgPipeline") and len(facts["weights_sha256"]) == 64,
        f"{told['pipeline']}, {facts['licence']}, {models} models",
    )
    claims.hold(
        "batches were filled across scenes",
        told["scenes_together"] == 2 and told["images"] == 2 * told["batches"],
        f"{told['images']} images of {told['scenes_together']} scenes in {told['batches']} batches",
    )
    claims.hold(
        "warp errors are in the look's file, the simulator's beside it",
        errors["samples"] > 0 and errors["look"] is not None and errors["simulator"] is not None,
        f"{errors['look']:.4f} and {errors['simulator']:.4f}, {errors['samples']} samples",
    )
    claims.hold("the model was busy", 0 < told["busy_share"] <= 1, f"{told['busy_share']:.0%} of the time")
    apart = [_apart(_images(c, LOOK), _images(c, "")) for c in captures]
    claims.hold("images look other than the simulator's", min(apart) > 5, f"{min(apart):.1f} of 255")


def _check_export(claims: Claims, run: Path) -> None:
    data_set = run / "export" / f"nuscenes_{LOOK}"
    records = json.loads((data_set / "v1.0-drivegen" / "sample_data.json").read_text())
    pictures = [data_set / r["filename"] for r in records if r["filename"].endswith(".jpg")]
    made = {_hash(image) for capture in _captures(run) for image in _images(capture, LOOK)}
    # Files differ from the look's by a mark that says how they were made; what they show does not.
    found = {_hash(decode_jpeg(p.read_bytes())) for p in pictures}
    claims.hold("nuScenes holds the look's images", found == made and bool(found), f"{len(found)} pictures")
    sizes = {decode_jpeg(p.read_bytes()).shape for p in pictures}
    told = {(r["height"], r["width"], 3) for r in records if r["filename"].endswith(".jpg")}
    claims.hold("their size is the one that its calibration is for", sizes == told, str(sorted(sizes)))


def _check_verdicts(claims: Claims, run: Path) -> None:
    """Judges tell noise, in which nothing is left, from haze, which harms nothing."""
    rates, due, dropped = {}, 0, set()
    for name in (LOOK, HAZE):
        rates[name] = VerdictRates()
        for capture in _captures(run):
            with CaptureReader(capture, look=name) as reader:
                assert reader.verdict_rates is not None
                rates[name] += reader.verdict_rates
                if name == LOOK:
                    due += sum(_seen(image) for image in Clip(reader).images())
                    dropped |= {
                        token(reader.scene, "sample_annotation", track, image.time_ns)
                        for image in reader.all_verdicts()
                        for track in image.dropped
                    }
    judged = {name: found.judged for name, found in rates.items()}
    each = set(judged.values()) == {due} and due > 0
    claims.hold("every object that shows has a verdict", each, str(judged))
    kept = {name: found.share(Verdict.KEPT) for name, found in rates.items()}
    told = ", ".join(f"{name} {share:.0%}" for name, share in kept.items())
    claims.hold("noise keeps few objects, haze most", kept[LOOK] < 0.3 and kept[HAZE] > 0.8, told)
    plain = run / "export" / "nuscenes_plain"
    timed(
        "the simulator's images are exported too",
        lambda: _drivegen("export", str(run), "format=nuscenes", f"out={plain}", *SPLITS),
    )
    labels, left = _annotations(plain), _annotations(run / "export" / f"nuscenes_{LOOK}")
    gone = labels - left
    claims.hold(
        "nuScenes lacks the labels of what was lost, and no others",
        left < labels and gone == labels & dropped,
        f"{len(labels)} labels, {len(gone)} left out",
    )
    lines = (run / "export" / f"nuscenes_{LOOK}" / "verdicts.jsonl").read_text().splitlines()
    claims.hold(
        "nuScenes carries the verdicts", len(lines) == rates[LOOK].images, f"{len(lines)} judged images"
    )


def _seen(image: ClipImage) -> int:
    """Objects of which an image shows enough to be judged, counted in its instance image."""
    ids, pixels = np.unique(image.instance, return_counts=True)
    labelled = {label.track_id & 0xFFFF for label in image.objects}
    return sum(int(i) in labelled and n >= LEAST_PIXELS for i, n in zip(ids, pixels, strict=True))


def _annotations(data_set: Path) -> set[str]:
    rows = json.loads((data_set / "v1.0-drivegen" / "sample_annotation.json").read_text())
    return {row["token"] for row in rows}


def _hash(image: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(image)).hexdigest()


def _check_resume(claims: Claims, run: Path, words: Sequence[str]) -> None:
    files = sorted(p for folder in ("captures", "looks", "export") for p in (run / folder).rglob("*.*"))
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in files if p.suffix in (".mcap", ".jpg")}
    timed("run again", lambda: _generate(words))
    again = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in before}
    claims.hold("run again, nothing is made anew", before == again, f"{len(before)} files untouched")


def _check_same_and_other(claims: Claims, run: Path) -> None:
    """In a copy of the run, with the order that the look's file tells of."""
    captures = _captures(run)
    with LookFile(look_path(captures[0], LOOK)) as look:
        origin = look.origin
    order = LookOrder(
        name=LOOK,
        plugin=origin.plugin,
        params=origin.params,
        style=Style(**origin.style),
        jpeg_quality=origin.jpeg_quality,
    )
    seeds = {}
    for capture in captures:
        with LookFile(look_path(capture, LOOK)) as look:
            seeds[capture.stem] = look.origin.seed
    with tempfile.TemporaryDirectory() as place:
        there = Path(place) / "captures"
        shutil.copytree(run / "captures", there)
        copies = _captures(Path(place))

        def images(name: str, params: dict[str, Any], seed_shift: int = 0) -> list[np.ndarray]:
            from drivegen_generators.appearance.diffusers_image import DiffusersImage

            class Seeded(DiffusersImage):
                """Takes the seeds that the first look took."""

                def images_of_all(self, clips: Any, style: Style) -> Any:
                    own = [(c, seeds[c.plan.scene] + seed_shift) for c, _ in clips]
                    return super().images_of_all(own, style)

            maker = Seeded(**params)
            made = make_looks(copies, replace(order, name=name, params=params), maker)
            if bad := next((m for m in made if isinstance(m, Exception)), None):
                raise bad
            return [_images(c, name) for c in copies]

        first = [_images(c, LOOK) for c in captures]
        same, other = images("same", order.params), images("other", order.params, seed_shift=1)
        off = [{"control": c, "scale": 0.0} for c in order.params["controls"]]
        unled = images("unled", {**order.params, "controls": off})
    equal = all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    claims.hold("the same seed and batch give the same images", equal, f"{sum(map(len, same))} compared")
    seed_apart = _apart(np.concatenate(first), np.concatenate(other))
    claims.hold("another seed gives others", seed_apart > 1.0, f"{seed_apart:.1f} of 255")
    led_apart = _apart(np.concatenate(first), np.concatenate(unled))
    claims.hold("controls matter: scale 0 differs from 1", led_apart > 1.0, f"{led_apart:.1f} of 255")


if __name__ == "__main__":
    sys.exit(main())
