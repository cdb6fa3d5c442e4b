"""The page of a data set."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from drivegen.core.errors import ExportError
from drivegen.report.dataset import flat, flat_view, nuscenes
from drivegen.report.dataset.folder import Folder, read_folder
from drivegen.report.facts import RunFacts, SceneFacts, read_facts
from drivegen.report.film import make_film
from drivegen.report.html import StrangeView, WholeFile, render
from drivegen.report.inventory import count
from drivegen.report.pictures import Image, draw_box
from drivegen.report.portraits import cut_out, draw_above
from drivegen.report.repeats import find_empty
from drivegen.report.rows import read_labels
from drivegen.report.scenes import HERO_PX, THUMB_PX, AgentView, Picture, SceneView, film_view, picture
from drivegen.report.strange.choose import Strangeness, find_strange
from drivegen.report.strange.finding import TITLES, Finding
from drivegen.report.verdict import LOOK, OK, WRONG, Check, checks_of

_PICTURES = 12
_SCENES_SHOWN = 6
_FILMS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetView:
    """What the page has of a data set beside what runs have."""

    folder: Folder
    hero: Picture | None
    pictures: tuple[Picture, ...]
    pictures_are: str
    charts: tuple[tuple[str, str], ...]
    odd: tuple[tuple[flat_view.OddBox, Picture | None], ...]
    images: int
    empty: tuple[str, ...]
    empty_count: int
    labels_read: bool
    note: str


def write_dataset_report(root: Path, out: Path) -> None:
    """Writes the report of a data set.

    Args:
        root: Its folder.
        out: The page; not inside of `root`, where `drivegen verify` would find a file too many.

    Raises:
        ExportError: The folder holds no data set of drivegen's, or a file of it cannot be read.
        CaptureError: The page cannot be written.
    """
    if out.resolve().is_relative_to(root.resolve()):
        raise ExportError(f"{out} is inside of the data set, to which it does not belong; give another --out")
    folder = read_folder(root)
    with WholeFile(out) as file:
        try:
            file.write(_page(folder))
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            if isinstance(error, OSError) and error.filename is None:
                raise
            what = f"{type(error).__name__}: {error}"
            raise ExportError(f"{root}: its labels cannot be read ({what}); run drivegen verify") from error


def _page(folder: Folder) -> str:
    if folder.format in nuscenes.FORMATS:
        return _page_of_tables(folder)
    if folder.format in flat.FORMATS:
        return _page_of_images(folder)
    return _page_of_files(folder)


def _facts(folder: Folder, objects: int = 0, tracks: int = 0) -> RunFacts:
    return RunFacts(
        name=f"{folder.root.name} ({folder.format})" if folder.root.name != folder.format else folder.format,
        scenes=tuple(
            SceneFacts(
                name=s.name,
                map=s.map,
                weather=s.weather,
                hour=s.hour,
                duration_s=s.seconds,
                frames=s.frames,
                keyframes=s.keyframes,
                tracks=0,
                content_sha256=s.capture_sha256,
                seconds=None,
                attempts=None,
                stages=(),
            )
            for s in folder.scenes
        ),
        planned=None,
        set_aside=(),
        objects=objects,
        tracks=tracks,
        capture_bytes=folder.bytes,
        wishes=(),
        classes=(),
        distances=(),
        visibilities=(),
        job_seconds=(),
        stage_totals=(),
    )


def _rendered(folder: Folder, facts: RunFacts, checks: list[Check], view: DatasetView, **parts: Any) -> str:
    empty: dict[str, Any] = {
        "inventory": None,
        "sensors": None,
        "repeats": folder.repeats,
        "strange": None,
        "strange_views": [],
        "company": None,
        "looks": [],
        "views": [],
        "maps": (),
        "maps_in_all": 0,
        "measures": (),
    }
    whole = Check(
        name="All files of the manifest are there",
        state=WRONG if folder.missing_count else OK,
        found=f"{folder.missing_count} of {folder.files:,} missing or of another size (bytes: verify)",
        link="dataset",
    )
    splits = {s.split for s in folder.scenes}
    leak = len(folder.repeats.same_scenes)
    dealt = Check(
        name="Splits share no scene",
        state=WRONG if leak else OK,
        found=f"{len(folder.scenes)} scenes in {len(splits)} split{'' if len(splits) == 1 else 's'}",
        link="dataset",
    )
    return render(run=facts, dataset=view, checks=[whole, dealt, *checks], **{**empty, **parts})


def _page_of_files(folder: Folder) -> str:
    """A format whose labels the report does not read: files, scenes, and pictures of some images."""
    chosen = _evenly(folder.images, _PICTURES)
    shown = []
    for name in chosen:
        image = cv2.imread(str(folder.root / name), cv2.IMREAD_COLOR)
        if image is not None:
            shown.append(picture(np.asarray(image), THUMB_PX, name, name))
    view = _view(
        folder,
        shown,
        "Some of its colour images, evenly chosen." if shown else "",
        note=f"The report does not read the labels of {folder.format}: it tells of files, scenes and images"
        " alone. The report of the run tells of the labels.",
    )
    twice = folder.repeats.wrong
    check = Check(
        name="Nothing is there twice",
        state=WRONG if twice else OK,
        found=f"{twice} of {folder.repeats.compared:,} files of images and points",
        link="repeats",
    )
    return _rendered(folder, _facts(folder), [check], view)


def _page_of_images(folder: Folder) -> str:
    counts = flat_view.count_images(flat.read_images(folder.root, folder.format))
    shown = []
    hero = None
    for image in flat_view.most_crowded(counts):
        boxes = len(image.boxes)
        drawn = flat_view.draw_image(folder.root, image)
        if drawn is not None:
            title = f"{image.file}: {boxes} box{'' if boxes == 1 else 'es'}"
            hero = hero or picture(drawn, HERO_PX, title, title)
            shown.append(picture(drawn, THUMB_PX, title, title))
    odd = []
    for item in flat_view.strangest(counts):
        cut = flat_view.cut_box(folder.root, item)
        alt = f"the {item.box.name} in {item.image.file}"
        odd.append((item, None if cut is None else picture(cut, cut.shape[1], "", alt)))
    view = replace(
        _view(
            folder,
            shown,
            "The images with most boxes, as the labels of the data set have them; one of a folder.",
        ),
        hero=hero,
        charts=tuple(flat_view.charts_of(counts)),
        odd=tuple(odd),
        images=counts.images,
        empty=tuple(counts.empty),
        empty_count=counts.empty_count,
        labels_read=True,
    )
    facts = replace(_facts(folder, counts.boxes), classes=flat_view.class_bars(counts))
    checks = [
        Check(
            name="Nothing is there twice",
            state=WRONG if folder.repeats.wrong else OK,
            found=f"{folder.repeats.wrong} of {folder.repeats.compared:,} files of images and points",
            link="repeats",
        ),
        Check(
            name="No image without a label",
            state=LOOK if counts.empty_count else OK,
            found=f"{counts.empty_count:,} of {counts.images:,} images",
            link="dataset",
        ),
        Check(
            name="Boxes that cannot be so",
            state=WRONG if counts.wrong_count else OK,
            found=f"{counts.wrong_count:,} of {counts.boxes:,} boxes",
            link="dataset",
        ),
    ]
    return _rendered(folder, facts, checks, view)


def _page_of_tables(folder: Folder) -> str:
    tables = nuscenes.Tables(folder.root)
    with tempfile.TemporaryDirectory() as scratch:
        run = Path(scratch)
        nuscenes.write_index(tables, folder, run)
        read = read_facts(run, ())
        facts = replace(read, name=_facts(folder).name, capture_bytes=folder.bytes)
        names = [s.name for s in facts.scenes]
        strange = find_strange(run, names, lambda _: None, 0.0, sizes_m=nuscenes.SIZES_M)
        views = [
            _scene_view(run, tables, s, number < _FILMS)
            for number, s in enumerate(_evenly(facts.scenes, _SCENES_SHOWN))
        ]
        found, empty_count = find_empty(run)
        repeats = replace(folder.repeats, empty=found, empty_count=empty_count)
        view = _view(folder, [], "")
        return _rendered(
            folder,
            facts,
            checks_of(None, repeats, strange, None),
            replace(
                view,
                labels_read=True,
                note="Read from its tables, keyframes alone. Classes are the report's names of categories;"
                " visibility is known in four steps.",
            ),
            inventory=count(run),
            repeats=repeats,
            strange=strange,
            strange_views=_portraits(run, tables, strange),
            views=[v for v in views if v is not None],
        )


def _scene_view(run: Path, tables: nuscenes.Tables, facts: SceneFacts, filmed: bool) -> SceneView | None:
    scene = next(s for s in tables.scenes if s["name"] == facts.name)
    samples = tables.samples.get(scene["token"], [])
    if not samples:
        return None
    number = max(range(len(samples)), key=lambda i: (len(tables.labels.get(samples[i]["token"], [])), -i))
    drawn: list[tuple[int, str, Image]] = []
    for camera in tables.views(samples[number]):
        image, boxes = nuscenes.draw_view(tables, samples[number], camera)
        if image is not None:
            drawn.append((boxes, camera.name, image))
    film = make_film(run, facts.name)
    if film is None and not drawn:
        return None
    still = (
        None
        if film is None
        else picture(film.still, film.still.shape[1], "From above", f"{facts.name} from above")
    )
    hero = still
    if drawn:
        boxes, name, image = max(drawn, key=lambda d: (d[0], "FRONT" in d[1]))
        hero = picture(image, HERO_PX, name, f"{name} with {boxes} boxes")
    assert hero is not None
    views = AgentView(
        agent="ego",
        kind="ego",
        frame=number,
        cameras=tuple(picture(i, THUMB_PX, n, f"ego/{n} with {b} boxes") for b, n, i in drawn),
        more=0,
    )
    return SceneView(
        facts=facts,
        frame=number,
        time_s=(int(samples[number]["timestamp"]) - int(samples[0]["timestamp"])) / 1e6,
        hero=hero,
        agents=(views,) if drawn else (),
        more_agents=0,
        labels=(),
        labels_of="",
        birdseye=None,
        film=film_view(film, facts.name) if film is not None and filmed else None,
        objects=len(tables.labels.get(samples[number]["token"], [])),
    )


def _portraits(run: Path, tables: nuscenes.Tables, strange: Strangeness) -> list[StrangeView]:
    tokens = {str(s["name"]): str(s["token"]) for s in tables.scenes}
    return [_portrait(run, tables, tables.samples[tokens[f.scene]][f.frame], f) for f in strange.shown]


def _portrait(run: Path, tables: nuscenes.Tables, sample: nuscenes.Row, found: Finding) -> StrangeView:
    about = f"the {found.kind} of track {found.track}"
    crop, camera = None, ""
    thing = next((o for _, o in tables.objects(sample) if o.track_id == found.track), None)
    if thing is not None:
        seen = [(b, v) for v in tables.views(sample) if (b := nuscenes.box_in_view(v, thing)) is not None]
        if seen:
            box, view = max(seen, key=lambda s: (s[0][2] - s[0][0]) * (s[0][3] - s[0][1]))
            image = cv2.imread(str(tables.root / view.file), cv2.IMREAD_COLOR)
            if image is not None:
                draw_box(image, view.camera, view.map_ego, thing, 1)
                cut = cut_out(np.asarray(image), box)
                crop, camera = picture(cut, cut.shape[1], view.name, f"{about} in {view.name}"), view.name
    above, reach_m = draw_above(read_labels(run, found.scene), found)
    return StrangeView(
        finding=found,
        title=TITLES[found.check],
        crop=crop,
        camera=camera,
        above=None if above is None else picture(above, above.shape[1], "from above", f"{about} from above"),
        reach_m=reach_m,
    )


def _view(folder: Folder, shown: list[Picture], pictures_are: str, note: str = "") -> DatasetView:
    return DatasetView(
        folder=folder,
        hero=shown[0] if shown else None,
        pictures=tuple(shown),
        pictures_are=pictures_are,
        charts=(),
        odd=(),
        images=len(folder.images),
        empty=(),
        empty_count=0,
        labels_read=False,
        note=note,
    )


def _evenly(items: Any, most: int) -> list[Any]:
    if not items:
        return []
    return [items[int(i)] for i in np.linspace(0, len(items) - 1, min(most, len(items)))]
