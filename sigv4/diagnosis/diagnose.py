"""``diagnose``: finds out which part of a signature is wrong, and why.

It uses four sources, in this order: the kind of request, the server's answer, the content of the request, and
the signature, which is calculated under each hypothesis until one gives the client's signature.
"""

from __future__ import annotations

from ..canonical import check_method
from ..credentials import Credentials
from ..dialects import chosen_dialect
from ..errors import SigningError, VerificationError
from ..headers import text_pairs
from ..record import Record
from ..request import Response
from ..target import check_url
from .answered import answered
from .evidence import examine
from .findings import LIKELY, POSSIBLE, PROVED, Finding, finding
from .masking import masked_findings, secret_in_credential
from .oddities import arrived_otherwise, default_port, other_readings, unusual
from .other_mechanisms import Seen, other_mechanism
from .search import causes_of_signature, faults_left_out
from .server_answer import read_answer
from .server_comparison import compared
from .static_checks import is_cut, plain_faults, shown
from .stumbling_blocks import stumbling_blocks
from .unreadable import unreadable
from .verdict import of_refusal, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from ..dialects import Dialect
    from ..headers import HeaderPairs, Headers
    from .evidence import Examined
    from .server_answer import ServerAnswer

_ORDER = (PROVED, LIKELY, POSSIBLE)
RIGHT, WRONG, UNDECIDED = "right", "wrong", "undecided"


class Diagnosis(Record):
    """The result: ``findings``, most likely first.

    ``signature_matches`` says whether the given credentials give the signature of this request: True, False,
    or None if that could not be tried; then ``not_tried`` says why. ``left_out`` names the parts of the
    search that were left out because the request or the answer is too large, or because ``most_faults`` is
    below 2.
    """

    findings: tuple[Finding, ...]
    signature_matches: bool | None
    not_tried: str = ""
    refused: bool = False  # the server's answer says that the signature does not match
    left_out: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """``"right"``, ``"wrong"`` or ``"undecided"``.

        ``"right"``: a verifier accepts the request. ``"wrong"``: a finding is more than "possible", the
        signature does not match, or the server says so. ``"undecided"``: neither is known.
        """
        if self.findings and self.findings[0].id == "FAIL-56":  # the capture is incomplete
            return UNDECIDED
        if (
            self.refused
            or self.signature_matches is False
            or any(each.certainty != POSSIBLE for each in self.findings)
        ):
            return WRONG
        return UNDECIDED if self.signature_matches is None else RIGHT

    def as_dict(self) -> dict[str, object]:
        """The result as values that ``json`` can write; ``findings`` are mappings of text."""
        return {
            "verdict": self.verdict,
            "signature_matches": self.signature_matches,
            "not_tried": self.not_tried,
            "left_out": list(self.left_out),
            "findings": [each.as_dict() for each in self.findings],
        }

    def summary(self) -> str:
        """Whether the signature is right, and what was left out of the search."""
        if self.signature_matches is None:
            said = f"The signature was not tried: {self.not_tried or 'no secret access key was given'}."
        elif self.signature_matches:
            said = "The signature is right: these credentials give it for this request."
        else:
            said = "The signature is wrong: these credentials give another one for this request."
        return " ".join([said, *(f"{each[0].upper()}{each[1:]}." for each in self.left_out)])

    def __str__(self) -> str:
        if not self.findings:
            return f"{self.summary()}\nNothing else was found."
        return "\n\n".join(
            [self.summary()]
            + [
                f"{each.id} ({each.certainty}): {each.cause}\n  found: {each.evidence}\n"
                f"  fix:   {each.fix}  [{each.rule}]"
                for each in self.findings
            ]
        )


class _Search(Record):
    """The number of faults that are tried together, and the function that gets the progress."""

    most_faults: int
    progress: Callable[[str, int, int], object] | None


def diagnose(
    method: str,
    url: str,
    headers: Headers,
    body: bytes = b"",
    *,
    credentials: Credentials | None = None,
    response: Response | None = None,
    dialect: Dialect | None = None,
    now: float | None = None,
    called: str = "",
    most_faults: int = 2,
    progress: Callable[[str, int, int], object] | None = None,
) -> Diagnosis:
    """Finds out why a signed request was refused, or would be.

    The four values are the request as it was sent or received. ``credentials`` are those that it should be
    signed with; without them only the answer and the request itself are examined. ``response`` is the
    server's answer. ``dialect`` follows from the service in the credential scope. ``now`` is the server's
    clock in epoch seconds, by default the time in the answer, if any. ``called`` is the URL that the client
    called, if another one arrived. ``most_faults`` is how many faults at once are tried for a wrong
    signature: 2, 1, or 0 for none. ``progress`` is called during a long search with the current step, the
    number of faults tried, and their approximate total. Raises SigningError if the values are not a request.
    No finding shows a secret or a token.
    """
    pairs = text_pairs(headers)
    _check_types(method, url, body, credentials=credentials, response=response)
    if dialect is not None:
        chosen_dialect(dialect, "", "")
    answer = None if response is None else read_answer(response)
    seen = Seen(method, url, pairs, body)
    found = list(other_mechanism(seen, answer))
    if found:
        found = _with_answer(found, answered(answer, None, seen, now))
        return _diagnosis(found, None, "it carries no Version 4 signature", pairs, credentials, answer)
    target = url
    if seen.names_another_host:
        called, target = called or url, seen.target
    try:
        request = examine(method, target, pairs, body, credentials, dialect, called)
    except VerificationError as error:
        found = _with_answer(unreadable(error, seen), answered(answer, None, seen, now))
        return _diagnosis(found, None, "the request could not be parsed", pairs, credentials, answer)
    refused = refusal(method, url, pairs, request, now)
    return _of_readable(request, refused, seen, answer, now, _Search(most_faults, progress))


def _check_types(method: Any, url: Any, body: object, **options: object) -> None:
    """Raises SigningError for values of the wrong type; a wrong text is not refused here."""
    if not isinstance(method, str):
        check_method(method)
    if not isinstance(url, str):
        check_url(url)
    if not isinstance(body, bytes):
        raise SigningError(f"the body is {type(body).__name__}: expected the bytes that were sent")
    for kind in (Credentials, Response):
        name = kind.__name__.lower()
        given = options[name]
        if given is not None and not isinstance(given, kind):
            raise SigningError(f"{name} is {type(given).__name__}: expected {kind.__name__} or None")


def _with_answer(found: Iterable[Finding], said: Iterator[Finding]) -> list[Finding]:
    """``found``, then the server's causes ``said``; a route that does not exist comes before both."""
    by_server = list(said)
    if by_server and by_server[0].id == "FAIL-57":
        return [*by_server, *(each.with_certainty(LIKELY) for each in found)]
    return [*found, *by_server]


def _of_readable(
    request: Examined,
    error: VerificationError | None,
    seen: Seen,
    answer: ServerAnswer | None,
    now: float | None,
    search: _Search,
) -> Diagnosis:
    credentials, refused = request.evidence.credentials, answer is not None and answer.is_mismatch
    matches, not_tried = _matching(request, error)
    static = list(plain_faults(request, now))
    if error is None and credentials is not None:
        static = [each.with_certainty(LIKELY if refused else POSSIBLE) for each in static]
    found = list(answered(answer, request, seen, now))
    reproduced = []
    if matches is False:
        plain = any(each.certainty == PROVED for each in (*found, *static))
        most_faults = min(search.most_faults, 1) if plain else search.most_faults
        reproduced = causes_of_signature(request, most_faults, search.progress)
    # A missing header that is required comes before the causes found in a signature without it.
    found += sorted([*reproduced, *static], key=lambda each: each.id != "FAIL-36")
    if matches and error is not None and error.stage == "VERIFY-15":
        matches = False  # right for the declared payload line, but the body has another hash
    explained = bool(reproduced) or any(each.certainty == PROVED for each in found)
    told = list(compared(request, answer, matches))
    # The server shows the texts that it calculated, or enough of them to compare.
    echoed = answer is not None and (answer.echoes or bool(told))
    found += [*told, *_suspected(request, answer, matches, explained, echoed)]
    if error is not None and not any(each.certainty != POSSIBLE for each in found):
        found += of_refusal(error, request)
    left_out = []
    if matches is False and not explained:
        left_out = faults_left_out(request, search.most_faults)
    if matches is False and not any(each.certainty != POSSIBLE for each in found):
        cut = [each for each in found if each.id == "FAIL-56"]  # other forms of a missing body were not tried
        found = [*cut, _unexplained(left_out), *found]
    made = _diagnosis(found, matches, not_tried, request.evidence.pairs, credentials, answer)
    return made.replace(refused=refused, left_out=(*left_out, *made.left_out))


def _matching(request: Examined, error: VerificationError | None) -> tuple[bool | None, str]:
    """Whether the credentials give the signature of the request, or None and why that could not be tried."""
    credentials = request.evidence.credentials
    matches = request.draft.gives(request.signature) if request.draft.key is not None else None
    if error is None and credentials is not None:
        matches = True
    if is_cut(request) and (matches or "x-amz-content-sha256" not in request.evidence.lines):
        return None, "the capture does not contain the whole body"
    if credentials is not None and credentials.access_key_id != request.access_key_id and not matches:
        return None, "it is signed with another access key than that of the credentials given"
    if matches is None and credentials is not None:
        return None, "its Credential does not name a scope"
    return matches, ""


def _suspected(
    request: Examined, answer: ServerAnswer | None, matches: bool | None, explained: bool, echoed: bool
) -> Iterator[Finding]:
    """Frequent causes that leave no trace in the request; the secret comes last."""
    refused = answer is not None and answer.is_mismatch
    credentials = request.evidence.credentials
    exchanged = bool(secret_in_credential(request.credential))
    if credentials is not None and credentials.access_key_id != request.access_key_id and not exchanged:
        said = f"the request is signed by {shown(request.access_key_id)!r}, the credentials given are of "
        yield finding("TOKEN-4", LIKELY, f"{said}{credentials.access_key_id!r}")
    yield from other_readings(request)
    if answer is not None and refused and not echoed:
        yield from arrived_otherwise(request, answer.resource)
    if not explained and (refused or matches is False):
        known = refused and not echoed
        certain = LIKELY if known and matches is not False else POSSIBLE
        unkeyed = known and matches is None
        blind = list(_blind(request)) if unkeyed else []
        odd = list(unusual(request, certain, LIKELY if known and matches else POSSIBLE))
        odd += default_port(request) if unkeyed else ()
        if request.evidence.presigned:  # the host of a URL is changed more often than the rest of it
            odd.sort(key=lambda each: each.id != "FAIL-15")
            moved = odd[:1] if odd and odd[0].id == "FAIL-15" else []
            odd = [*moved, *blind, *odd[len(moved) :]]
        else:
            odd = [*blind, *odd]
        yield from odd or (_unseen() if unkeyed else ())
    if refused and matches and not echoed and not explained:
        said = "the signature is right for this secret and this request, but the server calculated another"
        yield finding("FAIL-58", LIKELY, said)
    if refused and matches and not echoed:
        said = "the signature is right for this secret: the server may have another for the same key"
        yield finding("FAIL-25", POSSIBLE, said)
    elif (refused or matches is False) and matches is not True and not explained and not echoed:
        yield finding("FAIL-25", POSSIBLE, "the signer may have used another secret")


def _unseen() -> Iterator[Finding]:
    """The possible causes if the secret is unknown and nothing in the request is unusual."""
    said = "without the secret no fault can be tried, and the request shows nothing unusual"
    yield finding("unexplained", POSSIBLE, said, "give the secret access key, and every known fault is tried")
    said = (
        "the path, the host or a header may have been changed after signing, which the request does not show"
    )
    yield finding("FAIL-58", POSSIBLE, said)
    said = (
        "a signer that is not an SDK's may build the text differently: names in upper case "
        "(FAIL-37), another encoding (FAIL-46), other line ends"
    )
    yield finding("FAIL-39", POSSIBLE, said)


def _blind(request: Examined) -> Iterator[Finding]:
    """Without the secret: frequent mistakes of signers for such a request."""
    for id, words in stumbling_blocks(request):
        yield finding(id, POSSIBLE, f"the secret is not known; signers often make mistakes here: {words}")


def _unexplained(left_out: list[str]) -> Finding:
    said = "no known fault, and no two of them, give this signature of this request"
    if left_out:
        said = "; ".join(["no fault that was tried gives this signature of this request", *left_out])
    return finding("unexplained", POSSIBLE, said)


def _diagnosis(
    found: Iterable[Finding],
    matches: bool | None,
    not_tried: str,
    pairs: HeaderPairs,
    credentials: Credentials | None,
    answer: ServerAnswer | None,
) -> Diagnosis:
    """The result: the most certain finding first, each cause once, secrets masked."""
    best: dict[str, Finding] = {}
    for each in sorted(found, key=lambda each: (_ORDER.index(each.certainty), _is_late(each))):
        best.setdefault(each.id, each)
    left_out = (answer.cut,) if answer is not None and answer.cut else ()
    findings = masked_findings(best.values(), pairs, credentials)
    return Diagnosis(findings, matches, not_tried, left_out=left_out)


def _is_late(each: Finding) -> bool:
    """Whether a finding comes after others of its certainty: the secret is seldom at fault."""
    return each.certainty != PROVED and each.id in ("FAIL-25", "FAIL-31")
