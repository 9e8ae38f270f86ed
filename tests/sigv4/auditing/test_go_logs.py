"""Debug logs of the AWS SDKs for Go: each request as it was sent, without the lines of the log around it.

The lines are those of aws/aws-sdk-go#2232 (version 1) and versity/versitygw#62 (version 2).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sigv4 import Credentials, Request, Signer, SigningError, diagnose
from sigv4.auditing.captures import read_captures

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
RULER = "-" * 53
DENIED = "<Error><Code>SignatureDoesNotMatch</Code></Error>"
BODIES = [b"", b"hello", b"hello\n", b"a\r\nb\r\n", b"\n", b"a\n\nb", b"2024 SDK\n{}", b"\n\n"]


def sent(body: bytes) -> tuple[str, Request]:
    """A PUT of ``body`` in the form that Go's DumpRequestOut prints, and the request that must be read from it."""
    url = "https://b.s3.us-east-1.amazonaws.com/k?x-id=PutObject"
    length = {"Content-Length": str(len(body)), "User-Agent": "aws-sdk-go"}
    signed = Signer("s3", "us-east-1", KEYS).sign("PUT", url, length, body, at=1772600767)
    lines = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
    head = f"PUT /k?x-id=PutObject HTTP/1.1\r\n{lines}\r\n"
    return head + body.decode(), Request("PUT", "/k?x-id=PutObject", signed, body)


def ended(text: str) -> str:
    """``text`` with a line end, which Go's loggers add if there is none."""
    return text if text.endswith("\n") else f"{text}\n"


def of_version_1(text: str) -> str:
    return (
        "2018/10/30 18:18:56 DEBUG: Request Signature:\n"
        f"---[ CANONICAL STRING  ]-----------------------------\nPUT\n/\n\n{RULER}\n"
        "2018/10/30 18:18:56 DEBUG: Request s3/PutObject Details:\n"
        f"---[ REQUEST POST-SIGN ]-----------------------------\n{text}\n{RULER}\n"
        "2018/10/30 18:18:57 DEBUG: Response s3/PutObject Details:\n"
        "---[ RESPONSE ]--------------------------------------\n"
        f"HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\n\r\n\n{RULER}\n"
        f"2018/10/30 18:18:57 {DENIED}\n"
        "2018/10/30 18:18:57 DEBUG: Validate Response s3/PutObject failed, attempt 0/3\n"
    )


def of_version_2(text: str) -> str:
    return (
        "SDK 2023/06/06 11:50:22 DEBUG Request Signature:\n"
        f"---[ CANONICAL STRING  ]-----------------------------\nPUT\n/k\n\n{RULER}\n"
        f"SDK 2023/06/06 11:50:22 DEBUG Request\n{ended(text)}"
        "SDK 2023/06/06 11:50:23 DEBUG Response\n"
        f"HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\n\r\n{DENIED}\n"
        "SDK 2023/06/06 11:50:23 DEBUG request failed with unretryable error\n"
    )


@pytest.mark.parametrize("log", [of_version_1, of_version_2])
@pytest.mark.parametrize("body", BODIES, ids=repr)
def test_a_request_is_read_to_the_bytes_that_were_signed(log: Callable[[str], str], body: bytes) -> None:
    text, request = sent(body)
    ((found, answer),) = read_captures(log(text).encode())
    assert found == request
    assert answer is not None
    assert (answer.status, answer.body) == (403, DENIED.encode())
    report = diagnose(*found, credentials=KEYS)
    assert report.verdict == "right"


@pytest.mark.parametrize("log", [of_version_1, of_version_2])
def test_all_requests_of_a_log_are_read_with_their_own_answers(log: Callable[[str], str]) -> None:
    texts = [sent(body) for body in BODIES]
    whole = "2018/10/30 18:18:50 starting\n" + "".join(log(text) for text, _ in texts)
    found = read_captures(whole.encode())
    assert [request for request, _ in found] == [request for _, request in texts]
    assert {answer and answer.status for _, answer in found} == {403}


def test_only_the_line_end_of_the_log_is_taken_off_an_answer() -> None:
    text, _ = sent(b"hello")
    log = of_version_1(text).replace(DENIED, f"{DENIED} \t\r")
    ((_, answer),) = read_captures(log.encode())
    assert answer is not None
    assert answer.body == f"{DENIED} \t".encode()


def test_a_log_without_bodies_is_a_capture_without_its_body() -> None:
    head = sent(b"hello")[0].removesuffix("hello")
    ((request, answer),) = read_captures(f"SDK 2023/06/06 11:50:22 DEBUG Request\n{head}".encode())
    assert (request.body, answer) == (b"", None)
    report = diagnose(*request, credentials=KEYS)
    assert (report.findings[0].id, report.verdict) == ("FAIL-56", "undecided")


@pytest.mark.parametrize(
    "log",
    [
        "SDK 2023/06/06 11:50:22 DEBUG Request\n",
        "SDK 2023/06/06 11:50:22 DEBUG Request\n\n",
        "SDK 2023/06/06 11:50:22 DEBUG Request\nnot a request line\n",
        "---[ REQUEST POST-SIGN ]---\n---[ RESPONSE ]---\nHTTP/1.1 200 OK\n\n",
    ],
)
def test_a_log_without_a_request_says_what_to_log(log: str) -> None:
    with pytest.raises(SigningError, match="LogRequestWithBody"):
        read_captures(log.encode())


@pytest.mark.parametrize("answer", ["", "\n", "nothing\n"])
def test_an_invalid_answer_is_left_out(answer: str) -> None:
    log = f"SDK 2023/06/06 11:50:22 DEBUG Request\nGET / HTTP/1.1\r\nHost: h\r\n\r\nSDK 2 DEBUG Response\n{answer}"
    assert read_captures(log.encode()) == [(Request("GET", "/", [("Host", "h")]), None)]
