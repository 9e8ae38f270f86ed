"""What each hypothesis about the method, the host, the headers and their names changes."""

from __future__ import annotations

import pytest

from sigv4 import Credentials
from tests.sigv4.diagnosis.tried import KEYS, changes, examined, of_header, presigned

LOCAL = (
    "localhost 127.0.0.1 localhost:4566 localhost:8080 localhost:8000 localhost:9000 127.0.0.1:9000 minio minio:9000 "
    "s3:9000 rustfs:9000 seaweedfs:8333 garage:3900 localstack:4566 host.docker.internal:9000 host.docker.internal:4566"
).split()
PORTS = "443 80 8080 8443 9000 9443 3000 8000".split()
OF_S3 = (
    "s3.us-east-1.amazonaws.com s3.amazonaws.com s3-us-east-1.amazonaws.com s3.dualstack.us-east-1.amazonaws.com "
    "s3-fips.us-east-1.amazonaws.com s3-fips.dualstack.us-east-1.amazonaws.com s3-external-1.amazonaws.com "
    "s3.us-east-1.amazonaws.com.cn"
).split()
ACCELERATED = ["s3-accelerate.amazonaws.com", "s3-accelerate.dualstack.amazonaws.com"]
Tried = list[tuple[str, str, str | None]]


def hosts(url: str, service: str = "lambda", *, called: str = "", **told: str) -> Tried:
    added = [(name.replace("_", "-"), value) for name, value in told.items()]
    found = of_header(examined(service, url, added=added, called=called), "host")
    return [
        each for each in found if each[0] in ("FAIL-14", "FAIL-15", "FAIL-42") and "header" not in each[1]
    ]


def as_hosts(id: str, names: list[str]) -> Tried:
    return [(id, f"the host is {name!r}", name) for name in names]


@pytest.mark.parametrize("port", ["", ":8080"])
def test_other_hosts_of_a_service(port: str) -> None:
    """Here two labels are signed as ``lambda``: its own name, and that of function URLs."""
    ports = ([] if not port else [""]) + [f":{each}" for each in PORTS if f":{each}" != port]
    endpoints = [
        form.format(label)
        for label in ("lambda", "lambda-url")
        for form in (
            "{}.us-east-1.amazonaws.com", "{}-fips.us-east-1.amazonaws.com", "{}.us-east-1.api.aws",
            "{}-fips.us-east-1.api.aws", "{}-us-east-1.amazonaws.com", "fips.{}.us-east-1.amazonaws.com",
            "{}.us-east-1.amazonaws.com.cn", "{}.amazonaws.com",
        )
    ]  # fmt: skip
    assert hosts(f"h.example{port}/a") == [
        *as_hosts("FAIL-14", [f"h.example{each}" for each in ports]),
        *as_hosts("FAIL-15", [*endpoints, *LOCAL]),
    ]
    prefixed = [name for each in endpoints for name in (each, f"x.{each}")]
    assert hosts("x.lambda.example/a")[8:] == as_hosts("FAIL-15", [*prefixed, *LOCAL])


def test_hosts_that_other_headers_repeat() -> None:
    told = hosts(
        "h.example/a",
        X_Forwarded_Host="a.example, b.example",
        X_Original_Host="c.example",
        X_Host="d.example:1",
        X_Forwarded_Server="e.example",
        Forwarded='for=1;host="f.example:2", for=2;Host=g.example',
        Origin="https://i.example",
        Referer="https://j.example/k?l=m",
    )
    names = "a.example b.example c.example d.example:1 e.example f.example:2 g.example i.example j.example".split()
    assert told[8 : 8 + len(names)] == as_hosts("FAIL-15", names)


@pytest.mark.parametrize(
    "name", ["X-Original-URI", "X-Original-URL", "X-Rewrite-URL", "X-Envoy-Original-Path", "X-Forwarded-URI"]
)
def test_paths_that_other_headers_repeat(name: str) -> None:
    request = examined("lambda", "h.example/a", added=[(name, "/base/a")])
    assert ("FAIL-44", "the path is '/base/a'", "/base/a") in changes(request, "path")


def test_the_url_that_was_called() -> None:
    assert ("FAIL-15", "the host is 'i.example'", "i.example") in hosts(
        "h.example/a", called="https://i.example/a"
    )
    request = examined("lambda", "h.example/a", called="https://i.example/b")
    both = [each for each in changes(request, "path", alone=False) if each[0] == "FAIL-15"]
    assert both == [("FAIL-15", "the host is 'i.example' and the path '/b'", "/b")]
    assert ("FAIL-15", "the host is 'i.example'", "i.example") in of_header(request, "host")
    only = examined("lambda", "h.example/a", called="https://h.example/b")
    assert ("FAIL-44", "the path is '/b'", "/b") in changes(only, "path")


def test_a_redirect_to_the_bucket_s_region() -> None:
    """FAIL-42: the request was signed for the region of its Credential and repeated at another."""
    moved = hosts("b.s3.eu-west-3.amazonaws.com/k", "s3")
    assert moved[8:10] == [
        (id, "the host is 'b.s3.us-east-1.amazonaws.com'", "b.s3.us-east-1.amazonaws.com")
        for id in ("FAIL-42", "FAIL-15")
    ]
    assert not [each for each in hosts("b.s3.us-east-1.amazonaws.com/k", "s3") if each[0] == "FAIL-42"]


def addressed(url: str) -> list[tuple[str, str, str | None]]:
    """Words, path and host of each hypothesis that moves the bucket."""
    request = examined("s3", url)
    found = zip(changes(request, "path", alone=False), changes(request, "path", alone=False), strict=True)
    paths = [(words, path) for (id, words, path), _ in found if id == "FAIL-15" and "the bucket is" in words]
    headers = [
        dict(value)["host"] for id, words, value in changes(request, "headers", alone=False)
        if id == "FAIL-15" and "the bucket is" in words
    ]  # fmt: skip
    return [(words, path, host) for (words, path), host in zip(paths, headers, strict=True)]


def test_the_bucket_in_the_path_or_in_the_host() -> None:
    assert addressed("b.c.s3.eu-west-3.amazonaws.com/k/l") == [
        *((f"the bucket is in the path, the host {other!r}", "/b.c/k/l", other) for other in ["s3.eu-west-3.amazonaws.com", *OF_S3]),
        *(
            (f"the bucket is in the host, {'k.' + other!r}", "/l", f"k.{other}")
            for other in ["b.c.s3.eu-west-3.amazonaws.com", *OF_S3, *ACCELERATED]
        ),
    ]  # fmt: skip
    rest = ["s3-eu-west-3.amazonaws.com", *OF_S3]
    assert addressed("b.s3-eu-west-3.amazonaws.com/") == [
        (f"the bucket is in the path, the host {other!r}", path, other)
        for other in rest
        for path in ("/b", "/b/")
    ]
    minio = addressed("store.a.example:9000/")
    assert minio[:2] == [("the bucket is in the path, the host 'a.example:9000'", path, "a.example:9000") for path in ("/store", "/store/")]  # fmt: skip


@pytest.mark.parametrize("host", ["s3.us-east-1.amazonaws.com", "s3-eu-west-1.amazonaws.com", "10.0.0.1", "minio.example", "minio"])  # fmt: skip
def test_a_host_without_a_bucket(host: str) -> None:
    assert not [each for each in addressed(f"{host}/k") if "in the path" in each[0]]
    expected = [("the bucket is in the host, 'k." + host + "'", "/", f"k.{host}")]
    assert addressed(f"{host}/k")[:1] == expected


def test_the_same_bucket_at_another_endpoint() -> None:
    found = hosts("b.s3.eu-west-3.amazonaws.com/", "s3")
    for other in [*OF_S3, *ACCELERATED]:
        assert ("FAIL-15", f"the host is 'b.{other}'", f"b.{other}") in found
    for other in OF_S3:
        assert ("FAIL-15", f"the host is {other!r}", other) in found
    bucket_first = hosts("s3.eu-west-3.amazonaws.com:1/k/l", "s3")
    assert (
        "FAIL-15",
        "the host is 'k.s3.eu-west-3.amazonaws.com:1'",
        "k.s3.eu-west-3.amazonaws.com:1",
    ) in bucket_first


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
    request = examined("lambda", "h.example/", {"X-Stand-In": value}, method="POST")
    draft = request.draft.replace(
        headers=tuple((each.replace("x-stand-in", name), text) for each, text in request.draft.headers),
        signed_headers=request.draft.signed_headers.replace("x-stand-in", name),
    )
    pairs = tuple((name if each == "X-Stand-In" else each, text) for each, text in request.evidence.pairs)
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
