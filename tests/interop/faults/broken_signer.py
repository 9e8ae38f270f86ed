"""Breaks botocore's signer in one place."""

from __future__ import annotations

import datetime
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials

KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLETOKEN+/=="
WHEN = datetime.datetime(2026, 3, 4, 5, 6, 7)
NOW = "20260304T050607Z"
Text = Callable[[str], str]
Arrived = dict[str, Any]


def same(text: str) -> str:
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
    canonical: Text = same,
    text: Text = same,
    key: Callable[[str, str, str, str], bytes] | None = None,
    secret: str = SECRET,
    digest: Callable[[str], str] | None = None,
    when: datetime.datetime = WHEN,
) -> tuple[Arrived, str]:
    """The request that botocore sends with the given faults, and the canonical request that it signed."""
    signers = botocore.auth
    s3 = case.service == "s3"
    if case.expires is None:
        plain = signers.S3SigV4Auth if s3 else signers.SigV4Auth
    else:
        plain = signers.S3SigV4QueryAuth if s3 else signers.SigV4QueryAuth
    shown = []
    credentials = botocore.credentials.Credentials(KEY_ID, secret, case.token)
    signer = plain(
        credentials, case.service, case.region, **({"expires": case.expires} if case.expires else {})
    )
    right_request, right_text, right_signature = (
        signer.canonical_request,
        signer.string_to_sign,
        signer.signature,
    )

    def canonical_request(request: Any) -> str:
        made = canonical(right_request(request))
        shown.append(made)
        return made

    def string_to_sign(request: Any, canonical_request: str) -> str:
        made = str(right_text(request, canonical_request))
        if digest is not None:
            made = made.rpartition("\n")[0] + "\n" + digest(canonical_request)
        return text(made)

    def signature(string_to_sign: str, request: Any) -> str:
        if key is None:
            return str(right_signature(string_to_sign, request))
        made = key(secret, NOW[:8], case.region, case.service)
        return hmac.new(made, string_to_sign.encode(), hashlib.sha256).hexdigest()

    signer.canonical_request, signer.string_to_sign = canonical_request, string_to_sign
    signer.signature = signature
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


def path(old: str, new: str) -> Callable[[str], str]:
    return line(1, swap(old, new))


def hmacs(start: str, *steps: str, hexed: bool = False) -> bytes:
    made = start.encode()
    for step in steps:
        raw = hmac.new(made, step.encode(), hashlib.sha256)
        made = raw.hexdigest().encode() if hexed else raw.digest()
    return made
