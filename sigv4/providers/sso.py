"""AWS IAM Identity Center: the token that ``aws sso login`` left in its cache, and the role it opens.

Logging in stays the AWS CLI's job; a token that is about to expire is refreshed, and the cache rewritten.
Source: AWS SDKs and Tools Reference Guide, "IAM Identity Center credential provider".
"""

from __future__ import annotations

import json
import os
from hashlib import sha1

from ..config.home import home
from ..config.partitions import partition_of
from ..config.settings import resolve
from ..credentials import Credentials
from ..errors import ConfigError, CredentialsError
from ..request import Request
from ..target import encode_query, split_url
from .answers import expiry, iso, json_object, printable
from .attempts import answer_to
from .fetch import Unreachable
from .files import read_file, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..config.file_grammar import Section
    from ..config.profiles import Profile
    from ..request import Response
    from .sources import Sources

_SECONDS = 20.0
_AGAIN = 60  # seconds between two tries to refresh a token
_EARLY = 900  # seconds before the token's expiry in which it is refreshed
_LONGEST = 1 << 36  # a time beyond, in seconds, is in no calendar
_OVER = (
    "The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO "
    "session run aws sso login with the corresponding profile."
)


def find(profile: Profile, sources: Sources) -> Credentials:
    """The credentials of the account and role that the profile names. Raises CredentialsError."""
    section = profile.section
    session, start_url, region = _session(profile)
    missing = [key for key in ("sso_account_id", "sso_role_name") if key not in section]
    if missing:
        raise ConfigError(_missing(profile.name, missing))
    account, role = section["sso_account_id"].value, section["sso_role_name"].value
    query = encode_query({"role_name": role, "account_id": account})
    url = f"{url_of('SSO', 'portal.sso', region, profile, sources)}/federation/credentials?{query}"
    token = _token(profile, session or start_url, region, sources, refresh=bool(session))
    sources.trail.append(f"role {role!r} of account {account} by {url.partition('?')[0]}")
    request = Request("GET", url, [("x-amz-sso_bearer_token", token)])
    token = ""
    answer = _asked(request, sources)
    request = Request("GET", "/")  # the token: not in the locals of a raised error
    if answer.status == 401:
        raise CredentialsError(_OVER)
    if answer.status != 200:
        said = _message(answer)
        raise CredentialsError(
            f"sso: status {answer.status} for the role {role!r} in account {account}: {said}"
        )
    return _credentials(json_object(answer.body, "sso").get("roleCredentials"))


def url_of(service_id: str, name: str, region: str, profile: Profile, sources: Sources) -> str:
    """The endpoint of ``SSO`` or ``SSO OIDC`` in its region. Raises ConfigError for a plain http one."""
    found = resolve(service_id, region=region, profile=profile, environ=sources.environ)
    url = found.endpoint_url.value
    if url is not None:
        if not split_url(url).keeps_secrets:
            raise ConfigError(
                f"{found.endpoint_url.origin}: a token is not sent over plain http: {url[:80]!r}"
            )
        return str(url).rstrip("/")
    partition, fips = partition_of(region), "-fips" if found.use_fips_endpoint.value else ""
    if found.use_dualstack_endpoint.value:
        return f"https://{name}{fips}.{region}.{partition.dual_stack_suffix}"
    if partition.name == "aws-us-gov":  # its plain hosts are FIPS
        fips = ""
    return f"https://{name}{fips}.{region}.{partition.dns_suffix}"


def _session(profile: Profile) -> tuple[str, str, str]:
    """``(session name or "", start URL, region)`` of either form. Raises ConfigError."""
    section = profile.section
    if "sso_session" not in section:
        missing = [key for key in ("sso_start_url", "sso_region") if key not in section]
        if missing:
            raise ConfigError(_missing(profile.name, missing))
        return "", section["sso_start_url"].value, _region(section, "sso_region")
    name = section["sso_session"].value
    session = profile.config.sso_sessions.get(name)
    if session is None:
        raise ConfigError(f'The specified sso-session does not exist: "{name}"')
    missing = [key for key in ("sso_start_url", "sso_region") if key not in session]
    if missing:
        raise ConfigError(_missing(profile.name, missing))
    for key in ("sso_region", "sso_start_url"):
        if key in section and section[key].value != session[key].value:
            raise ConfigError(
                f"The value for {key} is inconsistent between profile ({section[key].value}) and sso-session "
                f"({session[key].value})."
            )
    return name, session["sso_start_url"].value, _region(session, "sso_region")


def _missing(name: str, keys: list[str]) -> str:
    listed = ", ".join(keys)
    return f'The profile "{name}" is configured to use SSO but is missing required configuration: {listed}'


def _region(section: Section, key: str) -> str:
    region = section[key].value
    if not region or not all(part.isalnum() and part.isascii() for part in region.split("-")):
        raise ConfigError(
            f"{section[key].origin}: {key} is {region[:40]!r}: expected a region such as 'us-east-1'"
        )
    return region


def cache_file(key: str, sources: Sources) -> str:
    """The AWS CLI's cache file for a session's name or, in the older form, a start URL.

    ``""`` where there is no home directory.
    """
    name = sha1(key.encode("utf-8"), usedforsecurity=False).hexdigest()
    folder = home(sources.environ)
    return os.path.join(folder, ".aws", "sso", "cache", f"{name}.json") if folder else ""


def _token(profile: Profile, key: str, region: str, sources: Sources, *, refresh: bool) -> str:
    """The access token in the cache, refreshed where that is due and possible. Raises CredentialsError."""
    path = cache_file(key, sources)
    cached, left = _cached(path, key, sources)
    try:
        sources.trail.append(path)
        if refresh and left < _EARLY and all(isinstance(cached.get(each), str) for each in _NEEDED):
            tried = sources.refreshes.get(path, -_AGAIN)
            if sources.clock() - tried >= _AGAIN:
                sources.refreshes[path] = sources.clock()
                url = f"{url_of('SSO OIDC', 'oidc', region, profile, sources)}/token"
                refreshed = _refreshed(cached, path, url, sources)
                if refreshed is not None:
                    return refreshed
                cached, left = _cached(path, key, sources)  # another process may have been quicker
        if left <= 0:
            raise CredentialsError(_OVER)
        return str(cached["accessToken"])
    finally:
        cached = {}  # tokens: not in the locals of a raised error


_NEEDED = ("refreshToken", "clientId", "clientSecret")


def _cached(path: str, key: str, sources: Sources) -> tuple[dict[str, Any], float]:
    """What the cache file holds, and the seconds that its token has left. Raises CredentialsError."""
    try:
        cached = json_object(read_file(path), "SSO cache")
    except CredentialsError:
        cached = {}
    if not isinstance(cached.get("accessToken"), str) or not isinstance(cached.get("expiresAt"), str):
        state = "is invalid" if cached else "does not exist"
        cached = {}
        raise CredentialsError(f"Error loading SSO Token: Token for {key} {state}: run aws sso login")
    try:
        return cached, expiry(cached["expiresAt"], "SSO cache") - sources.clock()
    finally:
        cached = {}


def _refreshed(cached: dict[str, Any], path: str, url: str, sources: Sources) -> str | None:
    """A new access token by CreateToken, written to the cache; None where the service gives none."""
    try:
        registered = cached.get("registrationExpiresAt")
        if isinstance(registered, str) and expiry(registered, "SSO cache") <= sources.clock():
            return None
        body = {"grantType": "refresh_token"} | {key: cached[key] for key in _NEEDED}
        headers = [("Content-Type", "application/json")]
        try:
            answer = sources.fetch(Request("POST", url, headers, json.dumps(body).encode("utf-8")), _SECONDS)
            found = json_object(answer.body, "sso-oidc") if answer.status == 200 else {}
        except CredentialsError:  # Unreachable is one
            return None
        token, seconds = found.get("accessToken"), found.get("expiresIn")
        if not isinstance(token, str) or type(seconds) is not int or not 0 < seconds < _LONGEST:
            return None
        changes = {"accessToken": token, "expiresAt": iso(sources.clock() + seconds)}
        if isinstance(found.get("refreshToken"), str):
            changes["refreshToken"] = found["refreshToken"]
        write_file(path, json.dumps({**cached, **changes}).encode("utf-8"))
        return token
    finally:
        cached = body = changes = found = {}


def _asked(request: Request, sources: Sources) -> Response:
    try:
        return answer_to(request, sources.fetch, _SECONDS)
    except Unreachable as error:
        fault = f"sso: {error}"
    finally:
        request = Request("GET", "/")  # as above
    raise CredentialsError(fault)


def _message(answer: Response) -> str:
    try:
        return printable(str(json_object(answer.body, "sso").get("message", ""))[:300])
    except CredentialsError:
        return ""


def _credentials(found: Any) -> Credentials:
    """From ``roleCredentials``, whose expiration is in milliseconds. Raises CredentialsError."""
    try:
        if not isinstance(found, dict) or not all(
            isinstance(found.get(key), str) and found[key]
            for key in ("accessKeyId", "secretAccessKey", "sessionToken")
        ):
            raise CredentialsError("sso: the answer has no roleCredentials")
        ends = found.get("expiration")
        if type(ends) is not int or not 0 < ends < _LONGEST * 1000:
            raise CredentialsError("sso: the answer has no expiration")
        return Credentials(found["accessKeyId"], found["secretAccessKey"], found["sessionToken"], ends / 1000)
    finally:
        found = None
