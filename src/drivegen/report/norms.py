"""Published ranges of what a street survey measures in urban traffic.

`read` says whether the figure was seen in the source or its abstract; the others are from memory and marked
so wherever they are shown. A range is where the median of a survey would be expected, no limit of values.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """A range and where it is from."""

    low: float
    high: float
    source: str
    read: bool


NORMS: dict[str, Norm] = {
    "speed_motor": Norm(
        low=20.0,
        high=45.0,
        source="Xinhua, 24 August 2010, and Qianlong, 13 July 2017, on Beijing's commission of transport: "
        "24.2 km/h in the morning peak of 2010, 27.9 km/h in the peaks of 2017 (read); outside the peaks up "
        "to about 45 km/h (memory)",
        read=True,
    ),
    "speed_bicycle": Norm(
        low=10.0,
        high=18.0,
        source="Field data from Hangzhou, Advances in Mechanical Engineering 2015, "
        "doi 10.1177/1687814015616918: mean 13.5 km/h; abstract",
        read=True,
    ),
    "speed_ebike": Norm(
        low=14.0,
        high=23.0,
        source="The same: mean 17.1 km/h (abstract); Lin et al. 2008, Transportation Research Record 2048: "
        "21.9 km/h in Kunming (memory)",
        read=True,
    ),
    "walking": Norm(
        low=1.1,
        high=1.55,
        source="Knoblauch, Pietrucha, Nitzburg 1996, Field Studies of Pedestrian Walking Speed and Start-Up "
        "Time, Transportation Research Record 1538: 15th percentile 1.25 m/s of younger, 0.97 m/s of older "
        "people; means 1.51 and 1.25 m/s (memory)",
        read=True,
    ),
    "crossing_speed": Norm(
        low=1.15,
        high=1.6,
        source="Knoblauch et al. 1996, as above; Gates, Noyce, Bill, Van Ee 2006, Transportation Research "
        "Record 1982: older than 65 mean 1.16 m/s (abstract)",
        read=True,
    ),
    "time_headway": Norm(
        low=1.2,
        high=3.0,
        source="Treiber, Kesting 2013, Traffic Flow Dynamics: most drivers follow with 1 to 3 s, the rule is "
        "2 s (memory)",
        read=False,
    ),
    "saturation_headway": Norm(
        low=1.8,
        high=2.4,
        source="Highway Capacity Manual 2010: base saturation flow 1900 cars/h/lane, 1.9 s; measured Chinese "
        "approaches often below that (memory)",
        read=False,
    ),
    "walker_gap": Norm(
        low=4.0,
        high=11.0,
        source="Highway Capacity Manual 2010: critical headway on foot is the crossing's length over "
        "1.1 m/s plus 3 s: 6 to 15 s for 3.5 to 14 m; observed accepted gaps begin near 4 s (memory)",
        read=False,
    ),
    "lateral_sd": Norm(
        low=0.10,
        high=0.35,
        source="Verster, Roth 2011, Standard operation procedures for conducting the on-the-road driving "
        "test: standard deviation of sober drivers near 0.2 m (memory)",
        read=False,
    ),
    "lateral_mean": Norm(
        low=-0.30,
        high=0.30,
        source="Drivers keep within some decimetres of the middle of a lane of 3.5 m (memory)",
        read=False,
    ),
}
