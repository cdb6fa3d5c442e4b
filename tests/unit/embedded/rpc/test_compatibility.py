from pathlib import Path

import carla

from drivegen.embedded.rpc.compatibility import page
from drivegen.embedded.rpc.table import call_table

DOCUMENT = Path(__file__).parents[4] / "docs" / "carla-compatibility.md"


def test_the_document_is_what_the_server_does() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == page(), (
        "make it anew: python -m drivegen.embedded.rpc.compatibility > docs/carla-compatibility.md"
    )


def test_every_name_is_one_of_the_clients() -> None:
    library = next(Path(carla.__file__).parent.glob("libcarla*.so")).read_bytes()
    table = call_table()
    names = {*table.calls, *table.unsupported}
    assert not set(table.calls) & set(table.unsupported)
    assert [n for n in sorted(names) if n.encode() not in library] == []
