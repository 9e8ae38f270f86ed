"""``conformance``: every part of a printed request is compared."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sigv4 import V4A, Request, Signer
from sigv4.auditing.conformance import (
    Case,
    Outcome,
    ask,
    run,
)
from sigv4.auditing.conformance_printed import Difference
from tests.sigv4.auditing.cases import (
    ALL,
    BY_ID,
    cases,
    first,
    printed,
)


def judged(case: Case, text: str) -> Outcome:
    (found,) = run([case], lambda case: text.encode())
    return found


PRINTED = ["EX-IAM-1", "SAGEMAKER-2", "QUERY-ORDER", "PRESIGN-TOKEN", "PRESIGN-QUERY", "BODY-FORM"]
PRINTED_4A = ["V4A-SAGEMAKER-1", "V4A-QUERY-GET"]
Change = Callable[[str, Case], str]
MUTANTS: dict[str, Change] = {
    "method": lambda text, case: "BREW" + text[text.index(" ") :],
    "target": lambda text, case: text.replace(" /", " /x", 1),
    "target of one form": lambda text, case: text.replace(" /", " /./", 1),
    "parameter added": lambda text, case: text.replace(
        " HTTP/1.1", ("&" if "?" in text.split("\n")[0] else "?") + "more=1 HTTP/1.1", 1
    ),
    "host": lambda text, case: text.replace("Host: ", "Host: x", 1),
    "scope": lambda text, case: text.replace("aws4_request", "aws4_other", 1),
    "service": lambda text, case: text.replace(f"{case.service}/aws4", "another/aws4").replace(
        f"{case.service}%2Faws4", "another%2Faws4"
    ),
    "key id": lambda text, case: text.replace(case.credentials.access_key_id, "AKIDANOTHER", 1),
    "SignedHeaders": lambda text, case: text.replace("SignedHeaders=", "SignedHeaders=a", 1),
    "algorithm": lambda text, case: text.replace("AWS4-", "AWS5-", 1),
    "date": lambda text, case: text.replace(case.given["at"], "20300101T000000Z", 1),
    "header added": lambda text, case: text.replace("\n\n", "\nX-Added: 1\n\n", 1),
    "amazon header added": lambda text, case: text.replace("\n\n", "\nX-Amz-Added: 1\n\n", 1),
    "second signature": lambda text, case: text.replace("\n\n", "\nAuthorization: x\n\n", 1),
    "body": lambda text, case: text + "more",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
@pytest.mark.parametrize("id", PRINTED + PRINTED_4A)
def test_a_right_signature_with_another_request_does_not_pass(id: str, name: str) -> None:
    case = BY_ID[id]
    if case.algorithm == V4A:
        pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    text = printed(case)
    assert judged(case, text).passed, judged(case, text).detail
    changed = MUTANTS[name](text, case)
    assert changed != text
    found = judged(case, changed)
    assert not found.passed
    assert found.detail


@pytest.mark.parametrize("id", ["SAGEMAKER-2", "PRESIGN-TOKEN"])
def test_a_token_that_is_changed_or_dropped_does_not_pass(id: str) -> None:
    case = BY_ID[id]
    text, token = printed(case), case.credentials.session_token or ""
    assert not judged(case, text.replace(token[:10], "X" * 10, 1)).passed
    lines = [line for line in text.split("\n") if not line.lower().startswith("x-amz-security-token")]
    assert not judged(case, "\n".join(lines).replace("&X-Amz-Security-Token=", "&Other=")).passed


def test_an_expiry_that_is_changed_does_not_pass() -> None:
    case = BY_ID["PRESIGN-GET"]
    assert not judged(case, printed(case).replace("X-Amz-Expires=", "X-Amz-Expires=1", 1)).passed


def test_a_token_that_is_not_signed_must_still_be_present() -> None:
    for id in ("PRESIGN-IOT-MQTT", "IOT-GATEWAY-1"):
        case = BY_ID[id]
        text = printed(case)
        assert judged(case, text).passed, judged(case, text).detail
        lines = [line for line in text.split("\n") if not line.lower().startswith("x-amz-security-token")]
        head = "\n".join(lines).replace("&X-Amz-Security-Token=", "&X-Amz-Other=")
        assert not judged(case, head).passed


def test_nonsense_passes_nowhere() -> None:
    """The printed request has the expected signature, but is not the request of the case."""
    for case in ALL:
        if case.kind in ("header", "query"):
            signature = case.expect.get("signature", "0")
            text = (
                "BREW /x HTTP/1.1\nHost: x\nAuthorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e, "
                f"SignedHeaders=host, Signature={signature}\n\n"
            )
            assert not judged(case, text).passed, case.id


@pytest.mark.parametrize("number", range(3))
def test_one_constant_request_passes_one_case_at_most(number: int) -> None:
    text = printed(BY_ID[["EX-IAM-1", "PRESIGN-GET", "V4A-SAGEMAKER-1"][number]])
    passed = [case.id for case in ALL if case.kind in ("header", "query") and judged(case, text).passed]
    assert len(passed) == 1


def test_a_signer_without_4a_passes_no_4a_case() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")

    def hmac(case: Case) -> bytes:
        signer = Signer(case.service, "us-east-1", case.credentials, dialect=case.dialect)
        made = signer.explain(
            case.request.method,
            case.request.url,
            case.request.headers,
            case.request.body or None,
            at=case.at,
            expires=case.expires,
        )
        texts = [(name, value if isinstance(value, str) else "") for name, value in made.headers.items()]
        return json.dumps({"url": str(made.url or case.request.url), "headers": texts}).encode()

    asked = [case for case in ALL if case.algorithm == V4A and case.kind in ("header", "query")]
    assert len(asked) >= 25
    assert [found.case.id for found in ask(asked, hmac) if found.passed] == []


def test_the_whole_url_is_given_if_the_case_is_about_the_host() -> None:
    for id in ("HOST-USER-INFO", "HOST-DEFAULT-PORT", "HOST-UPPER"):
        raw = BY_ID[id].raw().decode()
        url = BY_ID[id].request.url
        assert raw.startswith(f"GET {url} HTTP/1.1\n")
        assert "\nHost:" not in raw
    assert BY_ID["HOST-PORT"].raw().decode().split("\n")[1].startswith("Host: ")


def test_the_request_to_sign_has_host_and_date_once() -> None:
    (case,) = cases("EX-IAM-1")
    method, url, _, body = case.request
    lines = case.raw().split(b"\n\n")[0].split(b"\n")
    names = [line.partition(b":")[0].lower() for line in lines[1:]]
    assert lines[0].startswith(f"{method} /".encode())
    assert names.count(b"host") == names.count(b"x-amz-date") == 1
    given: tuple[tuple[str, str | bytes], ...] = (
        ("Host", "h"),
        ("X-Amz-Date", "20150830T123600Z"),
        ("X-A", b"\xff"),
    )
    own = case.replace(request=Request(method, url, given, body))
    assert own.raw().split(b"\n\n")[0].split(b"\n")[1:] == [
        b"Host: h", b"X-A: \xff", b"X-Amz-Date: 20150830T123600Z",
    ]  # fmt: skip


def test_another_signer_is_not_asked_for_what_must_be_refused() -> None:
    ids = ["EX-IAM-1", "GET-WITH-BODY", first("refused").id, first("unsignable").id, first("query").id]
    outcomes = list(run(cases(*ids), lambda case: printed(case).encode()))
    assert [each.case.id for each in outcomes] == ["EX-IAM-1", "GET-WITH-BODY", first("query").id]
    assert all(each.passed for each in outcomes), outcomes


def test_a_missing_signature_is_the_cause() -> None:
    (found,) = run(cases("EX-IAM-1"), lambda case: case.raw())
    assert not found.passed
    assert found.cause == "FAIL-50"


def test_of_long_values_the_first_200_characters_are_shown() -> None:
    shown = str(Difference("signature", "w" * 201, "f" * 201))
    assert shown == f"the signature is {'f' * 200!r}, expected {'w' * 200!r}"
