"""Searches for the fault behind a signature: tries one hypothesis at a time, then two together."""

from __future__ import annotations

from hashlib import sha256

from ..authorization import V4
from ..payload import is_sha256
from ..v4 import hmac_states
from .findings import LIKELY, PROVED, finding
from .hypotheses import MOST_HEADERS_IN_PAIRS, left_out, left_out_of_pairs, pairs, singles
from .signature_inputs import as_is, plain_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from hashlib import _Hash
    from typing import TypeAlias

    from .evidence import Examined
    from .findings import Finding
    from .hypotheses import Hypothesis
    from .signature_inputs import Draft

    Told: TypeAlias = Callable[[str, int, int], object]

_LONGEST_FOR_PAIRS = 1 << 15  # for a longer canonical request, in bytes, only single hypotheses are tried


def causes_of_signature(request: Examined, most_faults: int = 2, told: Told | None = None) -> list[Finding]:
    """The hypotheses that give the client's signature: single ones, or else two together.

    A cause is proved if no other gives the same signature. If the signature differs from the right one only
    in the case of its digits, nothing else is proved. ``told`` is called during a long search with its
    progress.
    """
    draft = request.draft
    signature = request.signature.lower()
    if draft.gives(signature) or most_faults < 1:
        return []
    found = list(_singles_that_give(request, signature))
    if found:
        ids = _without_synonyms([each.id for each in found])
        certainty = PROVED if len(ids) == 1 else LIKELY  # several mistakes give the same text
        first = {each.id: each for each in reversed(found)}
        return [_found(draft, first[id], certainty) for id in ids]
    if pairs_not_tried(request, most_faults):
        return []
    return _found_pairs(list(_pairs_that_give(request, signature, told)))


def _found_pairs(found: list[tuple[Hypothesis, Hypothesis]]) -> list[Finding]:
    """Two faults at once: proved if no other pair gives the signature."""
    ids = _without_synonyms([each.id for pair in found for each in pair])
    told = [pair for pair in found if pair[0].id in ids and pair[1].id in ids] or found
    causes = {frozenset((one.id, other.id)) for one, other in told}
    certainty = PROVED if len(causes) == 1 else LIKELY
    first: dict[str, Finding] = {}
    for pair in told:
        said = _words(f"{pair[0].words}, and {pair[1].words}")
        for each in pair:
            first.setdefault(each.id, finding(each.id, certainty, said, each.fix))
    return list(first.values())


# A cause -> more specific causes: if one of these gives the same text, the general one is left out.
_SAYS_LESS_THAN = {
    "FAIL-01": ("FAIL-04", "FAIL-13"),
    "FAIL-03": ("FAIL-13",),
    "FAIL-05": ("FAIL-01", "FAIL-04", "FAIL-13"),
    "FAIL-10": ("FAIL-11",),
    "FAIL-12": ("FAIL-09", "FAIL-10", "FAIL-11", "FAIL-24"),
    "FAIL-15": ("FAIL-14",),
    "FAIL-18": ("FAIL-48",),
    "FAIL-29": ("FAIL-43",),
    "FAIL-35": ("FAIL-34",),
}


def _without_synonyms(ids: list[str]) -> list[str]:
    """Each id once, in order, without an id that is only less specific than another of them."""
    return [id for id in dict.fromkeys(ids) if not any(each in ids for each in _SAYS_LESS_THAN.get(id, ()))]


def pairs_not_tried(request: Examined, most_faults: int) -> str:
    """Why two faults at once are not tried for this request; "" if they are."""
    if most_faults < 2:
        return "two at once were not looked for"
    if request.draft.algorithm != V4:
        return "two at once are not tried with 4A"
    if len(request.draft.headers) > MOST_HEADERS_IN_PAIRS:
        return f"two at once were not tried, since more than {MOST_HEADERS_IN_PAIRS} headers are signed"
    if len(request.draft.canonical_request()) > _LONGEST_FOR_PAIRS:
        return f"two at once were not tried, since the canonical request is over {_LONGEST_FOR_PAIRS} bytes"
    return ""


def faults_left_out(request: Examined, most_faults: int) -> list[str]:
    """The faults that ``causes_of_signature`` does not look for in this request, each with the reason."""
    if most_faults < 1:
        return ["no fault was looked for, since none was asked for"]
    alone = left_out(request.evidence, request.draft)
    found = [f"not tried: {each}" for each in alone]
    if without_pairs := pairs_not_tried(request, most_faults):
        return [*found, without_pairs]
    both = left_out_of_pairs(request.evidence, request.draft)
    return [*found, *(f"not tried with a second fault: {each}" for each in both if each not in alone)]


def _singles_that_give(request: Examined, signature: str) -> Iterator[Hypothesis]:
    draft = request.draft
    wanted = _digest(signature) if draft.algorithm == V4 else b""
    if not wanted:
        yield from (each for each in singles(request.evidence, draft) if each.applied(draft).gives(signature))
        return
    base = Rendered(draft, {})
    yield from (each for each in singles(request.evidence, draft) if base.digest(each) == wanted)


def _digest(signature: str) -> bytes:
    """The bytes of a signature in hex; b"" if ``signature`` is not hex."""
    return bytes.fromhex(signature) if is_sha256(signature.lower()) else b""


# Parts that may be shown; headers and the query may hold a session token.
_SHOWN = ("method", "path", "signed_headers", "payload", "timestamp", "scope")


def _found(draft: Draft, hypothesis: Hypothesis, certainty: str) -> Finding:
    changed = [
        name for name in _SHOWN if hypothesis.changes.get(name, getattr(draft, name)) != getattr(draft, name)
    ]
    given = "\n".join(getattr(draft, name) for name in changed)
    other = "\n".join(hypothesis.changes[name] for name in changed)
    return finding(
        hypothesis.id, certainty, _words(hypothesis.words), hypothesis.fix, given[:2000], other[:2000]
    )


def _words(words: str) -> str:
    return f"this signature is what you get if {words}"


def _pairs_that_give(
    request: Examined, signature: str, told: Told | None
) -> Iterator[tuple[Hypothesis, Hypothesis]]:
    wanted = _digest(signature)
    keys: dict[bytes, tuple[_Hash, _Hash]] = {}
    tried = 0
    for each in pairs(request.evidence, request.draft):
        base = Rendered(each.draft, keys)
        for second in each.seconds:
            if base.digest(second) == wanted:
                yield each.first, second
        if told is not None:
            tried += len(each.seconds)
            told(f"two faults at once, {each.first.id} with others", tried, tried + each.left)


class Rendered:
    """The texts of a draft's signature; those that a hypothesis does not change are made only once."""

    __slots__ = ("_canonical_hash", "_draft", "_keys", "_parts")

    def __init__(self, draft: Draft, keys: dict[bytes, tuple[_Hash, _Hash]]) -> None:
        self._draft, self._keys = draft, keys
        block = "\n".join([f"{name}:{value}" for name, value in dict(draft.headers).items()])
        self._parts = (draft.method, draft.path, draft.query, block, draft.signed_headers, draft.payload)
        self._canonical_hash = ""

    def digest(self, hypothesis: Hypothesis) -> bytes:
        """The raw signature of the draft with the changes of ``hypothesis``."""
        changes, draft = hypothesis.changes, self._draft
        get = changes.get
        text_form = get("text_form", draft.text_form)
        time, scope = get("timestamp", draft.timestamp), get("scope", draft.scope)
        form = get("form", draft.form)
        if text_form is plain_text and form is as_is:
            hashed = self._hash_of(hypothesis)
            text = f"{draft.algorithm}\n{time}\n{scope}\n{hashed}".encode("latin-1", "replace")
        else:
            text = text_form(draft.algorithm, time, scope, form(self._canonical(hypothesis)))
        key = get("key", draft.key)
        states = self._keys.get(key) or self._states(key)
        inner, outer = states[0].copy(), states[1].copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()

    def _hash_of(self, hypothesis: Hypothesis) -> str:
        if hypothesis.slots & 63:
            return sha256(self._canonical(hypothesis)).hexdigest()
        if not self._canonical_hash:
            self._canonical_hash = sha256(self._canonical(hypothesis)).hexdigest()
        return self._canonical_hash

    def _canonical(self, hypothesis: Hypothesis) -> bytes:
        method, path, query, block, names, payload = self._parts
        if hypothesis.slots & 63:
            changes = hypothesis.changes
            method, path, query = (
                changes.get("method", method),
                changes.get("path", path),
                changes.get("query", query),
            )
            block = hypothesis.block if "headers" in changes else block
            names, payload = changes.get("signed_headers", names), changes.get("payload", payload)
        return f"{method}\n{path}\n{query}\n{block}\n\n{names}\n{payload}".encode("latin-1")

    def _states(self, key: bytes) -> tuple[_Hash, _Hash]:
        states = self._keys[key] = hmac_states(key)
        return states
