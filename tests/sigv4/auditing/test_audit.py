"""``audit`` and ``lint``: each weakness is found, a sound request has none, and no secret is shown."""

from __future__ import annotations

import base64
import json

import pytest

from sigv4 import Credentials, Request, Response, Signer, SigningError
from sigv4.auditing.audit import audit
from sigv4.auditing.captures import read_captures
from sigv4.auditing.lint import lint

NOW = 1772600767
KEYS = Credentials("AKIDEXAMPLE", "s" * 40, "SECRET-TOKEN")
HOST = "https://lambda.us-east-1.amazonaws.com"


def request(url: str = f"{HOST}/a", method: str = "POST", service: str = "lambda", region: str = "us-east-1", keys: Credentials = KEYS, body: bytes = b"{}", **headers: str | bytes) -> Request:  # fmt: skip
    named = {name.replace("_", "-"): value for name, value in headers.items()} or {"Content-Type": "a/b"}
    return Request(method, url, Signer(service, region, keys).sign(method, url, named, body, at=NOW), body)


def changed(given: Request, **headers: str | None) -> Request:
    """``given`` with headers set or removed after signing."""
    names = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    kept = [(name, value) for name, value in given.headers if name.lower() not in names]
    return Request(
        given.method, given.url, [*kept, *((n, v) for n, v in names.items() if v is not None)], given.body
    )


def presigned(url: str, expires: int = 900, method: str = "GET", keys: Credentials = KEYS) -> Request:
    signed = Signer("s3", "us-east-1", keys).presign(method, url, expires=expires, at=NOW)
    return Request(method, str(signed), [("Host", url.split("/")[2])])


def without_host() -> Request:
    """A signer that leaves the host out."""
    headers = dict(request().headers)
    headers["Authorization"] = str(headers["Authorization"]).replace("content-type;host;", "content-type;")
    return Request("POST", f"{HOST}/a", headers, b"{}")


def repeated() -> Request:
    signed = request(X_Amz_Meta_A="a,b")
    split = [("X-Amz-Meta-A", "a"), ("X-Amz-Meta-A", "b")]
    return Request("POST", signed.url, [*changed(signed, X_Amz_Meta_A=None).headers, *split], signed.body)


LONG_LIVED = Credentials("AKIDEXAMPLE", "s" * 40)
S3 = "https://b.s3.us-east-1.amazonaws.com"
WEAK = [
    ("FAIL-41", "error", changed(presigned(f"{S3}/a"), Authorization="Bearer x")),
    ("VERIFY-8", "error", changed(request(), X_Amz_Acl="public-read")),
    ("CR-HDR-5", "warning", changed(request(Accept="a"), Content_Type="text/html")),
    ("FAIL-16", "warning", request(Accept="a")),
    ("FAIL-18", "warning", request(Content_Length="2")),
    ("PAYLOAD-5", "warning", request(f"{S3}/a", "PUT", "s3", X_Amz_Content_SHA256="UNSIGNED-PAYLOAD", body=b"")),
    ("PAYLOAD-5", "error", request("http://b.s3.us-east-1.amazonaws.com/a", "PUT", "s3", X_Amz_Content_SHA256="UNSIGNED-PAYLOAD", body=b"")),
    ("URL-1", "error", presigned("http://b.s3.us-east-1.amazonaws.com/a")),
    ("URL-2", "warning", presigned(f"{S3}/a", 604800)),
    ("TOKEN-1", "warning", presigned(f"{S3}/a")),
    ("FAIL-27", "warning", request(region="eu-west-1")),
    ("FAIL-28", "warning", request("https://email.us-east-1.amazonaws.com/", service="sns")),
    ("CR-PATH-4", "warning", request("https://h.example/a+b", service="es")),
    ("CR-PATH-6", "warning", request(f"{S3}/a(1)", service="s3")),
    ("CR-PATH-6", "warning", request(f"{HOST}/%7Ea")),
    ("CR-PATH-2", "warning", request(f"{HOST}/a%3ab")),
    ("CR-PATH-3", "warning", request(f"{HOST}/a/../b")),
    ("CR-PATH-1", "warning", request(f"{HOST}/a%2Fb")),
    ("CR-QUERY-3", "warning", request(f"{HOST}/?a=b+c")),
    ("CR-QUERY-4", "warning", request(f"{HOST}/?a=b&&c=d")),
    ("CR-QUERY-2", "note", request(f"{HOST}/?a=b&a=c")),
    ("CR-QUERY-1", "note", request(f"{HOST}/?a")),
    ("CR-QUERY-5", "warning", request(f"{HOST}/?a=b;c")),
    ("CR-HDR-4", "warning", request(X_Amz_Meta_A="a\tb")),
    ("CR-HDR-3", "note", request(X_Amz_Meta_A="a  b")),
    ("FAIL-50", "note", Request("GET", "/", [("Host", "h")])),
    ("VERIFY-8", "error", without_host()),
    ("CR-HDR-2", "warning", repeated()),
    ("CR-HDR-8", "warning", request(X_Amz_Meta_A="\xfc".encode())),
]  # fmt: skip


@pytest.mark.parametrize(
    ("id", "severity", "weak"), WEAK, ids=[f"{id}-{severity}" for id, severity, _ in WEAK]
)
def test_each_weakness_is_found(id: str, severity: str, weak: Request) -> None:
    findings = audit([(weak, None)])[0]
    assert (severity, id) in {(each.severity, each.id) for each in findings}, findings
    assert "SECRET" not in str(findings) + repr(findings)


def test_a_sound_request_has_no_findings() -> None:
    sound = [request(), request(f"{S3}/a%20b", "GET", "s3", body=b""), presigned(f"{S3}/a", keys=LONG_LIVED)]
    sound.append(request("https://api.sagemaker.us-east-1.amazonaws.com/", service="sagemaker"))
    assert audit([(each, None) for each in sound], credentials=KEYS, now=NOW) == [(), (), (), ()]


def test_a_signature_that_comes_again_is_a_replay() -> None:
    findings = audit([(request(), None), (request(), None)])
    assert [each.id for each in findings[1]] == ["VERIFY-15"]
    assert "request 0" in findings[1][0].evidence


def test_clocks_are_compared_with_the_answer() -> None:
    late = Response(200, {"Date": "Wed, 04 Mar 2026 05:16:07 GMT"})
    assert [each.id for each in audit([(request(), late)])[0]] == ["FAIL-29"]
    assert audit([(request(), None)], now=NOW + 299) == [()]


def test_signatures_are_checked_where_the_secret_is_given() -> None:
    wrong = Request("POST", f"{HOST}/a", request().headers, b"{ }")
    findings = audit([(wrong, None), (request(), None)], credentials=KEYS)
    assert [(each.severity, each.id) for each in findings[0]] == [("error", "FAIL-32")]
    assert [each.id for each in findings[1]] == ["VERIFY-15"]  # the same signature again


def test_lint_rewrites_and_says_whether_a_signature_stays_valid() -> None:
    findings, safe, kept = lint(f"{S3}/a+b(1)?x=%2f&y&&z=a+b#f")
    assert safe == f"{S3}/a%2Bb%281%29?x=%2F&y=&z=a%20b"
    assert not kept  # CR-PATH-4: S3 reads a raw plus sign as a space
    assert lint(f"{S3}/ab(1)?x=%2f&y&&z=a+b#f")[1:] == (f"{S3}/ab%281%29?x=%2F&y=&z=a%20b", True)
    assert {"CR-PATH-4", "CR-PATH-6", "CR-PATH-2", "CR-QUERY-3", "CR-QUERY-4"} <= {
        each.id for each in findings
    }
    for url, said in (("/a%c3%a9", "write '%C3', not '%c3'"), ("/%41?q=%2F%2fx", "write '%2F', not '%2f'")):
        # The fix names the escape that is in the URL.
        assert said in {each.fix for each in lint(f"{HOST}{url}")[0]}
    assert lint(f"{HOST}/a%3ab")[1:] == (f"{HOST}/a%3Ab", False)  # CR-PATH-2: the escapes are signed
    assert lint(safe) == ((), safe, True)
    assert lint("/ü b%")[1] == "/%C3%BC%20b%25"
    with pytest.raises(SigningError):
        lint("nonsense")


def test_lint_reads_a_presigned_url_by_the_rules_of_its_service() -> None:
    """CR-PATH-2, 4: an escape is signed as it is, except for S3, where it is decoded first."""
    for service, kept in (("s3", True), ("lambda", False)):
        url = Signer(service, "us-east-1", LONG_LIVED).presign("GET", "https://h/a%3ab", expires=60, at=NOW)
        assert lint(url)[1:] == (url.replace("%3a", "%3A"), kept)
        unscoped = url.replace(f"%2Fus-east-1%2F{service}%2Faws4_request", "")
        assert lint(unscoped)[1:] == (unscoped.replace("%3a", "%3A"), False)
    bare = url.replace("&X-Amz-Credential=", "&x=")
    assert lint(bare)[1:] == (bare.replace("%3a", "%3A"), False)
    odd = url.replace("%2Flambda%2F", "%2Femail%2F")
    assert lint(odd)[1:] == (odd.replace("%3a", "%3A"), False)


def _har() -> bytes:
    given = request()
    headers = [{"name": name, "value": value} for name, value in given.headers if name != "Host"]
    entry = {
        "request": {"method": "POST", "url": f"{HOST}/a", "headers": [{"name": ":authority", "value": "lambda.us-east-1.amazonaws.com"}, {"name": ":path", "value": "/a"}, *headers], "postData": {"text": "{}"}},
        "response": {"status": 200, "headers": [], "content": {"text": base64.b64encode(b"ok").decode(), "encoding": "base64"}},
    }  # fmt: skip
    return json.dumps({"log": {"entries": [entry, {**entry, "response": {"status": 0}}]}}, indent=1).encode()


def test_har_json_lines_and_raw_requests_give_the_same_requests() -> None:
    from_har = read_captures(_har())
    assert from_har[0][1] == Response(200, [], b"ok")
    assert from_har[1][1] is None
    lines = b"\n".join(
        json.dumps(
            {"method": each.method, "url": each.url, "headers": dict(each.headers), "body": "{}"}
        ).encode()
        for each in (request(), request())
    )
    raw = b""
    for end in ("\r\n", "\n"):
        head = "".join(f"{name}: {value!s}{end}" for name, value in request().headers)
        raw += f"POST /a HTTP/1.1{end}Content-Length: 2{end}{head}{end}".encode() + b"{}" + end.encode()
    for exchanges in (from_har, read_captures(lines), read_captures(raw)):
        assert len(exchanges) == 2
        findings = audit([exchanges[0]], credentials=KEYS, now=NOW)
        assert findings == [()]


def test_one_of_authority_and_host_in_har_is_kept() -> None:
    names = [{"name": "Host", "value": "h"}, {"name": ":authority", "value": "h"}]
    entry = {"request": {"method": "GET", "url": "https://h/", "headers": names}}
    assert read_captures(json.dumps({"log": {"entries": [entry]}}).encode())[0][0].headers == (("Host", "h"),)


def _answer(code: str, message: str, status: int = 403) -> Response:
    body = json.dumps({"__type": code, "message": message})
    return Response(status, {"Content-Type": "application/json"}, body.encode())


MISMATCH = _answer("InvalidSignatureException", "The request signature we calculated does not match the x")


@pytest.mark.parametrize(
    ("given", "response", "credentials", "severity", "id"),
    [
        (request(), _answer("InvalidSignatureException", "Credential should be scoped to correct service: 'x'. "), None, "error", "FAIL-28"),
        (request(), _answer("ExpiredTokenException", "The security token included in the request is expired"), KEYS, "error", "TOKEN-4"),
        (request(), MISMATCH, None, "warning", "FAIL-32"),
        (request(), MISMATCH, KEYS, "error", "FAIL-58"),
        (Request("GET", f"{HOST}/a", [("Authorization", "Bearer abcdefgh")]), MISMATCH, None, "error", "FAIL-52"),
        (Request("GET", f"{HOST}/a", []), _answer("MissingAuthenticationToken", "x"), None, "error", "FAIL-50"),
        (Request("GET", f"{HOST}/a", []), _answer("NotFound", "x", 404), None, "note", "FAIL-50"),
        (Request("GET", f"{HOST}/a", [("X-Amz-Date", "20260304T050607Z")]), MISMATCH, None, "note", "FAIL-56"),
        (Request("GET", f"{HOST}/a", []), _answer("", "", 200), None, "note", "FAIL-50"),
        (Request("POST", f"{HOST}/b", request().headers, b"{}"), MISMATCH, KEYS, "error", "FAIL-02"),
    ],
)  # fmt: skip
def test_a_refused_entry_is_read_with_its_answer(
    given: Request, response: Response, credentials: Credentials | None, severity: str, id: str
) -> None:
    (found,) = audit([(given, response)], credentials=credentials)
    if id == "FAIL-02":  # the fault is not known: it is reported once
        assert [each.id for each in found] == ["unexplained"]
        return
    assert (severity, id) in [(each.severity, each.id) for each in found], found


def test_a_signature_by_another_key_is_not_checked() -> None:
    others = Credentials("AKIDOTHER", "t" * 40)
    assert audit([(request(), None)], credentials=others) == [()]


def test_an_answer_that_refuses_nothing_changes_nothing() -> None:
    assert audit(
        [(request(), Response(200, {}, b"{}")), (request("https://lambda.us-east-1.amazonaws.com/b"), None)]
    ) == [(), ()]
    assert audit([(request(), _answer("ResourceNotFoundException", "x", 404))]) == [()]


FIRST = b"GET / HTTP/1.1\n\n"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b"{", "not JSON"),
        (b'{"log": 1}', "log.entries"),
        (b'{"log": {"entries": [1]}}', "entry 0"),
        (b'{"log": {"entries": [{"request": {"method": 1}}]}}', "method and a url"),
        (b'{"log": {"entries": [{"request": {"method": "G", "url": "/", "headers": [1]}}]}}', "pair"),
        (b'{"method": "G", "url": "/", "headers": {"a b": "c"}}', "name may hold"),
        (
            b'{"log": {"entries": [{"request": {"method": "G", "url": "/", "headers": "x"}}]}}',
            "headers is not a list",
        ),
        (b'{"method": "G", "url": "/", "postData": {"text": 1}}', "the text of a body is not text"),
        (b'{"method": "G", "url": "/", "postData": {"text": "*", "encoding": "base64"}}', "Base64"),
        (FIRST + b"GET / HTTP/1.1\nContent-Length: 9\n\nabc", "ends earlier"),
        (FIRST + b"GET / HTTP/1.1\nContent-Length: x\n\nabc", "Content-Length"),
        (FIRST + b"GET / HTTP/1.1\nTransfer-Encoding: chunked\n\n", "Transfer-Encoding"),
        (b"nonsense", "a request should begin at byte 0: line 1 is not an HTTP request line"),
        (b"GET / HTTP/1.1\nHost: h\n\n" * 2 + b"{}", r"should be at byte 48; .*needs its Content-Length"),
        (b"[" * 100000, "request line"),
        (b'{"a":' * 100000, "not JSON"),
    ],
)
def test_a_file_that_is_not_a_capture_is_named(raw: bytes, said: str) -> None:
    with pytest.raises(SigningError, match=said):
        read_captures(raw)


def test_the_body_of_an_answer_is_read_only_if_it_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(response: Response) -> None:
        raise AssertionError(response)

    monkeypatch.setattr("sigv4.auditing.audit.read_answer", refused)
    answer = Response(200, {"Date": "Fri, 04 Mar 2022 05:06:07 GMT"}, b'{"a": 1}')
    assert [each.id for each in audit([(request(), answer)])[0]] == ["FAIL-29"]
    assert audit([(request(), answer.replace(headers=(("Date", "soon"),)))]) == [()]
