"""Runs the vectors with a copy of the package: ``python -I -S vectors_of_a_copy.py FOLDER NAME VECTORS``.

It is a separate program that gets only the name of the copy, so that it cannot import the checkout.
"""

from __future__ import annotations

import sys

FORBIDDEN = ("ssl", "_ssl", "cryptography", "httpx", "sigv4")
for forbidden in FORBIDDEN:
    sys.modules[forbidden] = None  # type: ignore[assignment]  # "import ssl" raises ImportError

folder, name, vectors = sys.argv[1:]
sys.path.insert(0, folder)

import base64  # noqa: E402 (after the imports are blocked)
import json  # noqa: E402 (the path comes first)
from datetime import datetime, timezone  # noqa: E402 (the path comes first)
from importlib import import_module  # noqa: E402 (the path comes first)
from pathlib import Path  # noqa: E402 (the path comes first)
from typing import Any  # noqa: E402 (the path comes first)

copy: Any = import_module(name)
single = not hasattr(copy, "__path__")


def call(given: dict[str, Any]) -> Any:
    body = given["body"]
    if isinstance(body, dict):
        body = base64.b64decode(body["base64"])
    headers = [(key, value if value.isascii() else value.encode("utf-8")) for key, value in given["headers"]]
    keys = copy.Credentials(
        given["access_key_id"],
        given["secret_access_key"],
        given["session_token"],
        token_name=given.get("token_name", "X-Amz-Security-Token"),
    )
    at = datetime.strptime(given["at"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    signer = copy.Signer(given["service"], given["region"], keys)
    if "expires" in given:
        return signer.presign(given["method"], given["url"], headers, body, expires=given["expires"], at=at)
    return signer.sign(given["method"], given["url"], headers, body, at=at)


passed = {"positive": 0, "negative": 0}
for file in ("signing.json", "signing_s3.json", "presigning.json"):
    for vector in json.loads(Path(vectors, file).read_text("utf-8"))["vectors"]:
        given, expect = vector["input"], vector["expect"]
        if "of" in given or "target" in given:  # a request as received, for a verifier
            continue
        try:
            answer = call(given)
        except copy.SigV4Error as error:
            # The errors of a single file are shorter.
            if "error" not in expect or (not single and expect["error"].get("text", "\0") not in str(error)):
                raise
            passed["negative"] += 1
            continue
        found = answer if "expires" in given else answer["Authorization"]
        assert found == expect["url" if "expires" in given else "authorization"], (vector["id"], found)
        passed["positive"] += 1

assert not any(sys.modules.get(each) for each in FORBIDDEN)
sys.stdout.write(json.dumps(passed))
