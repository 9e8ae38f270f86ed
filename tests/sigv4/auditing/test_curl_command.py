"""curl commands are read as the shell and curl would read them."""

from __future__ import annotations

import io

import pytest

from sigv4 import Request, Response, SigningError
from sigv4.auditing.capture_source import Source
from sigv4.auditing.captures import read_captures
from sigv4.auditing.shell_words import shell_commands
from sigv4.auditing.text_captures import reader_of


def read_text(raw: bytes) -> list[tuple[Request, Response | None]] | None:
    reader = reader_of(raw)
    return None if reader is None else list(reader(Source(io.BytesIO(raw))))


def first_words(text: str) -> list[str]:
    return next(shell_commands(text, lambda start: True))


COMMANDS = [
    (
        "curl 'https://h.example/a?b=c' -X 'PUT' -H 'Accept: x' --data-raw $'{\"a\":\"\\u0027\\n\"}'",
        "PUT",
        b'{"a":"\'\n"}',
    ),
    ("curl https://h.example/a \\\n  -H 'A: b' \\\n  --compressed", "GET", b""),
    ('curl ^"https://h.example/a^" ^\n  -H ^"A: b^"', "GET", b""),
    ("$ curl -sd a=1 --data b=2 -b c=d -A me --url=https://h.example/a", "POST", b"a=1&b=2"),
    ("curl -I -o /dev/null -XHEAD h.example/a#f", "HEAD", b""),
    ("curl --head -HHost:h.example https://h.example/a", "HEAD", b""),
    ("time A=b curl -G -d x=1 -d y=2 'https://h.example/a?b' | jq .", "GET", b""),
    ("curl -G -d x=1 'https://h.example/a'", "GET", b""),
    ("curl -H 'Host: h.example' -H 'Accept:' -H 'X-A;' -u me:pw --json '{}' h.example/a", "POST", b"{}"),
    ("curl -H 'Authorization: b' -u me:pw -H 'Content-Type: c' -d '' h.example/a", "POST", b""),
    ("curl --data-urlencode 'a=b c' --data-urlencode 'd e' h.example/a", "POST", b"a=b%20c&d%20e"),
    ('curl ^"https://h.example/a^" ^\n  --data-raw ^"^{^\\^"a^\\^":^ 1^}^"', "POST", b'{"a": 1}'),
    ('curl ^"https://h.example/a^" --data-raw ^"a^\n\nb^^c\\d^\\^\\^\\^"^"', "POST", b'a\nb^c\\d\\"'),
    ('curl "https://h.example/a" ^\n -d "say ""it"""\n', "POST", b'say "it"'),
    ('curl -d "a\\$b" h.example/a', "POST", b"a$b"),
]


@pytest.mark.parametrize(("command", "method", "body"), COMMANDS)
def test_copy_as_curl_is_read_as_the_shell_would(command: str, method: str, body: bytes) -> None:
    found = read_text(command.encode())
    assert found is not None
    request = found[0][0]
    assert (request.method, request.body) == (method, body)
    assert request.url.partition("://")[2].partition("?")[0] == "h.example/a"
    assert ("host", "h.example") in [(name.lower(), value) for name, value in request.headers]


FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@pytest.mark.parametrize(
    ("flags", "headers"),
    [
        ("-d a", {"Content-Type": FORM}),
        ("--data-raw a --json b", {"Content-Type": JSON, "Accept": JSON}),
        ("--json b -d a", {"Content-Type": JSON, "Accept": JSON}),
        ("--json {} -H Accept:x -H content-type:y", {"Accept": "x", "content-type": "y"}),
        ("--json {} -H Accept: -H Content-Type:", {}),
        ("-d a -H 'Content-Type;'", {"Content-Type": ""}),
        ("-u a:b", {"Authorization": "Basic YTpi"}),
        ("--user a:b -H authorization:x", {"authorization": "x"}),
        ("-u a:b -H Authorization:", {}),
        ("-b a=1 -A me -e https://r -r 0-1", {"Cookie": "a=1", "User-Agent": "me", "Referer": "https://r", "Range": "bytes=0-1"}),
        ("--cookie a=1 --user-agent me --referer https://r --range 5-", {"Cookie": "a=1", "User-Agent": "me", "Referer": "https://r", "Range": "bytes=5-"}),
        ("-b cookies.txt -A '' -e ''", {}),
        ("-e 'https://r;auto'", {"Referer": "https://r"}),
        ("-H ' A :  b ' --header C:d", {"A": "b", "C": "d"}),
        ("-sSLk -o f --output f -m 1 --cacert f -x p --proxy p -w x -D f --retry 2", {}),
    ],
)  # fmt: skip
def test_the_headers_are_those_that_curl_sends(flags: str, headers: dict[str, str]) -> None:
    """Compared with curl 7.88; its User-Agent and 'Accept: */*' are left out, since no client signs them."""
    ((request, _),) = read_captures(f"curl {flags} https://h.example/a".encode())
    assert request.headers == (("Host", "h.example"), *headers.items())


SEVERAL = [
    "curl https://h/a\ncurl https://h/b\n\n$ curl https://h/c",
    "curl https://h/a -H 'x: 1\n2' ;\ncurl 'https://h/b' \\\n  -d 'curl https://h/x' ;\ncurl https://h/c",
    '$ curl https://h/a\n{"it\'s": "out\nput"}\n$ curl https://h/b | jq .\nnull\n# curl https://h/c',
    "curl https://h/a; curl https://h/b;curl https://h/c",
    "curl https://h/a && curl https://h/b || curl https://h/c > /dev/null",
    "curl https://h/a --url https://h/b https://h/c",
    "curl https://h/a --next -d x=1 https://h/b -: https://h/c",
    'curl ^"https://h/a^" ^\n  -H ^"a: b^" &\ncurl ^"https://h/b^" --data-raw ^"c^\n\nurl^" &\ncurl ^"https://h/c^"',
    "#!/bin/sh\ncurl https://h/a\necho done\nA=b curl https://h/b\ntime curl https://h/c\n".partition("\n")[
        2
    ],
]


@pytest.mark.parametrize("text", SEVERAL)
def test_every_curl_command_of_a_text_is_read(text: str) -> None:
    found = read_captures(text.encode())
    assert [request.url for request, _ in found] == ["https://h/a", "https://h/b", "https://h/c"]


def test_the_requests_of_one_command_share_its_flags_up_to_next() -> None:
    (a, _), (b, _), (c, _) = read_captures(b"curl -H 'X: 1' -d q h/a h/b --next h/c")
    assert [each.body for each in (a, b, c)] == [b"q", b"q", b""]
    assert [each.header("x") for each in (a, b, c)] == ["1", "1", ""]
    assert (a.header("content-type"), a.headers.count(("Host", "h"))) == (b.header("content-type"), 1)


@pytest.mark.parametrize(
    "flags", ["-H x:y " * 3000, f"-d {'x' * 10**5}", f"-G -d {'x' * 10**5}", f"-u {'x' * 10**5}"]
)
def test_a_command_whose_urls_multiply_its_size_is_refused(flags: str) -> None:
    with pytest.raises(SigningError, match="to each of 4000 URLs: expected at most 256 MiB in all"):
        read_captures(f"curl {flags}{' h/a' * 4000}".encode())
    assert len(read_captures(f"curl {flags} h/a h/b".encode())) == 2


def test_a_later_command_that_was_cut_is_refused() -> None:
    with pytest.raises(SigningError, match="ends within a quoted word"):
        read_captures(b"curl https://h/a\ncurl 'https://h/b")


def test_a_command_that_was_cut_is_refused() -> None:
    with pytest.raises(SigningError, match="ends within a quoted word"):
        read_text(b"curl 'https://h")
    with pytest.raises(SigningError, match="ends within a quoted word"):
        read_text(b'curl ^"https://h')
    with pytest.raises(SigningError, match="names no URL"):
        read_text(b"curl -v")
    for given, said in (
        (b"curl -d @body h", r"body from elsewhere \(-d @body\)"),
        (b"curl -F a=b h", r"body from elsewhere \(-F a\)"),
        (b"curl --upload-file f h", "body from elsewhere"),
        (b"curl --aws-sigv4 aws:amz -u a:b h", "curl signs when it is run"),
    ):
        with pytest.raises(SigningError, match=said):
            read_text(given)
    assert first_words('a \\x41\'b\' "c\\"d" e\nrest') == ["a", "x41b", 'c"d', "e"]
    assert first_words("$'\\x41\\u00e9\\q\\t\\xZZ'") == ["A\xe9q\txZZ"]


def test_data_of_a_command_is_joined_once() -> None:
    found = read_text(b"curl h.example/a" + b" -d a=b" * 3000)
    assert found is not None
    assert found[0][0].body == b"&".join([b"a=b"] * 3000)
    with pytest.raises(SigningError, match="names no URL"):
        read_text(b"A=b' curl https://h.example/'")  # here curl is a quoted word, not a command
