"""``diagnose`` finds each hypothesis for a request that is signed with exactly this fault."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import pytest

from sigv4 import DEFAULT, S3, Credentials, Signer, diagnose, v4
from sigv4.diagnosis.diagnose import Diagnosis
from sigv4.diagnosis.evidence import examine
from sigv4.diagnosis.hypotheses import singles
from sigv4.dialects import Dialect
from sigv4.scope import Scope
from tests.sigv4.diagnosis.test_server_comparison import KEYS, NOW, swap

TOKEN = "TOKEN/+=="
TEMPORARY = Credentials(KEYS.access_key_id, KEYS.secret_access_key, TOKEN)


def signature_of(canonical: str, service: str, text: Callable[[str], str] = str, at: str = "20260304T050607Z") -> str:  # fmt: skip
    scope = Scope("20260304", "us-east-1", service)
    signed = text(v4.string_to_sign(at, str(scope), canonical.encode("latin-1")))
    return v4.sign(v4.signing_key(KEYS.secret_access_key, scope), signed)


def faulty(
    change: Callable[[str], str],
    url: str = "https://h.example/",
    headers: Any = (),
    body: bytes = b"",
    service: str = "lambda",
    dialect: Dialect | None = None,
) -> Diagnosis:
    """The diagnosis of a request whose signer made ``change`` to the canonical request."""
    made = Signer(service, "us-east-1", KEYS, dialect=dialect).explain("POST", url, headers, body, at=NOW)
    wrong = signature_of(change(made.canonical_request_bytes.decode("latin-1")), service)
    authorization = str(made.headers["Authorization"])
    sent = {**made.headers, "Authorization": authorization.replace(made.signature, wrong)}
    pairs = [*headers, *((name, value) for name, value in sent.items() if name not in dict(headers))]
    target = "/" + url.partition("://")[2].partition("/")[2]
    return diagnose("POST", target, pairs, body, credentials=KEYS, dialect=dialect)


REPEATED = [("X-Amz-Meta-A", "b"), ("x-amz-meta-a", "a")]


@pytest.mark.parametrize(
    ("change", "id", "said", "how"),
    [
        (swap("/a%257Eb", "/a~b"), "FAIL-06", "'%7E' in the path is signed as '~'", {"url": "https://h.example/a%7Eb"}),
        (swap("/a%257Eb", "/a%7Eb"), "FAIL-06", "'%7E' in the path is encoded once", {"url": "https://h.example/a%7Eb"}),
        (swap("/a\n", "/a/\n"), "FAIL-13", "a final dot segment leaves a '/'", {"url": "https://h.example/a/b/.."}),
        (swap("/a/b\n", "/a%2Fb\n"), "FAIL-04", "'%2F' in the path stays '%2F'", {"url": "https://h.example/a%2Fb", "service": "s3"}),
        (swap("/a%252525\n", "/a%2525\n"), "FAIL-02", "one level of escapes fewer", {"url": "https://h.example/a%2525"}),
        (swap("/a%2525z\n", "/a%25z\n"), "FAIL-02", "one level of escapes fewer", {"url": "https://h.example/a%25z"}),
        (swap(":b,a\n", ":b, a\n"), "FAIL-21", "is joined with ', '", {"headers": REPEATED}),
        (swap(":b,a\n", ":a,b\n"), "FAIL-21", "the values of the header 'x-amz-meta-a' are sorted", {"headers": REPEATED}),
        (swap(":a,b\n", ":b,a\n"), "FAIL-21", "are in reverse order", {"headers": REPEATED[::-1]}),
        (swap(":b,a\n", ":a\n"), "FAIL-21", "only the last", {"headers": REPEATED}),
        (swap(":b,a\n", ":b\n"), "FAIL-21", "only the first", {"headers": REPEATED}),
        (lambda c: c[:-64] + "5fe38de5f4eac74d2eb2e3fce3ec73b8f6ef4ff2f7ca7e7a5fbbf7f9ff1a3a4c", "unexplained", "no known fault", {"body": b"{}"}),
    ],
)  # fmt: skip
def test_the_fault_is_named(change: Callable[[str], str], id: str, said: str, how: dict[str, Any]) -> None:
    found = faulty(change, **how).findings[0]
    assert found.id == id, found
    assert said in found.evidence


def test_a_path_that_is_not_to_be_normalized_is_encoded_again() -> None:
    plain = DEFAULT.replace(normalize_path=False)
    found = faulty(swap("/a//%2520", "/a//%20"), "https://h.example/a//%20", dialect=plain).findings[0]
    assert found.id == "FAIL-01"


def test_fail_34_a_declared_hash_that_is_not_the_bodys() -> None:
    """The signer declared one hash and signed another."""
    made = Signer("s3", "us-east-1", KEYS).explain("PUT", "https://h.example/a", (), b"{}", at=NOW)
    wrong = "0" * 64
    signed = swap(f"x-amz-content-sha256:{made.canonical_request[-64:]}", f"x-amz-content-sha256:{wrong}")
    authorization = str(made.headers["Authorization"])
    headers = {**made.headers, "X-Amz-Content-SHA256": wrong}
    headers["Authorization"] = authorization.replace(
        made.signature, signature_of(signed(made.canonical_request), "s3")
    )
    found = diagnose("PUT", "/a", headers, b"{}", credentials=KEYS).findings[0]
    assert (found.id, found.certainty) == ("FAIL-34", "proved")
    assert "the payload line is the hash of the body, not the header's value" in found.evidence


def test_fail_32_the_text_within_a_json_string() -> None:
    body = b'"{\\"a\\": 1}"'
    found = faulty(_hash_of(b'{"a": 1}'), body=body).findings[0]
    assert (found.id, found.certainty) == ("FAIL-32", "proved")
    assert "as the text within the JSON string" in found.evidence


def test_fail_32_a_body_compressed_after_it_was_hashed() -> None:
    found = faulty(_hash_of(b"text"), body=zlib.compress(b"text")).findings[0]
    assert (found.id, found.certainty) == ("FAIL-32", "proved")
    assert "before it was compressed" in found.evidence


def _hash_of(body: bytes) -> Callable[[str], str]:
    from hashlib import sha256

    return lambda canonical: canonical[:-64] + sha256(body).hexdigest()


def test_fail_23_a_token_that_is_signed_and_not_in_the_url() -> None:
    signer = Signer("lambda", "us-east-1", TEMPORARY)
    url = str(signer.presign("GET", "https://h.example/", expires=900, at=NOW))
    sent = url.replace("&X-Amz-Security-Token=TOKEN%2F%2B%3D%3D", "")
    assert sent != url
    found = diagnose("GET", sent, [("Host", "h.example")], credentials=TEMPORARY).findings[0]
    assert (found.id, found.certainty) == ("FAIL-23", "proved")
    assert "the session token is in the canonical query and not in the URL" in found.evidence


@pytest.mark.parametrize(
    ("credential", "date"),
    [
        ("AKIDEXAMPLE/20260304/us-east-1/lambda", "20260304T050607Z"),
        ("AKIDEXAMPLE/20260304/us-east-1/lambda/aws4_request", "yesterday"),
    ],
    ids=["scope", "date"],
)
def test_a_request_with_unreadable_parts_is_diagnosed_by_the_other_parts(credential: str, date: str) -> None:
    headers = {
        "Host": "h.example",
        "X-Amz-Date": date,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, "
        f"Signature={'0' * 64}",
    }
    diagnosis = diagnose("GET", "/", headers, credentials=KEYS)
    assert diagnosis.findings[0].certainty == "proved"
    assert diagnosis.findings[0].id == ("FAIL-38" if date.startswith("2") else "VERIFY-9")


def test_no_hypothesis_leaves_the_draft_as_it_is_and_none_comes_twice() -> None:
    for service in ("lambda", "s3"):
        signed = Signer(service, "us-east-1", TEMPORARY).sign(
            "PUT", "https://h.example/a%2Fb//c/../%7E%2B?b=+&a=1", {"X-A": "b  c"}, b'"x"', at=NOW
        )
        dialect = S3 if service == "s3" else DEFAULT
        pairs = tuple(signed.items())
        read = examine("PUT", "/a%2Fb//c/../%7E%2B?b=+&a=1", pairs, b'"x"', TEMPORARY, dialect)
        found = singles(read.evidence, read.draft)
        assert len(found) > 200
        changes = [(each.id, *each.changes.items()) for each in found]
        assert len(set(changes)) == len(changes)
        assert read.draft not in [each.applied(read.draft) for each in found]


@pytest.mark.parametrize(
    ("change", "target", "dialect", "ids"),
    [
        (("/a%253Ab", "/a%3Ab"), "/a%3Ab", DEFAULT, ["FAIL-01", "FAIL-02"]),
        (("/a%20b", "/a%2520b"), "/a%20b", S3, ["FAIL-03", "FAIL-02"]),
        (("\na=\n", "\n\n"), "/?a=", DEFAULT, ["FAIL-11", "FAIL-60"]),
    ],
)
def test_two_causes_of_the_same_bytes_are_both_likely(
    change: tuple[str, str], target: str, dialect: Dialect, ids: list[str]
) -> None:
    """A fault of the signer and a change on the way can give the same signature."""
    diagnosis = faulty(swap(*change), f"https://h.example{target}", dialect=dialect)
    assert [(each.id, each.certainty) for each in diagnosis.findings] == [(id, "likely") for id in ids]
    assert diagnosis.verdict == "wrong"


def test_a_line_end_after_the_body_may_be_that_of_the_capture() -> None:
    found = faulty(_hash_of(b"text"), body=b"text\r\n").findings
    assert [(each.id, each.certainty) for each in found] == [("FAIL-32", "likely"), ("FAIL-56", "likely")]


def test_a_capture_without_a_body_says_so() -> None:
    """For a POST, ``curl -v`` prints no body, and no Content-Length if it was sent in chunks."""
    headers = {"Content-Type": "a/b"}
    found = faulty(_hash_of(b"a body that curl -v did not print"), headers=headers.items()).findings
    assert [each.id for each in found] == ["FAIL-56", "unexplained", "FAIL-15", "FAIL-44", "FAIL-25"]
    bare = faulty(_hash_of(b"sent over HTTP/2"), headers=()).findings
    assert [each.id for each in bare][:2] == ["FAIL-56", "unexplained"]
    assert "the capture has no body: give the body" in bare[0].evidence
    declared = {**headers, "Content-Length": "0"}
    assert "FAIL-56" not in [
        each.id for each in faulty(_hash_of(b"another"), headers=declared.items()).findings
    ]


@pytest.mark.slow
@pytest.mark.parametrize("parameters", ["&a=b", "&{0}=b", "&a={0}", "&a=b&{0}=c", "&a"])
@pytest.mark.parametrize("path", ["/", "/%2F", "//", "/a/.."])
def test_the_number_of_hypotheses_does_not_grow_with_the_target(parameters: str, path: str) -> None:
    def tried(count: int) -> int:
        query = "".join(parameters.format(number) for number in range(count))
        url = f"https://lambda.us-east-1.amazonaws.com/{path * count}?{query[1:]}"
        headers = Signer("lambda", "us-east-1", KEYS).sign("GET", url, (), b"", at=NOW)
        request = examine("GET", url, tuple(headers.items()), b"", KEYS, None)
        return len(singles(request.evidence, request.draft))

    assert tried(400) <= tried(100) + 20
