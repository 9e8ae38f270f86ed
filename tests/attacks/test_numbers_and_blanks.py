"""Tries numbers of any size, digits of any script, and characters that are white space in Unicode but not in HTTP.

Each function that gets them raises its documented error, or reads them as data.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from sagemaker_api.aws_json import encode_request
from sagemaker_api.errors import ConfigError, ParamValidationError
from sagemaker_api.local import Faults, Limits
from sagemaker_api.local.notebooks.instances import checked_account_id, delays_of
from sagemaker_api.model.operations import OPERATIONS
from sagemaker_api.notebook import Opening
from sagemaker_api.paging import Turns, paging_of
from sagemaker_api.waiters import goal_of, waiting
from sigv4 import (
    Credentials,
    Request,
    Response,
    Signer,
    SigningError,
    SigV4Error,
    VerificationError,
    Verifier,
    diagnose,
)
from sigv4.auditing.audit import audit
from sigv4.auditing.captures import read_captures
from sigv4.auditing.conformance_answer import own_answer
from sigv4.network.connection import check_declared_length
from sigv4.network.deadline_socket import ExchangeError
from sigv4.streaming.event_frames import Header, encode_frame
from tests.sigv4.auditing.cases import BY_ID, answered

KEYS = Credentials("AKIDEXAMPLE", "s" * 40)
NOW = 1772600767
URL = "https://b.s3.us-east-1.amazonaws.com/k"
S3 = Signer("s3", "us-east-1", KEYS, clock=lambda: NOW)
LIST = OPERATIONS["ListNotebookInstances"]
HUGE = 10**5000  # Python refuses to convert it to text
POLICY: list[Any] = [{"bucket": "b"}, ["starts-with", "$key", ""]]
NO_BREAK, NEXT_LINE, IDEOGRAPHIC = "\u00a0", "\u0085", "\u3000"


@pytest.mark.parametrize(
    "size",
    [2**63 - 1, 2**63, 2**64, HUGE, -HUGE],
    ids=("of 63 bits", "2**63", "2**64", "huge", "negative"),
)
@pytest.mark.parametrize(
    "make",
    [
        lambda size: S3.stream("PUT", URL, {}, length=size),
        lambda size: S3.presign("GET", URL, expires=size),
        lambda size: S3.sign("GET", URL, at=size),
        lambda size: S3.post_policy(POLICY, expires=size),
        lambda size: S3.post_policy([*POLICY, ["content-length-range", size + 1, size + 2]]),
        lambda size: Signer("transcribe", "us-east-1", KEYS).events("POST", "https://h/", at=size),
        lambda size: encode_frame([Header("a", 5, size * 2)]),
    ],
)
def test_a_number_that_is_too_large_is_refused_with_a_reason(
    make: Callable[[int], object], size: int
) -> None:
    with pytest.raises(SigningError) as caught:
        make(size)
    assert len(str(caught.value)) < 300


def test_the_largest_stream_has_a_length() -> None:
    largest = 2**63 - 1 - 2**54
    assert len(S3.stream("PUT", URL, {}, length=largest).encode(b"")) > largest
    with pytest.raises(SigningError, match="chunk_size is a very long number"):
        S3.stream("PUT", URL, {}, length=1, chunk_size=-HUGE)


@pytest.mark.parametrize("at", [float("inf"), float("-inf"), float("nan"), HUGE], ids=range(4))
def test_an_event_at_an_impossible_time_is_refused(at: float) -> None:
    events = Signer("transcribe", "us-east-1", KEYS).events("POST", "https://h/", at=NOW)
    with pytest.raises(SigningError, match="outside the years"):
        events.sign(b"x", at=at)
    assert events.sign(b"x", at=NOW)  # the refused event was not signed: the next one is accepted


@pytest.mark.parametrize(
    "sizes",
    [["0", "9" * 5000], ["0", "²"], ["0", "٣"], [0, 2**63], ["0", str(2**63)], [0, HUGE]],
    ids=range(6),
)
def test_the_ends_of_a_range_are_numbers_of_64_bits(sizes: list[str | int]) -> None:
    with pytest.raises(SigningError, match="content-length-range"):
        S3.post_policy([*POLICY, ["content-length-range", *sizes]])
    assert S3.post_policy([*POLICY, ["content-length-range", 0, 2**63 - 1]])["policy"]


@pytest.mark.parametrize(
    "length", ["9" * 5000, "0" * 5000 + "7", b"\xb2", b"\xb2\xb3", "", "-1", "1_0", "7"], ids=range(8)
)
def test_a_declared_length_of_any_digits_raises_no_python_error(length: str | bytes) -> None:
    headers = {**S3.sign("PUT", URL, {}, b""), "Content-Length": length}
    report = diagnose("PUT", URL, headers, b"", now=NOW)
    number = int(length[-9:]) if isinstance(length, str) and length.isdigit() else 0
    assert ("FAIL-56" in {each.id for each in report.findings}) == (number > 0)
    assert len(str(report)) < 3000
    audit([(Request("PUT", URL, headers, b""), None)])
    text = length if isinstance(length, str) else length.decode("latin-1")
    with suppress(ExchangeError):  # it refuses most of them
        check_declared_length(text, 1 << 20)


@pytest.mark.parametrize("signature", ["z" * 64, "A" * 64, "\xb2" * 64, "\xe9" * 64])
def test_a_signature_that_is_not_hex_raises_no_python_error(signature: str) -> None:
    headers: dict[str, str | bytes] = {**S3.sign("GET", URL)}
    start = str(headers["Authorization"]).partition("Signature=")[0]
    headers["Authorization"] = f"{start}Signature={signature}".encode("latin-1")
    assert diagnose("GET", URL, headers, credentials=KEYS, now=NOW).findings


def test_a_status_in_other_digits_is_not_read() -> None:
    sent = "Sending http request: <AWSPreparedRequest method=GET, url=https://h/, headers={'a': b'b'}>"
    log = f"{sent}\n\"GET / HTTP/1.1\" ²00 None\nResponse headers: {{}}\nResponse body:\nb'x'\n"
    assert read_captures(log.encode()) == [
        (Request("GET", "https://h/", [("Host", "h"), ("a", "b")]), Response(0, {}, b"x"))
    ]


@pytest.mark.parametrize("blank", [NO_BREAK, NEXT_LINE, IDEOGRAPHIC, "\x1f", "\x0b"])
def test_cr_hdr_4_the_kit_does_not_take_other_blanks_for_spaces(blank: str) -> None:
    case = BY_ID["TRAILER-TRIMMED"]
    (name, value), *others = case.given["trailers"]
    changed = case.replace(given={**case.given, "trailers": [[name, f"{value}{blank}x"], *others]})
    # U+00A0 is not white space in a trailer, and must not be signed as a space.
    assert "error" in own_answer(changed)
    assert not answered(changed, **own_answer(case)).passed


@pytest.mark.parametrize("blank", [NO_BREAK, IDEOGRAPHIC])
@pytest.mark.parametrize(
    "text",
    [
        "curl https://h/ -H '{0}X-A{0}: v'",
        "> GET / HTTP/1.1\n> {0}X-A{0}: v\n> Host: h\n>\n",
        "###\nGET https://h/\n{0}X-A{0}: v\n",
    ],
)
def test_a_name_in_a_capture_keeps_its_odd_blanks(text: str, blank: str) -> None:
    raw = text.format(blank).encode()
    if text.startswith("###"):
        with pytest.raises(SigV4Error, match="is not a header"):
            read_captures(raw)
    else:
        ((request, _),) = read_captures(raw)
        assert f"{blank}X-A{blank}" in dict(request.headers)


@pytest.mark.parametrize("blank", [NO_BREAK, IDEOGRAPHIC])
def test_a_body_in_an_http_file_may_end_in_an_odd_blank(blank: str) -> None:
    ((request, _),) = read_captures(f"###\nPOST https://h/\n\na\n{blank}\n \n".encode())
    assert request.body == f"a\n{blank}".encode()


def test_url_2_leading_zeros_do_not_count() -> None:
    for text, life in (("0604800", 604800), ("0" * 5000 + "60", 60)):
        escaped = str(S3.presign("GET", URL, expires=60)).replace("Expires=60", f"Expires={text}")
        verifier = Verifier("s3", "us-east-1", lambda claim: KEYS, clock=lambda: NOW)
        # It is parsed, but is another text than the signed one.
        with pytest.raises(VerificationError) as caught:
            verifier.verify("GET", escaped, [("Host", "b.s3.us-east-1.amazonaws.com")])
        assert caught.value.stage == "VERIFY-15", life


def test_a_parameter_that_json_cannot_hold() -> None:
    with pytest.raises(ParamValidationError, match="a number in the input has thousands of digits"):
        encode_request("SageMaker", "ListApps", {"MaxResults": HUGE})


def _waited(config: dict[str, int]) -> None:
    def steps(name: str, params: object) -> Any:
        raise AssertionError(name)

    next(waiting(goal_of("notebook_instance_stopped"), {"WaiterConfig": config}, steps))


@pytest.mark.parametrize("number", [-(10**400), -HUGE, HUGE], ids=("400 digits", "negative", "huge"))
@pytest.mark.parametrize(
    ("take", "said"),
    [
        (lambda number: Faults(slow=number), "the fault slow is "),
        (lambda number: Limits(start=number), "the limit start is "),
        (lambda number: delays_of({"Pending": number}), "the delay of Pending is "),
        (lambda number: LIST.checked({"MaxResults": -abs(number)}), "Invalid value for parameter MaxResults, value: "),
        (lambda number: LIST.checked({"NameContains": number}), "Invalid type for parameter NameContains, value: "),
        (lambda number: LIST.checked({"CreationTimeAfter": number}), "Invalid type for parameter CreationTimeAfter, value: "),
        (lambda number: checked_account_id(number), "the account is of type int: "),
        (lambda number: Opening("nb", timeout=number), "timeout is "),
        (lambda number: Opening("nb", session_seconds=abs(number)), "the session is "),
        (
            lambda number: Turns(paging_of("list_notebook_instances"), {"PaginationConfig": {"MaxItems": -abs(number)}}),
            "PaginationConfig: MaxItems is ",
        ),
        (lambda number: _waited({"Delay": number}), "WaiterConfig is "),
    ],
)  # fmt: skip
def test_numbers_of_the_client_and_its_endpoint(
    take: Callable[[int], object], said: str, number: int
) -> None:
    with pytest.raises((ConfigError, ParamValidationError), match=said) as caught:
        take(number)
    assert len(str(caught.value)) < 700
