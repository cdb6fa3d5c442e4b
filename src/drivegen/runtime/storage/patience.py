"""Doing again what failed for a reason that may pass."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from typing import TypeVar

from drivegen.core.errors import DrivegenError, StorageError

T = TypeVar("T")

FIRST_PAUSE_S = 0.3
LONGEST_PAUSE_S = 20.0

_FINAL = (PermissionError, FileNotFoundError, IsADirectoryError, NotADirectoryError, NotImplementedError)
_FINAL_NUMBERS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EINVAL, errno.ENAMETOOLONG})
_FINAL_NAMES = frozenset(
    {"NoCredentialsError", "PartialCredentialsError", "ParamValidationError", "ProfileNotFound"}
)
"""Of botocore, which is imported only where S3 is used."""


def is_final(error: BaseException) -> bool:
    """Whether the same request would fail in the same way again."""
    if isinstance(error, _FINAL) or type(error).__name__ in _FINAL_NAMES:
        return True
    if isinstance(error, OSError):
        return error.errno in _FINAL_NUMBERS
    return isinstance(error, ValueError | TypeError | AttributeError)


def first_line(error: BaseException) -> str:
    """What an error says, shortly."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (text.splitlines() or [type(error).__name__])[0] or type(error).__name__


def persist(action: Callable[[], T], where: str, timeout_s: float) -> tuple[T, int]:
    """Does something, again and again with growing pauses while it fails for reasons that may pass.

    Args:
        action: Each call begins from the start.
        where: A URL, for the message.
        timeout_s: No new try begins later than so long after the first.

    Returns:
        What the action gave, and the number of tries.

    Raises:
        StorageError: It failed for good, or for longer than `timeout_s`.
        FileNotFoundError: As the action raised it: what that means the caller knows.
        DrivegenError: As the action raised it.
    """
    start = time.monotonic()
    tries = 0
    while True:
        tries += 1
        try:
            return action(), tries
        except (DrivegenError, FileNotFoundError):
            raise
        except Exception as error:  # every file system has its own
            if is_final(error):
                raise StorageError(f"{where}: {first_line(error)}") from error
            pause_s = min(FIRST_PAUSE_S * 2 ** (tries - 1), LONGEST_PAUSE_S)
            # Workers that met one fault do not come back in one moment.
            pause_s *= 1.0 + (os.getpid() % 32) / 64.0
            if time.monotonic() - start + pause_s > timeout_s:
                raise StorageError(
                    f"{where}: {first_line(error)}; {tries} tries in {timeout_s:g} s (storage.timeout_s)"
                ) from error
            time.sleep(pause_s)
