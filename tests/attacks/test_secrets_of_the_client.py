"""No log record, text or traceback with locals contains a secret, a token, a signature or an AuthorizedUrl."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sagemaker_api import (
    AsyncHttpxTransport,
    AsyncSageMaker,
    AsyncStdlibTransport,
    ConfigError,
    CredentialsError,
    HttpxTransport,
    SageMaker,
    StdlibTransport,
)
from sigv4 import Credentials, Request
from sigv4.network.time_limits import TimeLimits
from tests.attacks.unseen import frames_of
from tests.sagemaker_api.calls import OPERATION
from tests.sagemaker_api.scripted import Answer, ScriptedServer, http
from tests.waiting import wait_until

SECRET, TOKEN, URL_TOKEN = "MARKERsecret0123456789", "MARKERtoken0123456789==", "MARKERurl0123456789"
URL = f"https://my-nb.notebook.us-west-2.sagemaker.aws?authToken={URL_TOKEN}"
SUCCESS = http(200, f'{{"AuthorizedUrl":"{URL}"}}', ("Set-Cookie", "MARKERcookie"))


def _echo(connection: socket.socket) -> None:
    """Refuses as AWS does, with the canonical request in the text; also repeats the request header."""
    message = (
        f"The Canonical String for this request should have been 'POST\\nx-amz-security-token:{TOKEN}\\n'"
    )
    connection.sendall(http(400, f'{{"__type":"InvalidSignatureException","message":"{message}"}}'))


def _no_json(connection: socket.socket) -> None:
    connection.sendall(http(200, f'"{URL}"', ("Location", URL), ("Set-Cookie", "MARKERcookie")))


def _silent(connection: socket.socket) -> None:
    connection.recv(1)


ANSWERS: dict[str, Answer] = {
    "success": SUCCESS,
    "refused": http(400, '{"__type":"ValidationException","message":"m"}', ("Set-Cookie", "MARKERcookie")),
    "echoed token": _echo,
    "redirect": http(307, "", ("Location", URL)),
    "string for an object": _no_json,
    "wrong type": http(200, f'{{"AuthorizedUrl":["{URL}"]}}'),
    "hang-up": None,
    "silence": _silent,
    "truncated": lambda connection: connection.sendall(SUCCESS[:-5]),
    "garbage": lambda connection: connection.sendall(b"HTTP/1.1 abc\r\n\r\n"),
    "too large": b"HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n",
}


class _Seen:
    """All texts of one call that a user, a log or an error reporter can see."""

    def __init__(self) -> None:
        self.frames: list[str] = []
        self.records: list[logging.LogRecord] = []

    def assert_clean(self, *, of: str) -> None:
        for text in self.frames:
            assert "MARKER" not in text, f"{of}: {text}"
            assert "Signature=" not in text, f"{of}: {text}"
        for record in self.records:
            text = f"{record.getMessage()} {record.args!r}"
            # httpcore logs the headers of responses, which this package cannot mask.
            markers = (SECRET, TOKEN) if record.name.startswith("httpcore") else ("MARKER",)
            assert not any(marker in text for marker in (*markers, "Signature=")), f"{of}: {text}"


@pytest.fixture
def seen() -> Iterator[_Seen]:
    """Collects all log records of the lowest level, also those of libraries."""
    seen = _Seen()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.records.append(record)

    handler, root = Handler(level=0), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.NOTSET)
    yield seen
    root.setLevel(before)
    root.removeHandler(handler)


def _arguments(url: str) -> dict[str, Any]:
    return {
        "region_name": "us-west-2",
        "endpoint_url": url,
        "aws_access_key_id": "AKIDEXAMPLE",
        "aws_secret_access_key": SECRET,
        "aws_session_token": TOKEN,
        "read_timeout": 0.05,
    }


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("make", [HttpxTransport, StdlibTransport])
@pytest.mark.slow
def test_a_call_shows_no_secret(make: Callable[..., Any], answer: Answer, seen: _Seen) -> None:
    with ScriptedServer(answer) as server, make(verify=False) as transport:
        client = SageMaker(**_arguments(server.url), transport=transport)
        try:
            result = client.create_presigned_notebook_instance_url(NotebookInstanceName="x")
            seen.frames.append(repr({**result, "ResponseMetadata": None}))
            assert result["AuthorizedUrl"] == URL
        except Exception as error:  # noqa: BLE001 (every error is searched for secrets)
            seen.frames.extend(frames_of(error))
            assert len(seen.frames) > 2
        seen.frames.append(repr(client))
    seen.assert_clean(of="a call")


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("make", [AsyncHttpxTransport, AsyncStdlibTransport])
@pytest.mark.slow
def test_an_awaited_call_shows_no_secret(make: Callable[..., Any], answer: Answer, seen: _Seen) -> None:
    async def converse(url: str) -> None:
        async with make(verify=False) as transport:
            client = AsyncSageMaker(**_arguments(url), transport=transport)
            await client.create_presigned_notebook_instance_url(NotebookInstanceName="x")

    with ScriptedServer(answer) as server:
        try:
            asyncio.run(converse(server.url))
        except Exception as error:  # noqa: BLE001 (every error is searched for secrets)
            seen.frames.extend(frames_of(error))
    seen.assert_clean(of="a call")


@pytest.mark.parametrize("make", [HttpxTransport, StdlibTransport])
def test_an_interrupt_has_no_frame_of_the_http_library(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(socket.socket):
        def recv(self, *_: object) -> bytes:
            raise KeyboardInterrupt

        def recv_into(self, *_: object) -> int:
            raise KeyboardInterrupt

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        request = Request("POST", url, {"Host": "h", "Authorization": "MARKER", "Content-Length": "0"}, b"")
        monkeypatch.setattr(socket, "socket", Interrupted)
        with make(verify=False) as transport, pytest.raises(KeyboardInterrupt) as raised:
            transport.send(request, TimeLimits(1, 1, 1))
    frames = [
        frame for frame in frames_of(raised.value) if "site-packages" in frame or "http/client" in frame
    ]
    assert frames == []
    assert "MARKER" not in "".join(frames_of(raised.value))


def test_a_cancelled_task_has_no_frame_of_the_http_library() -> None:
    async def main(server: ScriptedServer) -> BaseException:
        async with AsyncHttpxTransport(verify=False) as transport:
            request = Request(
                "POST", server.url, {"Host": "h", "Authorization": "MARKER", "Content-Length": "0"}, b""
            )
            task = asyncio.ensure_future(transport.send(request, TimeLimits(1, 5, 5)))
            await asyncio.to_thread(wait_until, lambda: server.requests)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as raised:
                await task
            return raised.value

    with ScriptedServer(ANSWERS["silence"]) as server:
        cancelled = asyncio.run(main(server))
    told = "".join(frames_of(cancelled))
    assert "MARKER" not in told
    assert "httpcore" not in told


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"aws_session_token": f"{TOKEN}\n"}, CredentialsError),
        ({"aws_access_key_id": None}, CredentialsError),
        ({"aws_access_key_id": "not an id"}, CredentialsError),
        ({"region_name": "x.evil.com/"}, ConfigError),
        ({"region_name": None}, ConfigError),
        ({"endpoint_url": "ftp://h"}, ConfigError),
        ({"profile_name": "p"}, ConfigError),
        ({"deadline": 0}, ConfigError),
        ({"verify": "/nowhere/bundle.pem"}, ConfigError),
        ({"credentials": Credentials("AKID", SECRET)}, ConfigError),
    ],
    ids=lambda value: str(list(value)) if isinstance(value, dict) else "",
)
def test_a_client_that_cannot_be_built_shows_no_secret(
    arguments: dict[str, Any], error: type[Exception], seen: _Seen
) -> None:
    with pytest.raises(error) as raised:
        SageMaker(**{**_arguments("https://h"), **arguments})
    seen.frames.extend(frames_of(raised.value))
    assert len(seen.frames) > 1
    seen.assert_clean(of="the constructor")


def test_the_log_says_operation_attempt_status_and_request_id_and_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="sagemaker_api")
    answers = [None, http(503), http(200, f'{{"AuthorizedUrl":"{URL}"}}', ("x-amzn-requestid", "r\x1b-1"))]
    with ScriptedServer(*answers) as server, StdlibTransport() as transport:
        SageMaker(**_arguments(server.url), transport=transport).call(
            OPERATION, {"NotebookInstanceName": "x"}
        )
    assert [record.getMessage() for record in caplog.records if record.name == "sagemaker_api"] == [
        f"operation={OPERATION} attempt=1 status=closed request_id=",
        f"operation={OPERATION} attempt=2 status=503 request_id=",
        f"operation={OPERATION} attempt=3 status=200 request_id=r-1",
    ]
    assert "sagemaker_api" in {record.name for record in caplog.records}


def test_logging_is_not_imported_for_a_log_that_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "logging")
    with ScriptedServer(SUCCESS) as server, StdlibTransport() as transport:
        SageMaker(**_arguments(server.url), transport=transport).call(
            OPERATION, {"NotebookInstanceName": "x"}
        )
    assert "logging" not in sys.modules
