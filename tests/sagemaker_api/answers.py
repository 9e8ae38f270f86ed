"""Possible answers of a service, a proxy or another server, and the expected result of the call."""

from __future__ import annotations

from typing import NamedTuple

from sagemaker_api import ProtocolError

URL = "https://my-nb.notebook.us-west-2.sagemaker.aws?authToken=eyJhbGciOi"


class Success(NamedTuple):
    name: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    result: dict[str, str]


class Refusal(NamedTuple):
    """``code`` and ``message`` of the ServiceError. None of these is retried."""

    name: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    code: str
    message: str


class NotAws(NamedTuple):
    """An answer that no AWS service gives: a ProtocolError that says ``words``."""

    name: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    words: str
    error: type[Exception] = ProtocolError


SUCCESSES = (
    Success("url", 200, (), b'{"AuthorizedUrl":"%s"}' % URL.encode(), {"AuthorizedUrl": URL}),
    Success(
        "unknown members are dropped",
        200,
        (),
        b'{"AuthorizedUrl":"u","X":1,"__type":"y"}',
        {"AuthorizedUrl": "u"},
    ),
    Success("null is absent", 200, (), b'{"AuthorizedUrl":null}', {}),
    Success("empty object", 200, (), b"{}", {}),
    Success("empty body", 200, (), b"", {}),
    Success("another 2xx", 201, (), b'{"AuthorizedUrl":"u"}', {"AuthorizedUrl": "u"}),
    Success(
        "escapes", 200, (), b'{"AuthorizedUrl":"https:\\/\\/h?a=\\u00e9"}', {"AuthorizedUrl": "https://h?a=é"}
    ),
    Success(
        "wrong content type",
        200,
        (("Content-Type", "text/plain"),),
        b'{"AuthorizedUrl":"u"}',
        {"AuthorizedUrl": "u"},
    ),
    Success(
        "identity is not a coding",
        200,
        (("Content-Encoding", "identity"),),
        b'{"AuthorizedUrl":"u"}',
        {"AuthorizedUrl": "u"},
    ),
)

_TYPE = ("x-amzn-errortype", "HeaderError:http://internal.amazon.com/coral/com.amazon.coral.service/")

REFUSALS = (
    Refusal("__type", 400, (), b'{"__type":"ValidationException","message":"m"}', "ValidationException", "m"),
    Refusal(
        "__type with shape id",
        400,
        (),
        b'{"__type":"com.amazon.coral.validate#ValidationException","message":"m"}',
        "ValidationException",
        "m",
    ),
    Refusal(
        "__type with both",
        400,
        (),
        b'{"__type":"aws.protocoltests.json#FooError:http://x/y","message":"m"}',
        "FooError",
        "m",
    ),
    Refusal("__type with white space", 400, (), b'{"__type":" FooError ","message":"m"}', "FooError", "m"),
    Refusal("code", 400, (), b'{"code":"CodeError","message":"m"}', "CodeError", "m"),
    Refusal(
        "code before __type",
        400,
        (),
        b'{"code":"CodeError","__type":"TypeError","message":"m"}',
        "CodeError",
        "m",
    ),
    Refusal(
        "code that is not a string",
        400,
        (),
        b'{"code":42,"__type":"TypeError","message":"m"}',
        "TypeError",
        "m",
    ),
    Refusal(
        "header before all",
        400,
        (_TYPE,),
        b'{"code":"CodeError","__type":"TypeError","message":"m"}',
        "HeaderError",
        "m",
    ),
    Refusal(
        "header and no body",
        403,
        (("X-Amzn-ErrorType", "MissingAuthenticationTokenException"),),
        b"",
        "MissingAuthenticationTokenException",
        "",
    ),
    Refusal("no type", 400, (), b'{"message":"m"}', "400", "m"),
    Refusal("types of the wrong type", 400, (), b'{"__type":7,"code":null,"message":"m"}', "400", "m"),
    Refusal("empty type", 400, (), b'{"__type":"","message":"m"}', "400", "m"),
    Refusal("Message", 400, (), b'{"__type":"E","Message":"M"}', "E", "M"),
    Refusal("message before Message", 400, (), b'{"__type":"E","Message":"M","message":"m"}', "E", "m"),
    Refusal("errorMessage", 400, (), b'{"__type":"E","errorMessage":"em"}', "E", "em"),
    Refusal("no message", 400, (), b'{"__type":"E"}', "E", ""),
    Refusal("null message", 400, (), b'{"__type":"E","message":null,"Message":"M"}', "E", "M"),
    Refusal("message that is not a string", 400, (), b'{"__type":"E","message":5}', "E", "5"),
    Refusal(
        "control characters",
        400,
        (),
        b'{"__type":"E\\u001b[2J","message":"a\\u001b[31m\\tb\\nc\\u0000\\u009b"}',
        "E[2J",
        "a[31m\tb\nc",
    ),
    Refusal("4xx, empty", 400, (), b"", "400", ""),
    Refusal("4xx, text", 413, (), b"Too big", "413", "Too big"),
    Refusal("4xx, page", 403, (), b"<html>no</html>", "403", "<html>no</html>"),
    Refusal("4xx, long text", 413, (), b"x" * 600, "413", "x" * 500 + "…"),
    Refusal("4xx, not UTF-8", 400, (), b"\xff!", "400", "�!"),
    Refusal("array", 400, (), b"[]", "400", "Bad Request"),
    Refusal("string", 400, (), b'"x"', "400", "Bad Request"),
    Refusal("null", 400, (), b"null", "400", "Bad Request"),
    Refusal("501, page", 501, (), b"<html>no</html>", "501", "Not Implemented"),
    Refusal("501, page with doctype", 501, (), b"\n<!DOCTYPE html><html>", "501", "Not Implemented"),
    Refusal("501, empty", 501, (), b"", "501", "Not Implemented"),
    Refusal("501, empty object", 501, (), b"{}", "501", ""),
    Refusal("501, text", 501, (), b"not here", "501", "not here"),
    Refusal("compressed", 400, (("Content-Encoding", "gzip"),), b"\x1f\x8b", "400", "Bad Request"),
    Refusal(
        "304",
        304,
        (),
        b"",
        "304",
        "the endpoint redirects, and a signed request is never redirected: check region and endpoint URL",
    ),
)

STRANGERS = (
    NotAws(
        "page",
        200,
        (("Content-Type", "text/html"),),
        b"<html>Log in</html>",
        "19 bytes that are not a JSON object (text/html)",
    ),
    NotAws("array", 200, (), b"[1]", "not a JSON object"),
    NotAws("null", 200, (), b"null", "not a JSON object"),
    NotAws("cut off", 200, (), b'{"AuthorizedUrl":"https', "not a JSON object"),
    NotAws("not UTF-8", 200, (), b'{"AuthorizedUrl":"\xff"}', "not a JSON object"),
    NotAws("UTF-16", 200, (), '{"AuthorizedUrl":"u"}'.encode("utf-16"), "not a JSON object"),
    NotAws("too deep", 200, (), b"[" * 200_000, "not a JSON object"),
    NotAws(
        "compressed",
        200,
        (("Content-Encoding", "gzip"),),
        b"\x1f\x8b",
        "compressed by 'gzip', which was not asked for",
    ),
    NotAws(
        "member of the wrong type",
        200,
        (),
        b'{"AuthorizedUrl":5}',
        "answered AuthorizedUrl as int: expected a string",
    ),
)
