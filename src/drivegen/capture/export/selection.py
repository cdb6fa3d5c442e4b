"""What of a capture is exported: frames, and at which size and quality images are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivegen.capture.export.options import read_options
from drivegen.capture.export.where import check_where
from drivegen.core.errors import ExportError

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """All frames as they are, unless something is said."""

    where: str = ""
    """Frames of which this is true (`drivegen.capture.export.where`); empty: all."""
    nth: int = 1
    """Every n-th frame, from the first."""
    hz: float = 0.0
    """So many frames a second: of each period the first; 0: all."""
    scale: float = 1.0
    """Of width and height of all images; labels, masks and intrinsics follow."""
    jpeg_quality: int = 0
    """Of colour images, 1..100; 0: as captured, which costs nothing where the scale is 1."""

    @property
    def whole(self) -> bool:
        """Whether captures are exported as they are."""
        return self == Selection()

    def in_time(self, times_ns: list[int]) -> list[int]:
        """Which of a scene's frames are left, by their indices.

        Args:
            times_ns: Of all frames, ascending.
        """
        left = []
        last = -1
        for index, time_ns in enumerate(times_ns):
            if index % self.nth:
                continue
            if self.hz:
                # In nanoseconds times 1 / hz, so that whole periods stay whole.
                period = int((time_ns - times_ns[0]) * self.hz / _NS + 1e-6)
                if period == last:
                    continue
                last = period
            left.append(index)
        return left


def read_selection(given: Mapping[str, object], where: str) -> Selection:
    """A checked selection. Raises ExportError.

    Args:
        given: Values by name, of any of the fields.
        where: For messages.
    """
    found = read_options(Selection, given, where)
    if found.nth < 1:
        raise ExportError(f"{where}: nth={found.nth}: 1 or more is wanted")
    if not 0.0 <= found.hz <= 1000.0:
        raise ExportError(f"{where}: hz={found.hz:g}: 0 to 1000 is wanted")
    if not 0.01 <= found.scale <= 1.0:
        raise ExportError(f"{where}: scale={found.scale:g}: 0.01 to 1 is wanted")
    if not 0 <= found.jpeg_quality <= 100:
        raise ExportError(f"{where}: jpeg_quality={found.jpeg_quality}: 0 (as captured) to 100 is wanted")
    if found.where:
        check_where(found.where, where)
    return found
