"""Finds out why a request cannot be parsed as a signed one (VERIFY-1…7), by the stage that refused it."""

from __future__ import annotations

from collections import Counter

from ..authorization import V4, V4A
from ..dialects import LONGEST_EXPIRES
from .findings import LIKELY, PROVED, finding
from .static_checks import shown
from .verdict import cause_of_stage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..errors import VerificationError
    from .findings import Finding
    from .other_mechanisms import Seen

_PARTS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires")


def unreadable(error: VerificationError, seen: Seen) -> Iterator[Finding]:
    """What is wrong with a request that was refused before its signature was checked."""
    said = f"it is refused at {error.stage}: {shown(error.message or error.code)}"
    if error.stage == "VERIFY-5" and seen.in_query and seen.authorization is not None:
        yield finding("FAIL-41", PROVED, "an Authorization header and X-Amz-… parameters in the query")
    elif error.stage.startswith("VERIFY-6"):
        yield from _header(error, seen, said)
    elif error.stage == "VERIFY-7":
        yield from _query(seen)
    else:
        yield finding(cause_of_stage(error), PROVED, said)


def _header(error: VerificationError, seen: Seen, said: str) -> Iterator[Finding]:
    header = seen.authorization or ""
    credential = header.partition("Credential=")[2].partition(",")[0].partition("SignedHeaders=")[0]
    key_id = credential.partition("/")[0]
    if (
        any(char in key_id.rstrip() + credential[len(key_id) :].rstrip() for char in " \t")
        or key_id != key_id.rstrip()
    ):
        yield finding("FAIL-26", PROVED, said)
    elif header.rstrip().endswith(f"Credential={key_id}") and key_id.isalnum():
        fix = "strip the access key id: what follows its line end was lost with the rest of the header"
        yield finding("FAIL-26", LIKELY, "the Authorization header ends within the access key id", fix)
    elif error.stage == "VERIFY-6d" and all(
        f"{part}=" in header for part in ("Credential", "SignedHeaders", "Signature")
    ):
        yield finding("FAIL-43", PROVED, "neither X-Amz-Date nor Date is present")
    else:
        yield finding("VERIFY-6", PROVED, said)


def _query(seen: Seen) -> Iterator[Finding]:
    """URL-1, 2: the authentication parameters of a presigned URL, one by one."""
    times = Counter(name for name, _, _ in seen.parameters)
    escaped = seen.escaped_names
    missing = [name for name in (*_PARTS, "X-Amz-Signature") if name not in times]
    doubled = sorted(name for name in times if times[name] > 1 and name.startswith("X-Amz-"))
    algorithm = seen.parameter("X-Amz-Algorithm")
    if escaped:
        fix = "write '&' between the parameters: the URL was escaped for HTML, JSON or a shell"
        yield finding("FAIL-40", PROVED, f"a parameter begins with {escaped[0].partition('X-')[0]!r}", fix)
    elif doubled:
        yield finding("VERIFY-7", PROVED, f"{doubled[0]!r} is there {times[doubled[0]]} times")
    elif missing and missing[-1] == "X-Amz-Signature" and len(missing) < len(_PARTS):
        yield finding(
            "FAIL-40", LIKELY, f"the URL was cut or split at a '&': {', '.join(missing)} is missing"
        )
    elif missing:
        yield finding("VERIFY-7", PROVED, f"{', '.join(missing)} is missing")
    elif algorithm not in (V4, V4A):
        yield finding("VERIFY-7", PROVED, f"X-Amz-Algorithm is {algorithm[:60]!r}: expected {V4!r}")
    else:
        fix = f"give X-Amz-Expires as plain seconds, 1 to {LONGEST_EXPIRES} (a week) or the service's limit"
        yield finding("URL-2", PROVED, f"X-Amz-Expires is {seen.parameter('X-Amz-Expires')[:60]!r}", fix)
