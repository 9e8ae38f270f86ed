"""Reads HAR 1.2 files, which browsers and proxies save: entries as requests and responses.

Source: http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error as NotBase64

from ..errors import SigningError
from ..headers import is_token
from ..percent import escape
from ..request import Request, Response
from .json_stream import json_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Exchange: TypeAlias = tuple[Request, Response | None]


_OF_FIELD = ("name", "value")


def parse_json(raw: bytes, what: str) -> Any:
    """Parses untrusted JSON; ``what`` is its name in errors. Raises SigningError."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        fault = f"{what} is not JSON: {json_fault(error)}"
    raise SigningError(fault)


def request_of(given: Any, where: str) -> Request:
    """A request from an object with ``method``, ``url``, ``headers`` and a body. Raises SigningError."""
    if not isinstance(given, dict):
        raise SigningError(f"{where} has no request: expected an object")
    method, url = given.get("method"), given.get("url")
    if not isinstance(method, str) or not isinstance(url, str):
        raise SigningError(f"{where}: the request needs a method and a url, both text")
    headers = _headers(given.get("headers") or [], where)
    return Request(method, url.partition("#")[0], headers, _body(given.get("postData"), where))


def exchange_of(entry: Any, where: str) -> Exchange:
    """An entry of a HAR file. Raises SigningError."""
    if not isinstance(entry, dict):
        raise SigningError(f"{where} is not an object")
    request = request_of(entry.get("request"), where)
    given = entry.get("response")
    if not isinstance(given, dict) or not isinstance(given.get("status"), int) or not given["status"]:
        return request, None
    body = _body(given.get("content"), where)
    return request, Response(given["status"], _headers(given.get("headers") or [], where), body)


def _headers(given: Any, where: str) -> list[tuple[str, str | bytes]]:
    """``[{"name": …, "value": …}]``, ``[[name, value]]`` or ``{name: value}``; no pseudo-headers."""
    pairs = list(given.items()) if isinstance(given, dict) else given
    if not isinstance(pairs, list):
        raise SigningError(f"{where}: headers is not a list")
    found: list[tuple[str, str | bytes]] = []
    named = set()
    for each in pairs:
        pair = (each.get("name"), each.get("value")) if isinstance(each, dict) else each
        name, value = pair if isinstance(pair, (list, tuple)) and len(pair) == 2 else (None, None)
        if not (isinstance(name, str) and isinstance(value, str)):
            raise SigningError(f"{where}: a header is not a pair of name and value")
        if name.startswith(":"):
            if name != ":authority":
                continue
            name = "Host"
        if not is_token(name):
            raise SigningError(f"{where}: header name {name[:60]!r} holds characters that no name may hold")
        if name == "Host" and "host" in named:
            continue
        named.add(name.lower())
        found.append((name, value if value.isascii() else value.encode("utf-8", "surrogatepass")))
    return found


def _body(given: Any, where: str) -> bytes:
    if given is None:
        return b""
    if isinstance(given, str):
        return given.encode("utf-8", "surrogatepass")
    text = given.get("text") if isinstance(given, dict) else None
    if text is None:
        return _form(given) if isinstance(given, dict) else b""
    if not isinstance(text, str):
        raise SigningError(f"{where}: the text of a body is not text")
    if given.get("encoding") != "base64":
        return text.encode("utf-8", "surrogatepass")
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        fault = f"{where}: the encoding of a body is Base64, but its text is not"
    raise SigningError(fault)


def _form(given: dict[str, Any]) -> bytes:
    """The body of a form, made from its fields: some programs save only these."""
    fields = given.get("params")
    if "urlencoded" not in str(given.get("mimeType")) or not isinstance(fields, list):
        return b""
    pairs = [
        tuple(
            str(found) if isinstance(found := each.get(key), (str, int, float)) else "" for key in _OF_FIELD
        )
        for each in fields
        if isinstance(each, dict)
    ]
    text = "&".join(f"{escape(name)}={escape(value)}" for name, value in pairs)
    return text.replace("%20", "+").encode("ascii")
