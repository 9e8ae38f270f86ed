"""Other forms of the two texts that are hashed, the time and the scope: FAIL-29, 30, 38, 39, 43, 46."""

from __future__ import annotations

from hashlib import sha256

from ...scope import TERMINATOR, format_timestamp, parse_http_date, parse_timestamp
from .hypothesis import Hypothesis

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..signature_inputs import Draft
    from .hypothesis import Evidence

_CRLF = b"\r\n"


def form_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis]:
    """The canonical request in another form."""
    inner = draft.form

    def then(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
        return lambda canonical: change(inner(canonical))

    for id, words, change in (
        ("FAIL-39", "the empty line after the headers is missing", _without_empty_line),
        ("FAIL-39", "there are two empty lines after the headers", _with_two_empty_lines),
        ("FAIL-39", "the canonical request ends in LF", lambda c: c + b"\n"),
        ("FAIL-39", "the canonical request has CRLF line ends", lambda c: c.replace(b"\n", _CRLF)),
        ("FAIL-39", "the canonical request has CR line ends", lambda c: c.replace(b"\n", b"\r")),
        ("FAIL-39", "the canonical request ends without the payload line", lambda c: c.rpartition(b"\n")[0]),
        ("FAIL-39", "the canonical request has no line for the query", _without_query_line),
        ("FAIL-39", "the canonical request begins with LF", lambda c: b"\n" + c),
        ("FAIL-39", "header lines have a space after the colon", _spaced),
        ("FAIL-39", "the canonical request has '\\n' written out for LF", lambda c: c.replace(b"\n", b"\\n")),
        ("FAIL-46", "the canonical request is encoded as UTF-16", _encoded("utf-16-le")),
        ("FAIL-46", "the canonical request is encoded as UTF-16 with its mark", _encoded("utf-16")),
        ("FAIL-46", "the canonical request is encoded as UTF-16, big-endian", _encoded("utf-16-be")),
        ("FAIL-46", "the canonical request is encoded as UTF-32", _encoded("utf-32-le")),
        ("FAIL-46", "the canonical request is encoded as Latin-1", _encoded("latin-1")),
        ("FAIL-46", "the canonical request is encoded as UTF-8 twice", _twice),
        ("FAIL-46", "the canonical request has a byte order mark", lambda c: b"\xef\xbb\xbf" + c),
    ):  # fmt: skip
        yield Hypothesis(id, words, form=then(change))


def _with_two_empty_lines(canonical: bytes) -> bytes:
    return b"\n\n\n".join(canonical.rsplit(b"\n\n", 1))


def _twice(canonical: bytes) -> bytes:
    return canonical.decode("latin-1").encode("utf-8")


def _hash(text: bytes) -> bytes:
    return sha256(text).hexdigest().encode()


def _without_empty_line(canonical: bytes) -> bytes:
    return b"\n".join(canonical.rsplit(b"\n\n", 1))


def _without_query_line(canonical: bytes) -> bytes:
    lines = canonical.split(b"\n")
    return b"\n".join(lines[:2] + lines[3:])


def _spaced(canonical: bytes) -> bytes:
    head, _, tail = canonical.rpartition(b"\n\n")
    lines = head.split(b"\n")
    return b"\n".join(lines[:3] + [line.replace(b":", b": ", 1) for line in lines[3:]]) + b"\n\n" + tail


def _encoded(encoding: str) -> Callable[[bytes], bytes]:
    return lambda text: text.decode("utf-8", "replace").encode(encoding, "replace")


def text_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis]:
    """The string to sign in another form."""
    inner = draft.text_form

    def then(change: Callable[[bytes], bytes]) -> Callable[[str, str, str, bytes], bytes]:
        return lambda algorithm, time, scope, canonical: change(inner(algorithm, time, scope, canonical))

    for id, words, change in (
        ("FAIL-39", "the string to sign ends in LF", lambda t: t + b"\n"),
        ("FAIL-39", "the string to sign has CRLF line ends", lambda t: t.replace(b"\n", _CRLF)),
        ("FAIL-39", "the string to sign has CR line ends", lambda t: t.replace(b"\n", b"\r")),
        ("FAIL-39", "the string to sign has '\\n' written out for LF", lambda t: t.replace(b"\n", b"\\n")),
        ("FAIL-39", "the string to sign has no line for the algorithm", lambda t: t.partition(b"\n")[2]),
        ("FAIL-39", "the string to sign is hashed before it is signed", _hash),
        ("FAIL-46", "the string to sign is encoded as UTF-16", _encoded("utf-16-le")),
        ("FAIL-46", "the string to sign is encoded as UTF-16 with its mark", _encoded("utf-16")),
        ("FAIL-46", "the string to sign is encoded as UTF-16, big-endian", _encoded("utf-16-be")),
        ("FAIL-46", "the string to sign is encoded as UTF-32", _encoded("utf-32-le")),
    ):  # fmt: skip
        yield Hypothesis(id, words, text_form=then(change))
    for words, digest in (
        ("the canonical request itself is in the string to sign", lambda c: c),
        ("the hash of the canonical request is in upper case", lambda c: _hash(c).upper()),
        ("the canonical request is hashed twice", lambda c: _hash(_hash(c))),
        ("the hash of the canonical request is raw bytes", lambda c: sha256(c).digest()),
    ):  # fmt: skip
        yield Hypothesis("FAIL-39", words, text_form=_with_digest(digest))


def _with_digest(digest: Callable[[bytes], bytes]) -> Callable[[str, str, str, bytes], bytes]:
    return lambda algorithm, time, scope, canonical: (
        f"{algorithm}\n{time}\n{scope}\n".encode("latin-1") + digest(canonical)
    )


def time_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis]:
    sent = draft.timestamp
    for name in ("x-amz-date", "date"):
        value = evidence.lines.get(name)
        if value:
            yield Hypothesis("FAIL-43", f"the time is that of the header {name!r}", timestamp=_basic(value))
            fix = "only S3 signs the text of Date in this way" if name == "date" else ""
            yield Hypothesis("FAIL-43", f"the time is the header {name!r} as sent", fix, timestamp=value)
    try:
        seconds = parse_timestamp(sent)
    except ValueError:
        return
    extended = f"{sent[:4]}-{sent[4:6]}-{sent[6:11]}:{sent[11:13]}:{sent[13:]}"
    for words, other in (
        ("is in extended ISO form", extended),
        ("has milliseconds", f"{sent[:-1]}.000Z"),
        ("has no 'Z'", sent[:-1]),
        ("has no seconds", f"{sent[:13]}Z"),
        ("is the day alone", sent[:8]),
        ("is in epoch seconds", str(seconds)),
    ):
        yield Hypothesis("FAIL-43", f"the time in the string to sign {words}", timestamp=other)
    hours = [hour * 3600 for number in range(1, 15) for hour in (number, -number)]
    for shift in (
        *(second for number in range(1, 16) for second in (-number, number)),
        *hours,
        19800,
        -12600,
    ):
        other = format_timestamp(seconds + shift)
        yield Hypothesis(
            "FAIL-29", f"the time in the string to sign is {shift:+d} s from X-Amz-Date", timestamp=other
        )
        yield _shifted(
            draft, sent, other, f"the signed X-Amz-Date is {shift:+d} s from the one that was sent"
        )


def _shifted(draft: Draft, sent: str, other: str, words: str) -> Hypothesis:
    """A request signed for another time, both in its header or parameter and in the string to sign."""
    headers = tuple(
        (name, other if name.lower() == "x-amz-date" and value == sent else value)
        for name, value in draft.headers
    )
    query = draft.query.replace(f"X-Amz-Date={sent}", f"X-Amz-Date={other}")
    return Hypothesis("FAIL-43", words, timestamp=other, headers=headers, query=query)


def scope_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis]:
    parts = draft.scope.split("/")
    if len(parts) != 4:
        return
    day, region, service, terminator = parts
    key_id = evidence.credentials.access_key_id if evidence.credentials else ""
    for words, scope in (
        ("begins with the access key id", f"{key_id}/{draft.scope}"),
        ("has region and day exchanged", f"{region}/{day}/{service}/{terminator}"),
        ("has service and region exchanged", f"{day}/{service}/{region}/{terminator}"),
        ("has the service first", f"{service}/{day}/{region}/{terminator}"),
        ("has no terminator", f"{day}/{region}/{service}"),
        ("ends in '/'", f"{draft.scope}/"),
        ("begins with '/'", f"/{draft.scope}"),
        ("has no region", f"{day}/{service}/{terminator}"),
        ("has the terminator of another protocol", f"{day}/{region}/{service}/aws4"),
        ("has the right terminator", f"{day}/{region}/{service}/{TERMINATOR}"),
        ("has the whole time", f"{draft.timestamp}/{region}/{service}/{terminator}"),
        ("is in upper case", draft.scope.upper()),
    ):
        yield Hypothesis("FAIL-38", f"the scope in the string to sign {words}", scope=scope)
    for other in days_around(draft.timestamp):
        scope = f"{other}/{region}/{service}/{terminator}"
        yield Hypothesis("FAIL-30", f"the scope in the string to sign has the day {other}", scope=scope)


def days_around(timestamp: str) -> Iterator[str]:
    try:
        seconds = parse_timestamp(timestamp)
    except ValueError:
        return
    for days in (0, -1, 1):
        yield format_timestamp(seconds + days * 86400)[:8]


def _basic(value: str) -> str:
    try:
        return format_timestamp(parse_http_date(value))
    except ValueError:
        return value
