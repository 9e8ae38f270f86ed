"""Finds changes on the way and unusual parts if the secret is not known or the signature is right."""

from __future__ import annotations

import pytest

from sigv4 import Request, Signer, diagnose
from sigv4.diagnosis.diagnose import Diagnosis
from tests.sigv4.diagnosis.seen import KEYS, MISMATCH, NOW, S3, changed, presigned, signed, xml


def test_a_header_whose_value_cannot_be_guessed_is_likely_the_cause() -> None:
    request = changed(signed(Cf_Ray="1-AMS"), "1-AMS", "2-AMS")
    found = diagnose(*request, credentials=KEYS, most_faults=1).findings[0]
    assert (found.id, found.certainty) == ("FAIL-16", "likely")


BLIND = xml("SignatureDoesNotMatch", MISMATCH)


@pytest.mark.parametrize(
    ("request_", "ids"),
    [
        (signed("https://lambda.us-east-1.amazonaws.com/a%3Ab"), ["FAIL-01"]),
        (signed("https://lambda.us-east-1.amazonaws.com/a%2Fb"), ["FAIL-04"]),
        (signed("https://lambda.us-east-1.amazonaws.com/a%7Eb"), ["FAIL-06"]),
        (signed("https://lambda.us-east-1.amazonaws.com/a%2520b"), ["FAIL-02"]),
        (signed("https://lambda.us-east-1.amazonaws.com/a:b"), ["FAIL-05"]),
        (signed("https://lambda.us-east-1.amazonaws.com/~a"), ["FAIL-06"]),
        (signed("https://lambda.us-east-1.amazonaws.com//a"), ["FAIL-13"]),
        (signed(f"{S3}/a%2Bb", "s3"), ["FAIL-09"]),
        (signed(f"{S3}/a%28b", "s3"), ["FAIL-05"]),
        (signed(f"{S3}/~a", "s3"), ["FAIL-06"]),
        (signed(f"{S3}/a%20b", "s3"), ["FAIL-03"]),
        (signed("https://lambda.us-east-1.amazonaws.com/?a=b%2Bc"), ["FAIL-09"]),
        (signed("https://lambda.us-east-1.amazonaws.com/?a=b%20c"), ["FAIL-08"]),
        (signed("https://lambda.us-east-1.amazonaws.com/?a=~"), ["FAIL-06"]),
        (signed("https://lambda.us-east-1.amazonaws.com/?a"), ["FAIL-11"]),
        (signed("https://lambda.us-east-1.amazonaws.com/?a=/"), ["FAIL-12"]),
        (signed("https://lambda.us-east-1.amazonaws.com/?a=1&a-b=2"), ["FAIL-10"]),
        (signed("https://lambda.us-east-1.amazonaws.com/?b=1&a=2"), ["FAIL-10"]),
        (signed(X_Amz_Meta_A="\xe9".encode("latin-1")), ["FAIL-22"]),
        (signed(X_Amz_Meta_A="a  b"), ["FAIL-20"]),
        (signed(Content_Length="0"), ["FAIL-48"]),
        (signed(Content_Type="a/b"), ["FAIL-19"]),
        (signed(body=b"x"), ["FAIL-33"]),
        (signed(body=b"x", method="POST"), ["FAIL-32"]),
        (signed(Connection="close", Range="bytes=0-1"), ["FAIL-16"]),
        (signed(), ["unexplained", "FAIL-58", "FAIL-39"]),
        (signed("https://api.amazon.com/a"), ["unexplained"]),
        (signed("https://minio.example/a", "s3"), ["FAIL-15", "FAIL-44", "FAIL-14"]),
        (signed("https://minio.example:9000/a", "s3"), ["FAIL-14", "FAIL-15"]),
        (signed("https://minio:9000/a", "s3"), ["FAIL-15", "FAIL-14"]),
        (signed("https://s3.svc.internal/a", "s3"), ["FAIL-15", "FAIL-44"]),
        (Request("GET", "/a", [*signed("https://minio.example/a", "s3").headers, ("X-Forwarded-Port", "443")]), ["FAIL-14", "FAIL-15"]),
        (signed("https://b.s3.amazonaws.com/a", "s3", region="eu-west-3"), ["FAIL-42"]),
        (signed("https://lambda.us-east-1.amazonaws.com/functions/"), ["FAIL-13"]),
        (signed(Content_Type="application/json", method="POST", body=b"{}"), ["FAIL-32", "FAIL-19"]),
        (signed(Content_Type="a/b; charset=utf-8", method="POST", body=b"{}"), ["FAIL-19", "FAIL-32"]),
        (Request("GET", presigned("https://minio.example/a"), [("Host", "minio.example")]), ["FAIL-15", "FAIL-40", "FAIL-35"]),
        (Request("PUT", presigned(), [("Host", "b.s3.us-east-1.amazonaws.com")]), ["FAIL-40"]),
        (Request("GET", presigned(), [("Host", "b.s3.us-east-1.amazonaws.com")]), ["FAIL-40"]),
        (signed("https://minio.example/a//b%2Fc", "s3"), ["FAIL-13"]),
    ],
)  # fmt: skip
def test_unusual_parts_come_before_the_secret_if_it_is_not_known(request_: Request, ids: list[str]) -> None:
    diagnosis = diagnose(*request_, response=BLIND)
    found = [each.id for each in diagnosis.findings]
    assert found[: len(ids)] == ids, found
    assert found[-1] == "FAIL-25"
    assert {each.certainty for each in diagnosis.findings} <= {"possible", "likely"}
    assert diagnosis.verdict == "wrong"


def test_a_repeated_header_is_odd() -> None:
    pairs = [*signed(X_Amz_Meta_A="a,b").headers]
    split = [pair for pair in pairs if pair[0] != "X-Amz-Meta-A"]
    split += [("X-Amz-Meta-A", "a"), ("X-Amz-Meta-A", "b")]
    assert diagnose("GET", "/a", split, response=BLIND).findings[0].id == "FAIL-21"


def _arrived(path: str, resource: str) -> Diagnosis:
    request = signed(f"https://minio.example{path}", "s3")
    answer = xml("SignatureDoesNotMatch", MISMATCH, f"<Resource>{resource}</Resource>")
    return diagnose(*request, credentials=KEYS, response=answer)


def test_the_path_that_arrived_is_compared_with_the_one_that_was_sent() -> None:
    assert _arrived("/store/b/k", "/b/k").findings[0].id == "FAIL-44"
    assert _arrived("/b//k", "/b/k").findings[0].id == "FAIL-13"
    assert _arrived("/b/k%20l", "/b/k+l").findings[0].id == "FAIL-02"
    for same in ("/b/k", "/", "/bucket/b/k"):
        assert _arrived("/b/k", same).findings[0].id == "FAIL-15"


def test_changes_on_the_way_are_searched_if_the_signature_is_right() -> None:
    for request, id in (
        (signed("https://minio.example:9000/a", "s3"), "FAIL-14"),
        (signed("https://minio.example/a", "s3"), "FAIL-15"),
        (signed("https://minio.example/a%2Fb", "s3"), "FAIL-04"),
        (signed("https://minio.example/a", "s3", X_Amz_Meta_A_B="c"), "FAIL-15"),
        (signed("https://minio.example/a", "s3", headers={"X-Amz-Meta-A.B": "c"}), "FAIL-16"),
        (signed("https://minio.example/a", "s3", X_Amz_Sdk_Checksum_Algorithm="CRC32"), "FAIL-15"),
        (signed(body=b"x"), "FAIL-33"),
        (signed(), "FAIL-58"),
    ):
        diagnosis = diagnose(*request, credentials=KEYS, response=BLIND)
        assert diagnosis.findings[0].id == id, str(diagnosis)
        assert diagnosis.findings[-1].id == "FAIL-25"


def test_the_url_that_was_called_is_tried() -> None:
    request = signed("https://api.example/base/a", "execute-api")
    stripped = Request(
        "GET", "/a", [("Host", "backend.local"), *[pair for pair in request.headers if pair[0] != "Host"]]
    )
    for called, headers in (("https://api.example/base/a", ()), ("", (("X-Forwarded-Host", "api.example"), ("X-Original-URI", "/base/a")))):  # fmt: skip
        diagnosis = diagnose(stripped.method, stripped.url, [*stripped.headers, *headers], credentials=KEYS, called=called)  # fmt: skip
        assert diagnosis.findings[0].certainty in ("proved", "likely"), str(diagnosis)
        assert diagnosis.findings[0].id in ("FAIL-15", "FAIL-44")
    host = signed("https://api.example/a", "execute-api")
    moved = [("Host", "backend.local"), *[pair for pair in host.headers if pair[0] != "Host"]]
    assert (
        diagnose("GET", "/a", moved, credentials=KEYS, called="https://api.example/a").findings[0].id
        == "FAIL-15"
    )
    assert diagnose("GET", "https://api.example/a", moved, credentials=KEYS).findings[0].id == "FAIL-15"
    prefixed = diagnose("GET", "/a", signed("https://api.example/v/a", "execute-api").headers, credentials=KEYS, called="https://api.example/v/a")  # fmt: skip
    assert prefixed.findings[0].id == "FAIL-44"
    assert diagnose("GET", "/x", moved, credentials=KEYS, called="nonsense").signature_matches is False


def test_a_body_in_its_chunk_framing_is_the_capture_s_fault() -> None:
    request = signed(body=b"hello", method="POST")
    first = diagnose("POST", "/a", request.headers, b"5\r\nhello\r\n0\r\n\r\n", credentials=KEYS)
    assert (first.findings[0].id, first.verdict) == ("FAIL-56", "undecided")
    cut = diagnose("POST", "/a", request.headers, b"5\r\nhello\r\n", credentials=KEYS)
    assert cut.findings[0].id != "FAIL-56"


def test_a_form_that_was_hashed_before_it_was_encoded_is_found() -> None:
    for hashed, sent in (
        (b"a=b c", b"a=b+c"),
        (b"a=b c", b"a=b%20c"),
        (b"a=%2F", b"a=/"),
        (b"a=\r", b"a=\n"),
    ):
        request = signed(body=hashed, method="POST")
        first = diagnose("POST", "/a", request.headers, sent, credentials=KEYS).findings[0]
        assert (first.id, first.certainty) == ("FAIL-32", "proved"), (hashed, first)


def test_an_escape_that_became_raw_on_the_way_is_found() -> None:
    request = signed("https://lambda.us-east-1.amazonaws.com/a%3Ab%20c")
    first = diagnose("GET", "/a:b%20c", request.headers, credentials=KEYS).findings[0]
    assert first.id == "FAIL-02"
    raw = signed("https://lambda.us-east-1.amazonaws.com/a:b%20c")
    assert diagnose("GET", "/a%3Ab%20c", raw.headers, credentials=KEYS).findings[0].id == "FAIL-02"


def test_a_host_that_was_forwarded_is_found() -> None:
    request = signed("https://minio.example/a", "s3")
    pairs = [*request.headers, ("X-Forwarded-Host", "files.example")]
    assert diagnose("GET", "/a", pairs, response=BLIND).findings[0].id == "FAIL-15"
    trailed = signed(f"{S3}/a", "s3", X_Amz_Trailer="x-amz-checksum-crc32")
    assert "FAIL-59" not in [each.id for each in diagnose(*trailed, response=BLIND).findings]


def test_a_request_that_does_not_sign_its_host_is_searched_as_well() -> None:
    request = changed(signed(), "SignedHeaders=host;", "SignedHeaders=")
    diagnosis = diagnose(*request, credentials=KEYS)
    assert "VERIFY-8" in [each.id for each in diagnosis.findings]


def test_a_space_that_became_a_plus_on_the_way_is_found() -> None:
    request = signed("https://lambda.us-east-1.amazonaws.com/a%20b")
    assert diagnose("GET", "/a+b", request.headers, credentials=KEYS).findings[0].id == "FAIL-08"


def test_a_body_under_a_presigned_url_is_compared_with_its_hash() -> None:
    signer = Signer("lambda", "us-east-1", KEYS)
    sha = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    url = signer.presign(
        "PUT", "https://h.example/a", {"X-Amz-Content-SHA256": sha}, b"x", expires=60, at=NOW
    )
    headers = {"Host": "h.example", **url.headers_to_send}
    assert diagnose("PUT", str(url), headers, b"x", credentials=KEYS).verdict == "right"
    first = diagnose("PUT", str(url), headers, b"y", credentials=KEYS).findings[0]
    assert (first.id, first.certainty) == ("FAIL-32", "proved")


def test_no_pairs_are_made_for_many_headers() -> None:
    from sigv4.diagnosis.evidence import examine
    from sigv4.diagnosis.hypotheses import pairs

    request = signed(headers={f"X-H{number}": "v" for number in range(50)})
    examined = examine(request.method, request.url, tuple(request.headers), b"", KEYS, None)
    assert list(pairs(examined.evidence, examined.draft)) == []
