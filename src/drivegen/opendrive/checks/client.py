"""Does the CARLA client's own reader take the map? In a process of its own, because it can abort or hang."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from drivegen.opendrive.checks.finding import Finding, Severity
from drivegen.opendrive.model import CornerLocal, RoadNetwork

TIMEOUT_S = 120.0
_STEP_M = 2.0
_TOLD = 20
"""Places told of each kind; the count says how many there are."""

_SCRIPT = """
import json, math, sys
import carla
with open(sys.argv[1], encoding="utf-8") as file:
    road_map = carla.Map("checked", file.read())
out = {"lost": [], "lost_count": 0}
points = road_map.generate_waypoints(float(sys.argv[2]))
for point in points:
    t = point.transform
    place = [point.road_id, point.lane_id, point.s]
    values = (t.location.x, t.location.y, t.location.z, t.rotation.yaw, t.rotation.pitch, point.lane_width)
    if not all(math.isfinite(v) for v in values):
        out["lost_count"] += 1
        out["lost"].append(place)
out["waypoints"] = len(points)
out["topology"] = len(road_map.get_topology())
corners = [(c.x, c.y) for c in road_map.get_crosswalks()]
out["corners"] = len(corners)
out["lost_corners"] = sum(not (math.isfinite(x) and math.isfinite(y)) for x, y in corners)
out["lost"] = out["lost"][: int(sys.argv[3])]
print("RESULT " + json.dumps(out))
"""


def check_client(text: str, network: RoadNetwork | None, timeout_s: float = TIMEOUT_S) -> Iterator[Finding]:
    """Findings of `carla.Map`; none if it reads the map and all waypoints are numbers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.xodr"
        path.write_text(text, encoding="utf-8")
        command = [sys.executable, "-P", "-c", _SCRIPT, str(path), str(_STEP_M), str(_TOLD)]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            what = f"carla.Map did not read the map in {timeout_s:g} s"
            yield _error("client-hangs", what, "look at the other findings; remove roads until it does")
            return
    said = next((s[7:] for s in done.stdout.splitlines() if s.startswith("RESULT ")), None)
    if done.returncode != 0 or said is None:
        words = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        what = f"carla.Map does not read the map (exit code {done.returncode}): {words[:200]}"
        yield _error("client-fails", what, "mend the other findings first, then remove roads until it does")
        return
    yield from _told(json.loads(said), network)


def _told(result: dict[str, object], network: RoadNetwork | None) -> Iterator[Finding]:
    lost = result["lost"]
    assert isinstance(lost, list)
    for road_id, lane_id, s in lost:
        yield Finding(
            severity=Severity.ERROR,
            kind="client-nan",
            what=f"carla.Map gives no finite place here ({result['lost_count']} such waypoints in all)",
            mend="write flat arcs and constant spirals as lines or arcs; correct the widths",
            road_id=int(road_id),
            lane_id=int(lane_id),
            s_m=float(s),
        )
    if result["lost_corners"]:
        what = f"carla.Map gives no finite place for {result['lost_corners']} corners of crossings"
        yield _error("client-nan", what, "correct s, t and outline of the crossings")
    if result["waypoints"] == 0:
        yield _error("client-no-lane", "carla.Map finds no lane to drive on", 'write lane type="driving"')
    elif result["topology"] == 0 and network is not None and len(network.roads) > 1:
        what = "carla.Map finds no two lanes that follow each other"
        yield _error("client-no-way", what, "give roads and lanes predecessors and successors")
    expected = _corners(network) if network is not None else None
    if expected is not None and result["corners"] != expected:
        yield Finding(
            severity=Severity.WARNING,
            kind="client-crossings",
            what=f"carla.Map reads {result['corners']} of the {expected} corners of all crossings",
            mend="put <outline> with <cornerLocal> straight into <object>",
        )


def _corners(network: RoadNetwork) -> int:
    items = [o for road in network.roads for o in road.objects if o.type == "crosswalk"]
    return sum(len(o.outline) for o in items if o.outline and isinstance(o.outline[0], CornerLocal))


def _error(kind: str, what: str, mend: str) -> Finding:
    return Finding(severity=Severity.ERROR, kind=kind, what=what, mend=mend)
