"""The tricky inputs, each with the rule that it tests."""

from __future__ import annotations

from typing import NamedTuple


class Input(NamedTuple):
    id: str
    why: str
    target: str = "/"  # the path and query that the caller writes
    service: str = "execute-api"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    body_kind: str = "bytes"  # bytes, text, file, generator
    token: str | None = None
    expires: int | None = None  # seconds for which a signature in the query is valid
    user_info: str = ""


TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE/token+with==signs"
OLD = "20150830T123600Z"


def _both(id_: str, why: str, target: str) -> list[Input]:
    return [Input(id_, why, target), Input(f"{id_}-s3", why, target, "s3")]


_PATHS = [
    ("path-root", "the empty path", "/"),
    ("path-final-slash", "CR-PATH-3: a final slash stays", "/a/b/"),
    ("path-slashes", "CR-PATH-3, 4: empty segments are removed, but belong to an S3 key", "/a//b///c"),
    ("path-slashes-first", "CR-PATH-3, 4: an empty segment at the front", "//a"),
    ("path-dot", "CR-PATH-3, 4: dot segments are removed, but belong to an S3 key", "/a/./b"),
    ("path-dots", "CR-PATH-3, 4: a segment of two dots", "/a/b/../c"),
    ("path-dots-last", "CR-PATH-3: two dots at the end", "/a/b/.."),
    ("path-dots-escaped", "CR-PATH-3: escaped dots are not dot segments", "/a/%2E%2E/b"),
    ("path-space", "CR-PATH-2, 4: escaped twice, for S3 once", "/my%20photos/a.jpg"),
    ("path-slash-escaped", "CR-PATH-2: an escaped slash separates no segments; S3 reads a slash", "/a%2Fb"),
    ("path-lower-escape", "CR-PATH-2, 4: lower-case escapes", "/%c3%bc"),
    ("path-unicode", "CR-PATH-2, 4: UTF-8 in upper-case escapes", "/%E1%88%B4/%F0%9F%98%80"),
    ("path-unicode-raw", "not ASCII, not escaped", "/ü"),
    ("path-space-raw", "a space, not escaped", "/a b"),
    ("path-tilde", "CR-PATH-6: a tilde is unreserved", "/~user"),
    ("path-tilde-escaped", "CR-PATH-4: a tilde escaped needlessly", "/%7Euser"),
    ("path-reserved", "CR-PATH-2, 4: reserved characters, raw", "/a!b$c'd(e)f*g,h;i=j:k@l"),
    ("path-reserved-escaped", "CR-PATH-4: reserved characters, escaped", "/a%21b%24c%27d%28e%29f%2Ag%2Ch%3Bi%3Dj%3Ak%40l"),
    ("path-plus", "CR-PATH-4: a raw plus sign; S3 reads a space", "/a+b"),
    ("path-plus-escaped", "CR-PATH-4: a plus sign in its safe form", "/a%2Bb"),
    ("path-percent", "CR-PATH-2: an escaped percent sign", "/100%25"),
    ("path-connections", "EX-RS-2: the management API of WebSockets", "/test/@connections/JBDvjfGEIAMCERw%3D"),
    ("query-order-prefix", "CR-QUERY-2: a name that begins another", "/?Param=2&Param-3=3&Param.4=4&Param%20=5"),
    ("query-order-case", "CR-QUERY-2: capitals first", "/?b=1&B=2&a=3&A=4"),
    ("query-order-encoded", "CR-QUERY-2: sorted by the encoded bytes", "/?z=1&%E1%88%B4=2"),
    ("query-repeated", "CR-QUERY-2: repeated names, sorted by value", "/?a=2&a=1&a=10"),
    ("query-equals", "CR-QUERY-1: `=` in a value", "/?a=b=c=="),
    ("query-equals-escaped", "CR-QUERY-1: `=` in a value, escaped", "/?a=b%3Dc%3D%3D"),
    ("query-slash", "CR-QUERY-1: `/`, `:` and `?` in a value", "/?a=/x:y?z"),
    ("query-flag", "CR-QUERY-1: a name without `=`", "/?uploads"),
    ("query-flag-among", "CR-QUERY-1: such a parameter among others", "/?b=1&acl&a=2"),
    ("query-empty-value", "CR-QUERY-1: an empty value", "/?a="),
    ("query-empty-pairs", "CR-QUERY-4: empty pairs", "/?a=1&&b=2&"),
    ("query-empty", "a question mark alone", "/?"),
    ("query-plus", "CR-QUERY-3: a raw plus sign is a space", "/?q=a+b"),
    ("query-plus-escaped", "CR-QUERY-3: a plus sign in its safe form", "/?q=a%2Bb"),
    ("query-space", "CR-QUERY-3: a space", "/?q=a%20b"),
    ("query-lower-escape", "CR-QUERY-1: lower-case escapes", "/?q=%c3%bc%2f"),
    ("query-unicode", "CR-QUERY-1: UTF-8 in upper-case escapes", "/?q=%F0%9F%98%80"),
    ("query-unicode-raw", "not ASCII, not escaped", "/?q=ü"),
    ("query-tilde-escaped", "CR-QUERY-1: a tilde escaped needlessly", "/?q=%7E"),
    ("query-reserved", "CR-QUERY-1: what encodeURIComponent does not escape", "/?q=!'()*"),
    ("query-semicolon", "CR-QUERY-5: a semicolon is data", "/?a=1;b=2"),
    ("query-escaped-needlessly", "CR-QUERY-1: unreserved letters, escaped", "/?%61=%62"),
    ("query-long", "sixty parameters in reverse order", "/?" + "&".join(f"k{n:02}={n}" for n in range(60, 0, -1))),
    ("fragment", "a fragment is never sent", "/a?b=c#part"),
]  # fmt: skip

_HEADERS = [
    ("header-spaces", "CR-HDR-2: runs of spaces", (("My-Header", "a   b  c"),)),
    ("header-outer-spaces", "CR-HDR-2: spaces around", (("My-Header", "  a  "),)),
    ("header-quotes", "CR-HDR-3: spaces between quotes", (("My-Header", '"a   b"'),)),
    ("header-tab", "CR-HDR-4: a tab within", (("My-Header", "a\tb"),)),
    ("header-empty", "CR-HDR-7: an empty value", (("My-Header", ""),)),
    ("header-repeated", "CR-HDR-2: repeated, in arrival order", (("My-Header", "b"), ("My-Header", "a"))),
    ("header-comma", "CR-HDR-2: a list in one header", (("My-Header", "b, a,c"),)),
    ("header-case", "CR-HDR-1: mixed case", (("mY-hEADER", "VaLue"),)),
    ("header-order", "CR-HDR-1: sorted by bytes", (("ab", "1"), ("a-b", "2"), ("a_b", "3"), ("a0b", "4"))),
    ("header-unicode", "CR-HDR-8: not ASCII", (("My-Header", "ü"),)),
    ("header-x-amz", "CR-HDR-5: every x-amz-* header is signed", (("X-Amz-Meta-A", "b"), ("X-Amz-Target", "T.O"))),
    ("header-host", "CR-HDR-6: a Host of the caller's own", (("Host", "other.example"),)),
    ("header-host-port", "CR-HDR-6: another host with an unusual port", (("Host", "other.example:8443"),)),
    ("header-user-agent", "1d: a User-Agent of the caller's own", (("User-Agent", "my agent/1.0"),)),
    ("header-trace", "FAIL-16: a tracing header", (("X-Amzn-Trace-Id", "Root=1-2-3"),)),
    ("preset-date", "CR-HDR-9: an X-Amz-Date of an earlier signature", (("X-Amz-Date", OLD),)),
    ("preset-date-header", "STS-3: a Date header", (("Date", "Sun, 30 Aug 2015 12:36:00 GMT"),)),
    ("preset-authorization", "CR-HDR-9: an Authorization of an earlier signature", (("Authorization", "AWS4-HMAC-SHA256 Credential=x"),)),
    ("preset-token", "CR-HDR-9: a token of earlier credentials", (("X-Amz-Security-Token", "STALE"),)),
]  # fmt: skip

_BODIES = [
    ("body-post", "PAYLOAD-1: JSON", "POST", b'{"a":1}', "bytes"),
    ("body-text", "PAYLOAD-1: text is UTF-8", "POST", "{\"a\":\"ü\"}".encode(), "text"),
    ("body-binary", "PAYLOAD-1: every byte value", "PUT", bytes(range(256)), "bytes"),
    ("body-get", "PAYLOAD-1, FAIL-33: GET with a body", "GET", b'{"query":{}}', "bytes"),
    ("body-delete", "PAYLOAD-1: DELETE with a body", "DELETE", b"x", "bytes"),
    ("body-empty-post", "CR-HDR-7: POST without a body", "POST", None, "bytes"),
    ("body-empty-bytes", "CR-HDR-7: POST with an empty body", "POST", b"", "bytes"),
    ("body-file", "PAYLOAD-6: a file", "PUT", b"from a file\r\n\x00", "file"),
    ("body-generator", "FAIL-32: a generator, which hashing uses up", "PUT", b"from a generator", "generator"),
    ("body-line-ends", "FAIL-32: line ends as they are", "POST", b"a\r\nb\nc\r", "bytes"),
]  # fmt: skip

_PRESIGNED = [
    ("presign", "URL-1: nothing but the host is signed", "/a"),
    ("presign-query", "CR-QUERY-6: parameters before and after the signature's", "/a?Zone=z&Action=a"),
    ("presign-query-repeated", "CR-QUERY-2: repeated parameters are kept", "/a?k=2&k=1"),
    ("presign-query-flag", "CR-QUERY-1: a name without `=`", "/a?acl"),
    ("presign-query-equals", "CR-QUERY-1: `=` and `/` in a value", "/a?k=b%3D%2F"),
    ("presign-query-plus", "CR-QUERY-3: a raw plus sign", "/a?k=b+c"),
    ("presign-path-space", "CR-PATH-2, 4: a space", "/my%20photos"),
    ("presign-path-dots", "CR-PATH-3, 4: dot segments", "/a/../b"),
    ("presign-fragment", "URL-1: a fragment", "/a?b=c#part"),
]

INPUTS: list[Input] = [
    *(entry for path in _PATHS for entry in _both(*path)),
    *(Input(id_, why, headers=headers) for id_, why, headers in _HEADERS),
    *(
        Input(f"{id_}{'-s3' if service == 's3' else ''}", why, "/k", service, method, (), body, kind)
        for id_, why, method, body, kind in _BODIES
        for service in ("execute-api", "s3")
    ),
    Input("token", "TOKEN-1: temporary credentials", token=TOKEN),
    Input("token-s3", "TOKEN-1: temporary credentials", "/k", "s3", token=TOKEN),
    Input("token-post", "TOKEN-1: with a body", "/", method="POST", body=b"{}", token=TOKEN),
    Input("user-info", "CR-HDR-6: user-info is not in the Host header", "/a", user_info="user:pw@"),
    Input("method-patch", "CR-METHOD: another method", "/a", method="PATCH", body=b"{}"),
    Input("method-head", "CR-METHOD: HEAD", "/k", "s3", method="HEAD"),
    *(
        Input(f"{id_}{'-s3' if service == 's3' else ''}", why, target, service, expires=900)
        for id_, why, target in _PRESIGNED
        for service in ("execute-api", "s3")
    ),
    Input("presign-token", "TOKEN-1: the token is a parameter", "/a", token=TOKEN, expires=900),
    Input("presign-token-s3", "TOKEN-1: the token is a parameter", "/a", "s3", token=TOKEN, expires=900),
    Input("presign-week-s3", "URL-2: the longest life", "/a", "s3", expires=604800),
]
