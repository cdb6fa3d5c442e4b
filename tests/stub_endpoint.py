"""An endpoint that speaks chat completions over HTTP and answers as it is told to: well, badly, slowly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One response."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    """Before anything is sent."""
    drip_s: float = 0.0
    """Between the bytes of the body."""
    hang_up: bool = False
    """Ends the connection in the middle of the body."""


def says(content: str | None, **more: Any) -> Reply:
    """A chat completion with this text."""
    message = {"role": "assistant", "content": content, "refusal": None}
    data = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "stub",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
    }
    return Reply(body=json.dumps(data).encode(), **more)


def fails(status: int, message: str = "no", **headers: str) -> Reply:
    """An error as such endpoints write it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, body=json.dumps({"error": {"message": message}}).encode(), headers=named)


Answer = Callable[[dict[str, Any], int], Reply]
"""The response to a request, and to which of them, from 0 on."""


class Stub:
    """The server, in a thread of its own; use it in a `with` statement."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        """Of the requests, as they came in their header."""
        stub = self
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    number = len(stub.requests)
                    stub.requests.append(request)
                    stub.keys.append(self.headers.get("Authorization", ""))
                self._send(answer(request, number))

            def _send(self, reply: Reply) -> None:
                time.sleep(reply.wait_s)
                try:
                    self.send_response(reply.status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(reply.body)))
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    if reply.hang_up:
                        self.wfile.write(reply.body[: len(reply.body) // 2])
                        self.wfile.flush()
                        self.close_connection = True
                        return
                    if not reply.drip_s:
                        self.wfile.write(reply.body)
                        return
                    for k in range(len(reply.body)):
                        self.wfile.write(reply.body[k : k + 1])
                        self.wfile.flush()
                        time.sleep(reply.drip_s)
                except OSError:
                    # The client has gone.
                    self.close_connection = True

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """For clients."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Stub:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def in_turn(*replies: Reply) -> Answer:
    """One after the other; the last again and again."""
    return lambda _, number: replies[min(number, len(replies) - 1)]


def closed_port() -> int:
    """Where nobody listens."""
    with Stub(in_turn(Reply())) as stub:
        return int(stub.url.rsplit(":", 1)[1].split("/")[0])
