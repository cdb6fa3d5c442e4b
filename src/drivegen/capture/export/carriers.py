"""Whose sensors a data set takes: the ego's, or those of several agents, each a set of its own.

An agent's set has its own images and sweeps, and labels as that agent has them: with the ego among the
objects, without its own body, with the visibility in its own cameras and the returns of its own LiDARs.

Sensors of other agents may run out of phase with the ego's, so that they deliver nothing in a keyframe. Of
those, the first that is delivered from a keyframe on stands for it, with its own time, pose and labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.agents import EGO, label_key
from drivegen.core.errors import ExportError
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Camera, Lidar

ALL, CONNECTED, ROADSIDE = "all", "connected", "roadside"
KINDS = (ALL, CONNECTED, ROADSIDE)
"""Words of the option that stand for several agents, or for none where a scene has none."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_Sensor = TypeVar("_Sensor", bound=Camera | Lidar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which sensors of each agent a format takes, and when."""

    cameras: str | None = None
    """all, or channels with commas between; none: no camera."""
    lidars: str | None = None
    """all, or a channel; none: no LiDAR."""
    one: bool = False
    """One of each kind that is wanted, and not without it."""
    keyframes: bool = True
    """Keyframes alone."""
    together: bool = False
    """Frames alone in which all these sensors delivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """An agent and those of its sensors that a data set takes."""

    agent: str
    cameras: tuple[Camera, ...] = ()
    lidars: tuple[Lidar, ...] = ()
    keyframes: bool = True
    together: bool = False
    alone: bool = True
    """It is the ego and nobody else was asked for; data sets and labels are then those of a lone vehicle."""

    def key(self, channel: str) -> str:
        """What a sensor is called in names of files: its channel, that of others after the agent's name."""
        return label_key(self.agent, channel)

    @property
    def told(self) -> dict[str, str]:
        """What rows say of the agent: nothing where the ego is alone."""
        return {} if self.alone else {"agent": self.agent}

    @property
    def channels(self) -> tuple[str, ...]:
        """Of all its sensors that are taken."""
        return (*(c.name for c in self.cameras), *(s.name for s in self.lidars))

    def moments(self, capture: CaptureReader) -> Iterator[Moment]:
        """What the sensors delivered, frame by frame; frames in which that is nothing are left out."""
        names = frozenset(self.channels)
        nothing: frozenset[str] = frozenset()
        due = nothing
        for frame in capture.frames(keyframes=self.keyframes and self.agent == EGO):
            if frame.keyframe:
                due = names
            elif self.agent == EGO:
                due = nothing
            there = names & set(frame.agents[self.agent].delivered)
            if self.together and there != names:
                continue
            own = there & due
            due -= own
            found = own if self.keyframes else there
            if found:
                yield Moment(self, frame, found, keyframe=bool(own))


class Moment:
    """What an agent's sensors delivered in a frame."""

    def __init__(
        self, carrier: Carrier, frame: CapturedFrame, channels: frozenset[str], *, keyframe: bool
    ) -> None:
        self.carrier = carrier
        self.frame = frame
        self.agent = frame.agents[carrier.agent]
        self.keyframe = keyframe
        """It is a keyframe's, or the first after it of sensors that run out of phase."""
        self._channels = channels

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """Those that delivered, in the data set's order."""
        return tuple(c for c in self.carrier.cameras if c.name in self._channels)

    @property
    def lidars(self) -> tuple[Lidar, ...]:
        """Those that delivered, in the rig's order."""
        return tuple(s for s in self.carrier.lidars if s.name in self._channels)

    @cached_property
    def objects(self) -> tuple[ObjectLabel, ...]:
        """Labels as the agent has them, by ascending track id; sensors by their plain channels.

        Where the ego is alone they are the frame's own.
        """
        if self.carrier.alone:
            return self.frame.objects
        return tuple(o.seen_by(self.carrier.agent) for o in self.frame.around(self.carrier.agent))


def moments_of(carriers: Iterable[Carrier], capture: CaptureReader) -> Iterator[Moment]:
    """Those of all agents, one agent after the other."""
    for carrier in carriers:
        yield from carrier.moments(capture)


def read_agents(given: Any, where: str) -> str:
    """The option `agents` in one spelling: words in their order with commas between. Raises ExportError."""
    if given is None or given == "":
        return EGO
    words = sorted({w.strip() for w in given.split(",")}) if isinstance(given, str) else []
    if not words or not all(_WORD.fullmatch(w) for w in words):
        raise ExportError(
            f"{where}: agents={given!r}: ego, {', '.join(KINDS)} or names of agents are wanted, with commas"
            " between"
        )
    return ALL if ALL in words else ",".join(words)


def carriers_of(capture: CaptureReader, agents: str, wanted: Wanted, format_name: str) -> tuple[Carrier, ...]:
    """The agents that a data set takes, in the order of the capture's rigs, with their sensors.

    Of agents that only a kind stands for, those that have nothing for the format are left out.

    Args:
        capture: The scene.
        agents: As `read_agents` gives it.
        wanted: By the format's options. Channels may be those of one agent alone (`roadside_1/CAM_FRONT`).
        format_name: For messages.

    Raises:
        ExportError: An agent or a channel is not there, or an agent that was named has nothing.
    """
    if agents == EGO:
        return (_ego(capture, wanted, format_name),)
    words = agents.split(",")
    names = _agents_in(capture, words, format_name)
    _check_channels(capture, names, wanted, format_name)
    found = []
    for name in names:
        rig = capture.rigs[name]
        carrier = Carrier(
            agent=name,
            cameras=_matching(rig.cameras, name, wanted.cameras, one=wanted.one),
            lidars=_matching(rig.lidars, name, wanted.lidars, one=wanted.one),
            keyframes=wanted.keyframes,
            together=wanted.together,
            alone=False,
        )
        if _has_enough(carrier, wanted) and next(carrier.moments(capture), None) is not None:
            found.append(carrier)
        elif name in words:
            raise ExportError(
                f"{capture.path}: the agent {name} has nothing for {format_name}: the rig has"
                f" {', '.join(s.name for s in rig.sensors) or 'nothing'}, and none that is wanted delivered"
                f" in a selected frame; choose other sensors or frames, or leave {name} out of agents=..."
            )
    return tuple(found)


def cameras_of(
    capture: CaptureReader, wanted: str, format_name: str, *, one: bool = False
) -> tuple[Camera, ...]:
    """Cameras of the ego: all of them, or those of a list of channels with commas between, in its order.

    Raises:
        ExportError: A channel is no camera of the rig, or there is none at all.
    """
    there = {c.name: c for c in capture.rigs[EGO].cameras}
    names = [wanted] if one else list(there) if wanted == ALL else _words(wanted)
    missing = [n for n in names if n not in there]
    if missing or not names:
        raise ExportError(
            f"{capture.path}: {format_name} wants the camera {', '.join(missing) or 'of any name'} in the"
            f" rig, whose cameras are {', '.join(there) or 'none'}; choose with"
            f" {'camera' if one else 'cameras'}=..."
        )
    return tuple(there[n] for n in names)


def lidar_of(capture: CaptureReader, wanted: str, format_name: str) -> Lidar:
    """A LiDAR of the ego. Raises ExportError when the rig has none of that name."""
    there = {s.name: s for s in capture.rigs[EGO].lidars}
    if wanted not in there:
        raise ExportError(
            f"{capture.path}: {format_name} wants the LiDAR {wanted} in the rig, whose LiDARs are"
            f" {', '.join(there) or 'none'}; choose with lidar=..."
        )
    return there[wanted]


def _ego(capture: CaptureReader, wanted: Wanted, format_name: str) -> Carrier:
    cameras: tuple[Camera, ...] = ()
    if wanted.cameras is not None:
        cameras = cameras_of(capture, wanted.cameras, format_name, one=wanted.one)
    lidars: tuple[Lidar, ...] = ()
    if wanted.lidars == ALL and not wanted.one:
        lidars = capture.rigs[EGO].lidars
    elif wanted.lidars is not None:
        lidars = (lidar_of(capture, wanted.lidars, format_name),)
    return Carrier(
        agent=EGO,
        cameras=cameras,
        lidars=lidars,
        keyframes=wanted.keyframes,
        together=wanted.together,
    )


def _agents_in(capture: CaptureReader, words: Sequence[str], format_name: str) -> tuple[str, ...]:
    """Agents of the capture that a word stands for, in the order of the rigs."""
    roadside = {unit.name for unit in capture.plan.roadside}
    missing = [w for w in words if w not in KINDS and w not in capture.rigs]
    if missing:
        raise ExportError(
            f"{capture.path}: {format_name} wants the agent {', '.join(missing)}; there are"
            f" {', '.join(capture.rigs)}: choose with agents=... of their names and {', '.join(KINDS)}"
        )

    def kind(name: str) -> str:
        return ROADSIDE if name in roadside else EGO if name == EGO else CONNECTED

    return tuple(n for n in capture.rigs if ALL in words or n in words or kind(n) in words)


def _check_channels(capture: CaptureReader, names: Sequence[str], wanted: Wanted, format_name: str) -> None:
    """Raises ExportError for a channel that nobody has.

    Where a format takes one of each kind, an agent may lack the channel, for its first sensor takes the
    place: it is enough that any agent of the capture has it.
    """
    for kind, text in ((Camera, wanted.cameras), (Lidar, wanted.lidars)):
        if text is None or text == ALL or not names:
            continue
        among = tuple(capture.rigs) if wanted.one else names
        there = [(n, s.name) for n in among for s in capture.rigs[n].sensors if isinstance(s, kind)]
        known = {spelling for each in there for spelling in _spellings(*each)}
        missing = [w for w in _words(text) if w not in known]
        if missing:
            raise ExportError(
                f"{capture.path}: {format_name} wants the {kind.__name__.lower()} {', '.join(missing)}; the"
                f" agents have {', '.join(label_key(*each) for each in there) or 'none'}"
            )


def _matching(
    sensors: Sequence[_Sensor], agent: str, wanted: str | None, *, one: bool
) -> tuple[_Sensor, ...]:
    """The sensors of an agent that are wanted, in the order in which they are."""
    if wanted is None:
        return ()
    known = {spelling: s for s in sensors for spelling in _spellings(agent, s.name)}
    chosen = [known[w] for w in _words(wanted) if w in known]
    found: list[_Sensor] = list(sensors) if wanted == ALL else list({s.name: s for s in chosen}.values())
    if one:
        found = [*found, *sensors][:1]
    return tuple(found)


def _has_enough(carrier: Carrier, wanted: Wanted) -> bool:
    cameras, lidars = bool(carrier.cameras), bool(carrier.lidars)
    if wanted.one:
        return (cameras or wanted.cameras is None) and (lidars or wanted.lidars is None)
    return cameras or lidars


def _spellings(agent: str, channel: str) -> tuple[str, str]:
    return channel, f"{agent}/{channel}"


def _words(text: str) -> list[str]:
    return [w.strip() for w in text.split(",")]
