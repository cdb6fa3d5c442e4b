"""A language model at any OpenAI-compatible endpoint as a reader of sentences.

The answer is data. It is read up to a limit, must be the schema's, is repaired at most twice by telling the
model what was wrong, and counts only after a dry run.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from drivegen.core.errors import ConfigError
from drivegen.core.words import Call, Log, Prove, Target, Understood
from drivegen_generators.text import prompt
from drivegen_generators.text.answer import LARGEST_ANSWER, AnswerError, scene_in
from drivegen_generators.text.reader import compiled, proven, scene_of
from drivegen_generators.text.scene import Scene

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletionMessageParam

REPAIRS = 2
LARGEST_BODY = 262_144
"""Bytes of a whole response."""
_MOST_TOKENS = 2_000
_KEPT_OF_A_BAD_ANSWER = 2_000
"""Characters that go back to the model and into the log."""


class EndpointError(Exception):
    """Why no answer came."""


class Endpoint:
    """Asks a model.

    Args:
        url: Of the endpoint, up to and with /v1.
        model: Its name there.
        key: What it lets one in by; empty where it asks for none. It is never logged.
        timeout_s: Of a request, from sending to the last byte.
        retries: Of requests that failed by 408, 409, 429, 500 and more, or without a connection; pauses are
            the client's, and those that the endpoint names by Retry-After.
    """

    def __init__(
        self, *, url: str, model: str, key: str = "", timeout_s: float = 60.0, retries: int = 2
    ) -> None:
        self._url, self._model, self._key = url, model, key
        self._timeout_s, self._retries = timeout_s, retries
        self._strict = True
        """The endpoint takes a schema beside the messages."""

    def read(
        self, sentence: str, target: Target, prove: Prove, log: Log, kept: Mapping[str, Any] | None = None
    ) -> Understood:
        """See `drivegen.core.words.Reader`."""
        by = f"{self._model} at {self._url}"
        if kept is not None:
            made = compiled(sentence, target, scene_of(kept), by)
            return proven(made, prove(made))
        client = self._client()
        messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": sentence}]
        wrong = ""
        for _ in range(1 + REPAIRS):
            began = time.monotonic()
            answer, wrong, made_ = "", "", None
            try:
                answer = self._ask(client, messages)
                scene = scene_in(answer)
                made = compiled(sentence, target, scene, by)
                proof = prove(made)
                wrong = "\n".join(proof.problems)
                if not wrong and scene == Scene():
                    wrong = "every field is empty: the sentence asks for something"
                made_ = None if wrong else proven(made, proof)
            except AnswerError as error:
                wrong = str(error)
            except EndpointError as error:
                self._told(log, messages, answer, f"no answer: {error}", began)
                raise ConfigError(
                    f"words: {by}: {self._hidden(str(error))}; without words.url the keyword grammar answers"
                ) from None
            self._told(log, messages, answer, f"refused: {wrong}" if wrong else "accepted", began)
            if made_ is not None:
                return made_
            messages += [
                {"role": "assistant", "content": answer[:_KEPT_OF_A_BAD_ANSWER] or "(nothing)"},
                {"role": "user", "content": prompt.repair(wrong)},
            ]
        raise ConfigError(
            f"words: {by}: no usable answer after {REPAIRS} repairs; the last was refused: "
            f"{' / '.join(wrong.splitlines()[:3])}"
        )

    def _client(self) -> OpenAI:
        try:
            from openai import OpenAI, OpenAIError  # noqa: PLC0415  (an extra, and slow to load)
        except ImportError:
            raise ConfigError("words.url needs the package openai: pip install 'drivegen[words]'") from None
        try:
            return OpenAI(
                base_url=self._url,
                # The client wants one; endpoints of one's own ask for none.
                api_key=self._key or "none",
                organization=None,
                project=None,
                timeout=self._timeout_s,
                max_retries=self._retries,
            )
        except (OpenAIError, ValueError, TypeError) as error:
            raise ConfigError(f"words.url={self._url}: {error}") from None

    def _ask(self, client: OpenAI, messages: list[ChatCompletionMessageParam]) -> str:
        """The text of an answer. Raises EndpointError, and AnswerError for one that is too large."""
        import openai  # noqa: PLC0415  (see above)

        while True:
            try:
                return _content(self._body(client, messages))
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if not self._strict:
                    raise EndpointError(_short(error)) from None
                # Many servers know no schemas: then it stands in the first message.
                self._strict = False
            except openai.APITimeoutError:
                raise EndpointError(f"no answer within {self._timeout_s:g} s") from None
            except openai.APIConnectionError as error:
                raise EndpointError(f"cannot be reached ({_short(error.__cause__ or error)})") from None
            except openai.APIStatusError as error:
                raise EndpointError(f"status {error.status_code}: {_short(error)}") from None
            except openai.OpenAIError as error:
                raise EndpointError(_short(error)) from None

    def _body(self, client: OpenAI, messages: list[ChatCompletionMessageParam]) -> bytes:
        """The response as it came, up to a size and within the time."""
        first: ChatCompletionMessageParam
        more: dict[str, Any] = {}
        if self._strict:
            first = {"role": "system", "content": prompt.task()}
            form = {"name": "scene", "schema": prompt.schema(), "strict": True}
            more["response_format"] = {"type": "json_schema", "json_schema": form}
        else:
            first = {"role": "system", "content": prompt.task_with_schema()}
        ends = time.monotonic() + self._timeout_s * (1 + self._retries) + 60.0 * self._retries
        with client.chat.completions.with_streaming_response.create(
            model=self._model,
            messages=[first, *messages],
            temperature=0.0,
            max_tokens=_MOST_TOKENS,
            **more,
        ) as response:
            body = bytearray()
            ends = min(ends, time.monotonic() + self._timeout_s)
            try:
                for part in response.iter_bytes():
                    body += part
                    if len(body) > LARGEST_BODY:
                        raise AnswerError(f"the response is larger than {LARGEST_BODY} bytes")
                    if time.monotonic() > ends:
                        raise EndpointError(f"no whole answer within {self._timeout_s:g} s")
            except (AnswerError, EndpointError):
                raise
            except Exception as error:
                # What the client's transport raises while a body comes is of no class of the client's own.
                raise EndpointError(f"the answer broke off ({_short(error)})") from None
            return bytes(body)

    def _hidden(self, text: str) -> str:
        """Without the key, which an endpoint may send back."""
        return text.replace(self._key, "***") if self._key else text

    def _told(
        self, log: Log, messages: list[ChatCompletionMessageParam], answer: str, outcome: str, began: float
    ) -> None:
        first = prompt.task() if self._strict else prompt.task_with_schema()
        sent = [{"role": "system", "content": first}]
        sent += [{"role": str(m["role"]), "content": self._hidden(str(m.get("content")))} for m in messages]
        log(
            Call(
                url=self._url,
                model=self._model,
                messages=tuple(sent),
                answer=self._hidden(answer[:LARGEST_ANSWER]),
                outcome=self._hidden(outcome),
                seconds=round(time.monotonic() - began, 3),
            )
        )


def _content(body: bytes) -> str:
    """The message in a chat completion. Raises AnswerError for what is none."""
    try:
        data = json.loads(body)
        choice = data["choices"][0]
        content = choice["message"]["content"]
    except (ValueError, RecursionError):
        raise AnswerError("the response is no JSON") from None
    except (KeyError, IndexError, TypeError):
        raise AnswerError("the response is no chat completion with a message") from None
    if not isinstance(content, str):
        raise AnswerError("the answer has no text")
    if choice.get("finish_reason") == "length":
        raise AnswerError(f"the answer was cut off at {_MOST_TOKENS} tokens; say less")
    return content


def _short(error: BaseException) -> str:
    text = "".join(c if c.isprintable() else " " for c in str(error))
    return " ".join(text.split())[:200] or type(error).__name__
