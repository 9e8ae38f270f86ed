"""The corpus of faults: botocore's signer broken in one place, or its request changed on the way.

``python -m tests.interop.faults`` writes ``fixtures/faults/faults.json``, whose README says what is in it.
Answers without an echo are texts of AWS as published; an echo is what botocore, unbroken, makes of the request
that arrived.
"""

from __future__ import annotations

import base64
import datetime
import gzip
import hashlib
import hmac
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials

FILE = Path(__file__).parents[2] / "fixtures" / "faults" / "faults.json"
KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLETOKEN+/=="
WHEN = datetime.datetime(2026, 3, 4, 5, 6, 7)
NOW = "20260304T050607Z"
MISMATCH = "The request signature we calculated does not match the signature you provided."

Text = Callable[[str], str]
Arrived = dict[str, Any]


def _same(text: str) -> str:
    return text


class Case:
    """One request, for one service."""

    def __init__(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        service: str = "sagemaker",
        region: str = "us-east-1",
        token: str | None = None,
        expires: int | None = None,
    ) -> None:
        self.method, self.url, self.headers, self.body = method, url, dict(headers or {}), body
        self.service, self.region, self.token, self.expires = service, region, token, expires

    @property
    def host(self) -> str:
        return self.url.partition("://")[2].partition("/")[0]


def sign(
    case: Case,
    *,
    canonical: Text = _same,
    text: Text = _same,
    key: Callable[[str, str, str, str], bytes] | None = None,
    secret: str = SECRET,
    digest: Callable[[str], str] | None = None,
    when: datetime.datetime = WHEN,
) -> tuple[Arrived, str]:
    """What botocore sends, broken in the places named; and the canonical request it signed."""
    signers = botocore.auth
    s3 = case.service == "s3"
    if case.expires is None:
        plain: Any = signers.S3SigV4Auth if s3 else signers.SigV4Auth
    else:
        plain = signers.S3SigV4QueryAuth if s3 else signers.SigV4QueryAuth
    shown = []

    class Broken(plain):
        def canonical_request(self, request: Any) -> str:
            made = canonical(super().canonical_request(request))
            shown.append(made)
            return made

        def string_to_sign(self, request: Any, canonical_request: str) -> str:
            made = str(super().string_to_sign(request, canonical_request))
            if digest is not None:
                made = made.rpartition("\n")[0] + "\n" + digest(canonical_request)
            return text(made)

        def signature(self, string_to_sign: str, request: Any) -> str:
            if key is None:
                return str(super().signature(string_to_sign, request))
            made = key(secret, NOW[:8], case.region, case.service)
            return hmac.new(made, string_to_sign.encode(), hashlib.sha256).hexdigest()

    credentials = botocore.credentials.Credentials(KEY_ID, secret, case.token)
    signer = Broken(
        credentials, case.service, case.region, **({"expires": case.expires} if case.expires else {})
    )
    headers = {name: value for name, value in case.headers.items() if name != "User-Agent"}
    request = botocore.awsrequest.AWSRequest(case.method, case.url, headers, case.body)
    request.context["payload_signing_enabled"] = True

    def now(remove_tzinfo: bool = True) -> datetime.datetime:
        return when if remove_tzinfo else when.replace(tzinfo=datetime.timezone.utc)

    with mock.patch("botocore.auth.get_current_datetime", now):
        signer.add_auth(request)
    target = "/" + request.url.partition("://")[2].partition("/")[2]
    sent = {"Host": case.host, **{str(name): str(value) for name, value in request.headers.items()}}
    return {"method": case.method, "target": target, "headers": sent, "body": case.body}, shown[0]


def line(number: int, change: Text) -> Text:
    """A change to one line of the canonical request, counted from 0."""

    def changed(canonical: str) -> str:
        lines = canonical.split("\n")
        lines[number] = change(lines[number])
        return "\n".join(lines)

    return changed


def swap(old: str, new: str) -> Text:
    def changed(text: str) -> str:
        if old not in text:
            raise ValueError(f"{old!r} is not in {text!r}: this fault breaks nothing")
        return text.replace(old, new, 1)

    return changed


def both(*changes: Text) -> Text:
    def changed(text: str) -> str:
        for change in changes:
            text = change(text)
        return text

    return changed


def header(name: str, value: str | None) -> Callable[[Arrived], None]:
    """A header that is set or removed on the way."""

    def changed(arrived: Arrived) -> None:
        headers = {key: old for key, old in arrived["headers"].items() if key.lower() != name.lower()}
        arrived["headers"] = headers if value is None else {**headers, name: value}

    return changed


def member(name: str, change: Callable[[Any], Any]) -> Callable[[Arrived], None]:
    def changed(arrived: Arrived) -> None:
        arrived[name] = change(arrived[name])

    return changed


def hmacs(start: str, *steps: str, hexed: bool = False) -> bytes:
    made = start.encode()
    for step in steps:
        raw = hmac.new(made, step.encode(), hashlib.sha256)
        made = raw.hexdigest().encode() if hexed else raw.digest()
    return made


def json_answer(code: str, message: str, date: str = "") -> str:
    body = json.dumps({"__type": code, "message": message})
    dated = f"Date: {date}\n" if date else ""
    return f"HTTP/1.1 400 Bad Request\nContent-Type: application/x-amz-json-1.1\n{dated}\n{body}"


def rest_answer(code: str, message: str) -> str:
    return f"HTTP/1.1 403 Forbidden\nx-amzn-ErrorType: {code}\n\n" + json.dumps({"message": message})


def xml_answer(status: int, code: str, message: str, more: str = "") -> str:
    return f"HTTP/1.1 {status} Refused\nContent-Type: application/xml\n\n<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>"


def echo(canonical: str, style: str) -> str:
    """The answer of a server that calculated ``canonical``."""
    text = f"AWS4-HMAC-SHA256\n{NOW}\n{NOW[:8]}/us-east-1/{{}}/aws4_request\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    if style == "s3":
        shown = "".join({"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(char, char) for char in canonical)
        raw = " ".join(f"{byte:02x}" for byte in canonical.encode())
        more = f"<StringToSign>{text.format('s3')}</StringToSign><CanonicalRequest>{shown}</CanonicalRequest><CanonicalRequestBytes>{raw}</CanonicalRequestBytes>"
        return xml_answer(
            403, "SignatureDoesNotMatch", f"{MISMATCH} Check your key and signing method.", more
        )
    message = (
        f"{MISMATCH} Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
        f"\n\nThe Canonical String for this request should have been\n'{canonical}'\n\n"
        f"The String-to-Sign should have been\n'{text.format(style)}'\n"
    )
    return (
        rest_answer("InvalidSignatureException", message)
        if style != "sagemaker"
        else json_answer("InvalidSignatureException", message)
    )


FAULTS: list[dict[str, Any]] = []


def fault(
    id: str,
    notes: str,
    case: Case,
    *changes: Callable[[Arrived], None],
    answer: str | None = None,
    echoed: Text | None = None,
    secret_known: bool = True,
    token_known: str | None = None,
    **broken: Any,
) -> None:
    """Adds one fault; ``echoed`` makes the server's canonical request from the one that was signed."""
    arrived, canonical = sign(case, **broken)
    for change in changes:
        change(arrived)
    if echoed is not None:
        answer = echo(echoed(canonical), case.service)
    FAULTS.append(
        {
            "id": f"{id}/{sum(each['cause'] == id for each in FAULTS) + 1}",
            "cause": id,
            "notes": notes,
            "request": {
                "method": arrived["method"],
                "target": arrived["target"],
                "headers": [[name, value] for name, value in arrived["headers"].items()]
                if isinstance(arrived["headers"], dict)
                else arrived["headers"],
                "body": base64.b64encode(arrived["body"]).decode(),
            },
            "secret_access_key": SECRET if secret_known else None,
            "session_token": token_known if token_known is not None else case.token,
            "answer": answer,
        }
    )


JSON = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.ListNotebookInstances"}
ENDPOINT = "https://api.sagemaker.us-east-1.amazonaws.com"
BODY = b'{"MaxResults": 5, "NameContains": "caf\xc3\xa9"}'
LIST = Case("POST", f"{ENDPOINT}/", JSON, BODY)


def get(target: str, service: str = "lambda", host: str = "", **more: Any) -> Case:
    return Case(
        "GET", f"https://{host or f'{service}.us-east-1.amazonaws.com'}{target}", service=service, **more
    )


def s3(target: str, method: str = "GET", **more: Any) -> Case:
    return Case(method, f"https://examplebucket.s3.us-east-1.amazonaws.com{target}", service="s3", **more)


ARN = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af/policy"


EMPTY = hashlib.sha256(b"").hexdigest()
STREAMING = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def _streaming(canonical: str) -> str:
    """botocore hashes the body; a chunked one has the literal in its place."""
    return canonical.replace(EMPTY, STREAMING)


def chunked(chunk: Callable[[str, str], str]) -> tuple[Case, Callable[[Arrived], None]]:
    """An S3 upload in two signed chunks; ``chunk`` is the signature given to one, of the right and the seed."""
    headers = {"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": "8195"}
    case = s3("/big", "PUT", headers=headers)

    def changed(arrived: Arrived) -> None:
        arrived["headers"]["X-Amz-Content-SHA256"] = STREAMING
        seed = previous = arrived["headers"]["Authorization"].rpartition("=")[2]
        key = hmacs("AWS4" + SECRET, NOW[:8], "us-east-1", "s3", "aws4_request")
        body = b""
        for data in (b"a" * 8192, b"bcd", b""):
            text = (
                f"AWS4-HMAC-SHA256-PAYLOAD\n{NOW}\n{NOW[:8]}/us-east-1/s3/aws4_request\n{previous}\n{EMPTY}\n"
            )
            text += hashlib.sha256(data).hexdigest()
            signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
            previous = chunk(signature, seed)
            body += f"{len(data):x};chunk-signature={previous}\r\n".encode() + data + b"\r\n"
        arrived["body"] = body

    return case, changed


def build() -> list[dict[str, Any]]:
    """Every fault, made anew."""
    FAULTS.clear()
    _paths()
    _queries()
    _headers()
    _keys_and_scopes()
    _bodies_and_shapes()
    _presigned_and_redirected()
    _pairs()
    _not_version_4()
    _cut_and_rewritten()
    _moved_hosts()
    _changed_urls()
    _spoilt_secrets_and_names()
    from . import more_threads, public_threads

    public_threads.build()
    more_threads.build()
    return list(FAULTS)


def _paths() -> None:
    fault(
        "FAIL-01",
        "an ARN in the path, encoded once",
        get(ARN),
        canonical=line(1, lambda path: path.replace("%25", "%")),
    )
    fault(
        "FAIL-01",
        "a Bedrock model id with ':', encoded once",
        get("/model/amazon.titan-text-v1%3A0/invoke", "bedrock"),
        canonical=line(1, swap("%253A", "%3A")),
    )
    fault(
        "FAIL-02",
        "the HTTP library escaped the path again",
        get("/tags/a%3Ab"),
        member("target", swap("%3A", "%253A")),
    )
    fault(
        "FAIL-02",
        "the path is signed three times encoded",
        get("/tags/a%3Ab"),
        canonical=line(1, swap("%253A", "%25253A")),
    )
    fault(
        "FAIL-02",
        "no secret: the server's echo shows the path escaped again",
        get("/tags/a%3Ab"),
        echoed=line(1, swap("%253A", "%25253A")),
        secret_known=False,
    )
    fault(
        "FAIL-03",
        "an S3 key with a space, encoded twice",
        s3("/a%20b.txt"),
        canonical=line(1, swap("%20", "%2520")),
    )
    fault(
        "FAIL-03",
        "an S3 key with a plus, encoded twice",
        s3("/a%2Bb//c"),
        canonical=line(1, lambda path: path.replace("%2B", "%252B").replace("//", "/")),
    )
    fault(
        "FAIL-04",
        "'%2F' within a segment decoded by a URL parser",
        get("/functions/a%2Fb/policy"),
        canonical=line(1, swap("%252F", "/")),
    )
    fault(
        "FAIL-05",
        "parentheses left raw, as encodeURIComponent does",
        get("/tags/report%20(1)"),
        canonical=line(1, both(swap("%28", "("), swap("%29", ")"))),
    )
    fault("FAIL-05", "S3: '$' left raw", s3("/test%24file.text"), canonical=line(1, swap("%24", "$")))
    fault(
        "FAIL-05",
        "S3: '!' and \"'\" left raw",
        s3("/it%27s%21"),
        canonical=line(1, both(swap("%27", "'"), swap("%21", "!"))),
    )
    fault("FAIL-06", "'~' escaped in an S3 key", s3("/~user/x"), canonical=line(1, swap("~", "%7E")))
    fault("FAIL-06", "'~' escaped in the path", get("/tags/~a"), canonical=line(1, swap("~", "%7E")))
    fault("FAIL-06", "'~' escaped in the query", get("/?marker=~a"), canonical=line(2, swap("~", "%7E")))
    fault(
        "FAIL-07",
        "S3: lower-case escapes as sent",
        s3("/a%3Ab%2Cc"),
        canonical=line(1, both(swap("%3A", "%3a"), swap("%2C", "%2c"))),
    )
    fault(
        "FAIL-07",
        "lower-case escapes sent, upper-case ones signed",
        get("/tags/a%3ab"),
        canonical=line(1, swap("%253a", "%253A")),
    )
    fault(
        "FAIL-13",
        "S3 key with '//' normalized by the library",
        s3("/a//b/./c"),
        canonical=line(1, lambda path: "/a/b/c"),
    )
    fault(
        "FAIL-13",
        "dot segments not normalized by the signer",
        get("/tags/./x/../y"),
        canonical=line(1, lambda path: "/tags/./x/../y"),
    )
    fault(
        "FAIL-44",
        "API Gateway: the custom domain added the stage",
        get("/prod/pets", "execute-api", "abc.execute-api.us-east-1.amazonaws.com"),
        canonical=line(1, swap("/prod/pets", "/pets")),
    )
    fault(
        "FAIL-44",
        "API Gateway: the stage was taken off",
        get("/prod/pets", "execute-api", "abc.execute-api.us-east-1.amazonaws.com"),
        member("target", swap("/prod", "")),
    )


def _queries() -> None:
    fault("FAIL-08", "a space signed as '+'", get("/?q=a%20b"), canonical=line(2, swap("%20", "+")))
    fault(
        "FAIL-08",
        "S3 prefix with a space signed as '+'",
        s3("/?prefix=a%20b"),
        canonical=line(2, swap("%20", "+")),
    )
    fault(
        "FAIL-09", "a literal plus signed as a space", get("/?q=a%2Bb"), canonical=line(2, swap("%2B", "%20"))
    )
    fault(
        "FAIL-09", "a raw plus sent, its escape signed", get("/?q=a%2Bb"), member("target", swap("%2B", "+"))
    )
    fault("FAIL-09", "S3 key: '%2B' signed as a space", s3("/a%2Bb"), canonical=line(1, swap("%2B", "%20")))
    fault(
        "FAIL-10",
        "the query not sorted",
        get("/?b=1&a=2&c=3"),
        canonical=line(2, lambda query: "b=1&a=2&c=3"),
    )
    fault(
        "FAIL-10",
        "sorted as joined strings",
        get("/?Param=2&Param-3=3"),
        canonical=line(2, lambda query: "Param-3=3&Param=2"),
    )
    fault(
        "FAIL-10",
        "sorted before encoding",
        get("/?%E1%88%B4=1&Param=2"),
        canonical=line(2, lambda query: "Param=2&%E1%88%B4=1"),
    )
    fault(
        "FAIL-10",
        "repeated names not sorted by value",
        get("/?a=2&a=1"),
        canonical=line(2, lambda query: "a=2&a=1"),
    )
    fault("FAIL-11", "'?acl' signed without '='", s3("/?acl"), canonical=line(2, swap("acl=", "acl")))
    fault(
        "FAIL-11",
        "blank values dropped",
        s3("/?uploads&prefix=a"),
        canonical=line(2, lambda query: "prefix=a"),
    )
    fault("FAIL-12", "'/' raw in a value", s3("/?prefix=a%2Fb"), canonical=line(2, swap("%2F", "/")))
    fault("FAIL-12", "':' raw in a value", get("/?arn=a%3Ab"), canonical=line(2, swap("%3A", ":")))
    fault(
        "FAIL-12", "'=' in a value encoded twice", get("/?q=a%3Db"), canonical=line(2, swap("%3D", "%253D"))
    )


def _headers() -> None:
    quoted = {**JSON, "X-Amz-Meta-Note": 'say "a   b"'}
    fault(
        "FAIL-14",
        "the default port was signed",
        LIST,
        canonical=swap("amazonaws.com\n", "amazonaws.com:443\n"),
    )
    fault(
        "FAIL-14",
        "another port than the default was not signed",
        Case("POST", "https://localhost:4566/", JSON, BODY),
        canonical=swap("localhost:4566", "localhost"),
    )
    fault(
        "FAIL-15",
        "a tunnel: localhost was signed",
        LIST,
        canonical=swap("host:api.sagemaker.us-east-1.amazonaws.com", "host:localhost"),
    )
    fault(
        "FAIL-15",
        "no secret: a proxy changed the Host, as the echo shows",
        LIST,
        echoed=swap("host:api.sagemaker.us-east-1.amazonaws.com", "host:proxy.example.com"),
        secret_known=False,
    )
    fault(
        "FAIL-15",
        "a proxy changed the Host, and told so",
        LIST,
        header("Host", "proxy.example.com"),
        header("X-Forwarded-Host", "api.sagemaker.us-east-1.amazonaws.com"),
    )
    fault(
        "FAIL-16",
        "Accept-Encoding was signed and rewritten",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Accept-Encoding": "gzip, deflate"}, BODY),
        header("Accept-Encoding", "gzip"),
    )
    fault(
        "FAIL-16",
        "Via was signed, and a proxy wrote its own: the echo shows it",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Via": "1.1 mine"}, BODY),
        echoed=swap("via:1.1 mine", "via:1.1 mine, 1.1 theirs"),
    )
    fault(
        "FAIL-16",
        "a signed header was removed",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Accept": "*/*"}, BODY),
        header("Accept", None),
    )
    expecting = both(swap("\nhost:", "\nexpect:100-continue\nhost:"), swap(";host;", ";expect;host;"))
    named = member(
        "headers",
        lambda headers: {
            **headers,
            "Authorization": headers["Authorization"].replace(";host;", ";expect;host;"),
        },
    )
    fault(
        "FAIL-17",
        "Expect was signed, and the server's front end removed it",
        LIST,
        named,
        canonical=expecting,
    )
    fault(
        "FAIL-18",
        "Content-Length was signed, and chunked transfer replaced it",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Content-Length": str(len(BODY))}, BODY),
        header("Content-Length", None),
        header("Transfer-Encoding", "chunked"),
    )
    fault(
        "FAIL-19",
        "the library added a charset",
        LIST,
        header("Content-Type", "application/x-amz-json-1.1; charset=utf-8"),
    )
    fault(
        "FAIL-19",
        "no secret: the echo shows another charset",
        LIST,
        echoed=swap("x-amz-json-1.1", "x-amz-json-1.1; charset=UTF-8"),
        secret_known=False,
    )
    fault(
        "FAIL-20",
        "runs of spaces in quotes kept",
        Case("POST", f"{ENDPOINT}/", quoted, BODY),
        canonical=swap('"a b"', '"a   b"'),
    )
    fault(
        "FAIL-20",
        "runs of spaces kept",
        Case("POST", f"{ENDPOINT}/", {**JSON, "X-Amz-Meta-Note": "a  b"}, BODY),
        canonical=swap("note:a b", "note:a  b"),
    )
    fault(
        "FAIL-21",
        "repeated values joined with ', '",
        Case("POST", f"{ENDPOINT}/", {**JSON, "X-Amz-Meta-Note": "b,a"}, BODY),
        canonical=swap("note:b,a", "note:b, a"),
    )
    fault(
        "FAIL-21",
        "repeated values sorted",
        Case("POST", f"{ENDPOINT}/", {**JSON, "X-Amz-Meta-Note": "b,a"}, BODY),
        canonical=swap("note:b,a", "note:a,b"),
    )
    fault(
        "FAIL-22",
        "UTF-8 was signed, Latin-1 was sent",
        Case("POST", f"{ENDPOINT}/", {**JSON, "X-Amz-Meta-Note": "caf\xe9"}, BODY),
        header("X-Amz-Meta-Note", "base64:" + base64.b64encode(b"caf\xe9").decode()),
    )
    fault(
        "FAIL-23",
        "the token was added after signing",
        LIST,
        header("X-Amz-Security-Token", TOKEN),
        token_known=TOKEN,
    )
    fault(
        "FAIL-23",
        "a temporary key without its token",
        LIST,
        answer=json_answer(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        ),
        text=_same,
    )
    FAULTS[-1]["request"]["headers"] = [
        [name, value.replace(KEY_ID, "ASIAEXAMPLE")] for name, value in FAULTS[-1]["request"]["headers"]
    ]
    FAULTS[-1]["secret_access_key"] = None
    fault(
        "FAIL-23",
        "an empty token was signed",
        LIST,
        header("X-Amz-Security-Token", ""),
        canonical=both(
            swap("\nx-amz-target:", "\nx-amz-security-token:\nx-amz-target:"),
            swap(";x-amz-target", ";x-amz-security-token;x-amz-target"),
        ),
    )
    fault(
        "FAIL-37",
        "SignedHeaders ends in ';'",
        LIST,
        canonical=swap("x-amz-date;x-amz-target\n", "x-amz-date;x-amz-target;\n"),
    )
    fault(
        "FAIL-37",
        "SignedHeaders in title case",
        LIST,
        canonical=swap(
            "content-type;host;x-amz-date;x-amz-target", "Content-Type;Host;X-Amz-Date;X-Amz-Target"
        ),
    )
    fault(
        "FAIL-37",
        "SignedHeaders not sorted",
        LIST,
        member(
            "headers",
            lambda headers: {
                **headers,
                "Authorization": headers["Authorization"].replace("content-type;host", "host;content-type"),
            },
        ),
        canonical=both(swap("content-type;host", "host;content-type")),
    )
    fault(
        "FAIL-48",
        "Content-Length signed as -1",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Content-Length": str(len(BODY))}, BODY),
        canonical=swap(f"content-length:{len(BODY)}", "content-length:-1"),
    )
    fault(
        "FAIL-48",
        "Content-Length signed as empty",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Content-Length": str(len(BODY))}, BODY),
        canonical=swap(f"content-length:{len(BODY)}", "content-length:"),
    )


def _keys_and_scopes() -> None:
    for notes, secret in (
        ("the secret with a line end behind it", SECRET + "\n"),
        ("the secret in quotes", f'"{SECRET}"'),
        ("the secret with its '+' read as a space", SECRET.replace("+", " ")),
        ("the secret with its '/' escaped", SECRET.replace("/", "%2F")),
    ):
        fault("FAIL-25", notes, LIST, secret=secret)
    fault(
        "FAIL-25",
        "no secret: the server calculated the same",
        LIST,
        echoed=_same,
        secret_known=False,
        secret="another",
    )
    spaced = member(
        "headers",
        lambda headers: {**headers, "Authorization": headers["Authorization"].replace(KEY_ID, KEY_ID + " ")},
    )
    fault("FAIL-26", "the access key id with a space behind it", LIST, spaced)
    fault(
        "FAIL-26",
        "the same, as the server says it",
        LIST,
        answer=json_answer(
            "IncompleteSignatureException",
            "'/20260304/us-east-1/sagemaker/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 …'.",
        ),
    )
    fault(
        "FAIL-27",
        "a wrong region, in JSON",
        LIST,
        answer=json_answer(
            "InvalidSignatureException", "Credential should be scoped to a valid region, not 'us-east-1'. "
        ),
    )
    fault(
        "FAIL-27",
        "a wrong region, at S3, which names the right one",
        s3("/x"),
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'us-west-2'",
            "<Region>us-west-2</Region>",
        ),
    )
    fault(
        "FAIL-27",
        "the key of another region than the scope's",
        LIST,
        key=lambda secret, day, region, service: hmacs(
            "AWS4" + secret, day, "aws-global", service, "aws4_request"
        ),
    )
    fault(
        "FAIL-28",
        "a wrong service: SageMaker's 112 bytes (disneystreaming/smithy4s#1568)",
        LIST,
        answer=json_answer(
            "InvalidSignatureException", "Credential should be scoped to correct service: 'sagemaker'. "
        ),
    )
    fault(
        "FAIL-28",
        "the key of another service than the scope's",
        LIST,
        key=lambda secret, day, region, service: hmacs("AWS4" + secret, day, region, "api", "aws4_request"),
    )
    fault(
        "FAIL-29",
        "six minutes late",
        LIST,
        answer=json_answer(
            "InvalidSignatureException",
            f"Signature expired: {NOW} is now earlier than 20260304T050707Z (20260304T051207Z - 5 min.)",
        ),
    )
    fault(
        "FAIL-29",
        "local time labelled Z, two hours on",
        LIST,
        answer=json_answer(
            "InvalidSignatureException",
            f"Signature not yet current: {NOW} is still later than 20260304T031107Z (20260304T030607Z + 5 min.)",
        ),
    )
    fault(
        "FAIL-29",
        "S3's words",
        s3("/x"),
        answer=xml_answer(
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            f"<RequestTime>{NOW}</RequestTime><ServerTime>2026-03-04T05:46:07Z</ServerTime>",
        ),
    )
    fault(
        "FAIL-29", "the time in the string to sign is a second old", LIST, text=swap(NOW, "20260304T050606Z")
    )
    fault(
        "FAIL-30",
        "the scope has the day before",
        LIST,
        member(
            "headers",
            lambda headers: {
                **headers,
                "Authorization": headers["Authorization"].replace("20260304", "20260303"),
            },
        ),
    )
    fault(
        "FAIL-30",
        "the key of the day before",
        LIST,
        key=lambda secret, day, region, service: hmacs(
            "AWS4" + secret, "20260303", region, service, "aws4_request"
        ),
    )
    for notes, key in (
        ("hex chained", lambda secret, day, region, service: hmacs("AWS4" + secret, day, region, service, "aws4_request", hexed=True)),
        ("no 'AWS4'", lambda secret, day, region, service: hmacs(secret, day, region, service, "aws4_request")),
        ("no last step", lambda secret, day, region, service: hmacs("AWS4" + secret, day, region, service)),
        ("region and service exchanged", lambda secret, day, region, service: hmacs("AWS4" + secret, day, service, region, "aws4_request")),
        ("the secret itself as the key", lambda secret, day, region, service: secret.encode()),
    ):  # fmt: skip
        fault("FAIL-31", notes, LIST, key=key)
    fault(
        "FAIL-38",
        "region and day exchanged in the scope",
        LIST,
        text=swap("20260304/us-east-1", "us-east-1/20260304"),
    )
    fault(
        "FAIL-38",
        "the access key id in the string to sign",
        LIST,
        text=swap("20260304/us-east-1", f"{KEY_ID}/20260304/us-east-1"),
    )
    dated = Case("POST", f"{ENDPOINT}/", JSON, BODY)
    fault(
        "FAIL-43",
        "the Date header's time in the string to sign",
        dated,
        header("Date", "Wed, 04 Mar 2026 05:05:59 GMT"),
        text=swap(NOW, "20260304T050559Z"),
    )
    fault(
        "FAIL-43",
        "the extended form of the time in the string to sign",
        LIST,
        text=swap(NOW, "2026-03-04T05:06:07Z"),
    )
    fault(
        "FAIL-47",
        "the SMTP password used as the secret",
        LIST,
        secret=base64.b64encode(
            b"\x04" + hmacs("AWS4" + SECRET, "11111111", "us-east-1", "ses", "aws4_request", "SendRawEmail")
        ).decode(),
    )
    fault(
        "FAIL-45",
        "a Multi-Region Access Point signed with Version 4",
        get("/x", "s3", "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com"),
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            "The authorization header is malformed; Credential should be scoped to a valid region, not 'us-east-1'.",
        ),
    )


def _bodies_and_shapes() -> None:
    value = json.loads(BODY)
    for notes, hashed in (
        ("the body hashed before it was serialized again", json.dumps(value).encode()),
        ("the body hashed with other separators", json.dumps(value, separators=(",", ":")).encode()),
        ("the stream was used up: hashed as empty", b""),
        ("the body hashed as UTF-16", BODY.decode().encode("utf-16-le")),
        ("a line end was added", BODY + b"\n"),
    ):
        digest = hashlib.sha256(hashed).hexdigest()
        fault("FAIL-32", notes, LIST, canonical=swap(hashlib.sha256(BODY).hexdigest(), digest))
    fault(
        "FAIL-32", "compressed after signing", LIST, member("body", lambda body: gzip.compress(body, mtime=0))
    )
    fault(
        "FAIL-32",
        "S3 says the body is another",
        s3("/x", "PUT", body=b"abc"),
        member("body", lambda body: b"abd"),
        answer=xml_answer(
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ),
        secret_known=False,
    )
    search = Case(
        "GET",
        "https://search-x.us-east-1.es.amazonaws.com/_search",
        {"Content-Type": "application/json"},
        b'{"size": 1}',
        service="es",
    )
    fault(
        "FAIL-33",
        "a GET with a body, hashed as empty",
        search,
        canonical=swap(hashlib.sha256(search.body).hexdigest(), hashlib.sha256(b"").hexdigest()),
    )
    upload = s3("/x", "PUT", body=b"abc")
    digest = hashlib.sha256(b"abc").hexdigest()
    fault(
        "FAIL-34",
        "the payload line in Base64",
        upload,
        canonical=lambda text: (
            text.rpartition("\n")[0] + "\n" + base64.b64encode(bytes.fromhex(digest)).decode()
        ),
    )
    fault(
        "FAIL-34",
        "the payload line in upper case",
        LIST,
        canonical=lambda text: text.rpartition("\n")[0] + "\n" + hashlib.sha256(BODY).hexdigest().upper(),
    )
    fault(
        "FAIL-35",
        "UNSIGNED-PAYLOAD signed where a hash belongs",
        LIST,
        canonical=lambda text: text.rpartition("\n")[0] + "\nUNSIGNED-PAYLOAD",
    )
    fault(
        "FAIL-36",
        "S3 without x-amz-content-sha256",
        Case("GET", "https://examplebucket.s3.us-east-1.amazonaws.com/x", service="s3"),
        header("X-Amz-Content-SHA256", None),
        answer=xml_answer(
            400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256"
        ),
        secret_known=False,
    )
    for notes, canonical in (
        ("no empty line behind the headers", lambda text: "\n".join(text.rsplit("\n\n", 1))),
        ("a line end behind the canonical request", lambda text: text + "\n"),
        ("CRLF in the canonical request", lambda text: text.replace("\n", "\r\n")),
        ("no line for the empty query", lambda text: text.replace("/\n\n", "/\n", 1)),
    ):  # fmt: skip
        fault("FAIL-39", notes, LIST, canonical=canonical)
    fault("FAIL-39", "a line end behind the string to sign", LIST, text=lambda text: text + "\n")
    fault("FAIL-39", "the canonical request not hashed", LIST, digest=_same)
    fault(
        "FAIL-46",
        "the canonical request hashed as UTF-16",
        LIST,
        digest=lambda text: hashlib.sha256(text.encode("utf-16-le")).hexdigest(),
    )
    fault(
        "FAIL-49", "each chunk chained to the seed", *chunked(lambda right, seed: seed), canonical=_streaming
    )
    case, changed = chunked(lambda right, seed: right)
    fault(
        "FAIL-49",
        "a byte of a chunk changed on the way",
        case,
        changed,
        member("body", lambda body: body.replace(b"\r\nbcd\r\n", b"\r\nbcX\r\n")),
        canonical=_streaming,
    )
    fault(
        "FAIL-49",
        "a small chunk before the last",
        case,
        changed,
        answer=xml_answer(
            403, "InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes"
        ),
        secret_known=False,
        canonical=_streaming,
    )
    fault("FAIL-50", "no signature at all", LIST, header("Authorization", None))
    fault(
        "FAIL-50",
        "no signature, as the server says it",
        LIST,
        header("Authorization", None),
        answer=rest_answer("MissingAuthenticationTokenException", "Missing Authentication Token"),
    )


def _presigned_and_redirected() -> None:
    url = s3("/x.txt", expires=900)
    fault("FAIL-40", "a URL signed for GET, used with HEAD", url, member("method", lambda method: "HEAD"))
    fault(
        "FAIL-40",
        "'&amp;' for '&'",
        s3("/x.txt?response-content-type=a", expires=900),
        member("target", swap("&X-Amz-Date", "&amp;X-Amz-Date")),
        member("target", swap("&amp;X-Amz-Date", "&X-Amz-Date")),
        member("target", swap("?response", "?amp;response")),
    )
    fault(
        "FAIL-40",
        "an x-amz-* header that was not signed",
        url,
        header("X-Amz-Acl", "public-read"),
        secret_known=False,
    )
    fault(
        "FAIL-23",
        "presigned: the token was added after signing",
        s3("/x.txt", expires=900),
        member(
            "target",
            lambda target: (
                f"{target}&X-Amz-Security-Token={TOKEN.replace('+', '%2B').replace('/', '%2F').replace('=', '%3D')}"
            ),
        ),
        token_known=TOKEN,
    )
    mqtt = Case(
        "GET",
        "https://x-ats.iot.us-east-1.amazonaws.com/mqtt",
        service="iotdevicegateway",
        token=TOKEN,
        expires=86400,
    )
    fault("FAIL-24", "IoT: the token was signed", mqtt)
    fault("FAIL-41", "a presigned URL with an Authorization header", url, header("Authorization", "Bearer x"))
    fault(
        "FAIL-42",
        "a 302 made a GET of a POST",
        Case("POST", f"{ENDPOINT}/", JSON),
        member("method", lambda method: "GET"),
    )
    moved = Case("GET", "https://examplebucket.s3.us-east-1.amazonaws.com/x", service="s3")
    fault(
        "FAIL-42",
        "redirected to the bucket's region with the old signature",
        moved,
        header("Host", "examplebucket.s3.us-west-2.amazonaws.com"),
    )


def _pairs() -> None:
    fault(
        "FAIL-01",
        "two faults: the path encoded once, and CRLF line ends",
        get(ARN),
        canonical=both(
            line(1, lambda path: path.replace("%25", "%")), lambda text: text.replace("\n", "\r\n")
        ),
    )
    fault(
        "FAIL-08",
        "two faults: '+' for a space, and the default port signed",
        get("/?q=a%20b"),
        canonical=both(line(2, swap("%20", "+")), swap("amazonaws.com\n", "amazonaws.com:443\n")),
    )
    fault(
        "FAIL-06",
        "two faults in the query: '~' escaped, '/' raw",
        get("/?q=~a%2Fb"),
        canonical=line(2, both(swap("~", "%7E"), swap("%2F", "/"))),
    )


def unsigned(
    method: str, target: str, headers: dict[str, str], body: bytes = b""
) -> Callable[[Arrived], None]:
    """A request that was not made by botocore."""

    def changed(arrived: Arrived) -> None:
        arrived.update(method=method, target=target, headers=headers, body=body)

    return changed


def _not_version_4() -> None:
    """Requests without a Version 4 signature, and what they are."""
    host = "examplebucket.s3.us-east-1.amazonaws.com"
    gateway = "abc123.execute-api.us-east-1.amazonaws.com"
    v2 = "AWS AKIDEXAMPLE:bWq2s1WEIj+Ydj0vQ697zp+IXMU="
    fault(
        "FAIL-51",
        "Signature Version 2 in the header",
        s3("/x"),
        unsigned("GET", "/x", {"Host": host, "Date": "Wed, 04 Mar 2026 05:06:07 GMT", "Authorization": v2}),
        answer=xml_answer(
            400,
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        ),
        secret_known=False,
    )
    fault(
        "FAIL-51",
        "a presigned URL of Signature Version 2",
        s3("/x"),
        unsigned(
            "GET", "/x?AWSAccessKeyId=AKIDEXAMPLE&Expires=1772601667&Signature=vjbyPxybd%3D", {"Host": host}
        ),
        secret_known=False,
    )
    fault(
        "FAIL-52",
        "a JSON Web Token as a bearer token at OpenSearch",
        get("/", "es"),
        unsigned(
            "GET",
            "/",
            {
                "Host": "search-x.us-east-1.es.amazonaws.com",
                "Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl",
            },
        ),
        answer=rest_answer(
            "IncompleteSignatureException",
            "'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl'.",
        ),
        secret_known=False,
    )
    form = b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\na\r\n--x\r\nContent-Disposition: form-data; name="policy"\r\n\r\ne30=\r\n--x--\r\n'
    fault(
        "FAIL-53",
        "a form with a field that its policy does not name (aws/aws-sdk-php#3292)",
        s3("/"),
        unsigned("POST", "/", {"Host": host, "Content-Type": "multipart/form-data; boundary=x"}, form),
        answer=xml_answer(403, "AccessDenied", "Invalid according to Policy: Extra input fields: bucket"),
        secret_known=False,
    )
    fault(
        "FAIL-54",
        "a PUT through CloudFront origin access control without the hash of the body",
        s3("/x"),
        unsigned(
            "PUT", "/x", {"Host": "d111111abcdef8.cloudfront.net", "Content-Type": "text/plain"}, b"abc"
        ),
        answer=xml_answer(
            403, "SignatureDoesNotMatch", f"{MISMATCH} Check your key and signing method."
        ).replace("Content-Type:", "Via: 1.1 x.cloudfront.net (CloudFront)\nContent-Type:", 1),
        secret_known=False,
    )
    fault(
        "FAIL-55",
        "a CORS preflight",
        s3("/x"),
        unsigned(
            "OPTIONS",
            "/x",
            {"Host": host, "Origin": "https://app.example", "Access-Control-Request-Method": "PUT"},
        ),
        answer=xml_answer(403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket."),
        secret_known=False,
    )
    fault(
        "FAIL-56",
        "a HAR file of Chrome, without Authorization",
        LIST,
        header("Authorization", None),
        header("Sec-Fetch-Mode", "cors"),
        answer=json_answer("InvalidSignatureException", f"{MISMATCH} Check your AWS Secret Access Key."),
    )
    fault(
        "FAIL-56",
        "a capture without its body",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Content-Length": str(len(BODY))}, BODY),
        member("body", lambda body: b""),
    )
    fault(
        "FAIL-57",
        "a route that API Gateway does not have, asked with a right signature",
        get("/prod/pets", "execute-api", gateway),
        answer=rest_answer("MissingAuthenticationTokenException", "Missing Authentication Token"),
    )
    fault(
        "FAIL-57",
        "a route that API Gateway does not have, asked with a bearer token (aws/chalice#828)",
        get("/prod/pets", "execute-api", gateway),
        unsigned("GET", "/prod/pet", {"Host": gateway, "Authorization": "Bearer abcdefghij"}),
        answer=rest_answer(
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization=Bearer abcdefghij",
        ),
        secret_known=False,
    )


def _cut_and_rewritten() -> None:
    """Requests that were changed by what is between the signer and the server."""
    mismatch = rest_answer(
        "InvalidSignatureException",
        f"{MISMATCH} Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    )
    fault("FAIL-58", "right in itself, and refused", LIST, answer=mismatch)
    minio = Case(
        "PUT",
        "https://minio.example.com/bucket/a.txt",
        {"X-Amz-Trailer": "x-amz-checksum-crc32"},
        b"x",
        service="s3",
    )
    trailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    fault(
        "FAIL-59",
        "a checksum in a trailer, at a server that does not know it",
        minio,
        header("X-Amz-Content-SHA256", trailer),
        canonical=lambda text: text.replace(hashlib.sha256(b"x").hexdigest(), trailer),
        answer=xml_answer(403, "SignatureDoesNotMatch", f"{MISMATCH} Check your key and signing method."),
        secret_known=False,
    )
    fault(
        "FAIL-60",
        "a parameter was added after signing",
        get("/tags?a=1"),
        member("target", lambda target: f"{target}&debug=true"),
    )


def moved(host: str, target: str | None = None) -> Callable[[Arrived], None]:
    """The request as it arrived at another address."""

    def changed(arrived: Arrived) -> None:
        arrived["headers"] = {**arrived["headers"], "Host": host}
        if target is not None:
            arrived["target"] = target

    return changed


def _moved_hosts() -> None:
    """FAIL-15: signed for one address of a service, sent to another."""
    bucket = "examplebucket"
    virtual, path_style = f"{bucket}.s3.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"
    by_path = Case("GET", f"https://{path_style}/{bucket}/x.txt", service="s3")
    for notes, case, change in (
        ("virtual-hosted signed, path-style sent", s3("/x.txt"), moved(path_style, f"/{bucket}/x.txt")),
        ("path-style signed, virtual-hosted sent", by_path, moved(virtual, "/x.txt")),
        ("the global endpoint sent", s3("/x.txt"), moved(f"{bucket}.s3.amazonaws.com")),
        (
            "the dual-stack endpoint sent",
            s3("/x.txt"),
            moved(f"{bucket}.s3.dualstack.us-east-1.amazonaws.com"),
        ),
        ("the FIPS endpoint sent", s3("/x.txt"), moved(f"{bucket}.s3-fips.us-east-1.amazonaws.com")),
        ("the accelerated endpoint sent", s3("/x.txt"), moved(f"{bucket}.s3-accelerate.amazonaws.com")),
        ("the old form with a dash sent", s3("/x.txt"), moved(f"{bucket}.s3-us-east-1.amazonaws.com")),
        ("path-style: the global endpoint sent", by_path, moved("s3.amazonaws.com")),
        ("a CDN in front of the bucket", s3("/x.txt"), moved("examplebucket.cdn.example.com")),
        ("SageMaker: the FIPS endpoint sent", LIST, moved("api-fips.sagemaker.us-east-1.amazonaws.com")),
        ("Lambda: the dual-stack endpoint sent", get("/x"), moved("lambda.us-east-1.api.aws")),
        ("Lambda: a proxy sent", get("/x"), moved("gateway.example.com")),
    ):
        fault("FAIL-15", notes, case, change)
    telling = header("X-Forwarded-Host", "app.example.com")
    fault(
        "FAIL-15",
        "a proxy told the host it was asked for",
        Case("GET", "https://app.example.com/x", service="execute-api"),
        moved("10.0.0.7:8080"),
        telling,
    )


def _changed_urls() -> None:
    """Targets and times that were changed after they were signed."""
    url = s3("/x.txt", expires=900)
    for parameter in (
        "utm_source=mail",
        "versionId=3",
        "response-content-disposition=attachment",
        "fbclid=a%2Bb",
        "x-id=GetObject",
    ):
        fault(
            "FAIL-40",
            f"{parameter.partition('=')[0]} was added to a presigned URL",
            url,
            member("target", lambda text, more=parameter: f"{text}&{more}"),
        )
    for seconds in ("3600", "86400", "604800"):
        fault(
            "FAIL-40",
            f"Expires was raised to {seconds}",
            url,
            member("target", swap("X-Amz-Expires=900", f"X-Amz-Expires={seconds}")),
        )
    fault(
        "FAIL-60",
        "two parameters were added",
        get("/tags?a=1"),
        member("target", lambda text: f"{text}&b=2&c=3"),
    )
    fault("FAIL-13", "a '/' at the end was stripped", get("/tags/"), member("target", lambda text: "/tags"))
    fault("FAIL-13", "a '/' at the end was added", get("/tags"), member("target", lambda text: "/tags/"))
    fault("FAIL-13", "S3: '//' was merged on the way", s3("/a/b//c"), member("target", lambda text: "/a/b/c"))
    fault("FAIL-02", "a proxy wrote ':' for '%3A'", get("/tags/a%3Ab"), member("target", swap("%3A", ":")))
    fault("FAIL-08", "a proxy wrote '+' for '%20'", get("/tags/a%20b"), member("target", swap("%20", "+")))
    fault(
        "FAIL-43",
        "X-Amz-Date is a second later than the one that was signed",
        LIST,
        header("X-Amz-Date", "20260304T050608Z"),
    )
    fault("FAIL-43", "the same in a URL", url, member("target", swap("050607Z", "050609Z")))
    upload = s3("/x", "PUT", body=b"abc")
    fault(
        "FAIL-35",
        "the hash was replaced by UNSIGNED-PAYLOAD",
        upload,
        header("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"),
    )
    fault(
        "FAIL-39",
        "CR line ends in the canonical request",
        LIST,
        canonical=lambda text: text.replace("\n", "\r"),
    )
    fault(
        "FAIL-39",
        "the host in place of the path",
        get("/tags"),
        canonical=line(1, lambda path: "lambda.us-east-1.amazonaws.com"),
    )
    form = Case(
        "POST",
        "https://sts.us-east-1.amazonaws.com/",
        {"Content-Type": "application/x-www-form-urlencoded"},
        b"Action=x&Name=a+b%2Fc",
        service="sts",
    )
    raw = hashlib.sha256(b"Action=x&Name=a b/c").hexdigest()
    fault(
        "FAIL-32",
        "a form hashed before it was URL-encoded",
        form,
        canonical=swap(hashlib.sha256(form.body).hexdigest(), raw),
    )


def _spoilt_secrets_and_names() -> None:
    for notes, secret in (
        ("with CR LF behind it", SECRET + "\r\n"),
        ("with a tab behind it", SECRET + "\t"),
        ("with a byte order mark before it", "\ufeff" + SECRET),
        ("without its last character", SECRET[:-1]),
        ("cut at its first '/'", SECRET.partition("/")[0]),
        ("with '\\/' for '/', as PHP's JSON writes it", SECRET.replace("/", "\\/")),
    ):
        fault("FAIL-25", f"the secret {notes}", get("/x"), secret=secret)
    for region in ("us-west-2", "eu-west-1"):
        fault(
            "FAIL-27",
            f"the key of {region}",
            get("/x"),
            key=lambda secret, day, _, service, name=region: hmacs(
                "AWS4" + secret, day, name, service, "aws4_request"
            ),
        )
    for service in ("s3", "execute-api"):
        fault(
            "FAIL-28",
            f"the key of {service}",
            get("/x"),
            key=lambda secret, day, region, _, name=service: hmacs(
                "AWS4" + secret, day, region, name, "aws4_request"
            ),
        )


def main() -> None:
    FILE.write_text(
        json.dumps({"schema": 1, "faults": build()}, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    sys.stdout.write(f"{len(FAULTS)} faults, {len({each['cause'] for each in FAULTS})} causes\n")


if __name__ == "__main__":
    from tests.interop import faults  # the module that public_threads adds to, not this copy of it

    faults.main()
