"""The agents of a cooperative run: what each saw, believed, sent, and what only it saw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from drivegen.capture.index import query


@dataclass(frozen=True, slots=True, kw_only=True)
class Fellow:
    """One agent, over all scenes and frames of the run."""

    agent: str
    kind: str
    scenes: int
    objects: int
    """Tracks that its sensors had at least once."""
    alone: int
    """Of these, tracks that no other agent ever had."""
    points: float | None
    """Median LiDAR points on an object in a frame."""
    pixels_share: float | None
    """Of its sightings with cameras, those with a visible pixel, 0..1."""
    found: int
    """Sightings that its detector found."""
    looked: int
    """Sightings in frames in which its detector looked."""
    false_alarms: int | None
    position_error_m: float | None
    """Median of how far away it believed to be."""
    clock_error_ms: float | None
    """Median, with sign: positive is ahead."""
    sent: int | None
    lost: int | None
    """Messages of others that it should have had and did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """All agents, and what several saw together."""

    fellows: tuple[Fellow, ...]
    shared: tuple[tuple[int, int], ...]
    """(number of agents that had it at least once, tracks)."""
    hidden_from_ego: int
    """People and two-wheelers that others had and the ego never."""
    unseen: int
    """Tracks that nobody ever had."""


def read_company(run: Path) -> Company | None:
    """The agents of a run; none where there is only the ego."""
    rows = query(
        run,
        """select agent, any_value(kind), count(distinct scene), sum(false_alarms), median(position_error_m),
            median(clock_error_ns) / 1e6, sum(messages_sent), sum(messages_lost)
        from agents group by agent order by any_value(kind) <> 'ego', agent""",
    ).rows
    if len(rows) < 2:
        return None
    seen = {
        r[0]: r[1:]
        for r in query(
            run,
            """with s as (select *, coalesce(visible_fraction, 0) > 0 or coalesce(lidar_points, 0) > 0 has
                from sightings),
            who as (select scene, track_id, count(distinct agent) n from s where has group by all)
            select agent, count(distinct (s.scene, s.track_id)) filter (has),
                count(distinct (s.scene, s.track_id)) filter (has and n = 1),
                median(lidar_points) filter (lidar_points > 0),
                avg((visible_fraction > 0)::int) filter (visible_fraction is not null and len(cameras) > 0),
                coalesce(sum(detected::int), 0)::bigint, count(detected)
            from s left join who using (scene, track_id) group by agent""",
        ).rows
    }
    nothing = (0, 0, None, None, 0, 0)
    fellows = []
    for agent, kind, scenes, alarms, position, clock, sent, lost in rows:
        objects, alone, points, share, found, looked = seen.get(agent, nothing)
        fellows.append(
            Fellow(
                agent=agent,
                kind=kind,
                scenes=scenes,
                objects=objects,
                alone=alone,
                points=points,
                pixels_share=share,
                found=found,
                looked=looked,
                false_alarms=None if alarms is None else int(alarms),
                position_error_m=position,
                clock_error_ms=clock,
                sent=None if sent is None else int(sent),
                lost=None if lost is None else int(lost),
            )
        )
    shared, hidden, unseen = _together(run)
    return Company(fellows=tuple(fellows), shared=shared, hidden_from_ego=hidden, unseen=unseen)


def _together(run: Path) -> tuple[tuple[tuple[int, int], ...], int, int]:
    """Who had how many together, hidden from the ego, unseen."""
    has = "(coalesce(visible_fraction, 0) > 0 or coalesce(lidar_points, 0) > 0)"
    shared = query(
        run,
        f"""with w as (
            select scene, track_id, count(distinct agent) n from sightings where {has} group by all)
        select n, count(*) from w group by n order by n""",  # noqa: S608 (a constant)
    ).rows
    hidden = query(
        run,
        f"""select count(*) from (select distinct scene, track_id from sightings where {has} and class in
            ('pedestrian', 'child', 'bicycle', 'motorcycle', 'tricycle')
        except select scene, track_id from sightings where {has} and agent = 'ego')""",  # noqa: S608
    ).rows[0][0]
    unseen = query(
        run,
        f"""select count(*) from (select distinct scene, track_id from objects
        except select scene, track_id from sightings where {has})""",  # noqa: S608 (a constant)
    ).rows[0][0]
    return tuple(shared), hidden, unseen
