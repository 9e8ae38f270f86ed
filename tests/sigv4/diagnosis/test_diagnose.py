"""``diagnose`` names the cause of each fault in the corpus, and of faults that are not in it."""

from __future__ import annotations

import base64
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from sigv4 import V4A, Credentials, Request, Response, Signer, SigningError, diagnose, v4
from sigv4.diagnosis.catalogue import CAUSES
from sigv4.diagnosis.diagnose import Diagnosis
from sigv4.dialects import SERVICES
from sigv4.payload import EMPTY_SHA256
from sigv4.scope import Scope
from tests.sigv4.diagnosis.seen import KEYS, NOW

FILE = Path(__file__).parents[3] / "fixtures" / "faults" / "faults.json"
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
@pytest.mark.slow
def test_the_first_finding_of_a_fault_is_its_cause(fault: dict[str, Any]) -> None:
    diagnosis = diagnosed(fault)
    assert diagnosis.findings, str(diagnosis)
    first = diagnosis.findings[0]
    assert first.id == fault["cause"], str(diagnosis)
    assert first.certainty in ("proved", "likely")
    assert (fault["secret_access_key"] or "wJalr") not in str(diagnosis)


def test_every_cause_of_the_table_that_bytes_can_show_has_a_fault() -> None:
    causes = {each for each in CAUSES if each.startswith("FAIL-")}
    assert causes == {fault["cause"] for fault in FAULTS if fault["cause"].startswith("FAIL-")}


def test_every_cause_names_the_rule_that_is_broken() -> None:
    page = (FILE.parents[2] / "docs" / "protocol.md").read_text("utf-8")
    rules = set(re.findall(r"^(?:#+ |- )?\*{0,2}`?([A-Z0-9-]+-[A-Z0-9]+[a-h]?)\b", page, re.M))
    assert {rule for _, _, rule in CAUSES.values() if rule} <= rules


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
    values: list[str | bytes] = ["a", "a  b", "text/plain; charset=utf-8", 'x "y  z"', "caf\u00e9".encode()]
    names = rng.sample(["Content-Type", "X-Amz-Meta-A", "Accept", "Range", "If-Match"], rng.randint(0, 3))
    headers: list[tuple[str, str | bytes]] = [(name, rng.choice(values)) for name in names]
    body = b"" if method in ("GET", "HEAD") else rng.randbytes(rng.randint(0, 40))
    return (
        method,
        f"https://h{rng.randint(0, 9)}.example.com{path}{'?' if query else ''}{query}",
        headers,
        body,
    )


@pytest.mark.parametrize("seed", [0, *(pytest.param(each, marks=pytest.mark.slow) for each in range(1, 10))])
def test_findings_for_correct_requests_are_at_most_possible(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(100):
        method, url, headers, body = _random_request(rng)
        path, question, query = url.partition("?")
        url = path.replace("+", "%2B") + question + query  # a raw plus is not sent to S3
        if "/.." in url:
            continue  # the path leads above the root, which a verifier refuses (VERIFY-1)
        service = rng.choice(["s3", "lambda", "sagemaker", "execute-api", "es"])
        token = rng.choice([None, "TOKEN+/="])
        credentials = Credentials(rng.choice(["AKIDEXAMPLE", "ASIAEXAMPLE"]), "secret/+" * 5, token)
        signer = Signer(service, "us-east-1", credentials, clock=lambda: NOW)
        if rng.random() < 0.4:
            presigned = signer.presign(method, url, headers, body or None, expires=900)
            sent = [("Host", url.split("/")[2]), *presigned.headers_to_send.items()]
            request = method, str(presigned), sent, body
        else:
            request = method, url, list(signer.sign(method, url, headers, body).items()), body
        known = rng.choice([credentials, None])
        diagnosis = diagnose(*request, credentials=known, now=NOW)
        assert diagnosis.signature_matches is (True if known else None)
        assert {each.certainty for each in diagnosis.findings} <= {"possible"}, f"{request}\n{diagnosis}"


def _with(change: dict[str, str], service: str = "lambda") -> list[tuple[str, str]]:
    signed = Signer("lambda", "us-east-1", KEYS).sign(
        "GET", "https://lambda.us-east-1.amazonaws.com/", at=NOW
    )
    signed["Authorization"] = signed["Authorization"].replace("/lambda/", f"/{service}/")
    return list({**signed, **change}.items())


@pytest.mark.parametrize(
    ("headers", "now", "id", "said"),
    [
        (_with({}, "email"), None, "FAIL-28", "sign for the service 'ses'"),
        (_with({"Authorization": _with({})[-1][1][:-9]}), None, "FAIL-31", "has 55 digits"),
        (_with({}), NOW + 301, "FAIL-29", "-301 s from"),
        (_with({"X-Amz-Date": "yesterday"}), None, "VERIFY-9", "'yesterday'"),
        (_with({"X-A": "a\nb"}), None, "VERIFY-1", "VERIFY-1"),
        (_with({}, "s3"), None, "FAIL-36", "s3 requires it"),
        (_with({"Host": "lambda.eu-west-1.amazonaws.com"}), None, "FAIL-27", "'eu-west-1'"),
    ],
)
def test_faults_in_the_request_are_found_without_a_secret(
    headers: list[tuple[str, str]], now: float | None, id: str, said: str
) -> None:
    findings = diagnose("GET", "/", headers, now=now).findings
    assert id in [each.id for each in findings], findings
    assert any(said in each.evidence + each.fix for each in findings if each.id == id)


def test_a_presigned_url_that_has_expired_is_reported() -> None:
    url = Signer("s3", "us-east-1", KEYS).presign("GET", "https://h/a", expires=9, at=NOW)
    findings = diagnose("GET", url, [("Host", "h")], now=NOW + 20).findings
    assert [(each.id, each.evidence) for each in findings] == [("URL-2", "it expired 11 s ago")]


def test_credentials_of_another_key_are_noticed() -> None:
    other = Credentials("AKIDOTHER", "t" * 40)
    assert diagnose("GET", "/", _with({}), credentials=other).findings[0].id == "TOKEN-4"


CAPTURES = FILE.parents[1] / "captures"


@pytest.mark.parametrize("secret", [None, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"])
def test_an_escaped_path_that_curl_signs_once_is_found_with_or_without_a_secret(secret: str | None) -> None:
    """curl 7.88.1 with ``--aws-sigv4 aws:amz:us-east-1:bedrock`` and ``/model/anthropic.claude-v2%3A1/invoke``."""
    request = Request.parse((CAPTURES / "curl-bedrock.http").read_bytes())
    answer = Response.parse((CAPTURES / "curl-bedrock-answer.http").read_bytes())
    credentials = Credentials("AKIDEXAMPLE", secret) if secret else None
    findings = diagnose(*request, credentials=credentials, response=answer).findings
    found = [(each.id, each.certainty) for each in findings]
    if secret:  # a right request and a proxy that escapes ':' give the same bytes
        assert found == [("FAIL-01", "likely"), ("FAIL-02", "likely")]
    else:
        assert found[0] == ("FAIL-01", "possible")


def test_only_bytes_are_diagnosed() -> None:
    text: Any = "text"
    with pytest.raises(SigningError, match="the body is str: expected the bytes that were sent"):
        diagnose("GET", "/", _with({}), text)


def test_a_signature_of_any_characters_is_only_wrong() -> None:
    headers = dict(_with({}))
    for end in ("é", "Z", "\xff" * 10):
        wrong = headers | {"Authorization": (headers["Authorization"] + end).encode("latin-1")}
        diagnosis = diagnose("GET", "/", wrong, credentials=KEYS)
        assert diagnosis.signature_matches is False
        assert "the Signature is not lower-case hex" in [each.evidence for each in diagnosis.findings]


def test_signed_headers_that_are_empty_or_missing_are_named() -> None:
    headers = dict(_with({}))
    text = headers["Authorization"].replace("SignedHeaders=host", "SignedHeaders=;host;x-gone")
    findings = diagnose("GET", "/", headers | {"Authorization": text}).findings
    assert {("FAIL-37", "proved"), ("FAIL-16", "likely")} <= {(each.id, each.certainty) for each in findings}
    assert "'x-gone' is signed but missing" in [each.evidence for each in findings]
    assert "'' is signed but missing" not in [each.evidence for each in findings]


def test_a_token_may_be_unsigned_if_the_dialect_says_so() -> None:
    """TOKEN-2: services that require the token to be added after signing."""
    unsigned = next(name for name, dialect in SERVICES.items() if not dialect.sign_token)
    keys = Credentials("ASIAEXAMPLE", "s" * 40, "THE-TOKEN")
    headers = Signer(unsigned, "us-east-1", keys).sign("GET", "https://h.example/", at=NOW)
    diagnosis = diagnose("GET", "/", headers, credentials=keys)
    assert diagnosis.signature_matches
    assert diagnosis.findings == ()


def test_the_date_header_gives_the_time_without_x_amz_date() -> None:
    scope = Scope("20260304", "us-east-1", "lambda")
    canonical = f"GET\n/\n\ndate:Wed, 04 Mar 2026 05:06:07 GMT\nhost:h\n\ndate;host\n{EMPTY_SHA256}"
    text = v4.string_to_sign("20260304T050607Z", str(scope), canonical.encode())
    headers = {
        "Host": "h",
        "Date": "Wed, 04 Mar 2026 05:06:07 GMT",
        "Authorization": f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders=date;host, "
        f"Signature={v4.sign(v4.signing_key('s' * 40, scope), text)}",
    }
    diagnosis = diagnose("GET", "/", headers, credentials=KEYS)
    assert diagnosis.signature_matches
    assert diagnosis.findings == ()


# --- 4A


def _signed_4a() -> dict[str, str]:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    return Signer("lambda", "*", KEYS, algorithm=V4A).sign("GET", "https://h.example/a%20b", at=NOW)


def test_a_4a_signature_is_tried_as_well() -> None:
    headers = _signed_4a()
    assert diagnose("GET", "/a%20b", headers, credentials=KEYS) == Diagnosis((), True)
    wrong = diagnose("PUT", "/a%20b", headers, credentials=KEYS)
    assert wrong.signature_matches is False
    assert (wrong.findings[0].id, wrong.findings[0].certainty) == ("CR-METHOD", "proved")
    none = diagnose("GET", "/other", headers, credentials=KEYS)
    assert (none.signature_matches, none.findings[0].certainty) == (False, "possible")


def test_a_4a_text_outside_ascii_was_signed_by_nobody() -> None:
    headers = _signed_4a()
    diagnosis = diagnose("GET", "/a%20b", headers | {"X-Amz-Date": b"\xe9"}, credentials=KEYS)
    assert diagnosis.signature_matches is False
    assert "VERIFY-9" in [each.id for each in diagnosis.findings]


def test_a_4a_scope_with_a_region_is_refused() -> None:
    headers = _signed_4a()
    text = str(headers["Authorization"]).replace("/lambda/", "/us-east-1/lambda/")
    diagnosis = diagnose("GET", "/a%20b", headers | {"Authorization": text}, credentials=KEYS)
    assert diagnosis.signature_matches is None
    assert diagnosis.findings[0].id == "FAIL-38"
