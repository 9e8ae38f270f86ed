"""The faults of headers and hosts. One table."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from .answers import json_answer
from .broken_signer import KEY_ID, TOKEN, Case, both, swap
from .fault import BODY, ENDPOINT, JSON, LIST, Fault, fault, get, s3
from .on_the_way import authorization, header, member, moved


def headers() -> Iterator[Fault]:
    quoted = {**JSON, "X-Amz-Meta-Note": 'say "a   b"'}
    yield fault(
        "FAIL-14",
        "the default port was signed",
        LIST,
        canonical=swap("amazonaws.com\n", "amazonaws.com:443\n"),
    )
    yield fault(
        "FAIL-14",
        "another port than the default was not signed",
        Case("POST", "https://localhost:4566/", JSON, BODY),
        canonical=swap("localhost:4566", "localhost"),
    )
    yield fault(
        "FAIL-15",
        "a tunnel: the request was signed for localhost",
        LIST,
        canonical=swap("host:api.sagemaker.us-east-1.amazonaws.com", "host:localhost"),
    )
    yield fault(
        "FAIL-15",
        "no secret is known: the server's canonical request shows that a proxy changed Host",
        LIST,
        echoed=swap("host:api.sagemaker.us-east-1.amazonaws.com", "host:proxy.example.com"),
        secret_known=False,
    )
    yield fault(
        "FAIL-15",
        "a proxy changed Host, and added X-Forwarded-Host",
        LIST,
        header("Host", "proxy.example.com"),
        header("X-Forwarded-Host", "api.sagemaker.us-east-1.amazonaws.com"),
    )
    yield fault(
        "FAIL-16",
        "Accept-Encoding was signed and rewritten",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Accept-Encoding": "gzip, deflate"}, BODY),
        header("Accept-Encoding", "gzip"),
    )
    yield fault(
        "FAIL-16",
        "Via was signed, and a proxy replaced it: the server's canonical request shows it",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Via": "1.1 mine"}, BODY),
        echoed=swap("via:1.1 mine", "via:1.1 mine, 1.1 theirs"),
    )
    yield fault(
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
    yield fault(
        "FAIL-17",
        "Expect was signed, and the server's front end removed it",
        LIST,
        named,
        canonical=expecting,
    )
    yield fault(
        "FAIL-18",
        "Content-Length was signed, and chunked transfer replaced it",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Content-Length": str(len(BODY))}, BODY),
        header("Content-Length", None),
        header("Transfer-Encoding", "chunked"),
    )
    yield fault(
        "FAIL-19",
        "the library added a charset",
        LIST,
        header("Content-Type", "application/x-amz-json-1.1; charset=utf-8"),
    )
    yield fault(
        "FAIL-19",
        "no secret is known: the server's canonical request shows another charset",
        LIST,
        echoed=swap("x-amz-json-1.1", "x-amz-json-1.1; charset=UTF-8"),
        secret_known=False,
    )
    yield fault(
        "FAIL-20",
        "runs of spaces in quotes kept",
        Case("POST", f"{ENDPOINT}/", quoted, BODY),
        canonical=swap('"a b"', '"a   b"'),
    )
    yield fault(
        "FAIL-20",
        "runs of spaces kept",
        Case("POST", f"{ENDPOINT}/", {**JSON, "X-Amz-Meta-Note": "a  b"}, BODY),
        canonical=swap("note:a b", "note:a  b"),
    )
    yield fault(
        "FAIL-21",
        "repeated values joined with ', '",
        Case("POST", f"{ENDPOINT}/", {**JSON, "X-Amz-Meta-Note": "b,a"}, BODY),
        canonical=swap("note:b,a", "note:b, a"),
    )
    yield fault(
        "FAIL-21",
        "repeated values sorted",
        Case("POST", f"{ENDPOINT}/", {**JSON, "X-Amz-Meta-Note": "b,a"}, BODY),
        canonical=swap("note:b,a", "note:a,b"),
    )
    yield fault(
        "FAIL-22",
        "UTF-8 was signed, Latin-1 was sent",
        Case("POST", f"{ENDPOINT}/", {**JSON, "X-Amz-Meta-Note": "caf\xe9"}, BODY),
        header("X-Amz-Meta-Note", "base64:" + base64.b64encode(b"caf\xe9").decode()),
    )
    yield fault(
        "FAIL-23",
        "the token was added after signing",
        LIST,
        header("X-Amz-Security-Token", TOKEN),
        token_known=TOKEN,
    )
    yield fault(
        "FAIL-23",
        "a temporary key without its token",
        LIST,
        authorization(KEY_ID, "ASIAEXAMPLE"),
        answer=json_answer(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        ),
        secret_known=False,
    )
    yield fault(
        "FAIL-23",
        "an empty token was signed",
        LIST,
        header("X-Amz-Security-Token", ""),
        canonical=both(
            swap("\nx-amz-target:", "\nx-amz-security-token:\nx-amz-target:"),
            swap(";x-amz-target", ";x-amz-security-token;x-amz-target"),
        ),
    )
    yield fault(
        "FAIL-37",
        "SignedHeaders ends in ';'",
        LIST,
        canonical=swap("x-amz-date;x-amz-target\n", "x-amz-date;x-amz-target;\n"),
    )
    yield fault(
        "FAIL-37",
        "SignedHeaders in title case",
        LIST,
        canonical=swap(
            "content-type;host;x-amz-date;x-amz-target", "Content-Type;Host;X-Amz-Date;X-Amz-Target"
        ),
    )
    yield fault(
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
    yield fault(
        "FAIL-48",
        "Content-Length signed as -1",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Content-Length": str(len(BODY))}, BODY),
        canonical=swap(f"content-length:{len(BODY)}", "content-length:-1"),
    )
    yield fault(
        "FAIL-48",
        "Content-Length signed as empty",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Content-Length": str(len(BODY))}, BODY),
        canonical=swap(f"content-length:{len(BODY)}", "content-length:"),
    )


def moved_hosts() -> Iterator[Fault]:
    """FAIL-15: signed for one address of a service, sent to another."""
    bucket = "examplebucket"
    virtual, path_style = f"{bucket}.s3.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"
    by_path = Case("GET", f"https://{path_style}/{bucket}/x.txt", service="s3")
    for notes, case, change in (
        (
            "signed for the virtual host, sent with a path-style URL",
            s3("/x.txt"),
            moved(path_style, f"/{bucket}/x.txt"),
        ),
        ("signed with a path-style URL, sent to the virtual host", by_path, moved(virtual, "/x.txt")),
        ("the request was sent to the global endpoint", s3("/x.txt"), moved(f"{bucket}.s3.amazonaws.com")),
        (
            "the request was sent to the dual-stack endpoint",
            s3("/x.txt"),
            moved(f"{bucket}.s3.dualstack.us-east-1.amazonaws.com"),
        ),
        (
            "the request was sent to the FIPS endpoint",
            s3("/x.txt"),
            moved(f"{bucket}.s3-fips.us-east-1.amazonaws.com"),
        ),
        (
            "the request was sent to the accelerated endpoint",
            s3("/x.txt"),
            moved(f"{bucket}.s3-accelerate.amazonaws.com"),
        ),
        (
            "the request was sent to the old form of the host, with a dash",
            s3("/x.txt"),
            moved(f"{bucket}.s3-us-east-1.amazonaws.com"),
        ),
        ("path-style: the request was sent to the global endpoint", by_path, moved("s3.amazonaws.com")),
        (
            "a CDN before the bucket forwarded the signed request",
            s3("/x.txt"),
            moved("examplebucket.cdn.example.com"),
        ),
        (
            "SageMaker: the request was sent to the FIPS endpoint",
            LIST,
            moved("api-fips.sagemaker.us-east-1.amazonaws.com"),
        ),
        (
            "Lambda: the request was sent to the dual-stack endpoint",
            get("/x"),
            moved("lambda.us-east-1.api.aws"),
        ),
        ("Lambda: the request was sent to a proxy", get("/x"), moved("gateway.example.com")),
    ):
        yield fault("FAIL-15", notes, case, change)
    telling = header("X-Forwarded-Host", "app.example.com")
    yield fault(
        "FAIL-15",
        "a proxy sent the original host in a header",
        Case("GET", "https://app.example.com/x", service="execute-api"),
        moved("10.0.0.7:8080"),
        telling,
    )
