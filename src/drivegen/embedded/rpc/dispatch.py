"""The table of calls. A handler's signature is the one source of what its call takes and gives."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drivegen.core.errors import DrivegenError
from drivegen.embedded.wire.codec import Decoder, Encoder, Plain, WireError, decoder_of, encoder_of
from drivegen.embedded.wire.messages import VOID_SUCCESS, failure, success, void_failure


class CallError(DrivegenError):
    """A call cannot be carried out; the client raises RuntimeError with this text."""


class Bare:
    """A result that the client reads without `Response` around it."""

    __slots__ = ("value",)

    def __init__(self, value: Plain) -> None:
        self.value = value


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as the server carries it out."""

    name: str
    handler: Callable[..., Any]
    parameters: tuple[str, ...]
    decoders: tuple[Decoder, ...]
    encoder: Encoder | None
    """None for a call without result (`Response<void>`)."""


class CallTable:
    """Calls by name."""

    def __init__(self) -> None:
        self.calls: dict[str, Call] = {}
        self.unsupported: dict[str, tuple[str, bool]] = {}
        """Calls of CARLA that this server does not carry out: why, and whether they are void."""

    def add(self, handler: Callable[..., Any], name: str | None = None) -> None:
        """Adds a handler under its own name. Its first parameter is the session; the others are the
        call's arguments in order, annotated by what they are on the wire.
        """
        hints = typing.get_type_hints(handler, include_extras=True)
        parameters = tuple(inspect.signature(handler).parameters)[1:]
        result = hints["return"]
        void = result is type(None)
        encoder = None if void else (_bare if result is Bare else encoder_of(result))
        call = Call(
            name=name or handler.__name__,
            handler=handler,
            parameters=parameters,
            decoders=tuple(decoder_of(hints[p]) for p in parameters),
            encoder=encoder,
        )
        if call.name in self.calls:
            raise ValueError(f"two handlers for {call.name}")
        self.calls[call.name] = call

    def add_module(self, module: Any) -> None:
        """Adds every public function that a module defines, in order."""
        for name, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_"):
                self.add(value)

    def carry_out(self, session: Any, name: str, arguments: list[Plain]) -> Plain:
        """The call's result in the shape that the client wants, an error in that shape too.

        `arguments` begins with the client's metadata, `[asynchronous]`.
        """
        call = self.calls.get(name)
        if call is None:
            return self._refuse(name)
        try:
            values = decoded(call, arguments)
            result = call.handler(session, *values)
        except DrivegenError as error:
            return self.failed(name, str(error) or f"{name} failed")
        if call.encoder is None:
            return VOID_SUCCESS
        if isinstance(result, Bare):
            return result.value
        return success(call.encoder(result))

    def carries(self, name: str) -> bool:
        """Whether a call is carried out; the arguments of others do not matter."""
        return name in self.calls

    def failed(self, name: str, text: str) -> Plain:
        """An error in the shape that the client wants of a call."""
        call = self.calls.get(name)
        if call is None:
            return failure(text)
        if call.encoder is None:
            return void_failure(text)
        # `apply_batch` has one answer for each command.
        return [failure(text)] if call.encoder is _bare else failure(text)

    def _refuse(self, name: str) -> Plain:
        if name in self.unsupported:
            why, void = self.unsupported[name]
            text = f"drivegen's embedded server does not support '{name}' ({why})"
            return void_failure(text) if void else failure(text)
        return failure(f"'{name}' is not a call of CARLA 0.9.16")


def decoded(call: Call, arguments: list[Plain]) -> list[Any]:
    """A call's arguments as its handler takes them. Raises WireError that names the place."""
    if not arguments or type(arguments[0]) is not list:
        raise WireError(f"{call.name}: the first argument is the client's metadata, [asynchronous]")
    given = len(arguments) - 1
    if given != len(call.decoders):
        wanted = ", ".join(call.parameters) or "nothing"
        raise WireError(f"{call.name}: wants {len(call.decoders)} arguments ({wanted}), not {given}")
    values = []
    for parameter, decoder, value in zip(call.parameters, call.decoders, arguments[1:], strict=True):
        try:
            values.append(decoder(value))
        except WireError as error:
            raise WireError(f"{call.name}: {parameter}: {error}") from None
    return values


def _bare(value: Plain) -> Plain:
    return value
