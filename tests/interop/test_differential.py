"""Our Authorization equals awscrt's and botocore's, header for header, on generated requests."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigv4 import DEFAULT, S3, Credentials, Signer
from tests.interop import generate
from tests.interop.referees import AWSCRT_NEVER_SIGNED, BOTOCORE_NEVER_SIGNED, Awscrt, Botocore, Case
from tests.oracle import parts

pytestmark = pytest.mark.interop

CASES = 25_000
ADDED = ("authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256")


class Family(NamedTuple):
    referee: str
    s3: bool
    never_signed: frozenset[str]
    sign: Callable[[Case], dict[str, str]]

    def generate(self, random: Random) -> Case:
        return generate.case(
            random, s3=self.s3, encodes=self.referee == "botocore", never_signed=self.never_signed
        )

    def ours(self, case: Case) -> dict[str, str]:
        dialect = (S3 if self.s3 else DEFAULT).replace(
            never_signed=dict.fromkeys(self.never_signed | {"authorization"}, "the referee leaves it out")
        )
        credentials = Credentials(case.access_key_id, case.secret_access_key, case.session_token)
        signer = Signer(case.service, case.region, credentials, dialect=dialect)
        signed = signer.sign(case.method, case.url, _wire_headers(case), case.body, at=case.epoch)
        return {name.lower(): str(value) for name, value in signed.items() if name.lower() in ADDED}


def _wire_headers(case: Case) -> list[tuple[str, str | bytes]]:
    return [(name, value if value.isascii() else value.encode()) for name, value in case.headers]


@pytest.fixture(params=["awscrt-default", "awscrt-s3", "botocore-default", "botocore-s3"])
def family(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Family:
    referee, _, dialect = request.param.partition("-")
    pytest.importorskip(referee, reason=f"{referee} is not installed (extra `interop`)")
    s3 = dialect == "s3"
    if referee == "awscrt":
        return Family(referee, s3, AWSCRT_NEVER_SIGNED, Awscrt(s3).sign)
    import botocore.auth

    monkeypatch.setattr(botocore.auth, "get_current_datetime", None)  # each signature sets its own clock
    return Family(referee, s3, BOTOCORE_NEVER_SIGNED, Botocore(s3).sign)


def _difference(family: Family, case: Case) -> str:
    """Empty where both agree; else what a reader needs to find out why."""
    ours, theirs = family.ours(case), family.sign(case)
    if ours == theirs:
        return ""
    sent = [(name.encode(), value.encode()) for name, value in case.headers]
    sent += [(b"Host", case.host.encode())]
    sent += [(name.encode(), value.encode()) for name, value in theirs.items()]
    referee = parts(case.method.encode(), case.target.encode(), sent, case.body, s3=family.s3)
    credentials = Credentials(case.access_key_id, case.secret_access_key, case.session_token)
    signer = Signer(case.service, case.region, credentials, dialect=S3 if family.s3 else DEFAULT)
    explained = signer.explain(case.method, case.url, _wire_headers(case), case.body, at=case.epoch)
    return (
        f"{case}\nours:    {ours}\n{family.referee}: {theirs}\n"
        f"our canonical request (full list of never-signed headers):\n{explained.canonical_request}\n"
        f"canonical request by the rules, of the headers the referee signed:\n"
        f"{referee.canonical_request.decode('utf-8', 'backslashreplace')}"
    )


def _shrunk(family: Family, case: Case) -> Case:
    while True:
        smaller = next((less for less in generate.smaller(case) if _difference(family, less)), None)
        if smaller is None:
            return case
        case = smaller


def test_authorization_is_the_referees_header_for_header(family: Family) -> None:
    for seed in range(CASES):
        case = family.generate(Random(seed))
        if family.ours(case) != family.sign(case):
            pytest.fail(f"seed {seed}\n{_difference(family, _shrunk(family, case))}", pytrace=False)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(random=st.randoms(use_true_random=False))
def test_no_shape_of_request_is_signed_differently(family: Family, random: Random) -> None:
    difference = _difference(family, family.generate(random))
    assert not difference, difference


NAMES = sorted(
    {
        *DEFAULT.never_signed,
        *AWSCRT_NEVER_SIGNED,
        *BOTOCORE_NEVER_SIGNED,
        *(
            "accept",
            "cache-control",
            "content-encoding",
            "from",
            "pragma",
            "range",
            "referer",
            "x-amz-user-agent",
        ),
    }
    - {"authorization"}
)


def test_the_referees_never_signed_lists_are_as_written_here(family: Family) -> None:
    plain = family.generate(Random(0))._replace(headers=[])
    unsigned = set()
    for name in NAMES:
        authorization = family.sign(plain._replace(headers=[(name, "1")]))["authorization"]
        signed = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        if name not in signed:
            unsigned.add(name)
    assert unsigned == family.never_signed


def test_what_the_generators_make_covers_the_protocol() -> None:
    """A generator that lost its variety would agree with everyone: each shape occurs often enough."""
    cases = [
        generate.case(
            Random(seed), s3=bool(seed & 1), encodes=bool(seed & 2), never_signed=BOTOCORE_NEVER_SIGNED
        )
        for seed in range(4000)
    ]
    shapes: dict[str, Callable[[Case], bool]] = {
        "token": lambda case: case.session_token is not None,
        "body": lambda case: len(case.body) > 2,
        "dot segments": lambda case: "/../" in case.path,
        "empty segments": lambda case: "//" in case.path,
        "escapes in the path": lambda case: "%" in case.path,
        "query": lambda case: case.query != "",
        "repeated names": lambda case: _repeats([part.partition("=")[0] for part in case.query.split("&")]),
        "parameters without a value": lambda case: any(
            "=" not in part for part in case.query.split("&") if part
        ),
        "repeated headers": lambda case: _repeats([name.lower() for name, _ in case.headers]),
        "runs of spaces": lambda case: any("  " in value.strip() for _, value in case.headers),
        "non-ASCII headers": lambda case: any(not value.isascii() for _, value in case.headers),
        "never-signed headers": lambda case: any(name in BOTOCORE_NEVER_SIGNED for name, _ in case.headers),
    }
    counts = {name: sum(map(shape, cases)) for name, shape in shapes.items()}
    assert {name: count for name, count in counts.items() if count < 100} == {}


def _repeats(names: list[str]) -> bool:
    return len(names) != len(set(names))
