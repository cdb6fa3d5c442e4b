"""The page: what it says, and that it stands alone."""

from __future__ import annotations

import base64
import dataclasses
import io
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from lxml import html
from PIL import Image

from drivegen.capture.export.preview import mark_size
from drivegen.capture.index import build_index, query
from drivegen.core.errors import CaptureError
from drivegen.core.sensors import Camera
from drivegen.report import html as report
from drivegen.report.html import amount, size, span, write_report


@pytest.fixture(scope="module")
def document(page: Path) -> html.HtmlElement:
    return html.fromstring(page.read_text(encoding="utf-8"))


def rows(document: html.HtmlElement, heading: str) -> dict[str, list[str]]:
    """Cells by row head of the tables of a heading's section; of rows with the same head the first."""
    (found,) = (h for h in document.iter("h2", "h3") if h.text_content() == heading)
    scope = found.getparent()
    out: dict[str, list[str]] = {}
    for tr in scope.iter("tr"):
        if tr.find("td") is not None:
            head = tr.findtext(".//th") or tr.find("th").text_content()
            out.setdefault(head, [td.text_content() for td in tr.iter("td")])
    return out


def test_the_page_needs_nothing_but_itself(page: Path, document: html.HtmlElement) -> None:
    text = page.read_text(encoding="utf-8")
    without_pictures = re.sub(r"data:image/(webp|gif);base64,[A-Za-z0-9+/=]+", "", text)
    assert not re.search(r"https?://|//\w|url\(|@import|<script|<link|<iframe", without_pictures)
    (scenes,) = (s for s in document.iter("section") if s.get("id") == "scenes")
    assert len(list(scenes.iter("img"))) == 2 * (6 + 1 + 1 + 7)
    for image in document.iter("img"):
        kind, data = image.get("src").removeprefix("data:image/").split(";base64,")
        decoded = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
        assert kind in {"webp", "gif"}
        assert decoded.shape[:2] == (int(image.get("height")), int(image.get("width")))
        assert decoded.std() > 4, f"{image.get('alt')} is blank"
        assert image.get("alt")


def test_every_picture_bears_the_visible_mark(document: html.HtmlElement) -> None:
    """White letters on a darkened plate: in every picture, and in every moment of films."""
    checked = 0
    stills = [s.get("srcset") for s in document.iter("source")]
    assert len(stills) == 2
    for source in (*stills, *(i.get("src") for i in document.iter("img"))):
        with Image.open(io.BytesIO(base64.b64decode(source.partition(";base64,")[2]))) as picture:
            for number in range(getattr(picture, "n_frames", 1)):
                picture.seek(number)
                shown = np.asarray(picture.convert("L"))
                rows, columns = mark_size(*shown.shape)
                plate = shown[-rows:, -columns:]
                letters = (plate > 160).mean()
                assert 0.04 < letters < 0.4, f"{letters:.2f} of the corner is bright"
                assert np.percentile(plate, 50) < 80
                checked += 1
    assert checked > 40


def test_every_link_leads_somewhere(document: html.HtmlElement) -> None:
    ids = {e.get("id") for e in document.iter() if e.get("id")}
    links = [a.get("href") for a in document.iter("a")]
    assert len(links) > 15 and {link.removeprefix("#") for link in links} <= ids


def test_all_kinds_of_labels_are_shown(document: html.HtmlElement) -> None:
    (scenes,) = (s for s in document.iter("section") if s.get("id") == "scenes")
    captions = [c.text_content().split(",")[0] for c in scenes.iter("figcaption")]
    for kind in ("Colour", "Depth", "Semantic", "Instance", "LiDAR", "Normals", "Flow"):
        assert captions.count(kind) == 2


def test_films_move_and_are_small(document: html.HtmlElement) -> None:
    films = [i.get("src") for i in document.iter("img") if i.get("src").startswith("data:image/gif")]
    assert len(films) == 2
    for film in films:
        data = base64.b64decode(film.removeprefix("data:image/gif;base64,"))
        assert len(data) < 400_000
        with Image.open(io.BytesIO(data)) as picture:
            first = np.asarray(picture.convert("RGB")).astype(int)
            assert picture.n_frames == 12
            picture.seek(11)
            assert np.abs(np.asarray(picture.convert("RGB")).astype(int) - first).max() > 80


def test_text_from_outside_is_escaped(page: Path, document: html.HtmlElement) -> None:
    assert document.findtext(".//h1") == "night & <day>"
    text = page.read_text(encoding="utf-8")
    assert "night &amp; &lt;day&gt;" in text
    assert "it &lt;b&gt;hung&lt;/b&gt;" in text and "<b>hung" not in text


def test_asked_for_stands_beside_what_came(document: html.HtmlElement) -> None:
    table = rows(document, "Asked for, and what came")
    assert table["vehicles"] == ["60", "56"]
    assert table["pedestrians"] == ["40", "40"]
    assert table["bus"] == ["–", "4"]
    assert table["scene-0003"] == ["it <b>hung</b>"]
    (asked,) = (s for s in document.iter("section") if s.get("id") == "asked")
    assert [e.text_content() for e in asked.find_class("less")] == ["56"]
    scene = table["scene-0001"]
    assert scene == ["plain_road", "clear", "12:00", "11"]


def test_the_numbers_are_the_indexs(run: Path, document: html.HtmlElement) -> None:
    facts = {
        d.findtext("dt"): d.find("dd").text_content().strip()
        for d in document.iter("div")
        if d.find("dt") is not None
    }
    assert facts["Scenes"].split() == ["2", "of", "3"]
    assert facts["Frames"] == "24" and facts["Keyframes"] == "4"
    counts = query(run, "select class, count(*) from objects where keyframe group by 1").rows
    table = rows(document, "What is in it")
    for name, count in counts:
        assert table[name][1] == str(count)
    assert facts["Boxes in keyframes"] == str(sum(c for _, c in counts))
    near = query(run, "select count(*) from objects where keyframe and distance_m < 10").rows[0][0]
    assert table["0–10 m"][1] == str(near) and near > 0
    hidden = query(run, "select count(*) from objects where keyframe and visible_fraction = 0").rows[0][0]
    assert table["not seen"][1] == str(hidden) and hidden > 0


def test_the_bars_of_a_chart_hold_every_box(run: Path, document: html.HtmlElement) -> None:
    total = query(run, "select count(*) from objects where keyframe").rows[0][0]
    cross = next(t for t in document.iter("table") if "cross" in (t.get("class") or ""))
    cells = [int(td.text or td.text_content()) for tr in cross.iter("tr") for td in tr.findall("td")[-1:]]
    assert sum(cells) == total
    for heading in ("Distance", "Visibility"):
        assert sum(int(cells[1]) for cells in rows(document, heading).values()) == total


def test_times_are_told(page: Path) -> None:
    text = re.sub(r"\s+", " ", page.read_text(encoding="utf-8"))
    assert "record 1 h 6 min" in text and "index 0.2 s" in text
    assert "sensors 2 min 0 s (75 %)" in text and "tick 40.0 s (25 %)" in text
    assert "close" not in text.split("How long it took")[1].split("Provenance")[0]


def test_the_same_run_gives_the_same_page(
    run: Path, ledger: list[dict[str, object]], page: Path, tmp_path: Path
) -> None:
    write_report(run, tmp_path / "again.html", ledger)
    assert (tmp_path / "again.html").read_bytes() == page.read_bytes()


def test_a_run_without_ledger_and_manifest_is_reported(run: Path, tmp_path: Path) -> None:
    (tmp_path / "captures").mkdir()
    (tmp_path / "captures/scene-0001.mcap").symlink_to(run / "captures/scene-0001.mcap")
    (tmp_path / "index").symlink_to(run / "index")
    write_report(tmp_path, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "what was asked for is not known" in text
    assert "times are not known" in text


def test_a_rig_without_cameras_is_shown_from_above(tmp_path: Path) -> None:
    from synthetic_capture import make_plan, make_rig, write_capture

    rig = make_rig(240, 135, 180)
    blind = dataclasses.replace(rig, sensors=tuple(s for s in rig.sensors if not isinstance(s, Camera)))
    (tmp_path / "captures").mkdir()
    write_capture(tmp_path / "captures/scene-0001.mcap", make_plan("scene-0001", 0.6, blind))
    build_index(sorted((tmp_path / "captures").iterdir()), tmp_path / "index")
    write_report(tmp_path, tmp_path / "report.html")
    images = html.fromstring((tmp_path / "report.html").read_text(encoding="utf-8")).iter("img")
    in_scenes = {i.get("alt") for i in images if i.get("alt").startswith("scene-0001")}
    assert in_scenes == {"scene-0001 from above", "scene-0001 from above, as a film"}


def test_a_folder_without_captures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="nothing to report"):
        write_report(tmp_path, tmp_path / "report.html")


def test_a_page_that_cannot_be_written_is_an_error(
    run: Path, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "_page", lambda *_: page.read_text(encoding="utf-8"))
    with pytest.raises(CaptureError, match=r"could not be written: No such file or directory"):
        write_report(run, tmp_path / "absent" / "report.html")
    (tmp_path / "report.html.part").symlink_to("/dev/full")
    with pytest.raises(CaptureError, match="No space left on device"):
        write_report(run, tmp_path / "report.html")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0.04, "0.0 s"), (59.94, "59.9 s"), (61, "1 min 1 s"), (7260, "2 h 1 min")],
)
def test_spans(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


def test_amounts_and_sizes() -> None:
    assert [amount(v) for v in (None, 3.0, 1234567, 0.125)] == ["–", "3", "1,234,567", "0.12"]
    assert [size(v) for v in (12, 1500, 2_500_000, 3_200_000_000)] == ["12 B", "1.5 kB", "2.5 MB", "3.2 GB"]


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on this machine")
@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_shows_it_without_sideways_scrolling(page: Path, tmp_path: Path, width: int) -> None:
    """In a frame of that width, as headless browsers refuse narrow windows."""
    probe = (
        f'<iframe id="f" src="{page}" style="width:{width}px;height:900px;border:0"></iframe><script>'
        "onload = () => { const d = f.contentDocument.documentElement;"
        " const broken = [...f.contentDocument.images].filter(i => i.complete && !i.naturalWidth).length;"
        " document.title = [d.scrollWidth, d.clientWidth, broken, f.contentDocument.images.length].join() }"
        "</script>"
    )
    (tmp_path / "probe.html").write_text(probe)
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--dump-dom"]
    done = subprocess.run(
        ["chromium", *options, f"--user-data-dir={tmp_path}/profile", f"file://{tmp_path}/probe.html"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = re.search(r"<title>([\d,]+)</title>", done.stdout)
    assert found, done.stdout[-500:] + done.stderr[-500:]
    scroll, client, broken, images = (int(v) for v in found[1].split(","))
    assert scroll == client >= width - 20  # less a scroll bar
    assert broken == 0 and images > 30
