"""Compares this package's signatures with those of awscrt and botocore, on generated requests.

``python -m tests.interop.differential [--cases 1000000] [--seed 1]`` signs this many cases with each of
them, half as for S3; a difference is reduced to a small case and printed, and the run exits with 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from random import Random
from typing import NamedTuple

from sigv4 import DEFAULT, S3, Credentials, Signer
from tests.interop import generate
from tests.interop.referees import AWSCRT_NEVER_SIGNED, BOTOCORE_NEVER_SIGNED, Awscrt, Botocore, Case
from tests.oracle import parts

REFEREES = ("awscrt", "botocore")
ADDED = ("authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256")


class Family(NamedTuple):
    """One other implementation (referee) with one dialect."""

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
            never_signed=dict.fromkeys(
                self.never_signed | {"authorization"}, "this implementation does not sign it"
            )
        )
        credentials = Credentials(case.access_key_id, case.secret_access_key, case.session_token)
        signer = Signer(case.service, case.region, credentials, dialect=dialect)
        signed = signer.sign(case.method, case.url, wire_headers(case), case.body, at=case.epoch)
        return {name.lower(): str(value) for name, value in signed.items() if name.lower() in ADDED}


def family(referee: str, s3: bool) -> Family:
    """The referee and its dialect; with botocore, each signature sets the clock of ``botocore.auth``."""
    if referee == "awscrt":
        return Family(referee, s3, AWSCRT_NEVER_SIGNED, Awscrt(s3).sign)
    return Family(referee, s3, BOTOCORE_NEVER_SIGNED, Botocore(s3).sign)


def wire_headers(case: Case) -> list[tuple[str, str | bytes]]:
    return [(name, value if value.isascii() else value.encode()) for name, value in case.headers]


def difference(family: Family, case: Case) -> str:
    """``""`` if both agree, else the details of the difference."""
    ours, theirs = family.ours(case), family.sign(case)
    if ours == theirs:
        return ""
    sent = [(name.encode(), value.encode()) for name, value in case.headers]
    sent += [(b"Host", case.host.encode())]
    sent += [(name.encode(), value.encode()) for name, value in theirs.items()]
    referee = parts(case.method.encode(), case.target.encode(), sent, case.body, s3=family.s3)
    credentials = Credentials(case.access_key_id, case.secret_access_key, case.session_token)
    signer = Signer(case.service, case.region, credentials, dialect=S3 if family.s3 else DEFAULT)
    explained = signer.explain(case.method, case.url, wire_headers(case), case.body, at=case.epoch)
    return (
        f"{case}\nours:    {ours}\n{family.referee}: {theirs}\n"
        f"our canonical request (full list of never-signed headers):\n{explained.canonical_request}\n"
        f"canonical request by the rules, of the headers the referee signed:\n"
        f"{referee.canonical_request.decode('utf-8', 'backslashreplace')}"
    )


def shrunk(family: Family, case: Case) -> Case:
    while True:
        smaller = next((less for less in generate.smaller(case) if difference(family, less)), None)
        if smaller is None:
            return case
        case = smaller


def first_difference(families: Sequence[Family], seed: int, numbers: range) -> str:
    """The first difference in the cases ``numbers`` of ``seed``, which use the families in turn; else ``""``."""
    for number in numbers:
        for family in families[number % 2 :: 2]:
            case = family.generate(Random(f"{seed}/{number}"))
            if family.ours(case) != family.sign(case):
                return f"seed {seed}, case {number}\n{difference(family, shrunk(family, case))}"
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.interop.differential", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, metavar="N", help="for each referee")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    options = parser.parse_args(arguments)
    families = [family(referee, s3) for referee in REFEREES for s3 in (False, True)]
    sys.stdout.write("".join(f"{name} {version(name)}\n" for name in REFEREES))
    step = max(1, options.cases // 20)
    for start in range(0, options.cases, step):
        numbers = range(start, min(start + step, options.cases))
        found = first_difference(families, options.seed, numbers)
        if found:
            sys.stdout.write(f"{found}\n")
            return 1
        sys.stdout.write(f"{numbers.stop} cases\n")
        sys.stdout.flush()
    sys.stdout.write(
        f"no difference in {options.cases} cases with each implementation, seed {options.seed}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
