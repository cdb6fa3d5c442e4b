"""A recorded physics control as lines of a text."""

from __future__ import annotations

from drivegen.embedded.playback.log import packets as p
from drivegen.embedded.playback.reports.text import number, triple


def physics_lines(control: p.PhysicsControl) -> list[str]:
    """What `show_recorder_file_info` says of a vehicle's constants."""
    values = (
        ("max_rpm", number(control.max_rpm)),
        ("MOI", number(control.moi)),
        ("damping_rate_full_throttle", number(control.damping_rate_full_throttle)),
        (
            "damping_rate_zero_throttle_clutch_engaged",
            number(control.damping_rate_zero_throttle_clutch_engaged),
        ),
        (
            "damping_rate_zero_throttle_clutch_disengaged",
            number(control.damping_rate_zero_throttle_clutch_disengaged),
        ),
        ("use_gear_auto_box", "true" if control.use_gear_autobox else "false"),
        ("clutch_strength", number(control.clutch_strength)),
        ("final_ratio", number(control.final_ratio)),
        ("mass", number(control.mass)),
        ("drag_coefficient", number(control.drag_coefficient)),
        ("center_of_mass", triple(control.center_of_mass)),
    )
    lines = [f"  Id: {control.actor}", *(f"   {name} = {value}" for name, value in values)]
    lines.append("   torque_curve =" + _curve(control.torque_curve))
    lines.append("   steering_curve =" + _curve(control.steering_curve))
    lines.append("   forward_gears:")
    lines += [
        f"    gear {i}: ratio {number(g.ratio)} down_ratio {number(g.down_ratio)}"
        f" up_ratio {number(g.up_ratio)}"
        for i, g in enumerate(control.forward_gears)
    ]
    lines.append("   wheels:")
    lines += [_wheel(i, wheel) for i, wheel in enumerate(control.wheels)]
    return lines


def _curve(points: tuple[p.CurvePoint, ...]) -> str:
    return "".join(f" ({number(q.x)}, {number(q.y)})" for q in points)


def _wheel(place: int, wheel: p.WheelPhysics) -> str:
    return (
        f"    wheel {place}: tire_friction {number(wheel.tire_friction)}"
        f" damping_rate {number(wheel.damping_rate)}"
        f" max_steer_angle {number(wheel.max_steer_angle)}"
        f" radius {number(wheel.radius)}"
        f" max_brake_torque {number(wheel.max_brake_torque)}"
        f" max_handbrake_torque {number(wheel.max_handbrake_torque)}"
        f" position {triple(wheel.position)}"
    )
