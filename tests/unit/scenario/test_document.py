from __future__ import annotations

from pathlib import Path

import pytest

from drivegen.core.errors import ScenarioError
from drivegen.scenario.reading import document
from drivegen.scenario.reading.document import parse_document, read_document


def test_lines_are_those_of_the_tags_and_attributes() -> None:
    head = '<?xml version="1.0"?>\n<!-- <no tag=""> \n -->\n<a\n  x="1 > 0"\n  y=\'2\'>'
    text = head + '\n <b/><![CDATA[<c>]]>\n\n <c z="3"/>\n</a>'
    root = parse_document(text.encode(), "f")
    assert (root.tag, root.place.line) == ("a", 4)
    assert (root.place_of("x").line, root.place_of("y").line) == (5, 6)
    assert [(c.tag, c.place.line) for c in root.children] == [("b", 7), ("c", 9)]
    assert root.children[1].place_of("z").line == 9


def test_lines_go_on_past_those_that_libxml_counts() -> None:
    root = parse_document(("<a>" + "\n" * 70_000 + "<b/></a>").encode(), "f")
    assert root.children[0].place.line == 70_001


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "iso-8859-1"])
def test_usual_encodings_are_read(encoding: str) -> None:
    name = "Fußgänger" if encoding == "iso-8859-1" else "行人"
    declared = "" if encoding.startswith("utf") else f'<?xml version="1.0" encoding="{encoding}"?>\r\n'
    root = parse_document(f'{declared}<a name="{name}"/>'.encode(encoding), "f")
    assert root.attributes["name"] == name


LAUGHS = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(12))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"not XML", "not well-formed XML"),
        (b"<a><b></a>", "not well-formed XML"),
        (b"<a/><a/>", "not well-formed XML"),
        (b"\xff\xfe\x00", "save it as UTF-8"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "encoding 'utf-7' is not read here"),
        (b"<a>\xe9</a>", "the file is not utf-8 text"),
        (f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l12;</a>'.encode(), "a document type"),
        (
            b'<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
            "f:3: a document type",
        ),
        ('<!DOCTYPE a [<!ENTITY e SYSTEM "http://x/">]><a>&e;</a>'.encode("utf-16"), "a document type"),
        (b"<a>&e;</a>", "not well-formed XML"),
        (b"<a>" * 100 + b"</a>" * 100, "more than 64 elements within each other"),
        (b"<a>" * 100_000, "not well-formed XML"),
    ],
)
def test_hostile_files_are_refused_at_once(content: bytes, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_document(content, "f")
    assert said in str(caught.value)


def test_a_file_of_too_many_elements_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MOST_ELEMENTS", 1000)
    with pytest.raises(ScenarioError, match="more than 1000 elements"):
        parse_document(b"<a>" + b"<b/>" * 1000 + b"</a>", "f")


def test_a_file_that_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ScenarioError, match="there is no such file"):
        read_document(tmp_path / "none.xosc")
    with pytest.raises(ScenarioError, match="not a file"):
        read_document(tmp_path)
    with pytest.raises(ScenarioError, match="not a file"):
        read_document(Path("/dev/zero"))
    monkeypatch.setattr(document, "MOST_BYTES", 3)
    (tmp_path / "large.xosc").write_text("<aa/>")
    with pytest.raises(ScenarioError, match="has more than"):
        read_document(tmp_path / "large.xosc")
