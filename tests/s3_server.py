"""An S3 server of this machine in a process of its own (moto), and a proxy before it that makes faults."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEYS = {"key": "testing", "secret": "testing"}
BUCKET = "bucket"


def options(port: int) -> dict[str, Any]:
    return {"endpoint_url": f"http://127.0.0.1:{port}", **KEYS, "client_kwargs": {"region_name": "us-east-1"}}


@contextmanager
def s3_server() -> Iterator[int]:
    """Its port; there is one bucket."""
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        port = next(int(m[1]) for line in process.stderr if (m := re.search(r"http://127.0.0.1:(\d+)", line)))
        threading.Thread(target=process.stderr.read, daemon=True).start()
        make_bucket(port, BUCKET)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def make_bucket(port: int, name: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("PUT", f"/{name}")
    assert connection.getresponse().status == 200
    connection.close()


Fault = Callable[[str, str], str]
"""(method, path with query) to what goes wrong: "" nothing, "500", "cut" (the connection, within the answer
or before it), "403", "flip" (a bit of what is sent)."""


@dataclass
class Proxy:
    """Requests go through as they are, unless `fault` says otherwise."""

    port: int = 0
    fault: Fault = lambda _method, _path: ""
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path, fault."""
    bytes_out: int = 0
    """Of bodies of answers."""


@contextmanager
def fault_proxy(target: int) -> Iterator[Proxy]:
    proxy = Proxy()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = bytearray(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            fault = proxy.fault(self.command, self.path)
            proxy.seen.append((self.command, self.path, fault))
            if fault == "cut" and self.command != "GET":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            if fault in {"500", "403"}:
                code = {"500": "InternalError", "403": "AccessDenied"}[fault]
                self.answer(
                    int(fault), {}, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
                )
                return
            if fault == "flip":
                body[len(body) // 2] ^= 1
            headers = {k: v for k, v in self.headers.items() if k.lower() not in {"expect", "connection"}}
            if fault == "flip":
                drop = ("content-md5", "x-amz-checksum", "x-amz-sdk-checksum", "x-amz-trailer")
                headers = {k: v for k, v in headers.items() if not k.lower().startswith(drop)}
            upstream = http.client.HTTPConnection("127.0.0.1", target, timeout=30)
            upstream.request(self.command, self.path, bytes(body), headers)
            response = upstream.getresponse()
            data = response.read()
            upstream.close()
            proxy.bytes_out += len(data)
            self.answer(response.status, dict(response.getheaders()), data, cut=fault == "cut")

        def answer(self, status: int, headers: dict[str, str], data: bytes, cut: bool = False) -> None:
            self.send_response_only(status)
            length = (
                headers.get("Content-Length", str(len(data))) if self.command == "HEAD" else str(len(data))
            )
            for name, value in headers.items():
                if name.lower() not in {"content-length", "connection", "transfer-encoding"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            if cut:
                self.wfile.write(data[: len(data) // 2])
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            elif self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
