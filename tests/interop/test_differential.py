"""The Authorization of this package equals those of awscrt and botocore, on generated requests."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from sigv4 import DEFAULT
from tests.interop import differential, generate
from tests.interop.differential import Family, difference, shrunk
from tests.interop.referees import AWSCRT_NEVER_SIGNED, BOTOCORE_NEVER_SIGNED, Case

pytestmark = pytest.mark.interop

CASES = 10_000  # of each family; python -m tests.interop.differential tries a million


@pytest.fixture(params=["awscrt-default", "awscrt-s3", "botocore-default", "botocore-s3"])
def family(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Family:
    referee, _, dialect = request.param.partition("-")
    pytest.importorskip(referee, reason=f"{referee} is not installed (extra `interop`)")
    if referee == "botocore":
        import botocore.auth

        monkeypatch.setattr(botocore.auth, "get_current_datetime", None)  # each signature sets its own clock
    return differential.family(referee, dialect == "s3")


def test_each_header_of_a_signature_is_the_same_as_that_of_the_referee(family: Family) -> None:
    for seed in range(CASES):
        case = family.generate(Random(seed))
        if family.ours(case) != family.sign(case):
            pytest.fail(f"seed {seed}\n{difference(family, shrunk(family, case))}", pytrace=False)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(random=st.randoms(use_true_random=False))
def test_no_shape_of_request_is_signed_differently(family: Family, random: Random) -> None:
    found = difference(family, family.generate(random))
    assert not found, found


def test_the_long_run_reports_its_numbers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("awscrt", reason="awscrt is not installed (extra `interop`)")
    auth = pytest.importorskip("botocore.auth", reason="botocore is not installed (extra `interop`)")
    monkeypatch.setattr(auth, "get_current_datetime", None)
    assert differential.main(["--cases", "40", "--seed", "3"]) == 0
    assert capsys.readouterr().out.endswith("no difference in 40 cases with each implementation, seed 3\n")


def test_the_long_run_ends_at_a_difference_and_shrinks_it(family: Family) -> None:
    def sign(case: Case) -> dict[str, str]:
        wrong = case._replace(region="eu-north-1") if "%" in case.path else case
        return family.sign(wrong)

    found = differential.first_difference([family._replace(sign=sign)] * 2, 1, range(1000))
    assert found.startswith("seed 1, case ")
    assert "eu-north-1/" in found
    assert "headers=[], body=b''" in found  # shrunk: the difference needs neither


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
    """Each form must occur often enough: too few forms would hide differences."""
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
