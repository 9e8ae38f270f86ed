"""Accidents that break a signed request, each with the causes that ``diagnose`` may prove for it.

Some happen on the way (another request arrives), some in the signer (it signed another text, or with another
key). Random changes are not in the catalogue: for them nothing may be proved except faults that the request
itself shows.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from sigv4 import Credentials, Signer
from tests.small_signer import SmallSigner

NOW = 1772600767
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
METHODS = ("GET", "PUT", "POST", "DELETE")
_PIECES = ("a", "B7", "-", "~", "%20", "%2F", "%C3%A9", "%2B", "/", "//", ".b", "(c)", ":", "%25")
_SERVICES = ("lambda", "s3", "es", "sagemaker", "execute-api", "aoss")


class Sent(NamedTuple):
    """A request as it is sent or received."""

    service: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    presigned: bool


class Text(NamedTuple):
    """The text that a signer signs, before a fault is added."""

    canonical: str
    scope: str
    secret: str


def digits(random: Random, count: int = 12) -> str:
    return "".join(random.choices("bcdfghjk23456789", k=count))


def signed_request(random: Random) -> tuple[Sent, Text]:
    """A right request of some form, and the text that was signed."""
    service = random.choice(_SERVICES)
    host = (
        f"x.{service}.us-east-1.amazonaws.com"
        if service != "sagemaker"
        else f"api.{service}.us-east-1.amazonaws.com"
    )
    path = "/" + "".join(random.choices(_PIECES, k=random.randint(0, 6)))
    names = random.sample(["a", "b-c", "d", "list-type"], random.randint(0, 3))
    query = "&".join(f"{name}={random.choice(('1', '%20', 'x%2Fy', '', '%2B'))}" for name in names)
    target = f"{path}{'?' if query else ''}{query}"
    headers = {"Content-Type": random.choice(("a/b", "application/json"))} if random.random() < 0.5 else {}
    if random.random() < 0.5:
        headers["X-Amz-Meta-A"] = random.choice(("v", "a  b", "text; c=d", "A, b"))
    method = random.choice(METHODS)
    body = b"" if method in ("GET", "DELETE") else random.choice((b"", b"{}", b'{"a": 1}', b"a=b c", b"x\n"))
    url, signer = f"https://{host}{target}", Signer(service, "us-east-1", KEYS)
    if random.random() < 0.2 and service != "aoss":
        url = signer.presign(method, url, expires=random.choice((900, 777)), at=NOW)
        sent = Sent(service, method, url.partition(host)[2], {"Host": host}, b"", True)
    else:
        headers = {
            name: str(value) for name, value in signer.sign(method, url, headers, body, at=NOW).items()
        }
        sent = Sent(service, method, target, headers, body, False)
    return sent, Text(
        canonical_request(sent), f"20260304/us-east-1/{service}/aws4_request", KEYS.secret_access_key
    )


def canonical_request(sent: Sent) -> str:
    """The canonical request that a server makes of ``sent``; the small signer of the tests makes it."""
    maker = SmallSigner()
    maker.q = {"method": sent.method, "service": sent.service}
    path, _, query = sent.target.partition("?")
    pairs = [pair for pair in maker.pairs(query) if pair[0] != "X-Amz-Signature"]
    lower = {name.lower(): maker.join([value]) for name, value in sent.headers.items()}
    if sent.presigned:
        names = next((value for name, value in pairs if name == "X-Amz-SignedHeaders"), "").replace(
            "%3B", ";"
        )
        payload = "UNSIGNED-PAYLOAD" if maker.is_s3() else hashlib.sha256(sent.body).hexdigest()
    else:
        names = sent.headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0]
        payload = lower.get("x-amz-content-sha256") or hashlib.sha256(sent.body).hexdigest()
    lines = {name: lower.get(name, "") for name in names.split(";")}
    block = "".join(f"{name}:{value}\n" for name, value in lines.items())
    return f"{sent.method}\n{maker.path(path)}\n{maker.query(pairs)}\n{block}\n{names}\n{payload}"


def chain(secret: bytes, *steps: str) -> bytes:
    key = secret
    for step in steps:
        key = hmac.digest(key, step.encode(), "sha256")
    return key


def with_signature(sent: Sent, signature: str) -> Sent:
    if sent.presigned:
        return sent._replace(target=sent.target.rpartition("=")[0] + f"={signature}")
    changed = sent.headers["Authorization"].rpartition("=")[0] + f"={signature}"
    return sent._replace(headers={**sent.headers, "Authorization": changed})


def signature_of(
    text: Text, canonical: str | None = None, key: bytes | None = None, form: Callable[[str], str] = str
) -> str:
    hashed = hashlib.sha256((text.canonical if canonical is None else canonical).encode()).hexdigest()
    string = form(f"AWS4-HMAC-SHA256\n20260304T050607Z\n{text.scope}\n{hashed}")
    made = key if key is not None else chain(b"AWS4" + text.secret.encode(), *text.scope.split("/"))
    return hmac.digest(made, string.encode(), "sha256").hex()


# --- changes on the way: the request that arrives, and the causes that may be proved


def _set(sent: Sent, name: str, value: str | None) -> Sent:
    kept = {key: old for key, old in sent.headers.items() if key.lower() != name.lower()}
    return sent._replace(headers=kept if value is None else {**kept, name: value})


def _method(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    other = random.choice([each for each in METHODS if each != sent.method])
    return sent._replace(method=other), {
        "FAIL-40" if sent.presigned else "CR-METHOD"
    }  # nothing was redirected


def _body(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    arrived = sent._replace(
        body=random.choice((digits(random).encode(), sent.body + b"\n", sent.body + b" "))
    )
    return arrived, {"FAIL-32", "FAIL-33", "FAIL-34", "FAIL-56"}


def _host(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    other = random.choice((f"{digits(random)}.example.com", "localhost:8080", "10.1.2.3"))
    return _set(sent, "Host", other), {"FAIL-15"}


def _regional_host(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    other = sent.headers["Host"].replace("us-east-1", random.choice(("eu-west-1", "us-west-2")))
    # For example, the signer is configured for one endpoint and another is called.
    return _set(sent, "Host", other), {"FAIL-15"}


def _port(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    return _set(sent, "Host", sent.headers["Host"] + random.choice((":443", ":8443", ":9000"))), {"FAIL-14"}


def _type(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    other = random.choice(("application/x-amz-json-1.1", f"a/{digits(random)}", "text/plain; charset=utf-8"))
    return _set(sent, "Content-Type", other), {"FAIL-19"}


def _dropped_type(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    return _set(sent, "Content-Type", None), {"FAIL-19"}


def _metadata(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    return _set(sent, "X-Amz-Meta-A", digits(random)), {"FAIL-16"}


def _date(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    return _set(sent, "X-Amz-Date", f"20260304T0506{random.randint(10, 59)}Z"), {"FAIL-43", "FAIL-29"}


def _other_date(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    return _set(sent, "X-Amz-Date", f"20260304T{random.randint(10, 23)}{random.randint(10, 59)}31Z"), {
        "FAIL-43",
        "FAIL-29",
    }


def _parameter(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    mark = "&" if "?" in sent.target else "?"
    return sent._replace(target=f"{sent.target}{mark}{digits(random, 4)}=1"), {
        "FAIL-40" if sent.presigned else "FAIL-60"
    }


def _value(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    return sent._replace(target=sent.target.replace("=1", f"={digits(random)}", 1)), set()


def _expires(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    for old in ("900", "777"):
        if f"X-Amz-Expires={old}" in sent.target:
            return sent._replace(target=sent.target.replace(f"X-Amz-Expires={old}", "X-Amz-Expires=3600")), {
                "FAIL-40"
            }
    return sent, set()


def _segment(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    return sent._replace(target=f"/{digits(random)}{sent.target}"), {"FAIL-44"}


def _renamed(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    query = "".join(sent.target.partition("?")[1:])
    # If the path is "/", the same as if both segments had been added before it.
    whole = {"FAIL-44"} if canonical_request(sent).split("\n")[1] == "/" else set()
    return sent._replace(target=f"/{digits(random)}/{digits(random)}{query}"), whole


def _slash(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    path, mark, query = sent.target.partition("?")
    other = path.rstrip("/") if path.endswith("/") and path != "/" else f"{path}/"
    return sent._replace(target=f"{other or '/'}{mark}{query}"), {"FAIL-13", "FAIL-44"}


def _unsigned_payload(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    if sent.service != "s3":
        return sent, set()
    return _set(sent, "X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"), {"FAIL-35"}


def _two(random: Random, sent: Sent) -> tuple[Sent, set[str]]:
    """Changes two headers at once, each to a random text."""
    if "X-Amz-Meta-A" not in sent.headers:
        return sent, set()
    return _metadata(random, _host(random, sent)[0])[0], {"FAIL-15", "FAIL-16"}


# --- faults in the signer: another signature of the same request


def _lines(text: Text, number: int, change: Callable[[str], str]) -> str:
    parts = text.canonical.split("\n")
    parts[number] = change(parts[number])
    return "\n".join(parts)


def _canonical(number: int, change: Callable[[str], str]) -> Callable[[Random, Text], str]:
    return lambda random, text: signature_of(text, _lines(text, number, change))


def _whole(change: Callable[[str], str]) -> Callable[[Random, Text], str]:
    return lambda random, text: signature_of(text, change(text.canonical))


def _secret(change: Callable[[bytes], bytes]) -> Callable[[Random, Text], str]:
    def broken(random: Random, text: Text) -> str:
        return signature_of(text, key=chain(b"AWS4" + change(text.secret.encode()), *text.scope.split("/")))

    return broken


def _key(place: int, other: Callable[[Random], str], also_scope: bool) -> Callable[[Random, Text], str]:
    def broken(random: Random, text: Text) -> str:
        parts = text.scope.split("/")
        parts[place] = other(random)
        changed = text._replace(scope="/".join(parts)) if also_scope else text
        return signature_of(changed, key=chain(b"AWS4" + text.secret.encode(), *parts))

    return broken


def _text(change: Callable[[str], str]) -> Callable[[Random, Text], str]:
    return lambda random, text: signature_of(text, form=change)


def _random_signature(random: Random, text: Text) -> str:
    return "".join(random.choices("0123456789abcdef", k=64))


def _random_line(random: Random, text: Text) -> str:
    parts = text.canonical.split("\n")
    parts[random.randrange(len(parts))] = digits(random, 20)
    return signature_of(text, "\n".join(parts))


def _random_line_of_string(random: Random, text: Text) -> str:
    made = digits(random, 20)
    return signature_of(
        text, form=lambda string: string.replace(string.split("\n")[random.randrange(4)], made, 1)
    )


def _random_secret(random: Random, text: Text) -> str:
    return signature_of(text._replace(secret=digits(random, 40)))


ON_THE_WAY: dict[str, Callable[[Random, Sent], tuple[Sent, set[str]]]] = {
    "method": _method,
    "body": _body,
    "host": _host,
    "host of another region": _regional_host,
    "port": _port,
    "content-type": _type,
    "content-type dropped": _dropped_type,
    "metadata": _metadata,
    "date by seconds": _date,
    "date by hours": _other_date,
    "parameter added": _parameter,
    "parameter's value": _value,
    "expires": _expires,
    "segment added": _segment,
    "path replaced": _renamed,
    "trailing slash": _slash,
    "hash header": _unsigned_payload,
    "two headers": _two,
}
IN_THE_SIGNER: dict[str, tuple[Callable[[Random, Text], str], set[str]]] = {
    "path escaped again": (_canonical(1, lambda path: path.replace("%", "%25")), {"FAIL-02", "FAIL-03"}),
    "path escaped once less": (
        _canonical(1, lambda path: path.replace("%25", "%")),
        {"FAIL-01", "FAIL-02", "FAIL-03", "FAIL-04", "FAIL-05"},
    ),
    "'~' escaped": (_canonical(1, lambda path: path.replace("~", "%7E")), {"FAIL-06"}),
    "parentheses raw": (
        _canonical(1, lambda path: path.replace("%28", "(").replace("%29", ")")),
        {"FAIL-05", "FAIL-01"},
    ),
    "space as plus in the query": (_canonical(2, lambda query: query.replace("%20", "+")), {"FAIL-08"}),
    "slash raw in the query": (
        _canonical(2, lambda query: query.replace("%2F", "/")),
        {"FAIL-12", "FAIL-10"},
    ),
    "query in reverse": (_canonical(2, lambda query: "&".join(reversed(query.split("&")))), {"FAIL-10"}),
    "query left out": (_canonical(2, lambda query: ""), {"FAIL-11", "FAIL-60", "FAIL-40"}),
    "LF after the canonical request": (_whole(lambda text: f"{text}\n"), {"FAIL-39"}),
    "CRLF in the canonical request": (_whole(lambda text: text.replace("\n", "\r\n")), {"FAIL-39"}),
    "no empty line": (_whole(lambda text: "\n".join(text.rsplit("\n\n", 1))), {"FAIL-39"}),
    "payload in upper case": (_whole(lambda text: text[:-64] + text[-64:].upper()), {"FAIL-34"}),
    "LF after the secret": (_secret(lambda secret: secret + b"\n"), {"FAIL-25"}),
    "secret in quotes": (_secret(lambda secret: b'"' + secret + b'"'), {"FAIL-25"}),
    "secret cut": (_secret(lambda secret: secret[:-1]), {"FAIL-25"}),
    "plus of the secret a space": (_secret(lambda secret: secret.replace(b"+", b" ")), {"FAIL-25"}),
    "key of another region": (_key(1, lambda random: "eu-west-1", False), {"FAIL-27"}),
    "scope and key of another region": (_key(1, lambda random: "us-west-2", True), {"FAIL-27"}),
    "key of another day": (_key(0, lambda random: "20260303", False), {"FAIL-30"}),
    "key of a random region": (_key(1, digits, False), set()),
    "scope and key of a random service": (_key(2, digits, True), set()),
    "string to sign ends in LF": (_text(lambda text: f"{text}\n"), {"FAIL-39"}),
    "hash in upper case": (_text(lambda text: text[:-64] + text[-64:].upper()), {"FAIL-39"}),
    "random signature": (_random_signature, set()),
    "random line of the canonical request": (_random_line, set()),
    "random line of the string to sign": (_random_line_of_string, set()),
    "random secret": (_random_secret, set()),
}
