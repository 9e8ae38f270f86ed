"""Checks that ``diagnose`` proves nothing false, for right requests and for requests with a known fault.

``python -m tests.properties.no_false_proof --seed 1 --count 100000`` tries as many of each. For a
right request all findings must be only "possible". For a broken one the proved cause must be the change that
was made, or another change with exactly the same bytes. For one that is broken in an unknown way nothing may
be proved, and the secret must not be the first finding.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from random import Random

from sigv4 import Response, diagnose
from sigv4.diagnosis.diagnose import Diagnosis
from sigv4.diagnosis.findings import POSSIBLE, PROVED

from .accidents import (
    IN_THE_SIGNER,
    KEYS,
    NOW,
    ON_THE_WAY,
    Sent,
    canonical_request,
    signed_request,
    with_signature,
)

_REFUSED = "The request signature we calculated does not match the signature you provided."
_IN_DEPTH = 400  # for one in so many broken requests, two faults at once are tried
# Causes that a changed request shows by itself, in addition to its fault.
_SEEN = {"content-type dropped": {"FAIL-19"}, "body": {"FAIL-32", "FAIL-33"}}


def _refusal(canonical: str = "") -> Response:
    if not canonical:
        body = f"<Error><Code>SignatureDoesNotMatch</Code><Message>{_REFUSED}</Message></Error>"
    else:
        raw = " ".join(f"{byte:02x}" for byte in canonical.encode())
        body = f"<Error><Code>SignatureDoesNotMatch</Code><Message>{_REFUSED}</Message>"
        body += f"<CanonicalRequestBytes>{raw}</CanonicalRequestBytes></Error>"
    return Response(403, {}, body.encode())


def _diagnosed(sent: Sent, response: Response | None, most_faults: int, with_key: bool = True) -> Diagnosis:
    credentials = KEYS if with_key else None
    parts = (sent.method, sent.target, sent.headers, sent.body)
    return diagnose(*parts, credentials=credentials, response=response, now=NOW, most_faults=most_faults)


def _broken(random: Random) -> tuple[str, Sent, Response | None, set[str]]:
    """One broken request, the answer, and the causes that may be proved."""
    while True:
        sent, text = signed_request(random)
        name = random.choice((*ON_THE_WAY, *IN_THE_SIGNER))
        if name in IN_THE_SIGNER:
            make, ids = IN_THE_SIGNER[name]
            arrived = with_signature(sent, make(random, text))
            answers = (None, _refusal(), _refusal(canonical_request(arrived)))
            if arrived != sent:
                return name, arrived, random.choice(answers), ids
            continue
        arrived, ids = ON_THE_WAY[name](random, sent)
        if sent.presigned and arrived.target != sent.target:
            ids = ids | {"FAIL-40"}  # every change to a URL means that it was not used as it was signed
        unread = arrived.body == sent.body or text.canonical.endswith("UNSIGNED-PAYLOAD")
        if canonical_request(arrived) == text.canonical and unread:
            continue  # the change has no effect on the meaning
        # The client has a right request, and the answer with the server's calculation.
        if random.random() < 0.2 and canonical_request(arrived) != text.canonical:
            return name, sent, _refusal(canonical_request(arrived)), ids | {"FAIL-58"}
        return name, arrived, random.choice((None, _refusal())), ids


def run(seed: int, count: int, report: Callable[[str], object] = str) -> Counter[str]:
    """Tries ``count`` right and as many broken requests; returns counts of findings. Raises AssertionError for a false proof."""
    random = Random(seed)
    found: Counter[str] = Counter()
    for number in range(count):
        if number and number % 5000 == 0:
            report(f"{number} tried: {dict(found)}\n")
        sent, _text = signed_request(random)
        where = f"seed {seed}, number {number}: {sent}"
        right = _diagnosed(sent, None, 1)
        assert right.verdict == "right", f"{where}\n{right}"
        assert {each.certainty for each in right.findings} <= {POSSIBLE}, f"{where}\n{right}"
        name, arrived, answer, ids = _broken(random)
        where = f"seed {seed}, number {number}, {name}: {arrived}\n{answer}"
        with_key = random.random() < 0.9
        wrong = _diagnosed(arrived, answer, 2 if number % _IN_DEPTH == _IN_DEPTH - 1 else 1, with_key)
        assert wrong.verdict != "right", f"{where}\n{wrong}"
        proved = {each.id for each in wrong.findings if each.certainty == PROVED}
        assert proved <= ids | _SEEN.get(name, set()), (
            f"{where}\n{proved} is proved, and {ids} is true\n{wrong}"
        )
        first = wrong.findings[0].id if wrong.findings else ""
        # If no key is known and the server calculated the same texts as the request gives, the secret is the
        # likeliest cause.
        same = not with_key and name in IN_THE_SIGNER and answer is not None and len(answer.body) > 200
        assert first != "FAIL-25" or "FAIL-25" in ids or same, f"{where}\n{wrong}"
        found[
            "proved"
            if proved
            else "first"
            if first in ids
            else "named"
            if ids & {each.id for each in wrong.findings}
            else "open"
        ] += 1
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    options = parser.parse_args()
    found = run(options.seed, options.count, sys.stdout.write)
    sys.stdout.write(
        f"seed {options.seed}: {options.count} right, {options.count} broken, {dict(found)}, none proved falsely\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
