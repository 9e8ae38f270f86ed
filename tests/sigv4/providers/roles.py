"""Helps the tests of roles: an STS with scripted answers, and profiles that name roles."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from sigv4 import Credentials, Request, Response
from sigv4.config.profiles import Profile
from sigv4.config.shared_config import merged
from sigv4.providers import profile
from sigv4.providers.sources import Sources
from tests.sigv4.providers.endpoints import EXPIRES, KEYS, SECRET

NOW = EXPIRES - 3600
ROLE = "arn:aws:iam::123456789012:role/r"
STATIC = f"aws_access_key_id = AKIDSOURCE\naws_secret_access_key = {SECRET}"


def xml(action: str = "AssumeRole", key_id: str = "ASIAROLE", **changes: str) -> bytes:
    found = {
        "AccessKeyId": key_id,
        "SecretAccessKey": SECRET,
        "SessionToken": "T&amp;",
        "Expiration": KEYS["Expiration"],
        **changes,
    }
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in found.items() if value)
    return f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result><Credentials>{inside}</Credentials></{action}Result></{action}Response>'.encode()


SOURCE = Credentials("AKIDSOURCE", SECRET)


def find(
    text: str, fetch: Any, name: str = "a", environ: dict[str, str] | None = None, **more: Any
) -> Credentials | None:
    config = merged(("config", text), ("credentials", ""))
    sources = Sources(environ or {"AWS_REGION": "eu-west-1"}, fetch=fetch, clock=lambda: NOW, **more)
    return profile.find(Profile(name, "argument", config.profiles[name], config), sources)


class Hosts:
    """Gives the credentials of every role, and records the hosts and regions of the requests."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def __call__(self, request: Request, seconds: float) -> Response:
        headers = {name.lower(): str(value) for name, value in request.headers}
        scope = headers.get("authorization", "////").split("/")
        self.seen.append((headers["host"], scope[2]))
        form = dict(parse_qsl(request.body.decode()))
        return Response(200, {}, xml(form["Action"], f"ASIA{form['RoleArn'][-1].upper()}"))
