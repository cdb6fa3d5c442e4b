"""The remote back end against an endpoint of the test's own, which really changes pictures."""

from __future__ import annotations

import base64
import email.parser
import email.policy
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen_generators.appearance.endpoint import Address, EndpointError
from drivegen_generators.appearance.remote import Remote
from tests.unit.generators.appearance.street import HEIGHT, WIDTH, Block, StreetClip, street

KEY = "sk-very-secret-indeed"
CAR = Block(low_m=(8, -1, 0), high_m=(12, 1, 1.5), tag=Tag.CAR, rgb=(180, 30, 30), instance=7)
STYLE = Style(prompt="a street in Beijing", weather="rain", negative_prompt="people", strength=0.5)


class Stub(ThreadingHTTPServer):
    """Mixes the picture's inverse in by `strength`, and writes `seed` into a corner; or misbehaves."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behave: list[Any] = []
        """What becomes of the next requests; then all are answered well."""
        self.asked: list[dict[str, Any]] = []
        self.busy = self.most_busy = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Stub

    def do_POST(self) -> None:
        stub = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with stub.lock:
            stub.busy += 1
            stub.most_busy = max(stub.most_busy, stub.busy)
            how = stub.behave.pop(0) if stub.behave else None
        try:
            fields = self._read(body)
            fields["path"], fields["key"] = self.path, self.headers["Authorization"]
            with stub.lock:
                stub.asked.append(fields)
            if how == "hang up":
                self.connection.close()
            elif how == "slow":
                time.sleep(0.6)
            elif how == "drip":
                self.send_response(200)
                self.end_headers()
                for _ in range(12):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.05)
            elif callable(how):
                self._answer(*how(fields))
            else:
                self._answer(200, {"data": [{"b64_json": _changed(fields)}]})
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with stub.lock:
                stub.busy -= 1

    def _read(self, body: bytes) -> dict[str, Any]:
        kind = self.headers["Content-Type"]
        if kind == "application/json":
            data = json.loads(body)
            controls = {c["type"]: base64.b64decode(c["image"]) for c in data.pop("controls")}
            return {**data, "image": base64.b64decode(data["image"]), "controls": controls}
        message = email.parser.BytesParser(policy=email.policy.default).parsebytes(
            b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body
        )
        found: dict[str, Any] = {"controls": {}}
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            if part.get_filename() is None:
                found[name] = part.get_content().rstrip("\n")
            elif name == "image":
                found["image"] = part.get_content()
            else:
                found["controls"][name.removeprefix("control_")] = part.get_content()
        return found

    def _answer(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def _decoded(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def _coded(picture: np.ndarray) -> str:
    return base64.b64encode(cv2.imencode(".png", picture)[1].tobytes()).decode()


def _changed(fields: dict[str, Any]) -> str:
    picture = _decoded(fields["image"]).astype(np.float64)
    share = float(fields["strength"])
    picture = picture * (1 - share) + (255 - picture) * share * 0.8
    picture[:4, :4] = int(fields["seed"]) % 251
    return _coded(np.rint(picture).astype(np.uint8))


@pytest.fixture
def stub() -> Iterator[Stub]:
    server = Stub()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def make(stub: Stub, images: int = 1, **params: Any) -> list[np.ndarray]:
    clip = StreetClip([street([CAR], time_s=0.1 * i) for i in range(images)], Weather())
    remote = Remote(base_url=stub.url, model="editor", **{"backoff_s": 0.0, **params})
    return [bgr for _, bgr in remote.images(clip, STYLE, 5)]


@pytest.mark.parametrize("form", ["multipart", "json"])
def test_pictures_are_really_changed_and_told_all_there_is(
    stub: Stub, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIVEGEN_LOOK_KEY", KEY)
    (made,) = make(stub, form=form)
    plain = street([CAR])
    wanted = np.rint(plain.bgr * 0.5 + (255.0 - plain.bgr) * 0.5 * 0.8)
    assert np.abs(made.astype(float) - wanted)[8:].max() <= 1
    (asked,) = stub.asked
    assert asked["path"] == "/v1/images/edits" and asked["key"] == f"Bearer {KEY}"
    assert asked["prompt"] == "a street in Beijing, rain" and asked["negative_prompt"] == "people"
    assert asked["model"] == "editor" and asked["size"] == f"{WIDTH}x{HEIGHT}"
    assert float(asked["strength"]) == 0.5 and asked["response_format"] == "b64_json"
    assert list(asked["controls"]) == ["depth", "edges", "semantic"]
    np.testing.assert_array_equal(_decoded(asked["image"]), plain.bgr)
    # Cityscapes' colour of cars, blue first, where the car is.
    car = _decoded(asked["controls"]["semantic"])[plain.tag == Tag.CAR]
    np.testing.assert_array_equal(car, np.broadcast_to([142, 0, 0], car.shape))


def test_seeds_belong_to_images_and_order_is_kept(stub: Stub) -> None:
    made = make(stub, images=6, concurrency=3)
    seeds = {int(a["seed"]) for a in stub.asked}
    assert len(seeds) == 6 and all(0 <= s < 2**31 for s in seeds)
    again = make(stub, images=6, concurrency=1)
    np.testing.assert_array_equal(made, again)
    assert len({int(m[0, 0, 0]) for m in made}) > 3
    assert stub.most_busy <= 3


def test_no_more_at_once_than_told(stub: Stub) -> None:
    def late(fields: dict[str, Any]) -> tuple[int, Any]:
        time.sleep(0.1)
        return 200, {"data": [{"b64_json": _changed(fields)}]}

    stub.behave = [late] * 6
    make(stub, images=6, concurrency=2)
    assert stub.most_busy == 2


def test_pictures_of_another_size_go_and_come_back(stub: Stub) -> None:
    (made,) = make(stub, long_side_px=80, multiple=16)
    assert stub.asked[0]["size"] == "80x64"
    assert made.shape == (HEIGHT, WIDTH, 3)
    plain = street([CAR]).bgr
    wanted = plain * 0.5 + (255.0 - plain) * 0.4
    assert np.abs(made.astype(float) - wanted)[16:].mean() < 4


@pytest.mark.parametrize(
    "trouble",
    [
        lambda _: (429, {"error": {"message": "slow down"}}, {"Retry-After": "0"}),
        lambda _: (503, b"", {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        lambda _: (500, b"oops"),
        "hang up",
        "slow",
    ],
)
def test_what_may_pass_is_tried_again(stub: Stub, trouble: Any) -> None:
    stub.behave = [trouble, trouble]
    assert len(make(stub, timeout_s=0.3, retries=2)) == 1
    assert len(stub.asked) == 3


def test_the_time_that_an_answer_names_is_waited(stub: Stub) -> None:
    stub.behave = [lambda _: (429, b"", {"Retry-After": "0.3"})]
    began = time.monotonic()
    make(stub)
    assert 0.3 <= time.monotonic() - began < 5.0


_WRONG_SIZE = {"data": [{"b64_json": _coded(np.zeros((10, 20, 3), np.uint8))}]}
_CUT = cv2.imencode(".png", np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8))[
    1
].tobytes()


@pytest.mark.parametrize(
    ("trouble", "said", "requests"),
    [
        (lambda _: (429, {"error": {"message": "slow down"}}), "answers 429: slow down", 2),
        (lambda _: (500, b"<html>\x00oops</html>"), "answers 500: <html> oops</html>", 2),
        (lambda _: (400, {"error": {"message": "no such size"}}), "answers 400: no such size", 1),
        (lambda _: (401, {"error": f"bad key {KEY}"}), r"answers 401: bad key \(key\)", 1),
        (lambda _: (302, b"", {"Location": "http://127.0.0.1:1/"}), "answers 302", 1),
        ("slow", "no answer within 0.3 s", 2),
        ("drip", "no answer within 0.3 s", 2),
        ("hang up", "the connection broke", 2),
        (lambda _: (200, b"[" * 100_000), "not JSON with data", 1),
        (lambda _: (200, {"data": []}), "not JSON with data", 1),
        (lambda _: (200, {"data": [{"url": "http://127.0.0.1:1/x.png"}]}), "is not fetched", 1),
        (lambda _: (200, {"data": [{"b64_json": "!!"}]}), "no PNG, JPEG or WebP", 1),
        (lambda _: (200, {"data": [{"b64_json": base64.b64encode(b"GIF89a").decode()}]}), "no PNG", 1),
        (lambda _: (200, _WRONG_SIZE), f"a picture of 20x10, {WIDTH}x{HEIGHT} was asked for", 1),
        (
            lambda _: (200, {"data": [{"b64_json": base64.b64encode(_CUT[:60]).decode()}]}),
            "is damaged",
            1,
        ),
        (lambda _: (200, b" " * 200_000), r"larger than 0.1 MB", 1),
    ],
)
def test_each_trouble_is_one_clear_error(
    stub: Stub, trouble: Any, said: str, requests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIVEGEN_LOOK_KEY", KEY)
    stub.behave = [trouble] * 4
    with pytest.raises(EndpointError, match=said) as caught:
        make(stub, timeout_s=0.3, retries=1, answer_mb=0.1)
    text = str(caught.value)
    assert "/v1/images/edits" in text and KEY not in text and "\n" not in text and len(text) < 400
    assert len(stub.asked) == requests


def test_nobody_there(stub: Stub) -> None:
    url = stub.url
    stub.shutdown()
    stub.server_close()
    remote = Remote(base_url=url, model="editor", retries=0)
    with pytest.raises(EndpointError, match="nobody listens there"):
        list(remote.images(StreetClip([street([])], Weather()), STYLE, 1))


def test_the_key_is_in_nothing_that_is_kept(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIVEGEN_LOOK_KEY", KEY)
    remote = Remote(base_url=stub.url, model="editor")
    assert KEY not in repr(vars(remote)) and KEY not in json.dumps(remote.facts() | remote.report())
    away = Remote(base_url="http://example.org/v1", model="editor")
    with pytest.raises(ConfigError, match="is not https"):
        away.check(STYLE)
    Remote(base_url="https://example.org/v1", model="editor").check(STYLE)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"base_url": "ftp://x/v1"}, "a URL such as"),
        ({"base_url": "http://me:pw@x/v1"}, "holds a name or password"),
        ({"base_url": "http://x:99999/v1"}, "a URL such as"),
        ({"concurrency": 0}, "concurrency=0"),
        ({"retries": 99}, "retries=99"),
        ({"form": "xml"}, "one of multipart, json"),
        ({"controls": ["smell"]}, "some of depth"),
        ({"controls": ["depth", "depth"]}, "each once"),
        ({"key_env": "sk-abc"}, "not the key"),
        ({"model": ""}, "model"),
    ],
)
def test_parameters_that_cannot_be(params: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Remote(**{"base_url": "http://127.0.0.1:1/v1", "model": "m", **params})
    with pytest.raises(ConfigError, match="no prompt"):
        Remote(base_url="http://127.0.0.1:1/v1", model="m").check(Style())
    assert str(Address.of("http://[::1]:80/v1/")) == "http://[::1]:80/v1/images/edits"
