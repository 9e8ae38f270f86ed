"""That ``diagnose`` proves nothing false: random requests, right ones and ones broken in one known way.

``python -m tests.properties.no_false_proof --seed 1 --count 100000`` tries as many of each. Of a right request nothing is
said above "possible"; of a broken one what is proved is what was done, or another way to come to the very same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from random import Random

from sigv4 import Credentials, Signer, diagnose
from sigv4.diagnosis.findings import POSSIBLE, PROVED

NOW = 1772600767
_SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
_SERVICES = ("lambda", "s3", "es", "sagemaker", "execute-api")
_PIECES = ("a", "B7", "-", "~", "%20", "%2F", "%C3%A9", "%2B", "/", "//", ".b", "(c)", ":")


def _request(random: Random) -> tuple[str, str, dict[str, str], bytes]:
    path = "/" + "".join(random.choices(_PIECES, k=random.randint(0, 6)))
    names = random.sample(["a", "b-c", "d", "list-type"], random.randint(0, 3))
    query = "&".join(f"{name}={random.choice(('1', '%20', 'x%2Fy', ''))}" for name in names)
    headers = {"Content-Type": "a/b"} if random.random() < 0.5 else {}
    if random.random() < 0.5:
        headers["X-Amz-Meta-A"] = random.choice(("v", "a  b", "text; c=d"))
    method = random.choice(("GET", "PUT", "POST", "DELETE"))
    body = b"" if method in ("GET", "DELETE") else random.choice((b"", b"{}", b'{"a": 1}', b"a=b c"))
    return method, f"{path}{'?' if query else ''}{query}", headers, body


def run(seed: int, count: int, report: Callable[[str], object] = str) -> int:
    """How many of ``count`` broken requests were proved to be broken. Raises AssertionError for a false proof."""
    random, proved = Random(seed), 0
    for number in range(count):
        if number and number % 5000 == 0:
            report(f"{number} tried\n")
        service = random.choice(_SERVICES)
        host = (
            f"x.{service}.us-east-1.amazonaws.com"
            if service != "sagemaker"
            else "api.sagemaker.us-east-1.amazonaws.com"
        )
        keys = Credentials("AKIDEXAMPLE", _SECRET)
        method, target, headers, body = _request(random)
        signed = Signer(service, "us-east-1", keys).sign(
            method, f"https://{host}{target}", headers, body, at=NOW
        )
        where = f"seed {seed}, number {number}: {service} {method} {target} {signed} {body!r}"
        right = diagnose(method, target, signed, body, credentials=keys, now=NOW, most_faults=1)
        assert right.verdict == "right", f"{where}\n{right}"
        assert {each.certainty for each in right.findings} <= {POSSIBLE}, f"{where}\n{right}"
        # Broken at random: no hypothesis makes these bytes, so that nothing at all may be proved of the signature.
        digits = "".join(random.choices("0123456789abcdef", k=64))
        spoilt = {**signed, "Authorization": str(signed["Authorization"])[:-64] + digits}
        wrong = diagnose(method, target, spoilt, body, credentials=keys, now=NOW, most_faults=1)
        assert wrong.findings[0].id == "unexplained", f"{where}\n{wrong}"
        assert PROVED not in {each.certainty for each in wrong.findings}, f"{where}\n{wrong}"
        # Broken in one known way: the method is the only thing that can be proved.
        other = random.choice([each for each in ("GET", "PUT", "POST", "DELETE") if each != method])
        moved = diagnose(other, target, signed, body, credentials=keys, now=NOW, most_faults=1)
        ids = {each.id for each in moved.findings if each.certainty == PROVED}
        assert ids <= {"CR-METHOD", "FAIL-42"}, f"{where}\n{moved}"
        proved += bool(ids)
    return proved


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    options = parser.parse_args()
    proved = run(options.seed, options.count, sys.stdout.write)
    sys.stdout.write(
        f"seed {options.seed}: {options.count} right, {options.count} broken, {proved} proved, none falsely\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
