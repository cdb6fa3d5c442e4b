"""What frames of several agents must hold: bodies, beliefs, detections, messages, the cloud's picture."""

from __future__ import annotations

from collections.abc import Iterable

from drivegen.capture.frame import EGO, AgentFrame, Frame
from drivegen.capture.topics import has_others
from drivegen.core.cooperation import CLOUD, Exchange, SentMessage
from drivegen.core.errors import FrameError
from drivegen.core.plans import ScenePlan


class CooperationGate:
    """Lets frames pass whose agents agree with the plan and with each other, in order."""

    def __init__(self, plan: ScenePlan) -> None:
        self._plan = plan
        self._others = has_others(plan)
        self._carried = {EGO, *(agent.name for agent in plan.connected)}
        self._agents = tuple(plan.rigs)
        self._believing: frozenset[str] | None = None
        self._last_ns: int | None = None
        self._next_number = 0

    def check(self, frame: Frame, where: str) -> None:
        """Raises FrameError when the frame does not follow those before."""
        believing = frozenset(name for name, a in frame.agents.items() if a.belief is not None)
        if self._believing is not None and believing != self._believing:
            raise FrameError(
                f"{where}: {', '.join(sorted(believing ^ self._believing))} believed in some frames only"
            )
        ids = {label.track_id for label in frame.objects}
        for name in self._agents:
            self._check_agent(name, frame.agents[name], ids, f"{where}: {name}")
        if (frame.exchange is None) != (self._plan.v2x is None):
            raise FrameError(f"{where}: an exchange is wanted where the plan has v2x, and nowhere else")
        if frame.exchange is not None:
            self._check_exchange(frame.exchange, frame, ids, where)
        self._believing = believing
        self._last_ns = frame.time_ns

    def _check_agent(self, name: str, agent: AgentFrame, ids: set[int], where: str) -> None:
        belief = agent.belief
        if belief is not None:
            if not self._may_believe(name):
                raise FrameError(f"{where}: a belief came, but the plan lets nobody err or talk")
            if set(belief.channel_stamps_ns) != set(agent.delivered):
                raise FrameError(
                    f"{where}: its clock stamped {sorted(belief.channel_stamps_ns)}, but"
                    f" {list(agent.delivered)} delivered"
                )
        elif self._plan.agent_errors[name].any:
            raise FrameError(f"{where}: the plan gives it errors, but no belief came")
        if (agent.track_id is not None) != (self._others and name in self._carried):
            raise FrameError(
                f"{where}: track_id is {agent.track_id}; one is wanted of what a vehicle carries where there"
                " are agents beside the ego, and none of others"
            )
        if (agent.body is not None) != (self._others and name == EGO):
            raise FrameError(f"{where}: a body is wanted of the ego that other agents see, and of no others")
        if agent.body is not None and agent.body.track_id != agent.track_id:
            raise FrameError(f"{where}: its body is {agent.body.track_id}, its track {agent.track_id}")
        if name != EGO and agent.track_id is not None and agent.track_id not in ids:
            raise FrameError(
                f"{where}: track {agent.track_id} that carries it is none of the frame's objects"
            )

    def _may_believe(self, name: str) -> bool:
        return self._others or self._plan.v2x is not None or self._plan.agent_errors[name].any

    def _check_exchange(self, exchange: Exchange, frame: Frame, ids: set[int], where: str) -> None:
        _check_known(exchange.detections, self._agents, f"{where}: detections")
        body = frame.agents[EGO].body
        known = {0, *ids, *((body.track_id,) if body is not None else ())}
        for name, detections in exchange.detections.items():
            _check_tracks((d.track_id for d in detections), known, f"{where}: a detection of {name}")
        for message in exchange.messages:
            self._check_message(message, frame, f"{where}: message {message.number}")
        made = [(m.made_ns, m.sender) for m in exchange.messages]
        if made != sorted(made):
            raise FrameError(f"{where}: messages must come by the time they were made, and then by sender")
        if exchange.cloud is not None and self._plan.v2x is not None and not self._plan.v2x.cloud:
            raise FrameError(f"{where}: a picture of the cloud came, but the plan has no cloud")

    def _check_message(self, message: SentMessage, frame: Frame, where: str) -> None:
        if message.number != self._next_number:
            raise FrameError(f"{where}: number {self._next_number} was to come")
        self._next_number += 1
        _check_known((message.sender,), self._agents, f"{where}: its sender")
        after = -1 if self._last_ns is None else self._last_ns
        if not after < message.made_ns <= frame.time_ns or message.sent_ns < message.made_ns:
            raise FrameError(
                f"{where}: made at {message.made_ns} ns and sent at {message.sent_ns} ns, but it must be made"
                f" after {after} ns, not after the frame, and then sent"
            )
        receivers = [r.receiver for r in message.receptions]
        cloud = self._plan.v2x is not None and self._plan.v2x.cloud
        wanted = sorted({*self._agents, *((CLOUD,) if cloud else ())} - {message.sender})
        if receivers != wanted:
            raise FrameError(f"{where}: receivers are {receivers}, {wanted} are wanted")
        for reception in message.receptions:
            came = reception.time_ns is not None
            if came == bool(reception.cause):
                raise FrameError(
                    f"{where}: {reception.receiver} has a cause of loss, or a time, and not both"
                )
            if reception.time_ns is not None and reception.time_ns < message.sent_ns:
                raise FrameError(f"{where}: {reception.receiver} had it before it was sent")


def _check_known(names: Iterable[str], agents: tuple[str, ...], where: str) -> None:
    unknown = sorted(set(names) - set(agents))
    if unknown:
        raise FrameError(f"{where}: {', '.join(unknown)} is no agent of the plan, which has {list(agents)}")


def _check_tracks(found: Iterable[int], known: set[int], where: str) -> None:
    unknown = sorted(set(found) - known)
    if unknown:
        raise FrameError(f"{where} is of object {unknown[0]}, which is not there")
