"""Generates requests on which awscrt, botocore and this package must agree.

The requests avoid forms that the others refuse or read in another way: no raw ``+`` in a query
(CR-QUERY-3), no ``:/`` in a target (awscrt takes it for the end of a scheme), S3 paths that decoding and encoding
leave unchanged (CR-PATH-4), and the space as the only white space of a header value (CR-HDR-4).

Signers sign a path that leads above the root (``/../a``), and every ``Verifier`` refuses it: ``below_the_root`` makes
such a case one that can be verified.
"""

from __future__ import annotations

from random import Random

from tests.interop.referees import Case
from tests.oracle import uri_encode

METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS", "PROPFIND", "get", "X-a.b~c")
UNRESERVED = "abcXYZ019-._~"
WIRE_PATH = UNRESERVED + "!$&'()*+,;=:@"
WIRE_QUERY = UNRESERVED + "!$'()*,;:@/?"
TEXT = UNRESERVED + " +&=/?#%:;@!$'()*,[]\"<>\\^`{|}" + "éß中😀\x01\x7f"
VALUE = "abcXYZ019 -._~!#$%&'()*+,/:;<=>?@[]^`{|}\"\\"
NAME = "abcdefXYZ019-_.!#$%&'*+^`|~"
SERVICES = ("sagemaker", "iam", "execute-api", "service")
REGIONS = ("us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1")
# Names that another implementation refuses, writes itself, or treats in a special way.
OWN = frozenset(
    (
        "authorization",
        "date",
        "host",
        "x-amz-date",
        "x-amz-content-sha256",
        "x-amz-security-token",
        "content-length",
    )
)
USUAL = (
    "Content-Type",
    "X-Amz-Target",
    "X-Amz-Meta-A",
    "x-amz-meta-b",
    "Range",
    "If-Match",
    "Cache-Control",
    "Accept",
)


def _text(random: Random, alphabet: str, longest: int) -> str:
    return "".join(random.choices(alphabet, k=random.randint(0, longest)))


def _wire(random: Random, alphabet: str, longest: int) -> str:
    """Text for a URL: raw characters of the alphabet, mixed with escapes of any byte in upper or lower case."""
    pieces = []
    for _ in range(random.randint(0, longest)):
        if random.random() < 0.3:
            escape = f"%{random.randrange(256):02x}"
            pieces.append(random.choice((escape, escape.upper())))
        else:
            pieces.append(random.choice(alphabet))
    return "".join(pieces)


def default_path(random: Random) -> str:
    segments = [
        random.choice(
            ("", ".", "..", "...", ".a", "a.", _wire(random, WIRE_PATH, 6), _wire(random, WIRE_PATH, 12))
        )
        for _ in range(random.randint(0, 6))
    ]
    return _without_scheme("/" + "/".join(segments))


def _without_scheme(text: str) -> str:
    while ":/" in text:
        text = text.replace(":/", "/")
    return text


def s3_path(random: Random) -> str:
    """A path for S3, without ``%2F``: S3's rule would make it a ``/``."""
    key = TEXT.replace("/", "")
    segments = [
        random.choice(("", ".", "..", uri_encode(_text(random, key, 10).encode()).decode()))
        for _ in range(random.randint(0, 6))
    ]
    return "/" + "/".join(segments)


def wire_query(random: Random) -> str:
    if random.random() < 0.3:
        return ""
    names = [_wire(random, WIRE_QUERY, 4) for _ in range(3)]  # few, so that names repeat
    parts = []
    for _ in range(random.randint(0, 6)):
        name, value = random.choice(names), _wire(random, WIRE_QUERY + "=", 8)
        parts.append(random.choice((f"{name}={value}", f"{name}={value}", name, "")))
    return _without_scheme("&".join(parts))


def plain_params(random: Random) -> dict[str, str]:
    return {_text(random, TEXT, 4): _text(random, TEXT, 8) for _ in range(random.randint(0, 5))}


def encoded(params: dict[str, str]) -> str:
    return "&".join(
        f"{uri_encode(name.encode()).decode()}={uri_encode(value.encode()).decode()}"
        for name, value in params.items()
    )


def headers(random: Random, never_signed: frozenset[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    skipped = sorted(never_signed)
    for _ in range(random.randint(0, 6)):
        shape = random.random()
        if shape < 0.4:
            name = random.choice(USUAL)
        elif shape < 0.5:
            name = random.choice(skipped)
        elif shape < 0.65 and found:
            name = random.choice(found)[0].swapcase()
        else:
            name = random.choice(NAME[:10]) + _text(random, NAME, 8)
        value = _text(random, VALUE + "  ", 16)
        if random.random() < 0.05:
            value += random.choice(("é", "テスト", "ÿ"))
        if name.lower() not in OWN:
            found.append((name, value))
    return found


def case(random: Random, *, s3: bool, encodes: bool, never_signed: frozenset[str]) -> Case:
    """One request; with ``encodes`` for an implementation that gets the query in plain text and encodes it."""
    params = plain_params(random) if encodes else {}
    return Case(
        method=random.choice(METHODS[:7] if encodes else METHODS),
        host=random.choice(("example.amazonaws.com", "a.b.example", "127.0.0.1:8080", "h:8443", "[::1]:81")),
        path=s3_path(random) if s3 else default_path(random),
        query=encoded(params) if encodes else wire_query(random),
        params=params,
        headers=headers(random, never_signed),
        body=random.choice((b"", b"{}", random.randbytes(random.randint(0, 200)))),
        service="s3" if s3 else random.choice(SERVICES),
        region=random.choice(REGIONS),
        access_key_id=random.choice(("AKIDEXAMPLE", "ASIAEXAMPLE")),
        secret_access_key=random.choice(
            ("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "notrealrnrELgWzOk3IfjzDKtFBhDby")
        ),
        session_token=random.choice((None, "TOKEN/+==")),
        epoch=random.choice((1440938160, 951782400, 4102444799, random.randrange(0, 4102444800))),
    )


def below_the_root(found: Case) -> Case:
    """The case without each ``..`` that leads above the root; other segments are unchanged."""
    kept: list[str] = []
    depth = 0
    for segment in found.path.split("/"):
        plain = segment.lower().replace("%2e", ".")
        step = -1 if plain == ".." else int(plain not in ("", "."))
        if depth + step >= 0:
            kept.append(segment)
            depth += step
    return found._replace(path="/".join(kept) if len(kept) > 1 else "/")


def smaller(found: Case) -> list[Case]:
    """All cases with one part less than ``case``, to find the smallest one with a difference."""
    out = [
        found._replace(headers=found.headers[:i] + found.headers[i + 1 :]) for i in range(len(found.headers))
    ]
    segments = found.path.split("/")
    out += [
        found._replace(path="/".join(segments[:i] + segments[i + 1 :]))
        for i in range(1, len(segments))
        if i > 1
    ]
    if found.params:
        for name in found.params:
            params = {other: value for other, value in found.params.items() if other != name}
            out.append(found._replace(params=params, query=encoded(params)))
    elif found.query:
        parts = found.query.split("&")
        out += [found._replace(query="&".join(parts[:i] + parts[i + 1 :])) for i in range(len(parts))]
    if found.body:
        out.append(found._replace(body=b""))
    if found.session_token:
        out.append(found._replace(session_token=None))
    return out
