"""Invented names of streets: a stem and a number in Chinese, as districts number their streets."""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"
_ACROSS = ("科创", "景园", "凉水", "博兴", "同济")
_ALONG = ("荣华", "经海", "文昌", "泰河", "新凤")
_EACH = 12
"""Streets that share a stem."""


def numeral(number: int) -> str:
    """A number from 1 to 99 in Chinese."""
    if not 1 <= number <= 99:
        raise ValueError(f"no numeral for {number}")
    tens, ones = divmod(number, 10)
    text = "" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return text + (_DIGITS[ones] if ones else "")


def street_name(index: int, *, along: bool) -> str:
    """The name of the index-th street from south to north (街), or `along` the other way (路), from 0."""
    stems = _ALONG if along else _ACROSS
    family, number = divmod(index, _EACH)
    stem = stems[family % len(stems)]
    number += _EACH * (family // len(stems))
    return f"{stem}{numeral(number + 1)}{'路' if along else '街'}"
