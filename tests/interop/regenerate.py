"""Computes the expected values of the vectors again: ``python -m tests.interop.regenerate [--check]``.

It uses other implementations, called referees here: awscrt, botocore and signers from npm. Inputs, ids, notes
and flags are not changed, nor are published vectors and negative ones: their values have another source. Exits
with 1 if two referees do not agree, or with ``--check`` if a file differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from tests.interop import node
from tests.interop.vector_referees import NAMES, awscrt, botocore, policy_signatures, smithy
from tests.plan import Plan
from tests.vectors import FOLDER, is_received

FILES = ("signing.json", "signing_s3.json", "presigning.json", "post_policy.json")


def regenerated(file: str) -> tuple[str, list[str]]:
    """The text of the file with the referees' values, and the values on which they disagree."""
    document = json.loads((FOLDER / file).read_text("utf-8"))
    agreed = [data for data in document["vectors"] if "agreed" in data["flags"] and not is_received(data)]
    make = _policies if file == "post_policy.json" else _requests
    faults = list(make(agreed))
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n", faults


def _requests(vectors: list[dict[str, Any]]) -> Iterator[str]:
    plans = [Plan(data["input"]) for data in vectors]
    by_smithy: list[str | None] = [None] * len(plans) if node.missing() else smithy(plans)
    for data, plan, third in zip(vectors, plans, by_smithy, strict=True):
        answers = {"awscrt": awscrt(plan), "botocore": botocore(plan), "smithy": third}
        expected = plan.signature()
        agree = [NAMES[name] for name, found in answers.items() if found == expected]
        differ = [NAMES[name] for name, found in answers.items() if found not in (None, expected)]
        if node.missing() is None:
            data["source"] = _sentence(agree, differ)
            if len(agree) < 2:
                yield f"{data['id']}: only {agree} agree with the oracle, {differ} differ"
        elif not agree:
            yield f"{data['id']}: none of awscrt and botocore agrees with the oracle"
        data["expect"] = _expected(plan, expected)


def _sentence(agree: list[str], differ: list[str]) -> str:
    said = " and ".join([", ".join(agree[:-1]), agree[-1]] if len(agree) > 1 else agree) + " agree"
    verb = "differs" if len(differ) == 1 else "differ"
    return f"{said}; {' and '.join(differ)} {verb}" if differ else said


def _expected(plan: Plan, signature: str) -> dict[str, Any]:
    canonical = plan.canonical_request()
    expect: dict[str, Any] = {
        "canonical_request": canonical.decode("utf-8"),
        "canonical_request_sha256": hashlib.sha256(canonical).hexdigest(),
        "string_to_sign": plan.string_to_sign(),
        "signature": signature,
    }
    if plan.expires is not None:
        return {**expect, "url": plan.url(signature)}
    names = b";".join(plan.signed_lines()).decode()
    header = f"{plan.algorithm} Credential={plan.credential}, SignedHeaders={names}, Signature={signature}"
    return {**expect, "authorization": header}


def _policies(vectors: list[dict[str, Any]]) -> Iterator[str]:
    for data in vectors:
        found = policy_signatures(data["input"])
        if len(set(found.values())) != 1:
            yield f"{data['id']}: {found}"
        data["source"] = "botocore and the standard library's HMAC agree"
        text = b64encode(data["input"]["policy"].encode()).decode()
        data["expect"] = {"string_to_sign": text, "signature": found["botocore"]}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.interop.regenerate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; say what differs")
    options = parser.parse_args()
    failed = False
    for file in FILES:
        text, faults = regenerated(file)
        same = text == (FOLDER / file).read_text("utf-8")
        failed |= bool(faults) or (options.check and not same)
        for fault in faults:
            sys.stdout.write(f"{fault}\n")
        write = not (same or faults or options.check)
        if write:
            (FOLDER / file).write_text(text, "utf-8")
        sys.stdout.write(f"{file}: {'as it was' if same else 'written' if write else 'differs'}\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
