"""A request that is wrong in two ways gets the refusal that AWS gives first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sigv4 import (
    Verifier,
)
from tests.sigv4.signed import (
    BODY,
    CREDENTIALS,
    NOW,
    refusal,
    sign,
)

FAULTS: list[tuple[str, Callable[[dict[str, object]], None]]] = []


def fault(stage: str) -> Callable[[Callable[[dict[str, object]], None]], Callable[[dict[str, object]], None]]:
    def add(change: Callable[[dict[str, object]], None]) -> Callable[[dict[str, object]], None]:
        FAULTS.append((stage, change))
        return change

    return add


def edit(request: dict[str, Any], old: str, new: str) -> None:
    request["authorization"] = str(request["authorization"]).replace(old, new)


@fault("VERIFY-1")
def _a_broken_path(request: dict[str, Any]) -> None:
    request["path"] = "/%zz"


@fault("VERIFY-4")
def _a_broken_query(request: dict[str, Any]) -> None:
    request["query"] = "?a=%z"


@fault("VERIFY-5")
def _two_mechanisms(request: dict[str, Any]) -> None:
    request["query"] = request["query"] or "?X-Amz-Signature=0"


@fault("VERIFY-6a")
def _another_algorithm(request: dict[str, Any]) -> None:
    edit(request, "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512")


@fault("VERIFY-6b")
def _a_part_without_value(request: dict[str, Any]) -> None:
    edit(request, "Credential=", "x, Credential=")


@fault("VERIFY-6d")
def _a_missing_part(request: dict[str, Any]) -> None:
    edit(request, "Signature=", "Signatures=")


@fault("VERIFY-8")
def _an_unsigned_host(request: dict[str, Any]) -> None:
    edit(request, "host;", "")


@fault("VERIFY-9")
def _a_broken_date(request: dict[str, Any]) -> None:
    request["date"] = "20150830"


@fault("VERIFY-10")
def _an_old_date(request: dict[str, Any]) -> None:
    request["now"] = NOW + 400


@fault("VERIFY-12")
def _a_credential_of_four_parts(request: dict[str, Any]) -> None:
    edit(request, "/aws4_request", "")


@fault("VERIFY-13")
def _another_region(request: dict[str, Any]) -> None:
    edit(request, "/us-east-1/", "/eu-west-1/")


@fault("VERIFY-14")
def _an_unknown_key(request: dict[str, Any]) -> None:
    request["on_file"] = None


@fault("VERIFY-15")
def _a_missing_signed_header(request: dict[str, Any]) -> None:
    edit(request, "content-type;", "content-type;cookie;")


@fault("VERIFY-15")
def _another_body(request: dict[str, Any]) -> None:
    request["body"] = b"other"


PAIRS = [
    pytest.param(first, second, id=f"{first[0]}+{second[0]}-{first[1].__name__[1:]}+{second[1].__name__[1:]}")
    for i, first in enumerate(FAULTS)
    for second in FAULTS[i:]
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_request_wrong_in_two_ways_gets_the_first(
    first: tuple[str, Callable[[dict[str, object]], None]],
    second: tuple[str, Callable[[dict[str, object]], None]],
) -> None:
    headers = sign()
    request: dict[str, Any] = {
        "path": "/", "query": "", "authorization": headers["Authorization"], "date": headers["X-Amz-Date"],
        "now": NOW, "on_file": CREDENTIALS, "body": BODY,
    }  # fmt: skip
    second[1](request)
    first[1](request)
    headers = {**headers, "Authorization": str(request["authorization"]), "X-Amz-Date": str(request["date"])}
    checker = Verifier(
        "sagemaker", "us-east-1", lambda claim: request["on_file"], clock=lambda: request["now"]
    )
    error = refusal(checker, headers, url=f"{request['path']}{request['query']}", body=request["body"])
    assert error.stage == first[0]
