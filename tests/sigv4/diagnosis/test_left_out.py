"""The report of ``diagnose`` names the parts that were left out because a request is too large."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from sigv4 import Credentials, Response, Signer, diagnose
from sigv4.diagnosis.evidence import Examined, examine
from sigv4.diagnosis.hypotheses import left_out, left_out_of_pairs, pairs, payload, singles
from sigv4.diagnosis.hypotheses.hypothesis import LONGEST_BODY, MOST_PARTS

KEYS = Credentials("AKIDEXAMPLE", "s" * 40)
OTHER = Credentials("AKIDEXAMPLE", "t" * 40)
HOST = "https://h.example"

Parts = dict[str, Any]


def _nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


# The parts of a request that are made larger, and the words in the report for the parts left out.
GROWING: dict[str, tuple[Callable[[int], Parts], str]] = {
    "parameters": (lambda n: {"url": f"{HOST}/?{'&'.join(f'n{i}=v' for i in range(n))}"}, "the parameters of the query"),
    "parameters of one name": (lambda n: {"url": f"{HOST}/?{'&'.join(f'n={i}' for i in range(n))}"}, "the parameters of the query"),
    "segments": (lambda n: {"url": HOST + "/a" * n}, "the segments of the path"),
    "segments of S3": (lambda n: {"url": HOST + "/a" * n, "service": "s3"}, "the segments of the path"),
    "labels of the host": (lambda n: {"url": f"https://{''.join(f'a{i}-b-c.' for i in range(n))}example/"}, "the labels of the host"),
    "hosts in a header": (
        lambda n: {"headers": {"X-Forwarded-Host": ", ".join(f"h{i}.example" for i in range(n))}}, "the hosts in other headers",
    ),
    "headers of Amazon": (
        lambda n: {"headers": {f"x-amz-meta-{i}": "v" for i in range(n)}}, "headers as parameters of the query",
    ),
}  # fmt: skip


def _examined(parts: Parts, at: int = 1440938160) -> Examined:
    url, headers, body = parts.get("url", f"{HOST}/"), parts.get("headers", {}), parts.get("body", b"")
    signed = Signer(parts.get("service", "lambda"), "us-east-1", KEYS).sign("POST", url, headers, body, at=at)
    return examine("POST", url, tuple(signed.items()), body, OTHER, None)


@pytest.mark.slow
@pytest.mark.parametrize("name", GROWING)
def test_the_report_says_where_the_search_stops_growing(name: str) -> None:
    """Up to the limit all changes are tried. Beyond it, their number does not grow, and the report names the limit."""
    make, words = GROWING[name]
    tried, said = {}, {}
    for count in (MOST_PARTS // 2, MOST_PARTS * 2, MOST_PARTS * 3):
        request = _examined(make(count))
        tried[count] = len(singles(request.evidence, request.draft))
        said[count] = [each for each in left_out(request.evidence, request.draft) if words in each]
    few, many, more = tried
    assert tried[few] < tried[many]
    assert not said[few]
    assert said[many]
    assert f"first {MOST_PARTS} of" in said[many][0]
    of_headers = 12 * MOST_PARTS if name == "headers of Amazon" else 0  # each header is tried alone as well
    assert tried[more] - tried[many] <= of_headers
    assert said[more]


def test_fewer_parts_are_tried_for_two_faults_at_once_and_the_report_says_so() -> None:
    request = _examined(GROWING["parameters"][0](MOST_PARTS))
    assert not left_out(request.evidence, request.draft)
    assert left_out_of_pairs(request.evidence, request.draft) == [
        "the parameters of the query one by one after the first 30 of 60"
    ]
    firsts = {each.first.words for each in pairs(request.evidence, request.draft)}
    assert "the parameter 'n0' is not in the query" in firsts
    assert sum("is not in the query" in words for words in firsts) == 30


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (bytes(LONGEST_BODY + 1), f"other forms of the body, which is longer than {LONGEST_BODY} bytes"),
        (gzip.compress(bytes(LONGEST_BODY + 1)), "the body before it was compressed, which is longer"),
        (_nested(200_000), "the body as JSON serialized again, since it is nested too deeply"),
        (_nested(980), "the body as JSON serialized again, since it is nested too deeply"),
    ],
    ids=["long", "long when inflated", "too deep to read", "too deep to write"],
)
def test_forms_of_a_body_that_are_not_tried_are_named(body: bytes, words: str) -> None:
    request = _examined({"body": body})
    assert [each for each in left_out(request.evidence, request.draft) if words in each]


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", gzip.compress(bytes(1000)), bytes(LONGEST_BODY), _nested(50)],
    ids=["none", "JSON", "gzip", "as long as allowed", "nested"],
)
def test_a_body_of_usual_size_is_tried_in_every_form(body: bytes) -> None:
    request = _examined({"body": body})
    assert left_out(request.evidence, request.draft) == []


def test_the_report_names_the_left_out_parts_in_each_form() -> None:
    url = f"{HOST}/?{'&'.join(f'n{i}=v' for i in range(100))}"
    signed = Signer("lambda", "us-east-1", KEYS).sign("GET", url)
    found = diagnose("GET", url, signed, credentials=Credentials("AKIDEXAMPLE", "u" * 40), most_faults=1)
    said = "not tried: the parameters of the query one by one after the first 60 of 100"
    assert found.left_out == (said, "two at once were not looked for")
    assert f"N{said[1:]}." in found.summary()
    assert said in found.findings[0].evidence
    assert json.loads(json.dumps(found.as_dict()))["left_out"] == list(found.left_out)


def test_the_forms_of_a_body_are_made_once_for_the_whole_search(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []

    def kept(body: bytes) -> bytes:
        made.append(body)
        return body

    monkeypatch.setattr(payload, "_inflated", kept)
    request = _examined({"body": b'{"once": 1}'})
    assert len([*singles(request.evidence, request.draft), *pairs(request.evidence, request.draft)]) > 100
    assert left_out_of_pairs(request.evidence, request.draft) == []
    assert made == [b'{"once": 1}']


def test_what_is_left_out_does_not_matter_once_a_cause_is_found() -> None:
    url = f"{HOST}/?{'&'.join(f'n{i}=v' for i in range(100))}"
    signed = Signer("lambda", "us-east-1", Credentials(KEYS.access_key_id, KEYS.secret_access_key[:-1]))
    found = diagnose("GET", url, signed.sign("GET", url), credentials=KEYS, most_faults=1)
    assert found.findings[0].id == "FAIL-25"
    assert found.left_out == ()


def test_the_last_parameter_within_the_limit_is_tried_one_by_one() -> None:
    names = [f"n{i:02}" for i in range(MOST_PARTS)]
    kept = "&".join(f"{name}=v" for name in names if name != names[-2])
    signed = Signer("lambda", "us-east-1", KEYS).sign("GET", f"{HOST}/?{kept}")
    sent = f"{HOST}/?{'&'.join(f'{name}=v' for name in names)}"
    found = diagnose("GET", sent, signed, credentials=KEYS).findings[0]
    assert (found.id, found.certainty) == ("FAIL-60", "proved")
    assert names[-2] in found.evidence


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize("signed", [True, False])
def test_a_refusal_that_is_not_read_to_its_end_is_named(signed: bool, status: int) -> None:
    headers = Signer("lambda", "us-east-1", KEYS).sign("GET", f"{HOST}/") if signed else {}
    answer = Response(status, {}, b"{" + bytes(1 << 20))
    found = diagnose("GET", f"{HOST}/", headers, credentials=KEYS, response=answer)
    cut = "only the first 1048576 bytes of the answer were read"
    assert found.left_out[-1:] == ((cut,) if status == 403 else ())


def test_the_fields_of_a_form_are_found_wherever_they_are() -> None:
    body = b"x" * (1 << 17) + b'\r\nContent-Disposition: form-data; name="Policy"\r\n\r\nabc'
    found = diagnose("POST", f"{HOST}/", {"Content-Type": "multipart/form-data; boundary=x"}, body)
    assert found.findings[0].id == "FAIL-53"
