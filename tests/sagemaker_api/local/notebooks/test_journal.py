"""The parts of requests that are kept, and the texts of refusals that are made from them."""

from __future__ import annotations

import pytest

from sagemaker_api.local import Client
from sagemaker_api.local.notebooks.journal import Evidence, Journal
from sagemaker_api.local.notebooks.refusals import refusals
from sigv4 import Credentials, Request, Response, Signer

AT = 1_800_000_000.0
HERE = Client("127.0.0.1")
ANSWER = Response(403, [("x-amzn-errortype", "InvalidSignatureException")], b'{"message":"no"}')


def journal() -> Journal:
    return Journal(lambda: AT)


def evidence(request: Request) -> Evidence:
    return Evidence(request, None, ANSWER, True)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/notebook/nb/?authToken=x", "/notebook/nb/"),
        ("/notebook/nb&authToken=x/y", "/notebook/nb&"),
        ("/" + "x" * 300, "/" + "x" * 199),
        ("/a?b?c", "/a"),
    ],
)
def test_a_path_is_kept_without_query_and_token(url: str, path: str) -> None:
    kept = journal()
    kept.add(Request("M" * 30, url, []), HERE, 200, "outcome", "arn", operation="o" * 150)
    (entry,) = kept.entries()
    assert entry == (1, AT, HERE, "M" * 20, path, 200, "outcome", "arn", None, "o" * 100)


@pytest.mark.parametrize(("size", "is_kept"), [(16384, True), (16385, False)])
def test_a_body_of_up_to_16_kib_is_kept(size: int, is_kept: bool) -> None:
    kept, request = journal(), Request("POST", "/", [], b"x" * size)
    kept.add(request, HERE, 200, "", "", evidence(request))
    found = kept.entries()[0].evidence
    assert found == Evidence(request if is_kept else None, None, ANSWER, True)


def test_a_hundred_calls_and_a_hundred_visits_are_kept_newest_first() -> None:
    kept, request = journal(), Request("GET", "/", [])
    for _ in range(101):
        kept.add(request, HERE, 200, "", "", evidence(request))
    for _ in range(101):
        kept.add(request, HERE, 200, "", "")
    numbers = [entry.number for entry in kept.entries()]
    assert numbers == [*range(202, 102, -1), *range(101, 1, -1)]
    found = kept.get(150)
    assert found is not None
    assert (found.number, found.evidence) == (150, None)
    assert (kept.get(1), kept.get(102), kept.get(203)) == (None, None, None)


def test_refusals_are_reported_oldest_first() -> None:
    kept = journal()
    told = [
        (200, "in a live session", "", "", ""),
        (399, "x", "", "", ""),
        (302, "no live session", "", "", "2. GET /a: 302, no live session"),
        (
            400,
            "ValidationException",
            "arn",
            "127.0.0.1",
            "3. Operation: 400, ValidationException (arn from 127.0.0.1)",
        ),
        (403, "denied", "arn", "", "4. GET /a: 403, denied (arn from an unknown address)"),
        (500, "a\x1b[2J", "", "", "5. GET /a: 500, a?[2J"),
    ]
    for status, outcome, identity, address, said in told[1:]:
        operation = "Operation" if "Operation" in said else ""
        kept.add(Request("GET", "/a?b", []), Client(address), status, outcome, identity, None, operation)
    assert refusals(kept.entries()).split("\n") == [said for *_, said in told if said]
    assert refusals([]) == ""


def test_the_last_twenty_are_reported() -> None:
    kept = journal()
    for _ in range(30):
        kept.add(Request("GET", "/", []), HERE, 400, "x", "")
    lines = refusals(kept.entries()).split("\n")
    assert [line.partition(".")[0] for line in lines] == [str(number) for number in range(11, 31)]


@pytest.mark.slow
@pytest.mark.parametrize(("refused", "body"), [(True, b"{}"), (False, b"{}"), (True, b"x" * 20000)])
def test_a_signature_that_was_refused_is_diagnosed(refused: bool, body: bytes) -> None:
    credentials = Credentials("AKIDEXAMPLE", "secret")
    signer = Signer("sagemaker", "us-east-1", Credentials("AKIDEXAMPLE", "another"))
    headers = signer.sign("POST", "http://h/", {"X-Amz-Target": "SageMaker.ListTags"}, body, at=AT)
    request = Request("POST", "/", headers, body)
    kept = journal()
    kept.add(request, HERE, 403, "refused", "", Evidence(request, credentials, ANSWER, refused), "ListTags")
    first, *rest = refusals(kept.entries()).split("\n")
    assert first == "1. ListTags: 403, refused"
    assert bool(rest) is (refused and len(body) < 20000)
    assert all(line.startswith("   ") and line.strip() for line in rest)
    assert headers["Authorization"].rpartition("=")[2] not in "\n".join(rest)
    if rest:
        assert "The signature is wrong" in rest[0]


def test_an_input_that_cannot_be_diagnosed_is_reported() -> None:
    kept, request = journal(), Request("POST", "no-slash", {"Authorization": "AWS4-HMAC-SHA256 x"})
    kept.add(request, HERE, 400, "refused", "", evidence(request))
    assert len(refusals(kept.entries()).split("\n")) > 1
