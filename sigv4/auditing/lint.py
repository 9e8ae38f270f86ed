"""``lint``: finds the ambiguous parts of a URL, and writes them in a form with one meaning."""

from __future__ import annotations

from ..authorization import QUERY_PARTS
from ..diagnosis.evidence import dialect_in
from ..dialects import DEFAULT, SERVICES
from ..errors import SigningError
from ..hosts import names_of_host
from ..percent import unescape_where_valid
from ..request import Request
from ..target import check_url, split_target
from .audit import audit
from .pasted_urls import mended, of_fragment
from .url_rules import AuditFinding, canonical_target, error, of_target, path_and_query, rewritten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..dialects import Dialect


def lint(url: str) -> tuple[tuple[AuditFinding, ...], str, bool]:
    """The findings of a URL, a safe form of it, and whether a signature in it is valid for that form.

    The safe form means the same to a server: each part escaped once with upper-case digits, spaces as
    ``%20``, no empty parameters, no fragment. Changes by HTML, JSON, mail or a shell are undone first. Raises
    SigningError if ``url`` is not a URL.
    """
    url, pasted = mended(url)
    host = split_target(url)[0]
    pasted += of_fragment(url)
    try:
        check_url(url)
        faults = []
    except SigningError as fault:
        faults = [error("CR-PATH-1", str(fault), "use the rewriting")]
    names = {parameter.partition("=")[0] for parameter in path_and_query(url)[2].split("&")}
    presigned = bool(names & set(QUERY_PARTS))
    services = names_of_host(host)[1]
    dialect = next((SERVICES[name] for name in sorted(services) if name in SERVICES), DEFAULT)
    if presigned and not faults:
        found = audit([(Request("GET", url, [("Host", host)]), None)])[0]
        dialect = _dialect_in(url) or dialect
    else:
        found = tuple(faults) or tuple(of_target(url, dialect))
    safe = rewritten(url)
    signed = canonical_target(url, dialect)
    if any(each.id == "FAIL-40" for each in pasted):  # other findings follow from this one
        found = tuple(each for each in found if each.id not in ("FAIL-40", "VERIFY-7"))
    return (*pasted, *found), safe, signed is not None and signed == canonical_target(safe, dialect)


def _dialect_in(url: str) -> Dialect | None:
    """The dialect of the service in X-Amz-Credential, or None if there is none."""
    found = [parameter.partition("=") for parameter in path_and_query(url)[2].split("&")]
    credential = next((value for name, _, value in found if name == "X-Amz-Credential"), "")
    return dialect_in(unescape_where_valid(credential))
