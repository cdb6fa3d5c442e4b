"""What is wrong with an OpenDRIVE map, by place: `drivegen maps check`."""

from drivegen.opendrive.checks.check import check_file, check_text
from drivegen.opendrive.checks.finding import Finding, Severity, has_errors

__all__ = ["Finding", "Severity", "check_file", "check_text", "has_errors"]
