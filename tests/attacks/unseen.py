"""Credentials whose secrets no text may contain, and what an error reporter sees of an exception."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from sigv4 import Credentials, Signer
from sigv4.scope import Scope
from sigv4.v4 import derive

KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEJr//SESSION/TOKEN+=="
FILED_TOKEN = "IQoJb3JpZ2luX2VjEOn//ON/FILE+=="
NOW = 1440938160
URL = "https://h.example/"
SCOPE = Scope("20150830", "us-east-1", "sagemaker")
CREDENTIALS = Credentials(KEY_ID, SECRET, TOKEN)
KEY_HEX = derive(SECRET, SCOPE)[-1].hex()
SECRETS = (SECRET, SECRET[5:25], TOKEN, TOKEN[5:25], FILED_TOKEN, FILED_TOKEN[5:25], KEY_HEX)


def signer(credentials: Credentials = CREDENTIALS) -> Signer:
    return Signer("sagemaker", "us-east-1", credentials)


def assert_clean(text: str, *more: str) -> None:
    for secret in (*SECRETS, *more):
        assert secret not in text, f"{secret!r} in {text}"


def captured(error: BaseException) -> str:
    """The report that an error reporter makes: frames of this package with locals, causes and contexts."""
    own = []
    seen: BaseException | None = error
    while seen is not None:
        found = traceback.TracebackException.from_exception(seen, capture_locals=True)
        own += [
            "\n".join(f"{frame.filename} {name}={value}" for name, value in (frame.locals or {}).items())
            for frame in found.stack
            if "/sigv4/" in frame.filename.replace("\\", "/") and "/tests/" not in frame.filename
        ]
        own += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(own)


def frames_of(error: BaseException) -> Iterator[str]:
    """The error, its causes and contexts, and each frame outside the tests with the text of its locals."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        current = todo.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        todo += [current.__cause__, current.__context__]
        yield f"{current!r} {current}"
        told = traceback.TracebackException.from_exception(current, capture_locals=True)
        for frame in told.stack:
            if "/tests/" not in frame.filename.replace("\\", "/"):  # the secrets are made there
                yield f"{frame.filename}:{frame.name} {frame.locals}"
