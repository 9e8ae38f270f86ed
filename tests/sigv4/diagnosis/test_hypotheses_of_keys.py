"""What each hypothesis about the secret, the derivation of the key and its scope changes the key to."""

from __future__ import annotations

import base64
import hmac

from tests.sigv4.diagnosis.tried import KEYS, changes, examined

SCOPE = ("20260304", "us-east-1", "lambda", "aws4_request")
SECRET = KEYS.secret_access_key.encode()


def chain(secret: bytes, *steps: str) -> bytes:
    for step in steps:
        secret = hmac.new(secret, step.encode(), "sha256").digest()
    return secret


def test_other_secrets() -> None:
    """FAIL-25 and 47. The SMTP password: docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html"""
    smtp = chain(b"AWS4" + SECRET, "11111111", "us-east-1", "ses", "aws4_request", "SendRawEmail")
    secrets = {
        # HMAC fills a short key up with NUL, so one at the end changes nothing.
        **{f"has {words} after it": SECRET + end for words, end in ENDS.items() if words != "NUL"},
        **{f"has {words} before it": end + SECRET for words, end in ENDS.items()},
        "has a byte order mark before it": b"\xef\xbb\xbf" + SECRET,
        "has spaces for '+'": b"wJalrXUtnFEMI/K7MDENG bPxRfiCYEXAMPLEKEY",
        "has '%2F' for '/'": b"wJalrXUtnFEMI%2FK7MDENG+bPxRfiCYEXAMPLEKEY",
        "has '%2B' for '+'": b"wJalrXUtnFEMI/K7MDENG%2BbPxRfiCYEXAMPLEKEY",
        "is escaped": b"wJalrXUtnFEMI%2FK7MDENG%2BbPxRfiCYEXAMPLEKEY",
        "has '\\/' for '/'": b"wJalrXUtnFEMI\\/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "has no '/'": b"wJalrXUtnFEMIK7MDENG+bPxRfiCYEXAMPLEKEY",
        "has no '+'": b"wJalrXUtnFEMI/K7MDENGbPxRfiCYEXAMPLEKEY",
        "ends at its first '/'": b"wJalrXUtnFEMI",
        "ends at its first '+'": b"wJalrXUtnFEMI/K7MDENG",
        "has lost its last character": b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKE",
        "has lost its first character": b"JalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "is in upper case": b"WJALRXUTNFEMI/K7MDENG+BPXRFICYEXAMPLEKEY",
        "is in lower case": b"wjalrxutnfemi/k7mdeng+bpxrficyexamplekey",
        "is encoded as UTF-16": SECRET.decode().encode("utf-16-le"),
        "is empty": b"",
        "is the Base64 of it": base64.b64encode(SECRET),
    }
    expected = [
        ("FAIL-25", f"the secret {words}", chain(b"AWS4" + each, *SCOPE)) for words, each in secrets.items()
    ]
    expected += [
        ("FAIL-25", "the secret is in quotes", chain(b"AWS4" + quote + SECRET + quote, *SCOPE))
        for quote in (b'"', b"'", b"`")
    ]
    password = chain(b"AWS4" + base64.b64encode(b"\x04" + smtp), *SCOPE)
    expected.append(("FAIL-47", "the secret is its SMTP password", password))
    found = [each for each in changes(examined("lambda", "h.example/"), "key") if each[1].startswith("the secret ") and each[0] != "FAIL-31"]  # fmt: skip
    assert sorted(found) == sorted(expected)


ENDS = {"LF": b"\n", "CR": b"\r", "CRLF": b"\r\n", "a space": b" ", "a tab": b"\t", "NUL": b"\0"}


def test_other_derivations_of_the_key() -> None:
    """FAIL-31."""
    day, region, service, end = SCOPE
    start, right = b"AWS4" + SECRET, chain(b"AWS4" + SECRET, *SCOPE)
    hexed, exchanged = start, start
    for step in SCOPE:
        hexed = hmac.new(hexed, step.encode(), "sha256").hexdigest().encode()
        exchanged = hmac.new(step.encode(), exchanged, "sha256").digest()
    found = {
        words: key for id, words, key in changes(examined("lambda", "h.example/"), "key") if id == "FAIL-31"
    }
    assert found == {
        "hex digits are chained, not raw bytes": hexed,
        "'AWS4' is not put before the secret": chain(SECRET, *SCOPE),
        "'aws4' is put before the secret": chain(b"aws4" + SECRET, *SCOPE),
        "the terminator is 'aws4'": chain(start, day, region, service, "aws4"),
        "the terminator is 'aws4_request ' with a space": chain(start, day, region, service, "aws4_request "),
        "the last step is missing": chain(start, day, region, service),
        "the service is missing": chain(start, day, region, end),
        "the region is missing": chain(start, day, service, end),
        "region and service are exchanged": chain(start, day, service, region, end),
        "the region comes first": chain(start, region, day, service, end),
        "the whole time is used for the day": chain(start, "20260304T050607Z", region, service, end),
        "the day has dashes": chain(start, "2026-03-04", region, service, end),
        "the secret is the key": SECRET,
        "'AWS4' and the secret are the key": start,
        "the key is the hex text of itself": right.hex().encode(),
        "the key is the Base64 of itself": base64.b64encode(right),
        "HMAC has key and message exchanged": exchanged,
    }


def test_keys_of_other_days_regions_and_services() -> None:
    """FAIL-30, 27 and 28."""
    day, region, service, end = SCOPE
    start = b"AWS4" + SECRET
    request = examined("lambda", "runtime.sagemaker.eu-north-1.amazonaws.com:443/")
    found = changes(request, "key", alone=False)
    scopes = {words: scope for _, words, scope in changes(request, "scope", alone=False)}
    for other in ("20260303", "20260305"):
        assert (
            "FAIL-30",
            f"the key is that of the day {other}",
            chain(start, other, region, service, end),
        ) in found
    labels = ["runtime", "sagemaker", "eu-north-1", "amazonaws", "com"]
    regions = [*labels, "us-west-2", "eu-west-1", "aws-global", "auto", "US-EAST-1", ""]
    names = [
        *labels,
        "runtime.sagemaker",
        "sagemaker.eu-north-1",
        "s3",
        "execute-api",
        "es",
        "host",
        "LAMBDA",
    ]
    for id, kind, others in (("FAIL-27", "region", regions), ("FAIL-28", "service", names)):
        mine = [each for each in found if each[0] == id]
        assert len(mine) == 2 * len(others)
        for other in others:
            scope = (day, other, service) if kind == "region" else (day, region, other)
            key = chain(start, *scope, end)
            assert (id, f"the key is that of the {kind} {other!r}", key) in mine
            said = f"key and string to sign are those of the {kind} {other!r}"
            assert (id, said, key) in mine
            assert scopes[said] == "/".join((*scope, end))
