"""``Signer``: signs requests for one service in one region."""

from __future__ import annotations

from time import time

from .authorization import QUERY_PARTS, V4, V4A, algorithm_of, format_header
from .canonical import (
    USUAL_METHODS,
    canonical_path,
    canonical_query,
    canonical_request,
    check_method,
    check_plus,
    query_pairs,
)
from .credentials import Credentials
from .dialects import Dialect, check_region_name, dialect_of
from .errors import SigningError, without_frames
from .headers import read_headers
from .payload_hash import declared_line
from .percent import escape
from .scope import check_name, epoch_seconds, format_timestamp
from .target import check_url, split_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from typing import Any, TypeAlias, overload

    from .explanation import Explanation
    from .headers import Headers
    from .payload import Body, Payload
    from .post_policy import Policy
    from .presigning import PresignedUrl
    from .streaming.chunk_encoder import Trailers
    from .streaming.upload import Upload

    # Headers to send, canonical request, string to sign, signature, signed headers, credential scope.
    Signed: TypeAlias = tuple[dict[str, str | bytes], bytes, str, str, str, str]

# What an earlier signature left behind: taken off, so that signing again (a retry) starts clean (CR-HDR-9).
_REPLACED = frozenset(
    ("authorization", "x-amz-date", "x-amz-security-token", "x-amz-s3session-token", "x-amz-region-set")
)


class Signer:
    """Signs requests to ``service`` in ``region`` with ``credentials``. Immutable; safe to share.

    ``service`` and ``region`` are signing names (``"sagemaker"``, ``"us-east-1"``; STS-4). ``credentials``
    is a ``Credentials`` or a callable that returns one, asked anew for every signature. ``dialect`` follows
    from the service unless given; without it, names that AWS uses elsewhere (``"email"`` for ``ses``,
    ``"us-east-1a"``) are refused. With ``algorithm=V4A`` the region is a region set as it is sent (``"*"``,
    ``"us-east-1,us-west-2"``; V4A-1), and the extra ``sigv4a`` is needed. ``clock`` returns epoch seconds.

    Raises SigningError. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
    """

    __slots__ = (
        "_algorithm",
        "_clock",
        "_credentials",
        "_dialect",
        "_key",
        "_moment",
        "_names",
        "_region",
        "_region_set",
        "_service",
        "_target",
        "_unsigned",
    )

    def __init__(
        self,
        service: str,
        region: str,
        credentials: Credentials | Callable[[], Credentials],
        *,
        dialect: Dialect | None = None,
        algorithm: str = V4,
        clock: Callable[[], float] = time,
    ) -> None:
        given: object = credentials
        if not (isinstance(given, Credentials) or callable(given)):
            found = type(given).__name__
            del given, credentials  # their own repr may show the secret
            raise SigningError(
                f"credentials is {found}: expected Credentials, or a callable that returns them"
            )
        self._service = check_name("service", service)
        self._algorithm = algorithm_of(algorithm)
        self._region = self._algorithm.check_region(region)
        self._region_set = region if algorithm == V4A else ""
        if dialect is None:
            check_region_name(region)
        self._dialect = dialect or dialect_of(service)
        self._unsigned = _REPLACED | self._dialect.never_signed.keys()
        self._credentials = credentials
        self._clock = clock
        # The last target, header names, second and key, each one tuple: replaced whole, so threads may race.
        self._target: tuple[str, tuple[str, str, str]] = ("/", ("", "/", ""))
        self._names: tuple[tuple[str, ...], tuple[list[str], str]] = ((), ([], ""))
        self._moment: tuple[float, str] = (0.0, "19700101T000000Z")
        self._key: tuple[Credentials, Any, str, str] | None = None

    @property
    def service(self) -> str:
        return self._service

    @property
    def region(self) -> str:
        return self._region

    @property
    def dialect(self) -> Dialect:
        return self._dialect

    @property
    def algorithm(self) -> str:
        return self._algorithm.ALGORITHM

    def __repr__(self) -> str:
        algorithm = f", algorithm={self.algorithm!r}" if self._region_set else ""
        return f"Signer({self.service!r}, {self.region!r}, dialect={self.dialect.name!r}{algorithm})"

    if TYPE_CHECKING:

        @overload
        def sign(
            self,
            method: str,
            url: str,
            headers: Mapping[str, str] | tuple[()] = (),
            body: Body = None,
            *,
            at: float | datetime | None = None,
        ) -> dict[str, str]: ...

        @overload
        def sign(
            self,
            method: str,
            url: str,
            headers: Mapping[str, str | bytes] | Iterable[tuple[str | bytes, str | bytes]] = (),
            body: Body = None,
            *,
            at: float | datetime | None = None,
        ) -> dict[str, str | bytes]: ...

    def sign(
        self,
        method: str,
        url: str,
        headers: Headers = (),
        body: Body = None,
        *,
        at: float | datetime | None = None,
    ) -> dict[str, str] | dict[str, str | bytes]:
        """All the headers to send, in place of yours: Authorization, X-Amz-Date, Host, and your own.

        ``url`` is absolute, escaped as it will be sent; or a target (``/path?query``) with a Host header in
        ``headers``, which are a mapping or pairs of ``str`` (ASCII) or ``bytes`` (sent as they are). Headers
        that the dialect never signs are returned unsigned; what an earlier signature left is replaced;
        repeated headers are joined. ``body`` is bytes, str (UTF-8), None, a seekable binary file or a
        ``Payload``. ``at`` is an aware datetime or epoch seconds, by default now.

        Raises SigningError before anything is signed, and whatever the credentials callable raises.

        >>> example = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        >>> signer = Signer("iam", "us-east-1", example)
        >>> list(signer.sign("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"))
        ['Host', 'X-Amz-Date', 'Authorization']
        """
        try:
            return self._sign(method, url, headers, body, at, False)[0]
        except SigningError as error:
            headers = ()  # an earlier signature's token may be among them: no frame of ours shows it
            raise without_frames(error) from None

    def explain(
        self,
        method: str,
        url: str,
        headers: Headers = (),
        body: Body = None,
        *,
        at: float | datetime | None = None,
        raw_target: bool = False,
        expires: int | None = None,
    ) -> Explanation:
        """What ``sign`` does with the same arguments, step by step; with ``expires``, what ``presign`` does.

        With ``raw_target`` the URL's characters stand for bytes (Latin-1) and none is refused, as in a
        captured request line that was never escaped (CR-PATH-5).

        Raises SigningError.
        """
        from .explanation import Explanation

        if raw_target and not url.isascii() and max(url) > "\xff":
            raise SigningError("with raw_target the URL's characters stand for bytes: decode them as Latin-1")
        try:
            pairs = list(headers.items() if hasattr(headers, "items") else headers)
            given = frozenset(read_headers(pairs, _REPLACED))
            if expires is None:
                signed = self._sign(method, url, pairs, body, at, raw_target)
                return Explanation(*signed, self._dialect, given)
            signed_url, signed = self._presign(method, url, pairs, body, expires, at, raw_target)
            return Explanation(*signed, self._dialect, given, signed_url)
        except SigningError as error:
            headers, pairs = (), []  # as in sign
            raise without_frames(error) from None

    def presign(
        self,
        method: str,
        url: str,
        headers: Headers = (),
        body: Body = None,
        *,
        expires: int,
        at: float | datetime | None = None,
    ) -> PresignedUrl:
        """``url`` with its signature in the query string, good for ``expires`` seconds (1 to 604800).

        The arguments are those of ``sign``. Every header given is signed, so it must be sent with the URL:
        ``.headers_to_send``. Where a service leaves the body of presigned requests unsigned (S3), a body
        that is given is bound by a header; elsewhere its hash is part of the signature. ``.expires_at`` is
        when the URL dies, with its credentials if they die first. The fragment stays outside.

        Raises SigningError before anything is signed. The URL is worth a password.
        """
        try:
            return self._presign(method, url, headers, body, expires, at, False)[0]
        except SigningError as error:
            headers = ()  # as in sign
            raise without_frames(error) from None

    def stream(
        self,
        method: str,
        url: str,
        headers: Headers = (),
        *,
        length: int,
        trailers: Trailers = (),
        signed: bool = True,
        chunk_size: int = 65536,
        at: float | datetime | None = None,
    ) -> Upload:
        """A request with an aws-chunked body of ``length`` bytes of data, each chunk signed (CHUNK-1…6).

        Returns ``.headers`` to send and ``.encode(blocks)``, ``.aencode(blocks)`` for the body, which need
        not be at hand yet. ``trailers`` are pairs of a name and its text, or a checksum such as
        ``hashlib.sha256()``, ``Crc32()``, ``Crc32c()`` or ``Crc64nvme()`` that is run over the data. With
        ``signed`` false only the headers are signed and there must be trailers. ``chunk_size`` is 8192 bytes
        or more.

        Raises SigningError before anything is signed.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
        """
        from .streaming.upload import upload

        source = self._credentials
        fixed = source if isinstance(source, Credentials) else source()
        once = Signer(
            self.service,
            self.region,
            fixed,
            dialect=self._dialect,
            algorithm=self.algorithm,
            clock=self._clock,
        )

        def seed(
            to_sign: dict[str, str | bytes], payload: Payload
        ) -> tuple[dict[str, str | bytes], object, str, str]:
            sent, _, _, signature, _, scope = once._sign(method, url, to_sign, payload, at, False)
            return sent, once._credentials_and_key(scope[:8])[1], scope, signature

        try:
            return upload(headers, length, trailers, chunk_size, self._algorithm if signed else None, seed)
        except SigningError as error:
            headers = ()  # as in sign
            raise without_frames(error) from None

    def post_policy(
        self, policy: Policy, *, expires: int = 3600, at: float | datetime | None = None
    ) -> dict[str, str]:
        """The form fields of an S3 POST upload that ``policy`` allows (FORM-1).

        ``policy`` is a list of conditions (``{"bucket": "b"}``, ``["starts-with", "$key", "user/"]``), to
        which the signature's own are added and which hold for ``expires`` seconds; or a whole policy
        document as JSON text, signed as it is. The fields that the conditions speak of are yours to add.

        Raises SigningError before anything is signed.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
        """
        from .post_policy import fields_of
        from .presigning import check_expires

        if self._region_set:
            raise SigningError("a POST policy is signed for one region: make a Signer without algorithm=V4A")
        check_expires(expires)
        timestamp = self._timestamp(at)[1]
        credentials, key, credential, _ = self._credentials_and_key(timestamp[:8])
        return fields_of(policy, key, credential, timestamp, expires, credentials.session_token)

    def _presign(
        self,
        method: str,
        url: str,
        headers: Headers,
        body: Body,
        expires: int,
        at: float | datetime | None,
        raw: bool,
    ) -> tuple[PresignedUrl, Signed]:
        from . import presigning

        check_method(method)
        presigning.check_expires(expires)
        dialect = self._dialect
        last, target = self._target
        host, path, _ = target if last == url and isinstance(url, str) else self._split(url, raw)
        sent: dict[str, str | bytes] = {}
        lines = read_headers(headers, self._unsigned, sent)
        if not host and not raw:
            raise SigningError("presign makes a URL: give an absolute one, not a target")
        presigning.check_host(host, lines)
        payload = presigning.presigned_payload(body, dialect, sent, lines)
        if payload is None:
            payload = declared_line(body, dialect, self._service, sent, lines)
        seconds, timestamp = self._timestamp(at)
        # All input has been checked, as in _sign.
        credentials, key, _, escaped = self._credentials_and_key(timestamp[:8])
        names = sorted(lines)
        signed_url, request, text, signature = presigning.presign(
            url,
            (method, path, url.partition("#")[0].partition("?")[2], lines, names, payload),
            self._algorithm,
            key,
            escaped,
            timestamp,
            expires,
            self._region_set,
            credentials,
            dialect,
        )
        to_send = {name: value for name, value in sent.items() if name.lower() != "host"}
        death = presigning.dies_at(credentials, seconds, expires)
        signed = to_send, request, text, signature, ";".join(names), key.scope_text
        return presigning.PresignedUrl(signed_url, death, to_send), signed

    def _sign(
        self, method: str, url: str, headers: Headers, body: Body, at: float | datetime | None, raw: bool
    ) -> Signed:
        if method not in USUAL_METHODS:
            check_method(method)
        last, target = self._target
        host, path, query = target if last == url and isinstance(url, str) else self._split(url, raw)
        sent: dict[str, str | bytes] = {}
        lines = read_headers(headers, _REPLACED, sent)
        if "host" not in lines:
            if not host:
                raise SigningError("no Host: give an absolute URL, or a Host header with the target")
            sent["Host"] = lines["host"] = host
        elif not lines["host"]:
            raise SigningError("the Host header is empty: leave it out, or give the host that is asked")
        payload = declared_line(body, self._dialect, self._service, sent, lines)
        timestamp = self._timestamp(at)[1]
        sent["X-Amz-Date"] = lines["x-amz-date"] = timestamp
        # All input has been checked: from here on, where the token and the key are at hand, nothing raises.
        credentials, key, credential, _ = self._credentials_and_key(timestamp[:8])
        if self._region_set:
            sent["X-Amz-Region-Set"] = lines["x-amz-region-set"] = self._region_set
        if credentials.session_token:
            token_name = credentials.token_name
            sent[token_name] = credentials.session_token
            if self._dialect.sign_token:
                lines[token_name.lower()] = credentials.session_token
        names, signed_headers = self._signed_headers(tuple(lines))
        request = canonical_request(method, path, query, lines, names, signed_headers, payload)
        algorithm = self._algorithm
        text = algorithm.string_to_sign(timestamp, key.scope_text, request)
        signature = algorithm.sign(key, text)
        sent["Authorization"] = format_header(algorithm.ALGORITHM, credential, signed_headers, signature)
        return sent, request, text, signature, signed_headers, key.scope_text

    def _split(self, url: str, raw: bool) -> tuple[str, str, str]:
        """Host, canonical path and canonical query of ``url``, remembered for the next request."""
        if not raw:
            check_url(url)
        host, path, query = split_target(url)
        if not raw:
            check_plus(path, self._dialect)
        if "X-Amz-" in query and any(name in QUERY_PARTS for name, _ in query_pairs(query)):
            raise SigningError(
                "the URL is presigned already: take its X-Amz-… parameters off, a request has one signature"
            )
        target = host, canonical_path(path, self.dialect), canonical_query(query)
        if not raw:
            self._target = url, target
        return target

    def _signed_headers(self, present: tuple[str, ...]) -> tuple[list[str], str]:
        """CR-HDR-1 of the header names present, as a list and as text; the last answer is remembered."""
        last, answer = self._names
        if last != present:
            never_signed = self._dialect.never_signed
            names = sorted([name for name in present if name not in never_signed])
            answer = names, ";".join(names)
            self._names = present, answer
        return answer

    def _timestamp(self, at: float | datetime | None) -> tuple[float, str]:
        """The second to sign at, in both its forms; the last one is remembered."""
        seconds = (self._clock() if at is None else epoch_seconds(at)) // 1
        moment = self._moment
        if moment[0] != seconds:
            self._moment = moment = seconds, format_timestamp(seconds)
        return moment

    def _credentials_and_key(self, date: str) -> tuple[Credentials, Any, str, str]:
        """The credentials of the moment, their key for ``date`` and the Credential, plain and escaped.

        Kept for the day.
        """
        source = self._credentials
        credentials: object = source if isinstance(source, Credentials) else source()
        warm = self._key
        if (
            warm is not None
            and warm[1].scope.date == date
            and (warm[0] is credentials or warm[0] == credentials)
        ):
            return warm
        if not isinstance(credentials, Credentials):
            found, credentials = type(credentials).__name__, None  # its own repr may show the secret
            raise SigningError(f"the credentials callable returned {found}, not Credentials")
        if credentials.token_name not in self._dialect.token_names:
            raise SigningError(
                f"the credentials are of an S3 Express session, and the signer is for {self._service!r}: use "
                "them with Signer('s3express', …), and IAM credentials here (TOKEN-3)"
            )
        algorithm = self._algorithm
        key = algorithm.key_of(credentials, algorithm.credential_scope(date, self._region, self._service))
        credential = f"{credentials.access_key_id}/{key.scope_text}"
        self._key = warm = credentials, key, credential, escape(credential)
        return warm
