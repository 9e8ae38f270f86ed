"""Undoes the changes that mail, HTML, JSON, shells and spreadsheets make to a presigned URL."""

from __future__ import annotations

from ..payload import HEX_DIGITS, is_sha256
from ..percent import is_escaped, unescape, unescape_where_valid
from ..target import cut_url
from .url_rules import AuditFinding, error, warning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNATURE = "X-Amz-Signature="
_BREAKS = (
    ("=\r\n", "soft line breaks of mail"),
    ("=\n", "soft line breaks of mail"),
    ("\r\n", "line breaks"),
    ("\n", "line breaks"),
)
# Escaped forms of '&', and the kinds of text that use them.
_AMPERSANDS = (
    ("&amp;", "HTML or XML"),
    ("&#38;", "HTML or XML"),
    ("\\u0026", "JSON"),
    ("%5Cu0026", "JSON"),
    ("\\&", "a shell"),
    ("^&", "cmd"),
    ("=26X-Amz-", "mail (quoted-printable)"),
)


def urls_of(text: str) -> list[str]:
    """The URLs of a text of URLs only, or the presigned URL in a sentence; none for any other text."""
    words = text.split()
    if words and all(is_url(word) for word in words):
        return words
    if "HTTP/" in text or "http" not in text[:2000].lower():
        return []
    whole, _ = _spaces(text)
    if is_url(whole[:2000]) and len(whole.split()) == 1:
        return [whole]
    signed = [word for word in words if _SIGNATURE in word and "://" in word]
    if len(signed) != 1 or text.count("://") != 1:
        return []
    before = signed[0].partition("://")[0]
    scheme = "https" if before.lower().endswith("https") else "http"
    url = signed[0][len(before) - len(scheme) :]
    return [url.rstrip(".,;:!?)>]\"'`")] if is_url(url) else []


def is_url(text: str) -> bool:
    return cut_url(text)[0] in ("http", "https")


def mended(url: str) -> tuple[str, list[AuditFinding]]:
    """``url`` as it was before it was pasted, and a finding for each change that was undone."""
    found = []
    for change in (_spaces, _ampersands, _twice, _end):
        url, more = change(url)
        found += more
    return url, [*found, *_cut(url)]


def _finding(said: str, fix: str) -> AuditFinding:
    return error("FAIL-40", said, fix)


def _spaces(url: str) -> tuple[str, list[AuditFinding]]:
    """Undoes line breaks of mail and terminals, and quotes and brackets around the URL."""
    found = []
    text = url.strip()
    for start, end in (("<", ">"), ('"', '"'), ("'", "'"), ("`", "`"), ("(", ")")):
        if len(text) > 1 and text[0] == start and text[-1] == end:
            text = text[1:-1]
            found.append(_finding(f"the URL is in {start}{end}", "leave them out"))
    for broken, what in _BREAKS:
        if broken in text:
            text = text.replace(broken, "")
            found.append(_finding(f"the URL has {what} in it", "put it on one line, without them"))
    if "=3D" in text and "X-Amz-Algorithm=3D" in text:
        text = text.replace("=3D", "=")
        found.append(_finding("'=3D' is '=' in the quoted-printable of mail", "decode the mail first"))
    return text, found


def _ampersands(url: str) -> tuple[str, list[AuditFinding]]:
    found = []
    for text, where in _AMPERSANDS:
        if text in url and ("X-Amz-" in url or "x-amz-" in url):
            if text.endswith("X-Amz-"):
                url = url.replace(text, "&X-Amz-")
            else:
                url = url.replace(text, "&")
            found.append(_finding(f"{text!r} is '&', escaped for {where}", "write '&'"))
    return url, found


def _twice(url: str) -> tuple[str, list[AuditFinding]]:
    """Undoes an escaping of the whole query, or of the whole URL."""
    if "X-Amz-Credential%3D" in url and is_escaped(url):
        return unescape(url), [_finding("the URL was escaped as a whole", "unescape it once")]
    start, credential, rest = url.partition("X-Amz-Credential=")
    if "%252F" in rest.partition("&")[0].upper():
        before, question, query = url.partition("?")
        parts = [unescape_where_valid(part) for part in query.split("&")]
        said = "the query was escaped twice: '%252F' was '%2F'"
        return f"{before}{question}{'&'.join(parts)}", [_finding(said, "use the URL byte for byte")]
    return start + credential + rest, []


def _end(url: str) -> tuple[str, list[AuditFinding]]:
    """Removes punctuation of the surrounding sentence after the last parameter."""
    start, mark, signature = url.rpartition(_SIGNATURE)
    digits = signature[:64]
    tail = signature[64:]
    if mark and is_sha256(digits) and tail and not tail.startswith(("&", "#")):
        said = f"{tail[:20]!r} follows the signature: it ends the sentence, not the URL"
        return start + mark + digits, [_finding(said, "leave it out")]
    return url, []


def _cut(url: str) -> Iterator[AuditFinding]:
    query = url.partition("#")[0].partition("?")[2]
    names = {parameter.partition("=")[0] for parameter in query.split("&")}
    if not any(name.startswith("X-Amz-") for name in names):
        return
    values = [each[len(_SIGNATURE) :] for each in query.split("&") if each.startswith(_SIGNATURE)]
    signature = values[0] if values else None
    if signature is None and "X-Amz-Algorithm" in names:
        said = "X-Amz-Signature is missing: the URL was cut, by a shell at its first '&'"
        yield _finding(said, "copy the whole URL; in a shell put it in quotes")
    elif signature is not None and len(signature) < 64 and HEX_DIGITS.issuperset(signature):
        yield _finding(
            f"the signature has {len(signature)} digits of 64: the URL was cut", "copy the whole URL"
        )


def of_fragment(url: str) -> Iterator[AuditFinding]:
    _, mark, fragment = url.partition("#")
    if mark:
        said = f"'#{fragment[:40]}' is never sent: clients do not send what follows '#'"
        yield warning("CR-QUERY-1", said, "write '%23' where it belongs to the key or a value")
