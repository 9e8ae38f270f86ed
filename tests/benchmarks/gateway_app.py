"""The applications of B11 under uvicorn: bare, behind our middleware, another verifier or a floor; GATEWAY says which."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl

from sigv4 import Credentials, Verifier, v4
from sigv4.adapters.asgi import SigV4Middleware
from sigv4.scope import Scope
from tests.asgi_bodies import giving, whole_body

KEYS = Credentials("ASIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FQoGZXIvYXdzEXAMPLETOKEN" * 16)
SERVICE, REGION = "sagemaker", "us-west-2"


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body, and answers whether there was one."""
    if scope["type"] != "http":
        return
    body = await whole_body(receive)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok" if body else b"no"})


def headers_of(scope: Any) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


class Checking(ABC):
    """Reads the body of a request, checks the request, and passes it on."""

    def __init__(self, app: Any) -> None:
        self._app = app

    @abstractmethod
    async def check(self, scope: Any, body: bytes) -> None:
        """Raises an error if the request must not be passed on."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = await whole_body(receive)
        await self.check(scope, body)
        await self._app(scope, giving(body), send)


class Asigv4(Checking):
    """The code that a user of asigv4 writes: it reads the body and decodes the headers for the verifier."""

    def __init__(self, app: Any) -> None:
        from asigv4 import SigV4Verifier

        super().__init__(app)
        self._verifier = SigV4Verifier(lambda access_key_id: KEYS.secret_access_key)

    async def check(self, scope: Any, body: bytes) -> None:
        await self._verifier.verify(
            method=scope["method"],
            path=scope["raw_path"].decode(),
            headers=headers_of(scope),
            query_params=dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
            body=body,
        )


class Botocore(Checking):
    """A verifier made with botocore: it hashes the body, signs the signed headers again and compares.

    botocore signs a declared hash of the body without a check, so this class compares the hash with the body.
    """

    def __init__(self, app: Any) -> None:
        from botocore.auth import SigV4Auth
        from botocore.credentials import Credentials as Theirs

        super().__init__(app)
        keys = Theirs(KEYS.access_key_id, KEYS.secret_access_key, KEYS.session_token)
        self._auth: Any = SigV4Auth(keys, SERVICE, REGION)

    async def check(self, scope: Any, body: bytes) -> None:
        from botocore.awsrequest import AWSRequest

        headers = headers_of(scope)
        _, _, rest = headers["authorization"].partition("SignedHeaders=")
        names, _, signature = rest.partition(", Signature=")
        signed = {name: headers[name] for name in names.split(";")}
        url = f"https://{headers['host']}{scope['raw_path'].decode()}"
        request: Any = AWSRequest(scope["method"], url, headers=signed, data=body)
        request.context["timestamp"] = headers["x-amz-date"]
        if signed.get("x-amz-content-sha256") not in (None, self._auth.payload(request)):
            raise PermissionError("the body is not the one that was signed")
        text = self._auth.string_to_sign(request, self._auth.canonical_request(request))
        if not compare_digest(self._auth.signature(text, request), signature):
            raise PermissionError("the signature does not match")


_SCOPE = Scope("20261128", REGION, SERVICE)
_CANONICAL = b"x" * 1000  # about the length of the canonical request of B11
_STRING = f"{v4.ALGORITHM}\n20261128T000000Z\n{_SCOPE}\n"


class Hashes(Checking):
    """The cryptography alone: it hashes as many bytes as a request needs, with a key that it keeps."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self._key = v4.signing_key(KEYS.secret_access_key, _SCOPE)

    async def check(self, scope: Any, body: bytes) -> None:
        sha256(body).hexdigest()
        found = v4.sign(self._key, _STRING + sha256(_CANONICAL).hexdigest())
        if not compare_digest(found, found):
            raise PermissionError("the signature does not match")


class SignatureAlone(Checking):
    """It compares the signature, with keys that it keeps, and checks nothing else."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self._keys: dict[str, Any] = {}

    async def check(self, scope: Any, body: bytes) -> None:
        lines = headers_of(scope)
        start, _, signature = lines["authorization"].rpartition(", Signature=")
        credential, _, signed = start.partition(", SignedHeaders=")
        headers = "\n".join([f"{name}:{lines[name]}" for name in signed.split(";")])
        payload = sha256(body).hexdigest()
        request = f"{scope['method']}\n/\n\n{headers}\n\n{signed}\n{payload}".encode("latin-1")
        date = lines["x-amz-date"]
        key = self._keys.get(date[:8])
        if key is None:
            day = Scope(date[:8], REGION, SERVICE)
            self._keys[date[:8]] = key = v4.signing_key(KEYS.secret_access_key, day)
        text = f"{v4.ALGORITHM}\n{date}\n{credential.partition('/')[2]}\n{sha256(request).hexdigest()}"
        if not compare_digest(v4.sign(key, text), signature):
            raise PermissionError("the signature does not match")


class VerifyAlone(Checking):
    """It calls ``verify``, which a middleware cannot do without."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self._verifier = Verifier(SERVICE, REGION, lambda claim: KEYS)

    async def check(self, scope: Any, body: bytes) -> None:
        self._verifier.verify(scope["method"], scope["raw_path"].decode(), scope["headers"], body)


def made(kind: str) -> Any:
    if kind == "hashes":
        return Hashes(bare)
    if kind == "signature":
        return SignatureAlone(bare)
    if kind == "verify":
        return VerifyAlone(bare)
    if kind == "asigv4":
        return Asigv4(bare)
    if kind == "botocore":
        return Botocore(bare)
    if kind == "ours":
        return SigV4Middleware(bare, Verifier(SERVICE, REGION, lambda claim: KEYS))
    return bare


app = made(os.environ.get("GATEWAY", "bare"))
