"""The faults of secrets, keys and scopes. One table."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from .answers import json_answer, xml_answer
from .broken_signer import KEY_ID, NOW, SECRET, Case, hmacs, same, swap
from .fault import BODY, ENDPOINT, JSON, LIST, Fault, fault, get, s3
from .on_the_way import header, member


def keys_and_scopes() -> Iterator[Fault]:
    for notes, secret in (
        ("the secret with a line end after it", SECRET + "\n"),
        ("the secret in quotes", f'"{SECRET}"'),
        ("the secret with its '+' read as a space", SECRET.replace("+", " ")),
        ("the secret with its '/' escaped", SECRET.replace("/", "%2F")),
    ):
        yield fault("FAIL-25", notes, LIST, secret=secret)
    yield fault(
        "FAIL-25",
        "no secret is known: the server calculated the same canonical request",
        LIST,
        echoed=same,
        secret_known=False,
        secret="another",
    )
    spaced = member(
        "headers",
        lambda headers: {**headers, "Authorization": headers["Authorization"].replace(KEY_ID, KEY_ID + " ")},
    )
    yield fault("FAIL-26", "the access key id with a space after it", LIST, spaced)
    yield fault(
        "FAIL-26",
        "an access key id with a space after it; the answer shows it",
        LIST,
        answer=json_answer(
            "IncompleteSignatureException",
            "'/20260304/us-east-1/sagemaker/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 …'.",
        ),
    )
    yield fault(
        "FAIL-27",
        "a wrong region, in JSON",
        LIST,
        answer=json_answer(
            "InvalidSignatureException", "Credential should be scoped to a valid region, not 'us-east-1'. "
        ),
    )
    yield fault(
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
    yield fault(
        "FAIL-27",
        "the signing key of another region than the scope's",
        LIST,
        key=lambda secret, day, region, service: hmacs(
            "AWS4" + secret, day, "aws-global", service, "aws4_request"
        ),
    )
    yield fault(
        "FAIL-28",
        "a wrong service; SageMaker's answer of 112 bytes (disneystreaming/smithy4s#1568)",
        LIST,
        answer=json_answer(
            "InvalidSignatureException", "Credential should be scoped to correct service: 'sagemaker'. "
        ),
    )
    yield fault(
        "FAIL-28",
        "the signing key of another service than the scope's",
        LIST,
        key=lambda secret, day, region, service: hmacs("AWS4" + secret, day, region, "api", "aws4_request"),
    )
    yield fault(
        "FAIL-29",
        "the clock is six minutes slow",
        LIST,
        answer=json_answer(
            "InvalidSignatureException",
            f"Signature expired: {NOW} is now earlier than 20260304T050707Z (20260304T051207Z - 5 min.)",
        ),
    )
    yield fault(
        "FAIL-29",
        "local time, two hours ahead, written as UTC",
        LIST,
        answer=json_answer(
            "InvalidSignatureException",
            f"Signature not yet current: {NOW} is still later than 20260304T031107Z (20260304T030607Z + 5 min.)",
        ),
    )
    yield fault(
        "FAIL-29",
        "the answer in S3's words",
        s3("/x"),
        answer=xml_answer(
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            f"<RequestTime>{NOW}</RequestTime><ServerTime>2026-03-04T05:46:07Z</ServerTime>",
        ),
    )
    yield fault(
        "FAIL-29",
        "the time in the string to sign is one second earlier than X-Amz-Date",
        LIST,
        text=swap(NOW, "20260304T050606Z"),
    )
    yield fault(
        "FAIL-30",
        "the scope has the date of the day before",
        LIST,
        member(
            "headers",
            lambda headers: {
                **headers,
                "Authorization": headers["Authorization"].replace("20260304", "20260303"),
            },
        ),
    )
    yield fault(
        "FAIL-30",
        "the signing key of the day before",
        LIST,
        key=lambda secret, day, region, service: hmacs(
            "AWS4" + secret, "20260303", region, service, "aws4_request"
        ),
    )
    for notes, key in (
        ("the signing key was derived from the hex of each step", lambda secret, day, region, service: hmacs("AWS4" + secret, day, region, service, "aws4_request", hexed=True)),
        ("the signing key was derived without 'AWS4' before the secret", lambda secret, day, region, service: hmacs(secret, day, region, service, "aws4_request")),
        ("the signing key was derived without the last step", lambda secret, day, region, service: hmacs("AWS4" + secret, day, region, service)),
        ("region and service exchanged", lambda secret, day, region, service: hmacs("AWS4" + secret, day, service, region, "aws4_request")),
        ("the secret itself as the key", lambda secret, day, region, service: secret.encode()),
    ):  # fmt: skip
        yield fault("FAIL-31", notes, LIST, key=key)
    yield fault(
        "FAIL-38",
        "region and day exchanged in the scope",
        LIST,
        text=swap("20260304/us-east-1", "us-east-1/20260304"),
    )
    yield fault(
        "FAIL-38",
        "the access key id in the string to sign",
        LIST,
        text=swap("20260304/us-east-1", f"{KEY_ID}/20260304/us-east-1"),
    )
    dated = Case("POST", f"{ENDPOINT}/", JSON, BODY)
    yield fault(
        "FAIL-43",
        "the Date header's time in the string to sign",
        dated,
        header("Date", "Wed, 04 Mar 2026 05:05:59 GMT"),
        text=swap(NOW, "20260304T050559Z"),
    )
    yield fault(
        "FAIL-43",
        "the extended form of the time in the string to sign",
        LIST,
        text=swap(NOW, "2026-03-04T05:06:07Z"),
    )
    yield fault(
        "FAIL-47",
        "the SMTP password used as the secret",
        LIST,
        secret=base64.b64encode(
            b"\x04" + hmacs("AWS4" + SECRET, "11111111", "us-east-1", "ses", "aws4_request", "SendRawEmail")
        ).decode(),
    )
    yield fault(
        "FAIL-45",
        "a Multi-Region Access Point signed with Version 4",
        get("/x", "s3", "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com"),
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            "The authorization header is malformed; Credential should be scoped to a valid region, not 'us-east-1'.",
        ),
    )


def spoilt_secrets_and_names() -> Iterator[Fault]:
    for notes, secret in (
        ("with CR LF after it", SECRET + "\r\n"),
        ("with a tab after it", SECRET + "\t"),
        ("with a byte order mark before it", "\ufeff" + SECRET),
        ("without its last character", SECRET[:-1]),
        ("cut at its first '/'", SECRET.partition("/")[0]),
        ("with '\\/' for '/', as PHP's JSON writes it", SECRET.replace("/", "\\/")),
    ):
        yield fault("FAIL-25", f"the secret {notes}", get("/x"), secret=secret)
    for region in ("us-west-2", "eu-west-1"):
        yield fault(
            "FAIL-27",
            f"the signing key of {region}",
            get("/x"),
            key=lambda secret, day, _, service, name=region: hmacs(
                "AWS4" + secret, day, name, service, "aws4_request"
            ),
        )
    for service in ("s3", "execute-api"):
        yield fault(
            "FAIL-28",
            f"the signing key of {service}",
            get("/x"),
            key=lambda secret, day, region, _, name=service: hmacs(
                "AWS4" + secret, day, region, name, "aws4_request"
            ),
        )
