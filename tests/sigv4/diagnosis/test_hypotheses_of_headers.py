"""What each hypothesis about the method, the headers and their names changes."""

from __future__ import annotations

import pytest

from sigv4 import Credentials
from tests.sigv4.diagnosis.tried import KEYS, Tried, changes, examined, of_header, presigned

USUAL = {
    "accept": ["", "*/*", "application/json"],
    "accept-encoding": ["", "identity", "gzip", "gzip, deflate", "gzip,deflate", "gzip, deflate, br", "gzip, br", "gzip, deflate, br, zstd", "br, gzip"],
    "connection": ["", "close", "keep-alive", "Keep-Alive"],
    "expect": ["", "100-continue"],
    "transfer-encoding": ["", "chunked"],
    "te": ["", "trailers"],
    "via": [""],
    "cache-control": ["", "no-cache", "max-age=0"],
    "x-forwarded-proto": ["", "http", "https"],
    "x-forwarded-port": ["", "80", "443"],
    "range": [],
}  # fmt: skip
CAUSES = {"expect": "FAIL-17", "transfer-encoding": "FAIL-18"}


def with_signed(name: str, value: str) -> Tried:
    """What is tried for a header that a client signed, though this signer would leave it out."""
    request = examined("lambda", "h.example/", {"X-Placeholder": value}, method="POST")
    draft = request.draft.replace(
        headers=tuple((each.replace("x-placeholder", name), text) for each, text in request.draft.headers),
        signed_headers=request.draft.signed_headers.replace("x-placeholder", name),
    )
    pairs = tuple((name if each == "X-Placeholder" else each, text) for each, text in request.evidence.pairs)
    evidence = request.evidence.replace(pairs=pairs, lines=dict(draft.headers))
    return of_header(request.replace(draft=draft, evidence=evidence), name)


@pytest.mark.parametrize("name", USUAL)
def test_the_values_of_headers_that_libraries_and_proxies_write(name: str) -> None:
    id = CAUSES.get(name, "FAIL-16")
    usual = [(id, f"the header {name!r} is {value!r}", value) for value in USUAL[name]]
    empty = [] if "" in USUAL[name] else [(id, f"the header {name!r} is empty", "")]
    assert with_signed(name, "x  Y") == [
        *usual,
        ("FAIL-20", f"white space within the header {name!r} is kept", "x  Y"),
        ("FAIL-20", f"the header {name!r} begins with a space", " x Y"),
        ("FAIL-20", f"the header {name!r} ends with a space", "x Y "),
        ("FAIL-20", f"all white space of the header {name!r} is dropped", "xY"),
        *empty,
        (id, f"the header {name!r} is in lower case", "x y"),
        (id, f"the line of the header {name!r} is missing", None),
    ]


def test_white_space_within_a_header() -> None:
    found = of_header(examined("lambda", "h.example/", {"X-A": ' a \t b  "c  d" '}), "x-a")
    for words, value in (
        ("white space within the header 'x-a' is kept", ' a \t b  "c  d" '),
        ("white space within quotes of the header 'x-a' is kept", 'a \t b "c  d"'),
        ("tabs within the header 'x-a' are kept", 'a \t b "c d"'),
        ("all white space of the header 'x-a' is dropped", 'ab"cd"'),
    ):
        assert ("FAIL-20", words, value) in found


def test_other_content_types() -> None:
    other = (
        "A/b|A/b; charset=utf-8|A/b;charset=utf-8|A/b; charset=UTF-8|A/b;charset=UTF-8|a/b ;c=d||"
        "application/x-www-form-urlencoded|application/x-www-form-urlencoded; charset=utf-8|"
        "application/x-www-form-urlencoded; charset=UTF-8|application/octet-stream|binary/octet-stream|"
        "application/json|application/json; charset=utf-8|application/json; charset=UTF-8|application/x-amz-json-1.0|"
        "application/x-amz-json-1.1|text/plain|text/plain; charset=utf-8|text/plain;charset=UTF-8|application/xml"
    ).split("|")
    found = of_header(examined("lambda", "h.example/", {"Content-Type": "A/b ;c=d"}), "content-type")
    expected = [("FAIL-19", f"Content-Type is {value!r}", value) for value in other]
    assert [each for each in found if each[1].startswith("Content-Type is")] == expected


@pytest.mark.parametrize(("name", "id"), [("Content-Length", "FAIL-48"), ("X-Amz-Meta-A", "FAIL-18")])
def test_other_lengths(name: str, id: str) -> None:
    """FAIL-48 if a length was sent, FAIL-18 if one was signed and none was sent."""
    body = b"12345"
    request = examined(
        "lambda", "h.example/", {name: "7", "X-Amz-Decoded-Content-Length": "3"}, body, method="POST"
    )
    if name != "Content-Length":
        headers = tuple(
            (each.replace("x-amz-meta-a", "content-length"), text) for each, text in request.draft.headers
        )
        request = request.replace(draft=request.draft.replace(headers=headers))
    found = [each for each in of_header(request, "content-length") if each[1].startswith("Content-Length is")]
    assert found == [(id, f"Content-Length is {value!r}", value) for value in ("-1", "", "0", "5", "3")]


def test_headers_outside_ascii() -> None:
    said = "the header 'x-amz-meta-a'"
    found = of_header(
        examined("lambda", "h.example/", {"X-Amz-Meta-A": "é".encode("latin-1")}), "x-amz-meta-a"
    )
    assert ("FAIL-22", f"{said} was sent as Latin-1 and signed as UTF-8", "Ã©") in found
    found = of_header(examined("lambda", "h.example/", {"X-Amz-Meta-A": "aé".encode()}), "x-amz-meta-a")
    assert ("FAIL-22", f"{said} was sent as UTF-8 and signed as Latin-1", "aé") in found
    assert ("FAIL-22", f"{said} is signed without its bytes outside ASCII", "a") in found
    assert ("FAIL-22", f"{said} is signed with '?' for what is outside ASCII", "a?") in found


def test_lists_in_one_header() -> None:
    found = of_header(examined("lambda", "h.example/", {"X-Amz-Meta-A": "b ,c,  a"}), "x-amz-meta-a")
    assert ("FAIL-21", "the header 'x-amz-meta-a' is joined with ',' alone", "b,c,a") in found
    assert ("FAIL-21", "the header 'x-amz-meta-a' is joined with ', '", "b, c, a") in found
    assert ("FAIL-21", "the values of the header 'x-amz-meta-a' are sorted", "a,b,c") in found


def test_the_date_in_place_of_x_amz_date() -> None:
    sent = "Wed, 04 Mar 2026 05:06:07 GMT"
    found = of_header(examined("lambda", "h.example/", added=[("Date", sent)]), "x-amz-date")
    assert ("FAIL-43", "X-Amz-Date has the value of Date", sent) in found


def test_a_header_whose_line_or_name_is_missing() -> None:
    headers: dict[str, str | bytes] = {"Content-Type": "a/b", "X-Amz-Meta-A": "v"}
    request = examined(
        "s3", "h.example/", headers, keys=Credentials(KEYS.access_key_id, KEYS.secret_access_key, "T")
    )
    names = request.draft.signed_headers.split(";")
    causes = {
        "content-type": "FAIL-19", "host": "FAIL-15", "x-amz-content-sha256": "FAIL-36", "x-amz-date": "FAIL-43",
        "x-amz-meta-a": "FAIL-16", "x-amz-security-token": "FAIL-23",
    }  # fmt: skip
    assert names == list(causes)
    unsigned = changes(request, "signed_headers", alone=False)
    for name, id in causes.items():
        assert (id, f"the line of the header {name!r} is missing", None) in of_header(request, name)
        rest = ";".join(each for each in names if each != name)
        assert (id, f"the header {name!r} is not signed", rest) in unsigned


def test_a_header_that_a_presigned_url_signs() -> None:
    found = of_header(presigned("h.example/a"), "host")
    assert ("FAIL-15", "the header 'host' is empty", "") in found
    assert not [each for each in found if each[2] is None], "a URL always signs its host"


def test_a_session_token_that_is_sent_and_not_signed() -> None:
    keys = Credentials(KEYS.access_key_id, KEYS.secret_access_key, "OWN")
    sent = examined("lambda", "h.example/", added=[("X-Amz-Security-Token", "SENT")])
    sent = sent.replace(evidence=sent.evidence.replace(credentials=keys))
    found = [
        (id, words, dict(headers).get("x-amz-security-token"))
        for id, words, headers in changes(sent, "headers", alone=False)
    ]
    for words, value in (("as sent", "SENT"), ("of the credentials", "OWN"), ("that is empty", "")):
        said = f"a session token {words} is signed"
        assert ("FAIL-23", said, value) in found
        assert ("FAIL-23", f"{said} and not named in SignedHeaders", value) in found
    names = [text for _, words, text in changes(sent, "signed_headers", alone=False) if words.endswith("as sent is signed")]  # fmt: skip
    assert names == ["host;x-amz-date;x-amz-security-token"]


def test_the_names_of_headers() -> None:
    """FAIL-37."""
    request = examined("lambda", "h.example/", {"x-b": "2", "ACCEPT": "1"})
    request = request.replace(draft=request.draft.replace(signed_headers="x-b;accept;host;x-amz-date"))
    names = [(words, text) for id, words, text in changes(request, "signed_headers") if id == "FAIL-37"]
    for said, text in (
        ("the names in SignedHeaders are as they are sent", "x-b;ACCEPT;Host;X-Amz-Date"),
        ("the names in SignedHeaders are in title case", "X-B;Accept;Host;X-Amz-Date"),
        ("the names in SignedHeaders are in lower case, sorted", "accept;host;x-amz-date;x-b"),
        ("SignedHeaders ends in ';'", "x-b;accept;host;x-amz-date;"),
        ("SignedHeaders is joined with '; '", "x-b; accept; host; x-amz-date"),
        ("SignedHeaders is joined with ','", "x-b,accept,host,x-amz-date"),
        ("SignedHeaders is escaped in the canonical request", "x-b%3Baccept%3Bhost%3Bx-amz-date"),
        ("SignedHeaders is empty", ""),
    ):
        assert (said, text) in names
    capital = request.replace(draft=request.draft.replace(signed_headers="Host;"))
    found = [(words, text) for id, words, text in changes(capital, "signed_headers") if id == "FAIL-37"]
    assert ("the names in SignedHeaders are in lower case", "host;") in found
    assert ("SignedHeaders does not end in ';'", "Host") in found
    lines = (("x-b", "2"), ("ACCEPT", "1"), ("Host", "h.example"), ("X-Amz-Date", "20260304T050607Z"))
    blocks = [
        (words, text) for id, words, text in changes(request, "headers", alone=False) if id == "FAIL-37"
    ]
    assert ("the names of the header lines are as they are sent", lines) in blocks
    assert ("the header names are as they are sent", lines) in blocks


def test_other_methods() -> None:
    found = changes(examined("lambda", "h.example/", method="GET"), "method")
    assert found == [
        ("CR-METHOD", "the method is 'get'", "get"),
        *(("CR-METHOD", f"the method is {method!r}", method) for method in ("HEAD",)),
        ("FAIL-42", "the method is 'POST'", "POST"),
        *(("CR-METHOD", f"the method is {method!r}", method) for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
    ]  # fmt: skip
    assert {id for id, _, _ in changes(presigned("h.example/a"), "method")} == {"FAIL-40", "CR-METHOD"}
    assert ("CR-METHOD", "the method is 'PUT'", "PUT") in changes(
        examined("lambda", "h.example/", method="put"), "method"
    )
