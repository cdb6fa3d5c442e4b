"""The tree of errors. A message says what was wrong, where, and what to do."""

from __future__ import annotations


class DrivegenError(Exception):
    """Something that the user can mend. The command line prints it without a trace."""


class ConfigError(DrivegenError):
    """A configuration value is unknown, out of range, or contradicts another."""


class MapError(DrivegenError):
    """An OpenDRIVE file is missing, broken, or outside the dialect."""


class PlanError(DrivegenError):
    """A scene plan cannot be read or cannot be met."""


class ServerError(DrivegenError):
    """A CARLA server could not be started, reached, or stopped answering."""


class FrameError(DrivegenError):
    """A frame is incomplete: a sensor that was due did not deliver exactly that tick's data."""


class CaptureError(DrivegenError):
    """A capture is missing, cut short, or of another version."""


class DamagedCaptureError(CaptureError):
    """A capture's bytes are not those that were written."""

    def __init__(self, capture: str, what: str) -> None:
        super().__init__(capture, what)
        self.capture = capture
        """Its path or URL."""

    def __str__(self) -> str:
        return (
            f"{self.capture} is damaged ({self.args[1]}): run its job again with job.verify=true, "
            "which records it anew"
        )


class StorageError(DrivegenError):
    """Storage cannot be reached, refuses, or lost what it was given."""


class ExportError(DrivegenError):
    """A data set could not be written."""


class V2xError(DrivegenError):
    """A message between agents cannot be said or cannot be read."""


class Interrupted(DrivegenError):  # noqa: N818  (nothing is wrong)
    """A person asked a job to stop; it can be gone on with."""


class RenderError(DrivegenError):
    """No way to draw was found on this machine, or the driver refused."""


class ScenarioError(DrivegenError):
    """An OpenSCENARIO file is missing, broken, or asks for what the player does not do."""
