"""Plots of the models of cooperation, and what poles see: `python docs/images/cooperation.py [CAPTURE]`.

cooperation_radio.png and cooperation_localisation.png; with a capture of `make v2x-demo` also roadside.jpg.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float64

from drivegen.capture.reader import CaptureReader
from drivegen.core.agents import Localisation, Sky
from drivegen.core.geometry import Pose
from drivegen.core.sensors import Camera
from drivegen.core.v2x_plan import ChannelPlan
from drivegen.v2x.channel import Channel
from drivegen.v2x.localisation import PoseErrors
from drivegen.v2x.path_loss import LOS, NLOS_BUILDING, NLOS_VEHICLE, Links
from drivegen.v2x.scheduling import grant

FOLDER = Path(__file__).parent
DISTANCES_M = np.arange(20.0, 501.0, 20.0)
MESSAGES = 300
SIZES = ((40, "BSM, 40 bytes"), (900, "SSM, 900 bytes"))
AGENTS = 40
SPEED_MPS = 14.0
POLES_AT_S = 8.0
COVER_S = (20.0, 50.0)


def reception(path: str, payload: int) -> Float64[np.ndarray, "n"]:
    """Share of messages received at each distance, each by a shadowing of its own."""
    channel = Channel(1, ChannelPlan())
    size, out = grant(payload), []
    for distance in DISTANCES_M.tolist():
        links = Links(1, ["a", "b"], shadowing=True)
        came = 0
        for k in range(MESSAGES):
            # Far enough from the one before to be shadowed anew.
            at = {"a": np.array([0.0, 200.0 * k, 0.0]), "b": np.array([distance, 200.0 * k, 0.0])}
            link = links.step(k, at, {("a", "b"): path}, {})["a", "b"]
            got = channel.receive(("a", "BSM", k), 0, size, "b", {"a": link}, {}, 0.0)
            came += got.time_ns is not None
        out.append(came / MESSAGES)
    return np.array(out)


def radio() -> None:
    """Reception by distance, for the three paths."""
    figure, axes = plt.subplots(1, 2, figsize=(9.0, 3.4), sharey=True)
    for axis, (payload, title) in zip(axes, SIZES, strict=True):
        for path, name in (
            (LOS, "line of sight"),
            (NLOS_VEHICLE, "behind a vehicle"),
            (NLOS_BUILDING, "behind buildings"),
        ):
            axis.plot(DISTANCES_M, reception(path, payload), marker=".", label=name)
        axis.set(xlabel="distance [m]", title=title, ylim=(0.0, 1.03), xlim=(0.0, 510.0))
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("messages received")
    axes[0].legend(loc="lower left")
    figure.tight_layout()
    figure.savefig(FOLDER / "cooperation_radio.png", dpi=110)


def drives(
    sky: Sky,
) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "k n"], Float64[np.ndarray, "k n"]]:
    """(times, horizontal errors, claimed deviations) of `AGENTS` that pass through a tunnel."""
    times = np.arange(0.0, 80.0, 0.5)
    errors, claims = np.zeros((AGENTS, len(times))), np.zeros((AGENTS, len(times)))
    for agent in range(AGENTS):
        model = PoseErrors(agent, "vehicle", Localisation(sky=sky), 0)
        for k, time_s in enumerate(times.tolist()):
            true = Pose.from_xyz_rpy(SPEED_MPS * time_s, 0.0, 0.0)
            fix = model.fix(round(time_s * 1e9), true, COVER_S[0] <= time_s < COVER_S[1])
            errors[agent, k] = np.linalg.norm((fix.map_agent.position_m - true.position_m)[:2])
            claims[agent, k] = fix.position_sigma_m
    return times, errors, claims


def localisation() -> None:
    """Errors over time under two skies, with a tunnel in between."""
    figure, axis = plt.subplots(figsize=(9.0, 3.4))
    for sky, name, color in ((Sky.OPEN, "open sky", "tab:blue"), (Sky.CANYON, "urban canyon", "tab:red")):
        times, errors, claims = drives(sky)
        axis.plot(times, errors[:4].T, color=color, alpha=0.25, linewidth=0.8)
        axis.plot(times, np.sqrt(np.mean(errors**2, axis=0)), color=color, label=f"{name}: error (RMS)")
        claimed = np.sqrt(2.0) * np.median(claims, axis=0)
        axis.plot(times, claimed, color=color, linestyle="--", label=f"{name}: claimed (median)")
    axis.axvspan(*COVER_S, color="0.85", zorder=0)
    axis.text(sum(COVER_S) / 2, 0.97, "tunnel", ha="center", va="top", transform=axis.get_xaxis_transform())
    axis.set(xlabel="time [s], at 14 m/s", ylabel="horizontal error [m]", xlim=(0.0, 79.5), ylim=(0.0, None))
    axis.grid(alpha=0.3)
    axis.legend(loc="upper left")
    figure.tight_layout()
    figure.savefig(FOLDER / "cooperation_localisation.png", dpi=110)


def roadside(capture: Path) -> None:
    """What the first two poles see at `POLES_AT_S`, side by side."""
    views = {}
    with CaptureReader(capture) as reader:
        for frame in reader.frames():
            for name, agent in frame.agents.items():
                for channel in agent.delivered_by(Camera):
                    if name.startswith("roadside") and frame.time_ns <= POLES_AT_S * 1e9:
                        views[name] = agent.bgr(channel)
    small = [cv2.resize(views[name], (720, 405), interpolation=cv2.INTER_AREA) for name in sorted(views)[:2]]
    gap = np.full((405, 6, 3), 255, np.uint8)
    picture = np.hstack([small[0], gap, small[1]])
    cv2.imwrite(str(FOLDER / "roadside.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    radio()
    localisation()
    for path in sys.argv[1:]:
        roadside(Path(path))
