"""Attacks on a verifier, one per test: each starts with an accepted request, and changes one thing."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any

import pytest

from sigv4 import V4A, Credentials, Signer, SigningError, VerificationError, Verifier
from sigv4.replay import MemoryReplayStore

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TEMPORARY = Credentials("ASIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "TOKEN+/=")
NOW = 1772600767  # 2026-03-04T05:06:07Z
HOST = "https://s.example.com"
Pairs = list[tuple[str, "str | bytes"]]


def checker(service: str = "lambda", keys: Credentials = KEYS, now: float = NOW, **options: Any) -> Verifier:
    return Verifier(service, "us-east-1", lambda claim: keys, clock=lambda: now, **options)


def signed(
    target: str = "/a", method: str = "POST", body: bytes = b"{}", service: str = "lambda", keys: Credentials = KEYS, **headers: str
) -> Pairs:  # fmt: skip
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return list(Signer(service, "us-east-1", keys).sign(method, HOST + target, named, body, at=NOW).items())


def presigned(expires: int = 900, service: str = "s3", keys: Credentials = KEYS) -> str:
    return Signer(service, "us-east-1", keys).presign("GET", f"{HOST}/a", expires=expires, at=NOW)[
        len(HOST) :
    ]


def refused(
    verifier: Verifier,
    method: str,
    target: str,
    headers: Sequence[tuple[str, str | bytes]],
    body: bytes = b"",
) -> str:
    with pytest.raises(VerificationError) as caught:
        verifier.verify(method, target, headers, body)
    return caught.value.stage


def changed(headers: Pairs, name: str, old: str, new: str) -> Pairs:
    found = [(key, str(value).replace(old, new) if key == name else value) for key, value in headers]
    assert found != headers, f"{old!r} is not in {name}"
    return found


def test_the_unchanged_requests_of_the_attacks_are_accepted() -> None:
    assert checker().verify("POST", "/a", signed(), b"{}").access_key_id == KEYS.access_key_id
    url = presigned()
    assert checker("s3").verify("GET", url, [("Host", "s.example.com")]).access_key_id == KEYS.access_key_id


def test_a_swapped_body_with_the_old_hash() -> None:
    assert refused(checker(), "POST", "/a", signed(), b"{ }") == "VERIFY-15"
    headers = signed(service="s3", method="PUT", body=b"old")
    assert refused(checker("s3"), "PUT", "/a", headers, b"new") == "VERIFY-15"


def test_an_unsigned_host() -> None:
    headers = changed(signed(), "Authorization", "host;", "")
    assert refused(checker(), "POST", "/a", headers, b"{}") == "VERIFY-8"


def test_an_x_amz_header_that_is_added() -> None:
    assert refused(checker(), "POST", "/a", [*signed(), ("X-Amz-Acl", "public")], b"{}") == "VERIFY-8"
    sent: Pairs = [("Host", "s.example.com"), ("x-amz-acl", "public")]
    assert refused(checker("s3"), "GET", presigned(), sent) == "VERIFY-8"


def test_an_unsigned_token_that_is_swapped() -> None:
    headers = signed(keys=TEMPORARY)
    other = changed(headers, "X-Amz-Security-Token", "TOKEN", "OTHER")
    assert refused(checker(keys=TEMPORARY), "POST", "/a", other, b"{}") == "VERIFY-14"
    unsigned = changed(headers, "Authorization", ";x-amz-security-token", "")
    assert refused(checker(keys=TEMPORARY), "POST", "/a", unsigned, b"{}") == "VERIFY-8"
    assert (
        refused(checker(keys=KEYS), "POST", "/a", [*signed(), ("X-Amz-Security-Token", "T")], b"{}")
        == "VERIFY-8"
    )


@pytest.mark.parametrize(
    ("offset", "stage"), [(-301, "VERIFY-11"), (-300, ""), (300, ""), (301, "VERIFY-10")]
)
def test_old_and_future_requests_at_their_bounds(offset: int, stage: str) -> None:
    verifier = checker(now=NOW + offset)
    if stage:
        assert refused(verifier, "POST", "/a", signed(), b"{}") == stage
    else:
        verifier.verify("POST", "/a", signed(), b"{}")


@pytest.mark.parametrize(
    ("expires", "offset", "stage"),
    [(1, 1, ""), (1, 2, "VERIFY-10"), (900, 900, ""), (900, 901, "VERIFY-10"), (604800, 604800, ""),
     (604800, 604801, "VERIFY-10"), (900, -900, ""), (900, -901, "VERIFY-11")],
)  # fmt: skip
def test_presigned_urls_at_their_bounds(expires: int, offset: int, stage: str) -> None:
    verifier, host = checker("s3", now=NOW + offset), [("Host", "s.example.com")]
    if stage:
        assert refused(verifier, "GET", presigned(expires), host) == stage
    else:
        verifier.verify("GET", presigned(expires), host)


@pytest.mark.parametrize("expires", ["0", "-1", "604801", "1e3", "", "+9", "9" * 5000, "٣", "%309", "900%00"])
def test_an_invalid_expiry(expires: str) -> None:
    from sigv4.target import encode_query

    value = encode_query({"X-Amz-Expires": expires}) if not expires.isascii() else f"X-Amz-Expires={expires}"
    target = presigned().replace("X-Amz-Expires=900", value)
    stage = refused(checker("s3"), "GET", target, [("Host", "s.example.com")])
    # '%309' is "09", which is within the limits: another expiry than the one that was signed.
    assert stage == ("VERIFY-15" if expires == "%309" else "VERIFY-7")


@pytest.mark.parametrize("name", ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"])
@pytest.mark.parametrize("first", [True, False])
def test_a_repeated_authentication_parameter(name: str, first: bool) -> None:
    target = presigned()
    more = f"X-Amz-{name}=x"
    target = target.replace("?", f"?{more}&", 1) if first else f"{target}&{more}"
    assert refused(checker("s3"), "GET", target, [("Host", "s.example.com")]) == "VERIFY-7"


def test_a_repeated_authorization_header() -> None:
    headers = signed()
    for more in ([*headers, ("authorization", "x")], [("AUTHORIZATION", "x"), *headers]):
        assert refused(checker(), "POST", "/a", more, b"{}") == "VERIFY-6"


def test_both_mechanisms() -> None:
    assert (
        refused(checker("s3"), "GET", presigned(), [("Host", "s.example.com"), ("Authorization", "x")])
        == "VERIFY-5"
    )


@pytest.mark.parametrize(
    "scope",
    [
        "20260303/us-east-1/lambda/aws4_request",
        "20260304/us-west-2/lambda/aws4_request",
        "20260304/us-east-1/s3/aws4_request",
        "20260304/us-east-1/lambda/aws4",
        "20260304/us-east-1/lambda/AWS4_REQUEST",
    ],
)
def test_the_scope_of_another_day_region_service_or_terminator(scope: str) -> None:
    headers = changed(signed(), "Authorization", "20260304/us-east-1/lambda/aws4_request", scope)
    assert refused(checker(), "POST", "/a", headers, b"{}") == "VERIFY-13"


@pytest.mark.parametrize(
    "date",
    [
        "20260230T050607Z",
        "20260304T250607Z",
        "20260304T050660Z",
        "00000304T050607Z",
        "20260304t050607z",
        "20260304T050607",
        "2026-03-04T05:06:07Z",
        "٢0260304T050607Z",
    ],
)
def test_a_date_that_does_not_exist(date: str) -> None:
    value = date if date.isascii() else date.encode()
    headers: Pairs = [(name, value if name == "X-Amz-Date" else old) for name, old in signed()]
    assert refused(checker(), "POST", "/a", headers, b"{}") == "VERIFY-9"


def test_a_signature_in_upper_case_or_cut_off() -> None:
    headers = signed()
    signature = str(dict(headers)["Authorization"]).rpartition("=")[2]
    for other in (
        signature.upper(),
        signature[:-1],
        signature[:32],
        signature + "0",
        "0" + signature,
        "",
        " ",
    ):
        stage = refused(checker(), "POST", "/a", changed(headers, "Authorization", signature, other), b"{}")
        assert stage in ("VERIFY-15", "VERIFY-6d")


@pytest.mark.parametrize(
    "value",
    ["a\r\nX-Amz-Acl: public", "a\nb", "a\rb", "a\0b", "a\x7f", "a\r\n b", b"a\x0bb", b"\x0c"],
)
def test_smuggled_control_characters(value: str | bytes) -> None:
    assert refused(checker(), "POST", "/a", [*signed(), ("X-A", value)], b"{}") == "VERIFY-1"
    assert refused(checker(), "POST", "/a", [*signed(), (f"X-{value!s}", "a")], b"{}") == "VERIFY-1"


def test_look_alikes_of_names_and_values() -> None:
    for name in ("Ｈost", "X-Amz-Dаte", "host ", " host", "ho st", "X-Amz-Acl:", ""):
        assert refused(checker(), "POST", "/a", [*signed(), (name, "x")], b"{}") == "VERIFY-1"
    # In Unicode the lower case of the Kelvin sign is 'k'. Names are ASCII, so the sign is refused and not converted.
    assert refused(checker(), "POST", "/a", [*signed(), ("X-To\u212aen", "x")], b"{}") == "VERIFY-1"
    plain = signed(X_A="a b")
    for value in ("a\u00a0b", "a\u2003b", "a\u0085b"):
        wire: Pairs = [(name, value.encode() if name == "X-A" else old) for name, old in plain]
        assert refused(checker(), "POST", "/a", wire, b"{}") == "VERIFY-15"


@pytest.mark.parametrize(
    "target", ["/b/%2e%2e/a", "/%61", "/a%2F", "/a/%2E", "/a%00", "/%c0%af../a", "/%c1%a1", "/a;b", "/A"]
)
def test_path_tricks_are_other_paths(target: str) -> None:
    assert refused(checker(), "POST", target, signed(), b"{}") == "VERIFY-15"


@pytest.mark.parametrize("target", ["//a", "/./a", "/b/../a", "/a/."])
def test_path_tricks_that_mean_the_same_are_refused_by_strict(target: str) -> None:
    checker().verify("POST", target, signed(), b"{}")  # CR-PATH-3
    assert refused(checker(strict=True), "POST", target, signed(), b"{}") == "VERIFY-15"


@pytest.mark.parametrize("target", ["/b%2e%2e", "//", "/a%2Fb", "/%61", "/a/../b", "/%C0%AF"])
def test_each_path_in_s3_is_a_different_key(target: str) -> None:
    headers = signed("/a", "GET", b"", "s3")
    if target == "/%61":
        checker("s3").verify("GET", target, headers)  # the same key, escaped needlessly (CR-PATH-4)
        assert refused(checker("s3", strict=True), "GET", target, headers) == "VERIFY-15"
    else:
        assert refused(checker("s3"), "GET", target, headers) == "VERIFY-15"


@pytest.mark.parametrize("target", ["a", "", "/%zz", "/a b", "/a\r\nb", "/ü", "http://other/a", "/a#b", "*"])
def test_targets_that_no_server_should_read(target: str) -> None:
    assert refused(checker(), "POST", target, signed(), b"{}") == "VERIFY-1"


@pytest.mark.parametrize("kind", ["one value", "many headers", "many parameters", "Authorization", "a path"])
@pytest.mark.slow
def test_ten_mebibytes_are_refused_without_harm(kind: str) -> None:
    size = 10 << 20
    headers, target = signed(), "/a"
    if kind == "one value":
        headers.append(("X-Amz-Pad", " x" * (size // 2)))
    elif kind == "many headers":
        headers += [(f"X-Amz-{number}", "a" * 80) for number in range(size // 100)]
    elif kind == "many parameters":
        target = "/a?" + "a=%41&" * (size // 6)
    elif kind == "Authorization":
        headers = [
            (name, "AWS4-HMAC-SHA256 " + "a=b," * (size // 4) if name == "Authorization" else value)
            for name, value in headers
        ]
    else:
        target = "/a" + "/.." * (size // 3)
    refused(checker(), "POST", target, headers, b"{}")


def test_a_replay() -> None:
    store = MemoryReplayStore(clock=lambda: NOW)
    verifier = checker(replay=store)
    headers = signed()
    verifier.verify("POST", "/a", headers, b"{}")
    assert refused(verifier, "POST", "/a", headers, b"{}") == "REPLAY"
    assert refused(verifier, "POST", "/a", [*headers, ("X-Other", "1")], b"{}") == "REPLAY"


def test_a_4a_signature_replayed_in_its_second_valid_form() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    signer = Signer("lambda", "*", KEYS, algorithm=V4A)
    headers: Pairs = list(signer.sign("POST", f"{HOST}/a", {}, b"{}", at=NOW).items())
    signature = str(dict(headers)["Authorization"]).rpartition("=")[2]
    r, s = decode_dss_signature(bytes.fromhex(signature))
    mirror = encode_dss_signature(r, order - s).hex()
    mirrored = changed(headers, "Authorization", signature, mirror)
    checker(algorithms=[V4A]).verify("POST", "/a", mirrored, b"{}")  # it is a signature, too (V4A-3)
    verifier = checker(algorithms=[V4A], replay=MemoryReplayStore(clock=lambda: NOW))
    verifier.verify("POST", "/a", headers, b"{}")
    assert refused(verifier, "POST", "/a", mirrored, b"{}") == "REPLAY"


def test_a_request_cannot_choose_its_algorithm() -> None:
    headers = changed(signed(), "Authorization", "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")
    assert refused(checker(), "POST", "/a", headers, b"{}") == "VERIFY-6a"


def test_the_whole_signature_is_compared_whatever_its_first_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    """``hmac.compare_digest`` compares each signature that has the right length."""
    headers = signed()
    right = str(dict(headers)["Authorization"]).rpartition("=")[2]
    compared: list[tuple[object, object]] = []
    compare_digest = hmac.compare_digest

    def recorded(one: str, other: str) -> bool:
        compared.append((one, other))
        return compare_digest(one, other)

    monkeypatch.setattr(hmac, "compare_digest", recorded)
    wrong = ["0" * 64, right[:63] + "g", "f" + right[1:], right[::-1]]
    for other in wrong:
        assert refused(checker(), "POST", "/a", changed(headers, "Authorization", right, other), b"{}")
    checker().verify("POST", "/a", headers, b"{}")
    assert compared == [(right, other) for other in [*wrong, right]]


def test_the_whole_session_token_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    on_file = Credentials(KEYS.access_key_id, KEYS.secret_access_key, "THE-TOKEN")
    compared: list[tuple[object, object]] = []

    def recorded(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr("sigv4.verifier.compare_digest", recorded)
    given = Credentials(KEYS.access_key_id, KEYS.secret_access_key, "THE-TOKEM")
    headers = list(Signer("lambda", "us-east-1", given).sign("POST", f"{HOST}/a", {}, b"{}", at=NOW).items())
    verifier = Verifier("lambda", "us-east-1", lambda claim: on_file, clock=lambda: NOW)
    assert refused(verifier, "POST", "/a", headers, b"{}") == "VERIFY-14"
    assert [{str(each).strip("b'") for each in pair} for pair in compared] == [{"THE-TOKEN", "THE-TOKEM"}]


@pytest.mark.parametrize("service", ["lambda", "s3"])
@pytest.mark.parametrize(
    "target",
    ["/../a", "/..", "/a/../../b", "/a/./../../b", "/a//../../b", "/%2e%2e/a", "/.%2E/a", "/%2E./a", "/a/%2e%2e/%2e%2e/b"],
)  # fmt: skip
def test_a_path_that_leads_above_the_root(service: str, target: str) -> None:
    """Signers normalize such a path or keep it, and a server behind a proxy could serve another folder."""
    headers = signed(target, "GET", b"", service)
    assert refused(checker(service), "GET", target, headers) == "VERIFY-1"
    url = Signer(service, "us-east-1", KEYS).presign("GET", HOST + target, expires=60, at=NOW)
    assert refused(checker(service), "GET", url[len(HOST) :], [("Host", "s.example.com")]) == "VERIFY-1"


@pytest.mark.parametrize("target", ["/a/../b", "/a/b/../../c", "/..a", "/a..", "/a/...", "/a%2E"])
def test_a_path_that_stays_below_the_root_is_accepted(target: str) -> None:
    checker().verify("GET", target, signed(target, "GET", b""))


def test_a_request_that_was_signed_for_another_deployment() -> None:
    for hosts in (["s.example.com"], ["other.example", "S.EXAMPLE.com:443"], ("s.example.com:80",)):
        checker(hosts=hosts).verify("POST", "/a", signed(), b"{}")
    for hosts in (["production.example"], [], ["s.example.com:8443"], ["example.com"], ["*"]):
        assert refused(checker(hosts=hosts), "POST", "/a", signed(), b"{}") == "HOST"
    assert (
        refused(checker("s3", hosts=["other.example"]), "GET", presigned(), [("Host", "s.example.com")])
        == "HOST"
    )
    with pytest.raises(SigningError, match=r"hosts is .*: expected several texts"):
        checker(hosts="s.example.com")
