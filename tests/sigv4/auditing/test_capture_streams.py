"""Captures of each form are read exchange by exchange, with the memory of one, however they are split into blocks."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from sigv4 import Credentials, Signer, SigningError
from sigv4.auditing.capture_source import Source
from sigv4.auditing.captures import captures, read_captures
from sigv4.auditing.raw_requests import raw_exchanges
from sigv4.auditing.text_captures import _WINDOW

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
URL = "https://lambda.us-east-1.amazonaws.com/a"
ANSWER = "HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\n\r\n"


def headers_of(body: str) -> dict[str, str]:
    signer = Signer("lambda", "us-east-1", KEYS)
    length = {"Content-Length": str(len(body.encode()))}
    return signer.sign("POST", URL, length, body.encode(), at=1772600767)


def raw(body: str) -> str:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers_of(body).items())
    return f"POST /a HTTP/1.1\r\n{lines}\r\n{body}"


def dump(body: str) -> str:
    return f"{raw(body)}\r\n\r\n{ANSWER.format(2)}{{}}\r\n\r\n"


def printed(body: str) -> str:
    """A message in the form that programs print: with one kind of line end, and without the length of the body."""
    given = dump(body).replace(f"Content-Length: {len(body.encode())}\r\n", "")
    return given.replace("Content-Length: 2\r\n", "").replace("\r\n", "\n")


def curl(body: str) -> str:
    sent = "".join(f"> {line}\n" for line in raw("").splitlines())
    came = "".join(f"< {line}\n" for line in ANSWER.format(len(body)).splitlines())
    return f"* Connected\n{sent}{came}{body}\n* Connection left intact\n"


def toolbelt(body: str) -> str:
    return curl(body).replace("> ", "@ ").replace("< ", "> ").replace("@ ", "< ")


def http_client(body: str) -> str:
    head = raw(body)[: -len(body)]
    reply = "reply: 'HTTP/1.1 403 Forbidden\\r\\n'\nheader: A: b\n"
    return f"send: {head.encode()!r}\nsend: {body.encode()!r}\n{reply}"


def debug_log(body: str) -> str:
    sent = {name: value.encode() for name, value in headers_of(body).items()}
    return (
        f"DEBUG Making request with params: {{'body': {body.encode()!r}}}\n"
        "DEBUG Sending http request: <AWSPreparedRequest stream_output=False, method=POST, "
        f"url={URL}, headers={sent!r}>\n"
        "DEBUG \"POST /a HTTP/1.1\" 403 2\nDEBUG Response headers: {}\nDEBUG Response body:\nb'{}'\n"
    )


def http_file(body: str) -> str:
    lines = "".join(f"{name}: {value}\n" for name, value in headers_of(body).items())
    return f"POST {URL}\n{lines}\n{body}\n"


def go_log(body: str) -> str:
    answer = "HTTP/1.1 403 Forbidden\r\n\r\n{}\n"
    return f"SDK 2023/06/06 1:2:3 DEBUG Request\n{raw(body)}\nSDK 2023/06/06 1:2:4 DEBUG Response\n{answer}"


def json_object(body: str, indent: int | None = None) -> str:
    given = {"method": "POST", "url": URL, "headers": headers_of(body), "body": body}
    return json.dumps(given, indent=indent)


def har_entry(body: str) -> str:
    request = {"method": "POST", "url": URL, "headers": headers_of(body), "postData": {"text": body}}
    return json.dumps({"request": request, "response": {"status": 403, "content": {"text": "{}"}}})


class Form:
    """A form of captures: ``one`` exchange with a body, and the text before, between and after several of them."""

    def __init__(
        self,
        one: Callable[[str], str],
        start: str = "",
        between: str = "",
        end: str = "",
        encoding: str = "utf-8",
    ) -> None:
        self.one, self.start, self.between, self.end = one, start, between, end
        self.encoding = encoding

    def pieces(self, bodies: Iterator[str]) -> Iterator[bytes]:
        yield self.start.encode(self.encoding)
        made: dict[str, bytes] = {}
        for number, body in enumerate(bodies):
            if body not in made:
                made[body] = self.one(body).encode(self.encoding)
            yield self.between.encode(self.encoding) * (number > 0)
            yield made[body]
        yield self.end.encode(self.encoding)


FORMS = {
    "raw requests": Form(raw),
    "raw requests in UTF-16": Form(raw, encoding="utf-16-le"),
    "raw requests with answers": Form(dump),
    "requests as they are printed": Form(printed),
    "a log before requests": Form(printed, "* Trying 127.0.0.1\n* Connected\n"),
    "curl -v": Form(curl),
    "requests_toolbelt": Form(toolbelt),
    "http.client": Form(http_client),
    "debug log": Form(debug_log),
    ".http file": Form(http_file, between="###\n"),
    "log of Go": Form(go_log),
    "JSON lines": Form(json_object, between="\n"),
    "JSON over several lines": Form(lambda body: json_object(body, 2), between="\n"),
    "JSON list": Form(json_object, "[", ",", "]"),
    "HAR": Form(har_entry, '{"log": {"entries": [', ",", "]}}"),
    "HAR whose entries come late": Form(har_entry, '{"a": 1, "log": {"b": 2, "entries": [', ",", "]}, \"c\": 3}"),
    "list of entries": Form(har_entry, "[", ",", "]"),
}  # fmt: skip
WITHOUT_BODY = frozenset(("curl -v", "requests_toolbelt"))


class Made:
    """A file that is made while it is read."""

    def __init__(self, pieces: Iterator[bytes], largest: int = 1 << 20) -> None:
        self._pieces = pieces
        self._ahead = b""
        self._largest = largest
        self.read_so_far = 0

    def read(self, size: int, /) -> bytes:
        while not self._ahead:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._ahead = piece
        size = min(size, self._largest)
        block, self._ahead = self._ahead[:size], self._ahead[size:]
        self.read_so_far += len(block)
        return block


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.slow
def test_memory_is_that_of_the_largest_entry(name: str) -> None:
    """At most 16 of 64 entries of 512 KiB are in memory at once, including text read ahead and copies."""
    form, body, count = FORMS[name], '"' + "x" * (1 << 19) + '"', 64
    largest = max(map(len, form.pieces(iter([body]))))
    file = Made(form.pieces(body for _ in range(count)))
    tracemalloc.start()
    found = sum(1 for _ in captures(file))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == count
    assert file.read_so_far > 32 * largest
    assert peak < 16 * largest


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.slow
def test_many_small_entries_take_no_more_than_what_is_read_ahead(name: str) -> None:
    form = FORMS[name]
    file = Made(form.pieces("{}" for _ in range(8000)))
    tracemalloc.start()
    first = next(captures(file))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert first[0].method == "POST"
    assert file.read_so_far < 3 * _WINDOW
    assert peak < 12 * _WINDOW


@pytest.mark.parametrize("largest", [1, 2, 3, 1000])
@pytest.mark.parametrize("name", FORMS)
def test_exchanges_are_the_same_however_the_file_is_split(name: str, largest: int) -> None:
    bodies = ["{}", '{"a": "b\\u00fc"}', "x=1&y='2'\\", "a b"]
    form = FORMS[name]
    whole = b"".join(form.pieces(iter(bodies)))
    found = list(captures(Made(iter([whole]), largest)))
    assert found == read_captures(whole)
    assert [request.body.decode() for request, _ in found] == ([""] * 4 if name in WITHOUT_BODY else bodies)
    answered = {response.status for _, response in found if response is not None}
    assert answered in (set(), {403})
    assert (answered == set()) is name.startswith(("JSON", "raw requests", ".http")) or "answers" in name


def test_each_request_has_its_own_answer() -> None:
    two = (
        dump("{}")
        + raw("a")
        + "\r\n"
        + dump("bc").replace("HTTP/1.1 403", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200")
    )
    found = [
        (request.body, response and response.status) for request, response in read_captures(two.encode())
    ]
    assert found == [(b"{}", 403), (b"a", None), (b"bc", 200)]
    log = "* Connected\n" + printed("{}") + "* left intact\n" + printed("a")
    bodies = [(request.body, response and response.body) for request, response in read_captures(log.encode())]
    assert bodies == [(b"{}", b"{}"), (b"a", b"{}")]


@pytest.mark.parametrize(
    "body", ["a\r\nHTTP/1.1 200 OK\r\n\r\nb", "--x\r\nA: b\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n--x--\r\n", "\n\n", "> GET / HTTP/1.1\n", "send: b'x'\n"]
)  # fmt: skip
def test_a_body_of_the_declared_length_is_kept_byte_for_byte(body: str) -> None:
    for given in (raw(body), dump(body), raw(body) + raw("{}"), dump("{}") + dump(body)):
        assert body.encode() in [request.body for request, _ in read_captures(given.encode())]


def test_the_answer_to_head_has_a_length_and_no_body() -> None:
    head = "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"
    found = read_captures((head + raw("{}")).encode())
    assert [request.method for request, _ in found] == ["HEAD", "POST"]


@pytest.mark.parametrize("length", [1, 255, 256, 257, 5000])
def test_the_next_request_is_found_after_blank_lines_and_by_a_long_line(length: int) -> None:
    following = f"GET /{'a' * length} HTTP/1.1\r\nHost: h\r\n\r\n"
    for given in (raw("{}") + following, raw("{}") + "\r\n" * length + following):
        found = read_captures(given.encode())
        assert [request.body for request, _ in found] == [b"{}", b""]


def test_the_length_in_an_answer_to_head_is_not_read_ahead() -> None:
    head = "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
    file = Made(head.encode() for _ in range(1 << 16))
    found = captures(file)
    assert next(found)[0].method == "HEAD"
    assert file.read_so_far < 2 * _WINDOW


@pytest.mark.parametrize("length", [1000, 10**6, 10**15])
def test_text_for_a_false_length_is_not_copied_again_and_again(length: int) -> None:
    one = f"GET /a HTTP/1.1\nHost: h\n\nHTTP/1.1 200 OK\nContent-Length: {length}\n\nshort\n\n".encode()
    source = Source(Made(iter([one * 10_000])))
    copies = [source._ahead]
    for _ in zip(range(1000), raw_exchanges(source), strict=False):
        if source._ahead is not copies[-1]:
            copies.append(source._ahead)
    assert len(copies) < 5
    assert sum(1 for _ in captures(Made(iter([one * 9])))) == 9


def test_empty_blocks_of_http_client_are_not_kept() -> None:
    empty = "send: b''\n" * 3
    log = f"{empty}send: b'GET / HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n'\nreply: 'HTTP/1.1 200 OK'\n{empty}"
    assert [answer is not None for _, answer in read_captures((log * 2).encode())] == [True, True]
    assert read_captures(f"{empty}reply: 'HTTP/1.1 200 OK'\n{empty}".encode()) == []


def test_ambiguous_input_is_refused() -> None:
    unsaid = "POST / HTTP/1.1\nHost: h\n\n{}\n\n"
    with pytest.raises(SigningError, match=r"should be at byte 25; .*needs its Content-Length"):
        read_captures((unsaid * 2).encode())
    short = unsaid.replace("Host: h", "Content-Length: 1")
    with pytest.raises(SigningError, match="needs its Content-Length"):
        read_captures((raw("{}") + short * 2).encode())


def test_urls_of_a_long_list_are_read_line_by_line() -> None:
    url = f"https://h.example/{'a' * 500}?X-Amz-Signature=b"
    count = 2 * _WINDOW // len(url)
    lines = f"{url}\n" * count
    assert sum(1 for _ in captures(Made(iter([lines.encode()])))) == count
    with pytest.raises(SigningError, match=f"line {count + 2} holds more than URLs"):
        read_captures(f"{lines}\nand this\n".encode())


@pytest.mark.slow
def test_a_log_may_begin_long_before_its_first_request() -> None:
    chatter = "DEBUG nothing to see\n" * (_WINDOW // 16)
    (found,) = read_captures((chatter + debug_log("{}")).encode())
    assert found[0].body == b"{}"
    with pytest.raises(SigningError, match="a request should begin at byte"):
        read_captures(chatter.encode())


def test_a_source_gives_back_what_was_read_last() -> None:
    for largest in (1, 3, 100):
        source = Source(Made(iter([b"ab\ncd\nef"]), largest))
        assert source.line() == b"ab\n"
        assert (source.exactly(2), source.position) == (b"cd", 5)
        source.unread(b"cd")
        assert (source.peek(3), source.position) == (b"cd\n", 3)
        source.skip(b"cd\n")
        assert (source.rest(), source.position) == (b"ef", 8)
        assert (source.line(), source.peek(1), source.exactly(1)) == (b"", b"", b"")


def test_logs_that_were_wrapped_quoted_or_preceded_by_other_text_are_read() -> None:
    broken = "* Connected\nGET / HTTP/1.1\nAuthorization: a, \nSigned=b\nX: c\n d\n\nHTTP/1.1 403\n\n"
    (found,) = read_captures(broken.encode())
    assert dict(found[0].headers) == {"Authorization": "a, Signed=b", "X": "c d"}
    (found,) = read_captures(b"a progress bar\n> GET / HTTP/1.1\n> Host: h\n>\n")
    assert found[0].headers == (("Host", "h"),)
    quoted = b'it\'s "x" '
    (found,) = read_captures(f"send: {raw('{}').encode()!r}\nsend: {quoted!r}\n".encode())
    assert found[0].body == b"{}" + quoted
    assert read_captures(b"send: b''\nreply: 'HTTP/1.1 200'\n") == []
