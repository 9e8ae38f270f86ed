"""The operations this client knows: their parameters, and the types of their results.

The checks are those that boto makes before it sends: required, type, smallest number, unknown name. All else
(pattern, greatest length and number) is left to the service, so that its words are the same through both.
"""

from __future__ import annotations

from sigv4.value import Value

from .errors import ParamValidationError, ProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypedDict

    class ResponseMetadata(TypedDict, total=False):
        """What boto adds to every result. ``HTTPHeaders`` has lower-case names."""

        RequestId: str
        HTTPStatusCode: int
        HTTPHeaders: dict[str, str]
        RetryAttempts: int
        MaxAttemptsReached: bool
        RetryQuotaReached: bool

    class CreatePresignedNotebookInstanceUrlOutput(TypedDict):
        """The result of CreatePresignedNotebookInstanceUrl."""

        AuthorizedUrl: AuthorizedUrl
        ResponseMetadata: ResponseMetadata


class AuthorizedUrl(str):
    """The URL that opens a notebook, for whoever holds it: a ``str`` whose ``repr`` shows the host only."""

    __slots__ = ()

    def __repr__(self) -> str:
        scheme, _, rest = self.partition("://")
        host = rest[: min((i for i in map(rest.find, "/?#") if i >= 0), default=len(rest))]
        shown = (
            f"{scheme}://{host}/***" if scheme in ("http", "https") and host and "@" not in host else "***"
        )
        return f"AuthorizedUrl({shown!r})"


class Member(Value):
    """One parameter of an operation: ``kind`` is ``str`` or ``int``."""

    __slots__ = ("name", "kind", "required", "minimum")

    name: str
    kind: type[str] | type[int]
    required: bool
    minimum: int | None

    def __init__(
        self, name: str, kind: type[str] | type[int], *, required: bool = False, minimum: int | None = None
    ) -> None:
        self._set(name, kind, required, minimum)

    def fault(self, value: object) -> str:
        """What is wrong with ``value``, in boto's words, or ``""``."""
        if not isinstance(value, self.kind):
            return (
                f"Invalid type for parameter {self.name}, value: {value}, type: {type(value)}, "
                f"valid types: {self.kind}"
            )
        if self.minimum is not None and isinstance(value, int) and value < self.minimum:
            return f"Invalid value for parameter {self.name}, value: {value}, valid min value: {self.minimum}"
        return ""


class Operation(Value):
    """One operation: its parameters, and its result members with the type that each is given."""

    __slots__ = ("name", "members", "results")

    name: str
    members: tuple[Member, ...]
    results: tuple[tuple[str, type[str]], ...]

    def __init__(
        self, name: str, members: tuple[Member, ...], results: tuple[tuple[str, type[str]], ...]
    ) -> None:
        self._set(name, members, results)

    def check(self, params: Mapping[str, object]) -> None:
        """Raises ParamValidationError with boto's words, in boto's order."""
        known = {member.name: member for member in self.members}
        report = [
            f'Missing required parameter in input: "{member.name}"'
            for member in self.members
            if member.required and member.name not in params
        ]
        report += [
            f'Unknown parameter in input: "{name}", must be one of: {", ".join(known)}'
            for name in params
            if name not in known
        ]
        report += [fault for name in params if name in known and (fault := known[name].fault(params[name]))]
        if report:
            raise ParamValidationError("\n".join(report))

    def result(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The members of ``answer`` that belong to this operation; null counts as absent.

        Raises ProtocolError where one is not of its type.
        """
        result: dict[str, Any] = {}
        for name, kind in self.results:
            value = answer.get(name)
            if value is None:
                continue
            if not isinstance(value, str):
                found = type(value).__name__
                answer, value = {}, None  # what may be a secret is not left in the locals of a raised error
                raise ProtocolError(f"{self.name} answered {name} as {found}: expected a string")
            result[name] = kind(value)
        return result


_CREATE_URL = Operation(
    "CreatePresignedNotebookInstanceUrl",
    (
        Member("NotebookInstanceName", str, required=True),
        Member("SessionExpirationDurationInSeconds", int, minimum=1800),
    ),
    (("AuthorizedUrl", AuthorizedUrl),),
)

OPERATIONS = {operation.name: operation for operation in (_CREATE_URL,)}
