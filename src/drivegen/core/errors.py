"""The tree of errors. A message says what was wrong, where, and what to do."""


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


class ExportError(DrivegenError):
    """A data set could not be written."""


class Interrupted(DrivegenError):  # noqa: N818  (nothing is wrong)
    """A person asked a job to stop; it can be gone on with."""


class RenderError(DrivegenError):
    """No way to draw was found on this machine, or the driver refused."""
