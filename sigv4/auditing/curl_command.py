"""Converts curl command lines, such as a browser's "Copy as cURL", into the requests that they send."""

from __future__ import annotations

from base64 import b64encode

from ..errors import SigningError
from ..headers import names_of
from ..percent import escape
from ..request import Request, utf8_bytes, utf8_value
from ..target import cut_url, split_target
from .shell_words import shell_commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_LETTERS = "sSvikLfgNOjnq0123456#Z"  # flags without a value
# Flags that are followed by a value and do not change the request.
_WITH_VALUE = frozenset(
    "-o --output -m --max-time --connect-timeout --cacert --cert --key -x --proxy --resolve --retry -w "
    "--write-out --proto --interface -c --cookie-jar --limit-rate --connect-to --ciphers --capath -E -D "
    "--dump-header --retry-delay --retry-max-time --noproxy --dns-servers --trace --trace-ascii".split()
)
_HEADERS = {
    "-b": "Cookie", "--cookie": "Cookie", "-A": "User-Agent", "--user-agent": "User-Agent", "-e": "Referer",
    "--referer": "Referer", "-r": "Range", "--range": "Range",
}  # fmt: skip
_CURL = ("curl", "curl.exe")
_LARGEST = 1 << 28  # bytes of the requests of one command, which may be many times those of the command
_EACH_HEADER = 256  # bytes that are added for each header, for the time that it takes
_ENDS = frozenset((";", "&", "&&", "|", "||", ">", ">>"))  # a command, or its arguments
_FORM = "application/x-www-form-urlencoded"
# Words before "curl": a shell prompt, or commands that run curl.
_BEFORE = frozenset(("$", "#", "%", ">", "time", "sudo", "exec", "&"))


def is_curl_command(text: str) -> bool:
    words = text[:200].split()
    while words and (words[0] in _BEFORE or ("=" in words[0] and words[0].partition("=")[0].isidentifier())):
        del words[0]
    return bool(words) and words[0] in _CURL


def requests_of_commands(text: str) -> Iterator[Request]:
    """The requests of curl commands. Raises SigningError if a command does not hold all that it sends."""
    for words in shell_commands(text, is_curl_command):
        given = iter(words)
        any(word in _CURL for word in given)  # skips the words up to "curl"
        yield from _requests(given)
        while any(word in _CURL for word in given):  # further commands, after ';' or '|'
            yield from _requests(given)


def _requests(given: Iterator[str]) -> Iterator[Request]:
    """The requests of the words up to the end of a command: one for each of its URLs and after ``--next``."""
    command = _Command()
    for word in given:
        if word in _ENDS:
            break
        if word in ("--next", "-:"):
            yield from command.requests()
            command = _Command()
        elif word.startswith("-"):
            command.take(*_flag_and_value(word, given))
        else:
            command.urls.append(word)
    yield from command.requests()


def _flag_and_value(word: str, rest: Iterator[str]) -> tuple[str, str]:
    flag, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
    if len(word) > 2 and word[0] == "-" != word[1]:  # several letters; the last one may have a value
        letters = word[1:].lstrip(_LETTERS) or word[-1]
        flag, equals, value = f"-{letters[0]}", "=" if letters[1:] else "", letters[1:]
    if not equals and _takes_value(flag):
        value = next(rest, "")
    return flag, value


def _takes_value(flag: str) -> bool:
    others = ("-X", "--request", "-H", "--header", "--url", "-u", "--user", "--json", "-T", "--upload-file")
    more = ("-F", "--form", "--form-string", "--aws-sigv4", "--request-target", "--url-query")
    return (
        flag in _WITH_VALUE or flag in _HEADERS or flag in others + more or flag.startswith(("-d", "--data"))
    )


class _Command:
    def __init__(self) -> None:
        self.urls: list[str] = []
        self._method, self._user, self._type = "", "", ""
        self._data: list[str] = []
        self._in_query = self._is_json = False
        self._headers: list[tuple[str, str | bytes]] = []
        self._without: set[str] = set()

    def take(self, flag: str, value: str) -> None:
        if flag in ("-X", "--request"):
            self._method = value
        elif flag in ("-H", "--header"):
            self._header(value)
        elif flag in _HEADERS:
            self._header_of_flag(_HEADERS[flag], value)
        elif flag == "--url":
            self.urls.append(value)
        elif flag in ("-I", "--head"):
            self._method = self._method or "HEAD"
        elif flag in ("-G", "--get"):
            self._in_query = True
        elif flag in ("-u", "--user"):
            self._user = value
        elif flag == "--aws-sigv4":
            raise SigningError(
                "the curl command has --aws-sigv4: curl signs when it is run, and the command does not hold "
                "the signature; expected the output of curl -v"
            )
        elif flag in ("-F", "--form", "--form-string", "-T", "--upload-file"):
            raise SigningError(_no_body(flag, value))
        elif flag == "--json" or flag.startswith(("-d", "--data")):
            self._add(flag, value)

    def _header(self, text: str) -> None:
        """``Name: value``; ``Name;`` has an empty value, ``Name:`` removes curl's default header."""
        name, colon, value = text.partition(":")
        value = value.strip(" \t")
        if not colon and text.endswith(";"):
            self._headers.append((text[:-1].strip(" \t"), ""))
        elif value:
            self._headers.append((name.strip(" \t"), utf8_value(value)))
        else:
            self._without.add(name.strip(" \t").lower())

    def _header_of_flag(self, name: str, value: str) -> None:
        """A cookie without '=' is the name of a file; an empty value removes curl's default header."""
        if name == "Range":
            value = f"bytes={value}"
        elif name == "Referer":
            value = value.removesuffix(";auto")  # for redirects; it is not sent
        if value and (name != "Cookie" or "=" in value):
            self._headers.append((name, value))

    def _add(self, flag: str, value: str) -> None:
        if value.startswith("@") and flag != "--data-raw":
            raise SigningError(_no_body(flag, value))
        if flag == "--data-urlencode":
            name, equals, rest = value.partition("=")
            value = f"{name}{equals if name else ''}{escape(rest)}" if equals else escape(value)
        self._is_json = self._is_json or flag == "--json"
        self._type = "application/json" if flag == "--json" else self._type or _FORM
        joint = "" if flag == "--json" or not self._data else "&"
        self._data.append(f"{joint}{value}")

    def requests(self) -> Iterator[Request]:
        """A request for each URL; they have the same headers and data."""
        if not self.urls:
            raise SigningError("the curl command names no URL")
        text = "".join(self._data) if self._data else None
        query, body = (text, None) if self._in_query else (None, text)
        headers = self._all_headers(body)
        each = len(text or "") + sum(_EACH_HEADER + len(name) + len(value) for name, value in headers)
        if each * (len(self.urls) - 1) > _LARGEST:
            raise SigningError(
                f"the curl command sends {each} bytes of headers and data to each of {len(self.urls)} URLs: "
                f"expected at most {_LARGEST >> 20} MiB in all; write several commands"
            )
        method = self._method or ("GET" if body is None else "POST")
        has_host = "host" in names_of(headers) | self._without
        data = utf8_bytes(body or "")
        for given in self.urls:
            url = (given if cut_url(given)[0] else f"http://{given}").partition("#")[0]
            if query is not None:
                url = f"{url}{'&' if '?' in url else '?'}{query}"
            host = [] if has_host else [("Host", split_target(url)[0])]
            yield Request(method, url, [*host, *headers], data)

    def _all_headers(self, body: str | None) -> list[tuple[str, str | bytes]]:
        """The headers of each request but Host, which follows from its URL."""
        names = names_of(self._headers) | self._without
        found = [*self._headers]
        if self._user and "authorization" not in names:
            found.append(("Authorization", f"Basic {b64encode(utf8_bytes(self._user)).decode('ascii')}"))
        if body is not None and "content-type" not in names:
            found.append(("Content-Type", self._type))
        if self._is_json and "accept" not in names:
            found.append(("Accept", "application/json"))
        return found


def _no_body(flag: str, value: str) -> str:
    name = value.partition("=")[0][:60]  # the value of a form's field may be a secret
    return (
        f"the curl command takes its body from elsewhere ({flag} {name}): expected the request as it "
        "was sent, with its body, or the body in the command (--data-raw)"
    )
