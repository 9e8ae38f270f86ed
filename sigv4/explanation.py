"""``Explanation``: one signature, step by step, each line with its rules and its origin."""

from __future__ import annotations

from .authorization import V4
from .credentials import TOKEN_NAMES
from .errors import escaped
from .headers import is_secret, shown_value, utf8_text
from .payload import EMPTY_SHA256, LITERALS
from .percent import unescape_where_valid
from .record import Record
from .scope import TERMINATOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .authorization import Signature
    from .credentials import Credentials
    from .dialects import Dialect
    from .presigning import PresignedUrl

# The origins of lines; HTML output has a colour for each.
AS_SENT, OF_REQUEST = "the method, as sent", "a header of the request"
ADDED, OF_URL = "added by the signer", "taken from the URL"
OF_BODY, OF_NO_BODY = "SHA-256 of the body", "SHA-256 of no bytes"
OF_LITERAL = "a literal in place of the hash of the body"
_SIGNERS = frozenset(
    "host x-amz-date x-amz-content-sha256 x-amz-security-token x-amz-s3session-token x-amz-region-set".split()
)

_TOKENS = frozenset(name.lower() for name in TOKEN_NAMES)


class Line(Record):
    """One line of a step: its ``text``, the ``rules`` it follows, and its ``origin`` in the request."""

    text: str
    rules: str
    origin: str


class Step(Record):
    """One artefact: its ``title`` and its ``lines``."""

    title: str
    lines: tuple[Line, ...]


class Explanation(Record):
    """The artefacts of a signature in the order of their calculation. ``str`` shows them with their rules.

    ``headers`` are all the headers to send, including the session token; ``str``, ``repr``, ``steps`` and
    ``as_dict`` mask the token, unless the credentials are passed.
    """

    headers: dict[str, str | bytes]
    canonical_request_bytes: bytes
    string_to_sign: str
    signature: str
    signed_headers: str
    credential_scope: str
    dialect: Dialect
    given: frozenset[str]  # the lower-case names of the headers that the caller gave
    url: PresignedUrl | None = None

    @classmethod
    def of(
        cls, signed: Signature, dialect: Dialect, given: frozenset[str], url: PresignedUrl | None = None
    ) -> Explanation:
        """The explanation of ``signed``; ``given`` are the lower-case names of the caller's headers."""
        request, text = signed.canonical_request, signed.string_to_sign
        names, scope = signed.signed_headers, signed.scope
        return cls(signed.headers, request, text, signed.signature, names, scope, dialect, given, url)

    @property
    def canonical_request(self) -> str:
        """The canonical request as text; bytes that are not UTF-8 are shown as ``\\xNN``."""
        return self.canonical_request_bytes.decode("utf-8", "backslashreplace")

    @property
    def authorization(self) -> str:
        """The Authorization header, or the authentication parameters of a presigned URL."""
        if self.url is None:
            return str(self.headers["Authorization"])
        query = self.url.partition("#")[0].partition("?")[2]
        return "".join(query.rpartition("X-Amz-Algorithm=")[1:])

    @property
    def unsigned(self) -> dict[str, str]:
        """The headers that are sent but not signed, each with the reason."""
        signed = set(self.signed_headers.split(";"))
        return {
            name: self.dialect.never_signed.get(name.lower()) or _reason(name)
            for name in self.headers
            if name.lower() not in signed and name != "Authorization"
        }

    def steps(self, credentials: Credentials | None = None) -> tuple[Step, ...]:
        """Every step, line by line. With the ``credentials`` the session token and the keys are shown."""
        return (
            Step("Canonical request", tuple(self._canonical_lines(credentials is not None))),
            Step("String to sign", tuple(self._text_lines())),
            Step("Signing key", tuple(self._ladder(credentials))),
            Step("Signature", (Line(self.signature, "KEY-2" if self._is_v4 else "V4A-3", "key and text"),)),
            self._last_step(credentials is not None),
        )  # fmt: skip

    def as_dict(self, credentials: Credentials | None = None) -> dict[str, object]:
        """Everything, ready for JSON. With the ``credentials`` the session token and the keys are shown."""
        shown = credentials is not None
        headers = {name: utf8_text(value, "backslashreplace") for name, value in self.headers.items()}
        if not shown:
            # The signature is shown below.
            headers = {
                name: value if name == "Authorization" else shown_value(name, value)
                for name, value in headers.items()
            }
        url: dict[str, object] = (
            {} if self.url is None else {"url": str(self.url) if shown else _url_without_token(self.url)}
        )
        canonical = "\n".join(line.text for line in self._canonical_lines(shown))
        return url | {
            "canonical_request": canonical,
            "string_to_sign": self.string_to_sign,
            "credential_scope": self.credential_scope,
            "signed_headers": self.signed_headers,
            "signature": self.signature,
            "authorization": self.authorization if shown else _without_token(self.authorization),
            "headers": headers,
            "unsigned": self.unsigned,
            "steps": [
                {
                    "title": step.title,
                    "lines": [
                        {"text": line.text, "rules": line.rules, "origin": line.origin} for line in step.lines
                    ],
                }
                for step in self.steps(credentials)
            ],
        }

    def text(self, credentials: Credentials | None = None) -> str:
        """The steps as text. With the ``credentials`` the session token and the keys are shown."""
        blocks = []
        for step in self.steps(credentials):
            width = max(len(line.rules) for line in step.lines)
            lines = [f"  {line.rules:<{width}}  {escaped(line.text)}".rstrip() for line in step.lines]
            blocks.append("\n".join([step.title, "", *lines]))
        if self.unsigned:
            lines = [f"  {name}: {reason}" for name, reason in self.unsigned.items()]
            blocks.append("\n".join(["Sent, not signed", "", *lines]))
        return "\n\n".join(blocks)

    def __repr__(self) -> str:
        return (
            f"Explanation(credential_scope={self.credential_scope!r}, signed_headers={self.signed_headers!r})"
        )

    def __str__(self) -> str:
        return self.text()

    @property
    def _is_v4(self) -> bool:
        return self.string_to_sign.startswith(f"{V4}\n")

    def _canonical_lines(self, shown: bool) -> Iterator[Line]:
        method, path, query, *rest = self.canonical_request.split("\n")
        if self.dialect.encode_path_again:
            path_rules, made = "CR-PATH-1, CR-PATH-2", "the path, escaped once more than it is sent"
        else:
            path_rules, made = "CR-PATH-1, CR-PATH-4", "the path, each byte escaped once"
        if self.dialect.normalize_path:
            path_rules, made = f"{path_rules}, CR-PATH-3", f"{made}, dot and empty segments resolved"
        yield Line(method, "CR-METHOD", AS_SENT)
        yield Line(path, path_rules, made)
        query_rules = "CR-QUERY-1, CR-QUERY-2" + ("" if self.url is None else ", CR-QUERY-6")
        yield Line(
            query if shown else _without_token(query),
            query_rules,
            "the query, each part decoded and escaped, sorted",
        )
        *block, _, names, payload = rest
        for line in block:
            yield self._header_line(line, shown)
        yield Line("", "CR-FORMAT", "one empty line ends the headers")
        yield Line(names, "CR-HDR-1, CR-HDR-5", "the names of the signed headers, in lower case, sorted")
        yield Line(payload, *_payload_rules(payload))

    def _header_line(self, line: str, shown: bool) -> Line:
        name, _, value = line.partition(":")
        rules = "CR-HDR-2, CR-HDR-6" if name == "host" else "TOKEN-1" if name in _TOKENS else "CR-HDR-2"
        if name == "x-amz-content-sha256":
            rules = "CR-HDR-2, PAYLOAD-2"
        origin = OF_REQUEST
        if name in _SIGNERS and name not in self.given:
            origin = OF_URL if name == "host" else ADDED
        secret = is_secret(name) and bool(value) and not shown
        return Line(f"{name}:***" if secret else line, rules, origin)

    def _text_lines(self) -> Iterator[Line]:
        algorithm, _, rest = self.string_to_sign.partition("\n")
        rest, _, digest = rest.rpartition("\n")
        scope = self.credential_scope  # in a captured request, the scope and the time may hold line ends
        timestamp = rest.removesuffix(f"\n{scope}")
        yield Line(algorithm, "STS-1" if self._is_v4 else "V4A-1", "the algorithm")
        yield Line(timestamp, "STS-3", "X-Amz-Date")
        yield Line(scope, "STS-2" if self._is_v4 else "V4A-1", "the credential scope")
        yield Line(digest, "STS-1", "SHA-256 of the canonical request")

    def _ladder(self, credentials: Credentials | None) -> Iterator[Line]:
        """The derivation, one key per line; the keys are shown only with the secret."""
        if not self._is_v4:
            yield Line(
                'private key = KDF("AWS4A" + secret, access key id)',
                "V4A-2",
                "the same for every day and region",
            )
            return
        from . import v4
        from .scope import Scope

        parts = self.credential_scope.split("/")
        if len(parts) != 4:  # a captured request may have any number
            said = f"(no key: the scope has {len(parts)} parts, not day/region/service/aws4_request)"
            yield Line(said, "KEY-1", "the credential scope")
            return
        date, region, service, _ = parts
        keys: tuple[str, ...] = ("***",) * 4
        if credentials is not None:
            keys = tuple(
                key.hex() for key in v4.derive(credentials.secret_access_key, Scope(date, region, service))
            )
        before = '"AWS4" + secret'
        names = ("kDate", "kRegion", "kService", "kSigning")
        for name, part, key in zip(names, (date, region, service, TERMINATOR), keys, strict=True):
            yield Line(f'{name} = HMAC({before}, "{part}") = {key}', "KEY-1", "the credential scope")
            before = name

    def _last_step(self, shown: bool) -> Step:
        if self.url is None:
            return Step("Authorization", (Line(self.authorization, "AUTHZ-1", "the header to send"),))
        url = str(self.url) if shown else _url_without_token(self.url)
        return Step("Presigned URL", (Line(url, "URL-1, URL-2, URL-3", "the URL to use"),))


def _payload_rules(line: str) -> tuple[str, str]:
    if line in LITERALS:
        return "PAYLOAD-3, PAYLOAD-5", OF_LITERAL
    return "PAYLOAD-1", OF_NO_BODY if line == EMPTY_SHA256 else OF_BODY


def _without_token(query: str) -> str:
    """``query`` with its session tokens masked, however their names are spelled (TOKEN-1, TOKEN-3)."""
    parts = query.split("&")
    for at, part in enumerate(parts):
        name, found, _ = part.partition("=")
        if found and unescape_where_valid(name).lower() in _TOKENS:
            parts[at] = f"{name}=***"
    return "&".join(parts)


def _url_without_token(url: str) -> str:
    start, question, rest = url.partition("?")
    query, number_sign, fragment = rest.partition("#")
    return f"{start}{question}{_without_token(query)}{number_sign}{fragment}"


def _reason(name: str) -> str:
    """The reason why a header is not signed; for a captured request only its signer has the reason."""
    if name.lower() in _TOKENS:
        return "added after the signing (TOKEN-2)"
    return "its signer left it out of SignedHeaders"
