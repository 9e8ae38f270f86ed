"""The path and the query: FAIL-01…13, 23, 24, 40, 44."""

from __future__ import annotations

from ...canonical import canonical_path, normalize_path, query_pairs
from ...percent import escape, is_escaped, unescape
from .hypothesis import Hypothesis

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..signature_inputs import Draft
    from .hypothesis import Evidence

# What encoders of other languages leave as it is: JavaScript's, RFC 3986's sub-delims, URL paths'.
_LEFT_RAW = ("!'()*", "!$&'()*+,;=:@", "!$&'()*+,;=", "@:$&=+,", *"!'()*$@=,:;&+[]")
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
_STAGES = ("prod", "dev", "stage", "staging", "test", "v1", "api", "default", "$default")


def path_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis]:
    wire, dialect, path = evidence.path, evidence.dialect, draft.path
    again = dialect.encode_path_again
    doubled = "%2525" in path
    if again:
        once = canonical_path(wire, dialect.replace(encode_path_again=False))
        verbatim = normalize_path(wire) if dialect.normalize_path else wire
        if doubled:
            fewer = (
                canonical_path(wire.replace("%25", "%"), dialect)
                if is_escaped(wire.replace("%25", "%"))
                else once
            )
            yield Hypothesis(
                "FAIL-02", "the path is signed with one level of escapes fewer than it has", path=fewer
            )
        if "%2F" in wire.upper():
            yield Hypothesis("FAIL-04", "'%2F' in the path is signed as '/'", path=_slashed(path, "/"))
            yield Hypothesis("FAIL-04", "'%2F' in the path is encoded once", path=_slashed(path, "%2F"))
        if "%7E" in wire.upper():
            yield Hypothesis("FAIL-06", "'%7E' in the path is signed as '~'", path=path.replace("%257E", "~"))
            yield Hypothesis(
                "FAIL-06", "'%7E' in the path is encoded once", path=path.replace("%257E", "%7E")
            )
        yield Hypothesis("FAIL-01", "the path is encoded once", path=once)
        if "%" in wire:
            yield Hypothesis(
                "FAIL-01", "the path is signed as it is sent, without encoding it again", path=verbatim
            )
        if dialect.normalize_path:
            plain = dialect.replace(normalize_path=False)
            yield Hypothesis("FAIL-13", "dot and empty segments are kept", path=canonical_path(wire, plain))
            kept = canonical_path(wire, plain.replace(encode_path_again=False))
            yield Hypothesis("FAIL-01", "the path is encoded once and not normalized", path=kept)
            if wire.endswith(("/.", "/..")) and path != "/":
                yield Hypothesis("FAIL-13", "a final dot segment leaves a '/'", path=f"{path}/")
    else:
        dots = dialect.replace(normalize_path=True)
        yield Hypothesis("FAIL-13", "dot and empty segments are dropped", path=canonical_path(wire, dots))
        more = dialect.replace(encode_path_again=True)
        yield Hypothesis("FAIL-03", "the path is encoded twice", path=canonical_path(wire, more))
        both = more.replace(normalize_path=True)
        yield Hypothesis(
            "FAIL-03", "the path is normalized and encoded twice", path=canonical_path(wire, both)
        )
        if "%2F" in wire.upper():
            whole = "/".join(escape(unescape(segment)) for segment in wire.split("/"))
            yield Hypothesis("FAIL-04", "'%2F' in the path stays '%2F'", path=whole)
    yield Hypothesis("FAIL-06", "'~' in the path is escaped", path=path.replace("~", "%7E"))
    yield Hypothesis("FAIL-06", "'~' in the path is escaped twice", path=path.replace("~", "%257E"))
    yield Hypothesis(
        "FAIL-07", "the escapes of the path have lower-case digits", path=_cased(path, str.lower)
    )
    if again:
        upper = canonical_path(_cased(wire, str.upper), dialect)
        yield Hypothesis("FAIL-07", "the escapes of the path have upper-case digits", path=upper)
    yield Hypothesis(
        "FAIL-08", "a space in the path is a '+'", path=path.replace("%2520", "%20").replace("%20", "+")
    )
    yield Hypothesis(
        "FAIL-08",
        "a space in the path is an escaped '+'",
        path=path.replace("%2520", "%20").replace("%20", "%2B"),
    )
    yield Hypothesis(
        "FAIL-09", "a plus in the path is a space", path=path.replace("%252B", "%2520").replace("%2B", "%20")
    )
    for left in _LEFT_RAW:
        said = (
            f"{left!r} in the path is left as it is"
            if len(left) == 1
            else f"the bytes {left} are left raw in the path"
        )
        yield Hypothesis("FAIL-05", said, path=_left_raw(path, left))
    yield Hypothesis("FAIL-05", "the path is not encoded at all", path=unescape(wire))
    yield Hypothesis("FAIL-02", "the path is encoded once more", path=path.replace("%", "%25"))
    if not again:
        yield Hypothesis("FAIL-05", "the path is signed as it is sent", path=wire)
    if path.count("/") > 1:
        yield Hypothesis(
            "FAIL-44", "the first segment of the path is not there", path="/" + path.split("/", 2)[2]
        )
    if evidence.service == "execute-api":
        for stage in _STAGES:
            yield Hypothesis(
                "FAIL-44", f"the path begins with the stage '/{stage}'", path=f"/{stage}{path}".rstrip("/")
            )
            yield Hypothesis("FAIL-44", f"the path begins with the stage '/{stage}'", path=f"/{stage}{path}")
    if path == "/":
        yield Hypothesis("FAIL-39", "the empty path is an empty line", path="")


def query_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis]:
    query = draft.query
    token = f"{evidence.token_name}="
    if evidence.presigned:
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
    if not query:
        return
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
        "FAIL-07", "the escapes of the query have lower-case digits", query=_cased(query, str.lower)
    )
    yield from _orders(evidence, query)
    yield from _empty_and_repeated(query)
    for left in _LEFT_RAW_IN_QUERIES:
        id = "FAIL-05" if left in "!'()*" else "FAIL-12"
        yield Hypothesis(id, f"{left!r} is left as it is in the query", query=_left_raw(query, left))
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
    yield Hypothesis("FAIL-10", "the query is as it was sent", query=evidence.query)
    yield Hypothesis("FAIL-11", "there is no query", query="")


def _orders(evidence: Evidence, query: str) -> Iterator[Hypothesis]:
    """FAIL-10: the parameters of ``query`` in the orders that are met."""
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


def _slashed(path: str, to: str) -> str:
    return path.replace("%252F", to).replace("%252f", to)


def _cased(text: str, case: object) -> str:
    """``text`` with the digits of its escapes in another case."""
    start, *pieces = text.split("%")
    change = str.lower if case is str.lower else str.upper
    return "".join([start, *(f"%{change(piece[:2])}{piece[2:]}" for piece in pieces)])


def _left_raw(text: str, characters: str) -> str:
    for character in characters:
        text = text.replace(f"%{ord(character):02X}", character)
    return text
