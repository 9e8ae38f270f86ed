"""``diagnose`` names the cause: on a corpus of faults made by breaking botocore's signer, and on none there."""

from __future__ import annotations

import base64
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sigv4 import Credentials, Request, Response, Signer, diagnose
from sigv4.causes import CAUSES
from sigv4.diagnosis import Diagnosis
from sigv4.scope import format_timestamp

FILE = Path(__file__).parents[2] / "fixtures" / "faults" / "faults.json"
FAULTS: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["faults"]


def _value(text: str) -> str | bytes:
    return base64.b64decode(text[7:]) if text.startswith("base64:") else text


def diagnosed(fault: dict[str, Any]) -> Diagnosis:
    request, secret = fault["request"], fault["secret_access_key"]
    return diagnose(
        request["method"],
        request["target"],
        [(name, _value(value)) for name, value in request["headers"]],
        base64.b64decode(request["body"]),
        credentials=None if secret is None else Credentials("AKIDEXAMPLE", secret, fault["session_token"]),
        response=None if fault["answer"] is None else Response.parse(fault["answer"].encode()),
    )


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["id"])
def test_the_first_finding_of_a_fault_is_its_cause(fault: dict[str, Any]) -> None:
    before = time.process_time()
    diagnosis = diagnosed(fault)
    assert time.process_time() - before < 10
    assert diagnosis.findings, str(diagnosis)
    first = diagnosis.findings[0]
    assert first.id == fault["cause"], str(diagnosis)
    assert first.certainty in ("proved", "likely")
    assert (fault["secret_access_key"] or "wJalr") not in str(diagnosis)


def test_every_cause_of_the_table_that_bytes_can_show_has_a_fault() -> None:
    causes = {each for each in CAUSES if each.startswith("FAIL-")}
    assert causes == {fault["cause"] for fault in FAULTS}


def _random_request(rng: random.Random) -> tuple[str, str, list[tuple[str, str | bytes]], bytes]:
    method = rng.choice(["GET", "PUT", "POST", "DELETE", "HEAD"])
    alphabet = [
        "a",
        "B",
        "7",
        "-",
        "~",
        "%20",
        "%2F",
        "%C3%A9",
        "%25",
        "/",
        "//",
        "/.",
        ".",
        ":",
        "(",
        "+",
        "%3a",
    ]
    path = "/" + "".join(rng.choices(alphabet, k=rng.randint(0, 8)))
    query = "&".join(
        "".join(rng.choices(["a", "z", "%2B", "-", "=", "%E1", "+", "1"], k=rng.randint(1, 4)))
        for _ in range(rng.randint(0, 3))
    )
    values = ["a", "a  b", "text/plain; charset=utf-8", 'x "y  z"', "caf\u00e9".encode()]
    names = rng.sample(["Content-Type", "X-Amz-Meta-A", "Accept", "Range", "If-Match"], rng.randint(0, 3))
    headers = [(name, rng.choice(values)) for name in names]
    body = b"" if method in ("GET", "HEAD") else rng.randbytes(rng.randint(0, 40))
    return (
        method,
        f"https://h{rng.randint(0, 9)}.example.com{path}{'?' if query else ''}{query}",
        headers,
        body,
    )


@pytest.mark.parametrize("seed", range(10))
def test_of_correct_requests_nothing_is_said_above_possible(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(100):
        method, url, headers, body = _random_request(rng)
        service = rng.choice(["s3", "lambda", "sagemaker", "execute-api", "es"])
        token = rng.choice([None, "TOKEN+/="])
        credentials = Credentials(rng.choice(["AKIDEXAMPLE", "ASIAEXAMPLE"]), "secret/+" * 5, token)
        signer = Signer(service, "us-east-1", credentials, clock=lambda: 1772600767)
        if rng.random() < 0.4:
            presigned = signer.presign(method, url, headers, body or None, expires=900)
            sent = [("Host", url.split("/")[2]), *presigned.headers_to_send.items()]
            request = method, str(presigned), sent, body
        else:
            request = method, url, list(signer.sign(method, url, headers, body).items()), body
        known = rng.choice([credentials, None])
        diagnosis = diagnose(*request, credentials=known, now=1772600767)
        assert diagnosis.signature_matches is (True if known else None)
        assert {each.certainty for each in diagnosis.findings} <= {"possible"}, f"{request}\n{diagnosis}"


def _signed() -> tuple[str, str, list[tuple[str, str]], bytes]:
    signer = Signer("sagemaker", "us-east-1", Credentials("AKIDEXAMPLE", "s" * 40, "THE-TOKEN"))
    headers = signer.sign("POST", "https://api.sagemaker.us-east-1.amazonaws.com/", at=1772600767)
    return "POST", "/", list(headers.items()), b""


def test_the_skew_and_the_time_zone_are_calculated() -> None:
    request = _signed()
    for server, said in (
        (1772600767 + 400, "set the clock on by 400 s"),
        (1772600767 - 7200, "+2 h is a time zone"),
    ):
        now, bound = format_timestamp(server), format_timestamp(server - 300)
        message = (
            f"Signature expired: {format_timestamp(1772600767)} is now earlier than {bound} ({now} - 5 min.)"
        )
        answer = Response(
            400, {}, json.dumps({"__type": "InvalidSignatureException", "message": message}).encode()
        )
        first = diagnose(*request, response=answer).findings[0]
        assert (first.id, first.certainty) == ("FAIL-29", "proved")
        assert said in first.fix


def test_the_region_the_server_wants_is_named() -> None:
    body = b"<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message></Error>"
    assert "'eu-west-1'" in diagnose(*_signed(), response=Response(400, {}, body)).findings[0].fix


def test_a_policy_that_denies_is_no_fault_of_the_signature() -> None:
    message = "User: arn:aws:iam::1:user/u is not authorized to perform: sagemaker:X because no identity-based policy allows it"
    answer = Response(400, {}, json.dumps({"__type": "AccessDeniedException", "Message": message}).encode())
    assert diagnose(*_signed(), response=answer).findings[0].id == "VERIFY-16"


def test_no_token_stands_in_a_diagnosis() -> None:
    canonical = b"POST\n/\n\nhost:h\nx-amz-date:1\nx-amz-security-token:OTHER-TOKEN\n\nhost;x-amz-date;x-amz-security-token\n0"
    message = f"It does not match.\n\nThe Canonical String for this request should have been\n'{canonical.decode()}'\n"
    answer = Response(
        403,
        {"x-amzn-ErrorType": "InvalidSignatureException:http://x"},
        json.dumps({"message": message}).encode(),
    )
    for credentials in (None, Credentials("AKIDEXAMPLE", "t" * 40, "THE-TOKEN")):
        shown = str(diagnose(*_signed(), response=answer, credentials=credentials)) + repr(
            diagnose(*_signed(), response=answer, credentials=credentials)
        )
        assert "TOKEN" not in shown.replace("TOKEN-4", "")
        assert "t" * 40 not in shown


@pytest.mark.parametrize(("pad", "seconds"), [(40000, 1), (0, 20)], ids=["single hypotheses", "pairs"])
def test_a_search_in_vain_takes_no_longer_than_this(pad: int, seconds: float) -> None:
    credentials = Credentials("AKIDEXAMPLE", "s" * 40)
    url = "https://h.example.com/" + "a%20b/" * 30 + "?" + "&".join(f"k{i}=v%2F" for i in range(40))
    headers = {f"X-Amz-Meta-{i}": "a b" for i in range(20)} | {"X-Pad": "x" * pad}
    signed = Signer("lambda", "us-east-1", credentials).sign("POST", url, headers, b"{}")
    signed["Authorization"] = signed["Authorization"][:-4] + "0000"
    before = time.process_time()
    diagnosis = diagnose("POST", url, signed, b"{}", credentials=credentials)
    assert time.process_time() - before < seconds * (8 if sys.gettrace() else 1)  # under coverage
    assert diagnosis.signature_matches is False
    assert diagnosis.findings[0].certainty == "possible"


@pytest.mark.parametrize(("count", "said"), [(200, "no known fault"), (3000, "more than 300 headers")])
def test_a_request_of_very_many_headers_does_not_stall_the_search(count: int, said: str) -> None:
    credentials = Credentials("AKIDEXAMPLE", "s" * 40)
    headers = {f"X-H{i}": "v a" for i in range(count)}
    signed = Signer("s3", "us-east-1", credentials).sign("GET", "https://h.example.com/a", headers)
    signed["Authorization"] = signed["Authorization"][:-4] + "0000"
    canonical = "GET\n/b\n\nhost:h\n\nhost\n0"
    answer = Response(
        403, {}, f"<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>{canonical}</CanonicalRequest></Error>".encode()
    )  # fmt: skip
    before = time.perf_counter()
    diagnosis = diagnose("GET", "/a", signed, credentials=credentials)
    diagnose("GET", "/a", signed, credentials=credentials, response=answer)
    assert time.perf_counter() - before < 10 * (8 if sys.gettrace() else 1)
    assert said in str(diagnosis)


def _with(change: dict[str, str], service: str = "lambda") -> list[tuple[str, str]]:
    signed = Signer("lambda", "us-east-1", Credentials("AKIDEXAMPLE", "s" * 40)).sign(
        "GET", "https://lambda.us-east-1.amazonaws.com/", at=1772600767
    )
    signed["Authorization"] = signed["Authorization"].replace("/lambda/", f"/{service}/")
    return list({**signed, **change}.items())


@pytest.mark.parametrize(
    ("headers", "now", "id", "said"),
    [
        (_with({}, "email"), None, "FAIL-28", "sign for the service 'ses'"),
        (_with({"Authorization": _with({})[-1][1][:-9]}), None, "FAIL-31", "has 55 digits"),
        (_with({}), 1772600767 + 301, "FAIL-29", "-301 s from"),
        (_with({"X-Amz-Date": "yesterday"}), None, "VERIFY-9", "'yesterday'"),
        (_with({"X-A": "a\nb"}), None, "VERIFY-1", "VERIFY-1"),
        (_with({}, "s3"), None, "FAIL-36", "s3 requires it"),
        (_with({"Host": "lambda.eu-west-1.amazonaws.com"}), None, "FAIL-27", "'eu-west-1'"),
    ],
)
def test_what_stands_in_the_request_is_seen_without_a_secret(
    headers: list[tuple[str, str]], now: float | None, id: str, said: str
) -> None:
    findings = diagnose("GET", "/", headers, now=now).findings
    assert id in [each.id for each in findings], findings
    assert any(said in each.evidence + each.fix for each in findings if each.id == id)


def test_a_presigned_url_that_has_expired_is_said_to_have() -> None:
    url = Signer("s3", "us-east-1", Credentials("AKIDEXAMPLE", "s" * 40)).presign(
        "GET", "https://h/a", expires=9, at=1772600767
    )
    findings = diagnose("GET", url, [("Host", "h")], now=1772600767 + 20).findings
    assert [(each.id, each.evidence) for each in findings] == [("QUERY-2", "it expired 11 s ago")]


def test_credentials_of_another_key_are_noticed() -> None:
    other = Credentials("AKIDOTHER", "t" * 40)
    assert diagnose("GET", "/", _with({}), credentials=other).findings[0].id == "TOKEN-4"


CAPTURES = FILE.parents[1] / "captures"


@pytest.mark.parametrize("secret", [None, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"])
def test_curl_signs_an_escaped_path_once_and_is_told_so_with_or_without_a_secret(secret: str | None) -> None:
    """curl 7.88.1 with ``--aws-sigv4 aws:amz:us-east-1:bedrock`` and ``/model/anthropic.claude-v2%3A1/invoke``."""
    request = Request.parse((CAPTURES / "curl-bedrock.http").read_bytes())
    answer = Response.parse((CAPTURES / "curl-bedrock-answer.http").read_bytes())
    credentials = Credentials("AKIDEXAMPLE", secret) if secret else None
    first = diagnose(*request, credentials=credentials, response=answer).findings[0]
    assert (first.id, first.certainty) == ("FAIL-01", "proved" if secret else "possible")
