"""``diagnose`` names the cause of each fault in the corpus, and of faults that are not in it."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest

from sigv4 import V4A, Credentials, Request, Response, Signer, SigningError, diagnose, v4
from sigv4.diagnosis.catalogue import CAUSES
from sigv4.diagnosis.diagnose import Diagnosis
from sigv4.diagnosis.signature_inputs import Draft
from sigv4.dialects import SERVICES
from sigv4.payload import EMPTY_SHA256
from sigv4.scope import Scope, format_timestamp

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


@pytest.mark.parametrize("seed", [0, *(pytest.param(each, marks=pytest.mark.slow) for each in range(1, 10))])
def test_of_correct_requests_nothing_is_said_above_possible(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(100):
        method, url, headers, body = _random_request(rng)
        path, question, query = url.partition("?")
        url = path.replace("+", "%2B") + question + query  # S3 is sent no raw plus
        if "/.." in url:
            continue  # above the root, which a verifier refuses (VERIFY-1)
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
        (1772600767 - 7200, "+2 h may be a time zone"),
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


def test_a_denied_call_is_not_a_signature_fault() -> None:
    message = "User: arn:aws:iam::1:user/u is not authorized to perform: sagemaker:X because no identity-based policy allows it"
    answer = Response(400, {}, json.dumps({"__type": "AccessDeniedException", "Message": message}).encode())
    assert diagnose(*_signed(), response=answer).findings[0].id == "VERIFY-16"


@pytest.mark.slow
def test_no_token_appears_in_a_diagnosis() -> None:
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
        assert "TOKEN" not in shown.replace("TOKEN-4", "").replace("TOKEN-1", "")
        assert "t" * 40 not in shown


def counted_tries(monkeypatch: pytest.MonkeyPatch) -> list[Draft]:
    """Gets every draft whose signature is compared from now on."""
    tried: list[Draft] = []
    gives = Draft.gives

    def counted(draft: Draft, signature: str) -> bool:
        tried.append(draft)
        return gives(draft, signature)

    monkeypatch.setattr(Draft, "gives", counted)
    return tried


@pytest.mark.parametrize(("pad", "most"), [(40000, 1000), (0, 100000)], ids=["single hypotheses", "pairs"])
@pytest.mark.slow
def test_a_search_in_vain_tries_no_more_than_this(
    pad: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = Credentials("AKIDEXAMPLE", "s" * 40)
    url = "https://h.example.com/" + "a%20b/" * 30 + "?" + "&".join(f"k{i}=v%2F" for i in range(40))
    headers = {f"X-Amz-Meta-{i}": "a b" for i in range(20)} | {"X-Pad": "x" * pad}
    signed = Signer("lambda", "us-east-1", credentials).sign("POST", url, headers, b"{}")
    signed["Authorization"] = signed["Authorization"][:-4] + "0000"
    tried = counted_tries(monkeypatch)
    diagnosis = diagnose("POST", url, signed, b"{}", credentials=credentials)
    assert 0 < len(tried) < most
    assert diagnosis.signature_matches is False
    assert diagnosis.findings[0].certainty == "possible"


@pytest.mark.parametrize(
    ("count", "said"), [(200, "no fault that was tried"), (3000, "more than 300 headers")]
)
@pytest.mark.slow
def test_a_request_of_very_many_headers_does_not_stall_the_search(
    count: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = Credentials("AKIDEXAMPLE", "s" * 40)
    headers = {f"X-H{i}": "v a" for i in range(count)}
    signed = Signer("s3", "us-east-1", credentials).sign("GET", "https://h.example.com/a", headers)
    signed["Authorization"] = signed["Authorization"][:-4] + "0000"
    canonical = "GET\n/b\n\nhost:h\n\nhost\n0"
    answer = Response(
        403, {}, f"<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>{canonical}</CanonicalRequest></Error>".encode()
    )  # fmt: skip
    tried = counted_tries(monkeypatch)
    diagnosis = diagnose("GET", "/a", signed, credentials=credentials)
    diagnose("GET", "/a", signed, credentials=credentials, response=answer)
    assert 0 < len(tried) < 60000
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
def test_faults_in_the_request_are_found_without_a_secret(
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
    assert [(each.id, each.evidence) for each in findings] == [("URL-2", "it expired 11 s ago")]


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
    findings = diagnose(*request, credentials=credentials, response=answer).findings
    found = [(each.id, each.certainty) for each in findings]
    if secret:  # a proxy that escapes ':' makes the same bytes of a request that was signed right
        assert found == [("FAIL-01", "likely"), ("FAIL-02", "likely")]
    else:
        assert found[0] == ("FAIL-01", "possible")


def test_only_bytes_are_diagnosed() -> None:
    with pytest.raises(SigningError, match="the body is str: expected the bytes that were sent"):
        diagnose("GET", "/", _with({}), "text")


def test_a_signature_of_any_characters_is_only_wrong() -> None:
    headers = dict(_with({}))
    for end in ("é", "Z", "\xff" * 10):
        wrong = headers | {"Authorization": (headers["Authorization"] + end).encode("latin-1")}
        diagnosis = diagnose("GET", "/", wrong, credentials=Credentials("AKIDEXAMPLE", "s" * 40))
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
    headers = Signer(unsigned, "us-east-1", keys).sign("GET", "https://h.example/", at=1772600767)
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
    diagnosis = diagnose("GET", "/", headers, credentials=Credentials("AKIDEXAMPLE", "s" * 40))
    assert diagnosis.signature_matches
    assert diagnosis.findings == ()


def test_the_servers_words_are_enough_if_no_clock_is_known() -> None:
    """VERIFY-10 of a request whose own date has no form that can be compared."""
    body = b'{"__type": "InvalidSignatureException", "message": "Signature expired: x"}'
    answer = Response(400, {}, body)
    found = diagnose("GET", "/", _with({"X-Amz-Date": "yesterday"}), response=answer).findings
    said = next(each for each in found if each.id == "FAIL-29")
    assert (said.certainty, said.evidence) == (
        "proved",
        "the server answered 400 InvalidSignatureException: Signature expired: x",
    )


@pytest.mark.parametrize(
    ("code", "message", "id"),
    [
        ("IncompleteSignature", "Authorization header requires 'Credential' parameter. Authorization=x", "VERIFY-6"),
        ("SignatureDoesNotMatch", "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.", "FAIL-23"),
        ("SignatureDoesNotMatch", "'x-amz-acl' must be a 'SignedHeader' in the AWS Authorization.", "VERIFY-8"),
        ("AccessDenied", "There were headers present in the request which were not signed", "VERIFY-8"),
        ("BadDigest", "anything", "FAIL-32"),
        ("ExpiredTokenException", "anything", "TOKEN-4"),
    ],
)  # fmt: skip
def test_a_refusal_with_awss_text_has_its_cause(code: str, message: str, id: str) -> None:
    answer = Response(403, {"x-amzn-errortype": code}, json.dumps({"message": message}).encode())
    found = diagnose("GET", "/", _with({}), response=answer).findings[0]
    assert (found.id, found.certainty) == (id, "proved")


def test_an_unsigned_request_is_told_that_it_is_unsigned() -> None:
    message = "Authorization header requires 'Credential' parameter. Authorization=x"
    answer = Response(403, {}, json.dumps({"message": message}).encode())
    found = diagnose("GET", "/", [("Host", "h")], response=answer).findings
    assert [each.id for each in found] == ["FAIL-50"]


def test_a_right_signature_that_is_refused_may_have_another_secret() -> None:
    answer = Response(403, {}, b'{"__type": "SignatureDoesNotMatch", "message": "no"}')
    keys = Credentials("AKIDEXAMPLE", "s" * 40)
    found = diagnose("GET", "/", _with({}), credentials=keys, response=answer).findings
    assert [(each.id, each.certainty) for each in found] == [("FAIL-58", "likely"), ("FAIL-25", "possible")]


# --- bodies that are signed in pieces


def _streamed() -> tuple[dict[str, str | bytes], bytes]:
    upload = Signer("s3", "us-east-1", Credentials("AKIDEXAMPLE", "s" * 40)).stream(
        "PUT", "https://h.example/a", length=4, at=1772600767
    )
    return upload.headers, b"".join(upload.encode(b"body"))


def test_fail_49_a_chunk_is_wrong_where_the_seed_is_right() -> None:
    headers, body = _streamed()
    keys = Credentials("AKIDEXAMPLE", "s" * 40)
    right = diagnose("PUT", "/a", headers, body, credentials=keys)
    assert right.signature_matches
    assert right.findings == ()
    found = diagnose("PUT", "/a", headers, body.replace(b"body", b"b0dy"), credentials=keys).findings
    assert (found[0].id, found[0].certainty) == ("FAIL-49", "proved")
    assert found[0].evidence.startswith("CHUNK-3: ")


def test_chunks_for_a_region_without_a_name_are_not_tried() -> None:
    headers, body = _streamed()
    scope = Scope("20260304", "", "s3")
    lines = {name.lower(): str(value) for name, value in headers.items()}
    names = lines["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    block = "".join(f"{name}:{lines[name]}\n" for name in names.split(";"))
    canonical = f"PUT\n/a\n\n{block}\n{names}\n{lines['x-amz-content-sha256']}"
    text = v4.string_to_sign(lines["x-amz-date"], str(scope), canonical.encode())
    signature = v4.sign(v4.signing_key("s" * 40, scope), text)
    headers = headers | {
        "Authorization": f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders={names}, "
        f"Signature={signature}"
    }
    diagnosis = diagnose("PUT", "/a", headers, body, credentials=Credentials("AKIDEXAMPLE", "s" * 40))
    assert diagnosis.signature_matches
    assert "FAIL-49" not in [each.id for each in diagnosis.findings]


# --- 4A


def _with_4a(**change: str) -> tuple[dict[str, str | bytes], Credentials]:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    keys = Credentials("AKIDEXAMPLE", "s" * 40)
    signer = Signer("lambda", "*", keys, algorithm=V4A)
    signed = dict(signer.sign("GET", "https://h.example/a%20b", at=1772600767))
    return signed | {name.replace("_", "-"): value for name, value in change.items()}, keys


def test_a_4a_signature_is_tried_as_well() -> None:
    headers, keys = _with_4a()
    assert diagnose("GET", "/a%20b", headers, credentials=keys) == Diagnosis((), True)
    wrong = diagnose("PUT", "/a%20b", headers, credentials=keys)
    assert wrong.signature_matches is False
    assert (wrong.findings[0].id, wrong.findings[0].certainty) == ("CR-METHOD", "proved")
    none = diagnose("GET", "/other", headers, credentials=keys)
    assert (none.signature_matches, none.findings[0].certainty) == (False, "possible")


def test_a_4a_text_outside_ascii_was_signed_by_nobody() -> None:
    headers, keys = _with_4a()
    diagnosis = diagnose("GET", "/a%20b", headers | {"X-Amz-Date": b"\xe9"}, credentials=keys)
    assert diagnosis.signature_matches is False
    assert "VERIFY-9" in [each.id for each in diagnosis.findings]


def test_a_4a_scope_with_a_region_is_refused() -> None:
    headers, keys = _with_4a()
    text = str(headers["Authorization"]).replace("/lambda/", "/us-east-1/lambda/")
    diagnosis = diagnose("GET", "/a%20b", headers | {"Authorization": text}, credentials=keys)
    assert diagnosis.signature_matches is None
    assert diagnosis.findings[0].id == "FAIL-38"


def test_names_of_headers_may_be_bytes() -> None:
    """As servers give them: the same is found, and the token is masked."""
    method, url, headers, body = _signed()
    headers = [*headers[:-1], ("X-Two", "a  b"), ("X-Amz-Meta", "1"), headers[-1]]
    raw = [(name.encode(), value.encode()) for name, value in headers]
    answer = Response(
        403, {}, b"<Error><Code>SignatureDoesNotMatch</Code><Message>THE-TOKEN</Message></Error>"
    )
    found = diagnose(method, url, raw, body, response=answer)
    assert found == diagnose(method, url, headers, body, response=answer)
    assert "VERIFY-8" in [each.id for each in found.findings]
    assert "THE-TOKEN" not in str(found)


@pytest.mark.slow
def test_chunk_framing_is_removed_whatever_its_pieces() -> None:
    keys = Credentials("AKIDEXAMPLE", "s" * 40)
    url = "https://sqs.us-east-1.amazonaws.com/"
    signed = Signer("sqs", "us-east-1", keys).sign("POST", url, {}, b"abc" * 9000, at=1772600767)
    framed = b"1;x=y\r\na\r\n1\r\nb\r\n 1 \r\nc\r\n" * 9000
    assert diagnose("POST", url, signed, framed + b"0\r\n\r\n", credentials=keys).findings[0].id == "FAIL-56"
    cut = diagnose("POST", url, signed, framed, credentials=keys)
    assert cut.findings[0].id == "unexplained"
