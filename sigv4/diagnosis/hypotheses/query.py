"""The query: FAIL-02, 05…12, 23, 24, 40, 60."""

from __future__ import annotations

from ...authorization import QUERY_PARTS
from ...canonical import query_pairs
from ...percent import escape, unescape
from .hypothesis import Hypothesis, LeftOut
from .target import cased, left_raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..signature_inputs import Draft
    from .hypothesis import Evidence

_TRACKERS = ("utm_", "fbclid", "gclid", "msclkid", "mc_cid", "mc_eid", "_ga", "_gl", "dclid", "igshid")
# Usual values of X-Amz-Expires, in seconds.
_LIVES = (
    60, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 28800, 36000, 43200, 86400, 172800, 259200,
    604800, 1, 5, 10, 15, 20, 30, 120, 180, 240, 432000, 604799,
)  # fmt: skip
_LEFT_RAW_IN_QUERIES = (
    "/",
    ":",
    "=",
    ",",
    ";",
    "/:",
    "/:=",
    "/=",
    "@",
    "/?:@",
    "!'()*",
    "/:@!$'()*,;",
    *"!'()*",
)


def query_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis | LeftOut]:
    query = draft.query
    if evidence.presigned:
        yield from _token(evidence, query)
    yield from _headers_in_query(evidence, draft)
    if not query:
        return
    if evidence.presigned:
        yield from _presigned_otherwise(evidence, query)
    yield from _characters(evidence, query)
    yield from _orders(evidence, query)
    yield from _empty_and_repeated(query)
    yield from _fewer(evidence, query)
    yield from _levels(evidence, query)
    yield Hypothesis("FAIL-10", "the query is as it was sent", query=evidence.query)
    yield Hypothesis("FAIL-11", "there is no query", query="")


def _token(evidence: Evidence, query: str) -> Iterator[Hypothesis]:
    """FAIL-23, 24: the session token signed, or not, of a presigned URL."""
    token = f"{evidence.token_name}="
    parameters = query.split("&")
    without = [parameter for parameter in parameters if not parameter.startswith(token)]
    if evidence.dialect.sign_token:
        yield Hypothesis(
            "FAIL-23", "the session token is not in the canonical query", query="&".join(without)
        )
        sent_token = evidence.credentials.session_token if evidence.credentials else None
        if sent_token and len(without) == len(parameters):
            yield Hypothesis(
                "FAIL-23", "the session token is in the canonical query and not in the URL",
                query="&".join(sorted([*parameters, token + escape(sent_token)])),
            )  # fmt: skip
    else:
        sent = [parameter for parameter in _recoded(evidence.query) if parameter.startswith(token)]
        yield Hypothesis(
            "FAIL-24",
            "the session token is in the canonical query",
            query="&".join(sorted(parameters + sent)),
        )


def _characters(evidence: Evidence, query: str) -> Iterator[Hypothesis]:
    """'&amp;', spaces, plus signs, '~' and the case of escapes."""
    if "amp%3B" in query:
        amp = "&".join(sorted(parameter.removeprefix("amp%3B") for parameter in query.split("&")))
        yield Hypothesis("FAIL-40", "'&amp;' of the URL is a plain '&'", query=amp)
    if "%25" in query:
        again = "FAIL-40" if evidence.presigned else "FAIL-02"
        fewer = "&".join(sorted(query.replace("%25", "%").split("&")))
        yield Hypothesis(again, "the query is encoded once less", query=fewer)
    yield Hypothesis("FAIL-08", "a space in the query is a '+'", query=query.replace("%20", "+"))
    yield Hypothesis("FAIL-09", "a plus in the query is a space", query=query.replace("%2B", "%20"))
    yield Hypothesis("FAIL-09", "a plus in the query is left raw", query=query.replace("%2B", "+"))
    if "+" in evidence.query:
        yield Hypothesis("FAIL-09", "'+' in the query is an escaped plus", query=query.replace("%20", "%2B"))
        yield Hypothesis("FAIL-09", "'+' in the query is lost", query=query.replace("%20", ""))
    yield Hypothesis("FAIL-06", "'~' in the query is escaped", query=query.replace("~", "%7E"))
    yield Hypothesis(
        "FAIL-07", "the escapes of the query have lower-case digits", query=cased(query, str.lower)
    )


def _levels(evidence: Evidence, query: str) -> Iterator[Hypothesis]:
    """More or fewer escapes than there are."""
    for left in _LEFT_RAW_IN_QUERIES:
        id = "FAIL-05" if left in "!'()*" else "FAIL-12"
        yield Hypothesis(id, f"{left!r} is left as it is in the query", query=left_raw(query, left))
    yield Hypothesis("FAIL-12", "'=' in a value is encoded twice", query=query.replace("%3D", "%253D"))
    yield Hypothesis("FAIL-12", "'=' in a value is doubled", query=query.replace("%3D", "%3D%3D"))
    yield Hypothesis("FAIL-02", "the query is encoded once more", query=query.replace("%", "%25"))
    yield Hypothesis(
        "FAIL-12",
        "the query is sorted and otherwise as sent",
        query="&".join(sorted(evidence.query.split("&"))),
    )
    yield Hypothesis(
        "FAIL-12", "the query is decoded", query="&".join(sorted(unescape(evidence.query).split("&")))
    )


def _orders(evidence: Evidence, query: str) -> Iterator[Hypothesis]:
    """FAIL-10: the parameters of ``query`` in orders that some signers use."""
    signed = set(query.split("&"))
    sent = [parameter for parameter in _recoded(evidence.query) if parameter in signed]
    if len(sent) != len(query.split("&")):
        sent = query.split("&")
    orders = {
        "in the order they were sent": sent,
        "sorted as joined strings": sorted(sent),
        "sorted before they are encoded": sorted(sent, key=_decoded),
        "sorted by name alone": sorted(sent, key=lambda each: each.partition("=")[0]),
        "sorted without regard to case": sorted(sent, key=str.lower),
    }  # fmt: skip
    for order, parameters in orders.items():
        yield Hypothesis("FAIL-10", f"the query parameters are {order}", query="&".join(parameters))


def _decoded(parameter: str) -> list[str]:
    return [unescape(part) for part in parameter.split("=")]


def _empty_and_repeated(query: str) -> Iterator[Hypothesis]:
    """FAIL-11."""
    parameters = query.split("&")
    bare = [each.removesuffix("=") for each in parameters]
    yield Hypothesis("FAIL-11", "parameters without a value have no '='", query="&".join(bare))
    full = [each for each in parameters if not each.endswith("=")]
    yield Hypothesis("FAIL-11", "parameters without a value are dropped", query="&".join(full))
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for each in parameters:
        name = each.partition("=")[0]
        first.setdefault(name, each)
        last[name] = each
    yield Hypothesis("FAIL-11", "of a repeated parameter the first counts", query="&".join(first.values()))
    yield Hypothesis("FAIL-11", "of a repeated parameter the last counts", query="&".join(last.values()))


def _recoded(query: str) -> list[str]:
    return [f"{name}={value}" for name, value in query_pairs(query)]


def _fewer(evidence: Evidence, query: str) -> Iterator[Hypothesis | LeftOut]:
    """Parameters added after signing: each one, those of marketing campaigns, the last ones together."""
    id = "FAIL-40" if evidence.presigned else "FAIL-60"
    parameters = query.split("&")
    added = [each for each in parameters if each.partition("=")[0] not in QUERY_PARTS]
    yield from evidence.beyond(added, "the parameters of the query")
    for each in added[: evidence.most_parts]:
        name = each.partition("=")[0]
        rest = "&".join(other for other in parameters if other is not each)
        yield Hypothesis(id, f"the parameter {name!r} is not in the query", query=rest)
    tracked = [each for each in parameters if not each.lower().startswith(_TRACKERS)]
    yield Hypothesis(id, "the parameters of a campaign are not in the query", query="&".join(tracked))
    removable = frozenset(added)
    sent = [each for each in _recoded(evidence.query) if each in removable][-evidence.most_parts :]
    for count in range(2, len(sent) + 1):
        last = frozenset(sent[-count:])
        rest = "&".join(each for each in parameters if each not in last)
        yield Hypothesis(id, f"the last {count} parameters are not in the query", query=rest)


def _headers_in_query(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis | LeftOut]:
    """Headers that a presigner signed as query parameters, or as both."""
    id = "FAIL-40" if evidence.presigned else "FAIL-60"
    parameters = draft.query.split("&") if draft.query else []
    moved = [
        (name, value)
        for name, value in evidence.lines.items()
        if name.startswith("x-amz-") or name in ("content-type", "content-md5", "cache-control")
    ]
    yield from evidence.beyond(moved, "headers as parameters of the query")
    for name, value in moved[: evidence.most_parts]:
        for spelled in dict.fromkeys(
            (name, name.title(), name.title().replace("Sha", "SHA").replace("Md5", "MD5"))
        ):
            also = "&".join(sorted([*parameters, f"{escape(spelled)}={escape(value)}"]))
            yield Hypothesis(id, f"the header {name!r} is a parameter of the query too", query=also)


def _presigned_otherwise(evidence: Evidence, query: str) -> Iterator[Hypothesis]:
    """Another X-Amz-Expires than the one sent; no authentication parameters at all."""
    parameters = query.split("&")
    for seconds in _LIVES:
        other = "&".join(
            f"X-Amz-Expires={seconds}" if each.startswith("X-Amz-Expires=") else each for each in parameters
        )
        yield Hypothesis("FAIL-40", f"X-Amz-Expires is {seconds}", query=other)
    plain = [each for each in parameters if each.partition("=")[0] not in QUERY_PARTS]
    yield Hypothesis("FAIL-40", "the query is without the X-Amz-… parameters", query="&".join(plain))
