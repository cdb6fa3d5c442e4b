"""The registry of Traffic Managers: they run in a client's process, others find them here."""

from __future__ import annotations

from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire.codec import U16
from drivegen.embedded.wire.values import EndPoint


def is_traffic_manager_running(session: Session, port: U16) -> bool:
    """Whether one is known on this port."""
    return port in session.traffic_managers


def get_traffic_manager_running(session: Session, port: U16) -> tuple[str, U16]:
    """Where it listens; an empty address when there is none."""
    known = session.traffic_managers.get(port)
    return (known.address, known.port) if known else ("", 0)


def add_traffic_manager_running(session: Session, end_point: EndPoint) -> bool:
    """Takes one in; false when the port has one."""
    if end_point.port in session.traffic_managers:
        return False
    session.traffic_managers[end_point.port] = end_point
    return True


def destroy_traffic_manager(session: Session, port: U16) -> bool:
    """Forgets one; false when there was none."""
    return session.traffic_managers.pop(port, None) is not None
