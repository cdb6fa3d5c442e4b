"""docs/carla-compatibility.md, from the table of calls: `python -m drivegen.embedded.rpc.compatibility`."""

from __future__ import annotations

import inspect
import sys

from drivegen.embedded.rpc.table import call_table
from drivegen.embedded.sensors.suite import SENSOR_TYPES
from drivegen.embedded.world.blueprints import Family
from drivegen.embedded.world.blueprints.sensors import sensor_blueprints

_HEAD = """# Compatibility with CARLA 0.9.16

The embedded server (`drivegen serve`) answers the calls of the unmodified `carla` 0.9.16 client. The names
are those on the wire; the client's methods are close to them. A call that is not supported raises
RuntimeError with the reason given here. This page is made from the server's own table of calls, and a test
keeps it true.
"""

_CLIENT_NOTES = {"sensor.other.rss": " (for clients built with RSS, which PyPI's is not; not tried)"}


def page() -> str:
    """The page's text."""
    table = call_table()
    lines = [_HEAD, f"## Supported ({len(table.calls)})\n", "| call | what it does |", "|---|---|"]
    for name, call in sorted(table.calls.items()):
        said = (inspect.getdoc(call.handler) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        lines.append(f"| `{name}` | {said} |")
    lines += ["", f"## Not supported ({len(table.unsupported)})\n", "| call | why |", "|---|---|"]
    lines += [f"| `{name}` | {why} |" for name, (why, _) in sorted(table.unsupported.items())]
    lines += ["", f"## Sensors ({len(SENSOR_TYPES)})\n", *(f"- `{kind}`" for kind in sorted(SENSOR_TYPES))]
    lines += ["", "Worked out by the client, which needs no more than the blueprint and the map:\n"]
    sensors = [b for b in sensor_blueprints() if b.family is Family.SENSOR and b.id not in SENSOR_TYPES]
    lines += [f"- `{b.id}`{_CLIENT_NOTES.get(b.id, '')}" for b in sensors if not b.refusal]
    lines += ["", "Listed among the blueprints, but refused when spawned:\n"]
    lines += [f"- `{b.id}`: {b.refusal}" for b in sensors if b.refusal]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
