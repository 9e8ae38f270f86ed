"""``Signer``: signs requests for one service in one region."""

from __future__ import annotations

from time import time

from .authorization import V4, V4A, KeySource, Signature, algorithm_of, format_header
from .canonical import USUAL_METHODS, LastCall, canonical_request, check_method, read_target
from .dialects import S3_FAMILY, Dialect, chosen_dialect
from .errors import SigningError
from .headers import EARLIER_SIGNATURE, HeaderSet, header_pairs
from .payload_hash import line_to_sign
from .scope import check_name, epoch_seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import overload

    from .credentials import Credentials
    from .explanation import Explanation
    from .headers import Headers, StrOnly
    from .payload import Body
    from .post_policy import Policy
    from .presigning import PresignedUrl, Presigner
    from .scope import When
    from .streaming.chunk_encoder import Trailers
    from .streaming.events import Events
    from .streaming.upload import Upload


class Signer:
    """Signs requests to ``service`` in ``region`` with ``credentials``. Immutable; safe to share.

    ``service`` and ``region`` are signing names (``"sagemaker"``, ``"us-east-1"``; STS-4). ``credentials``
    is a ``Credentials`` or a callable that returns one, called for every signature. ``dialect`` follows
    from the service unless given; without it, names that AWS uses elsewhere (``"email"`` for ``ses``,
    ``"us-east-1a"``) are refused. With ``algorithm=V4A`` the region is a region set as it is sent (``"*"``,
    ``"us-east-1,us-west-2"``; V4A-1), and the package ``cryptography`` is needed. ``clock`` returns epoch
    seconds. ``service``, ``region``, ``dialect`` and ``algorithm`` can be read.

    Raises SigningError. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
    """

    __slots__ = (
        "_algorithm", "_clock", "_dialect", "_keys", "_last", "_presigner", "_region", "_region_set",
        "_service", "_unsigned",
    )  # fmt: skip

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
        self._service = check_name("service", service)
        self._algorithm = algorithm_of(algorithm)
        self._region = self._algorithm.check_region(region)
        self._region_set = region if algorithm == V4A else ""
        self._dialect = chosen_dialect(dialect, service, region)
        self._unsigned = EARLIER_SIGNATURE | self._dialect.never_signed.keys()
        self._keys = KeySource(credentials, self._algorithm, self._region, service, self._dialect)
        self._clock = clock
        self._last = LastCall()
        self._presigner: Presigner | None = None

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
        def sign(  # pyright: ignore[reportOverlappingOverload]  # str alone gives str alone
            self,
            method: str,
            url: str,
            headers: StrOnly = (),
            body: Body = None,
            *,
            at: When | None = None,
        ) -> dict[str, str]: ...

        @overload
        def sign(
            self, method: str, url: str, headers: Headers = (), body: Body = None, *, at: When | None = None
        ) -> dict[str, str | bytes]: ...

    def sign(
        self, method: str, url: str, headers: Headers = (), body: Body = None, *, at: When | None = None
    ) -> dict[str, str] | dict[str, str | bytes]:
        """Returns all the headers to send: yours, Host, X-Amz-Date, Authorization and any others needed.

        ``url`` is absolute, escaped as it will be sent; or a target (``/path?query``) with a Host header in
        ``headers``, which are a mapping or pairs of ``str`` (ASCII) or ``bytes`` (sent as they are). Headers
        that the dialect never signs are returned unsigned; an earlier signature is replaced; repeated headers
        are joined. ``body`` is bytes, str (UTF-8), None, a seekable binary file or a ``Payload``. ``at`` is
        an aware datetime or epoch seconds, by default now.

        Raises SigningError before anything is signed, and whatever the credentials callable raises.

        >>> from sigv4 import Credentials
        >>> example = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        >>> signer = Signer("iam", "us-east-1", example)
        >>> list(signer.sign("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"))
        ['Host', 'X-Amz-Date', 'Authorization']
        """
        target = self._last.target_of(url, self._dialect)
        return self._sign(method, target, HeaderSet(headers, EARLIER_SIGNATURE), body, at).headers

    def explain(
        self,
        method: str,
        url: str,
        headers: Headers = (),
        body: Body = None,
        *,
        at: When | None = None,
        raw_target: bool = False,
        expires: int | None = None,
    ) -> Explanation:
        """What ``sign`` does with the same arguments, step by step; with ``expires``, what ``presign`` does.

        With ``raw_target`` each character of the URL is one byte (Latin-1) and none is refused, as in a
        captured request line that was never escaped (CR-PATH-5).

        Raises SigningError.
        """
        from .explanation import Explanation

        raw_target = raw_target and isinstance(url, str)  # anything else is refused below
        if raw_target and not url.isascii() and max(url) > "\xff":
            raise SigningError(
                "with raw_target each character of the URL is one byte: decode the bytes as Latin-1"
            )
        target = (read_target if raw_target else self._last.target_of)(url, self._dialect)
        pairs = header_pairs(headers)
        given = frozenset(HeaderSet(pairs, EARLIER_SIGNATURE).canonical)
        if expires is None:
            signed_url = None
            signed = self._sign(method, target, HeaderSet(pairs, EARLIER_SIGNATURE), body, at)
        else:
            signed, signed_url = self._presign(method, url, target, pairs, body, expires, at)
        return Explanation.of(signed, self._dialect, given, signed_url)

    def presign(
        self,
        method: str,
        url: str,
        headers: Headers = (),
        body: Body = None,
        *,
        expires: int,
        at: When | None = None,
    ) -> PresignedUrl:
        """``url`` with its signature in the query string, valid for ``expires`` seconds (1 to 604800).

        The arguments are those of ``sign``. Every header given is signed, so it must be sent with the URL:
        ``.headers_to_send``. The hash of ``body`` is signed; for S3 only if you give a body, in a header.
        ``.expires_at`` is when the URL or its credentials expire. The fragment is not signed. Keep the URL as
        secret as a password. Raises SigningError before anything is signed.
        """
        target = self._last.target_of(url, self._dialect)
        if not target[0]:
            raise SigningError("presign makes a URL: give an absolute one, not a target")
        return self._presign(method, url, target, headers, body, expires, at)[1]

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
        at: When | None = None,
    ) -> Upload:
        """A request with an aws-chunked body of ``length`` bytes of data, each chunk signed (CHUNK-1…6).

        Returns ``.headers`` to send and ``.encode(blocks)``, ``.aencode(blocks)`` for the body, which is not
        needed yet. ``trailers`` are pairs of a name and its text, or a checksum such as ``hashlib.sha256()``,
        ``Crc32()``, ``Crc32c()`` or ``Crc64nvme()`` that is computed from the data. With ``signed`` false
        only the headers are signed and there must be trailers. ``chunk_size`` is 8192 bytes or more.

        Raises SigningError before anything is signed.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
        """
        from .streaming.upload import Plan, upload

        plan = Plan(headers, length, trailers, chunk_size, self._algorithm if signed else None)
        target = self._last.target_of(url, self._dialect)
        return upload(plan, self._sign(method, target, plan.headers, plan.payload, at))

    def events(self, method: str, url: str, headers: Headers = (), *, at: When | None = None) -> Events:
        """A request that opens an event stream with signed events (EVENT-1…6).

        Returns ``.headers`` to send, ``.sign(frame)`` for each event, in order, and ``.close()`` for the
        message that ends the stream. The current credentials sign the whole stream.

        Raises SigningError before anything is signed. Source: Amazon Transcribe Developer Guide,
        https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html
        """
        from .payload import STREAMING_EVENTS
        from .streaming.events import Events

        if self._region_set:
            raise SigningError(
                "an event stream is signed for one region: make a Signer without algorithm=V4A"
            )
        target = self._last.target_of(url, self._dialect)
        signed = self._sign(method, target, HeaderSet(headers, EARLIER_SIGNATURE), STREAMING_EVENTS, at)
        return Events(signed, self._clock)

    def post_policy(self, policy: Policy, *, expires: int = 3600, at: When | None = None) -> dict[str, str]:
        """The form fields of an S3 POST upload that ``policy`` allows (FORM-1).

        ``policy`` is a list of conditions (``{"bucket": "b"}``, ``["starts-with", "$key", "user/"]``), valid
        for ``expires`` seconds, to which the signature's own are added; or a whole policy document as JSON
        text, signed unchanged. You add the fields that the conditions name.

        Raises SigningError before anything is signed.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
        """
        from .post_policy import fields_of
        from .presigning import check_expires

        if self._region_set:
            raise SigningError("a POST policy is signed for one region: make a Signer without algorithm=V4A")
        if self._dialect.encode_path_again and self._service not in S3_FAMILY:
            raise SigningError(f"only S3 has POST policies, not {self._service!r}: make a Signer for 's3'")
        check_expires(expires)
        timestamp = self._moment(at)[1]
        return fields_of(policy, self._keys.of(timestamp[:8]), timestamp, expires)

    def _presign(
        self,
        method: str,
        url: str,
        target: tuple[str, str, str],
        headers: Headers,
        body: Body,
        expires: int,
        at: When | None,
    ) -> tuple[Signature, PresignedUrl]:
        presigner = self._presigner
        if presigner is None:
            from .presigning import Presigner

            self._presigner = presigner = Presigner(
                self._algorithm, self._region_set, self._service, self._dialect, self._unsigned
            )
        to_sign, payload = presigner.headers_to_sign(method, target[0], headers, body, expires)
        moment = self._moment(at)
        signed_by = self._keys.of(moment[1][:8])
        return presigner.sign(method, url, target[1], to_sign, payload, signed_by, moment, expires)

    def _sign(
        self, method: str, target: tuple[str, str, str], headers: HeaderSet, body: Body, at: When | None
    ) -> Signature:
        """Signs ``headers``, to which it adds those that the signature needs."""
        if method not in USUAL_METHODS:
            check_method(method)
        host, path, query = target
        sent, lines, dialect = headers.sent, headers.canonical, self._dialect
        if "host" not in lines:
            if not host:
                raise SigningError("no Host: give an absolute URL, or a Host header with the target")
            sent["Host"] = lines["host"] = host
        elif not lines["host"]:
            raise SigningError("the Host header is empty: leave it out, or give the host of the request")
        elif "host" in headers.repeated:
            raise SigningError("there is more than one Host header: every server refuses that, give one")
        payload = line_to_sign(body, dialect, self._service, headers)
        timestamp = self._moment(at)[1]
        sent["X-Amz-Date"] = lines["x-amz-date"] = timestamp
        # All input has been checked: nothing below raises, so no traceback shows the token or the key.
        signed_by = self._keys.of(timestamp[:8])
        credentials, key = signed_by.credentials, signed_by.key
        if self._region_set:
            headers.add("X-Amz-Region-Set", self._region_set)
        if credentials.session_token:
            sent[credentials.token_name] = credentials.session_token
            if dialect.sign_token:
                lines[credentials.token_name.lower()] = credentials.session_token
        names, signed_headers = self._last.names_of(tuple(lines), dialect)
        request = canonical_request(method, path, query, lines, names, signed_headers, payload)
        algorithm = self._algorithm
        text = algorithm.string_to_sign(timestamp, key.scope_text, request)
        signature = algorithm.sign(key, text)
        sent["Authorization"] = format_header(
            algorithm.ALGORITHM, signed_by.credential, signed_headers, signature
        )
        return Signature(sent, request, text, signature, signed_headers, signed_by)

    def _moment(self, at: When | None) -> tuple[float, str]:
        return self._last.moment_of(self._clock() if at is None else epoch_seconds(at))
