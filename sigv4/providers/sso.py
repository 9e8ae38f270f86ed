"""AWS IAM Identity Center: gets a role's credentials with the cached token of ``aws sso login``.

Only the AWS CLI logs in. A token that is about to expire is refreshed and written to the cache. Source: AWS
SDKs and Tools Reference Guide, "IAM Identity Center credential provider".
"""

from __future__ import annotations

import json
import os
from hashlib import sha1

from ..config import service_endpoints
from ..config.home import home
from ..config.settings import resolve
from ..credentials import Credentials
from ..errors import ConfigError, CredentialsError
from ..request import Request
from ..scope import extended_timestamp
from ..target import encode_query, split_url
from .answers import expiry, json_object, texts_in
from .attempts import answer_to
from .fetch import Unreachable
from .files import read_file, write_file
from .freshness import ADVISORY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..config.file_grammar import Section
    from ..config.profiles import Profile
    from ..request import Response
    from .sources import Sources

_SECONDS = 20.0
_AGAIN = 60  # seconds between two tries to refresh a token
_LONGEST = 1 << 36  # a later time, in epoch seconds, is not a valid date
_OVER = (
    "The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO "
    "session run aws sso login with the corresponding profile."
)


def find(profile: Profile, sources: Sources) -> Credentials:
    """The credentials of the account and role that the profile names. Raises CredentialsError."""
    settings = _settings(profile)
    session = settings["sso_session"].value if "sso_session" in settings else ""
    account, role = settings["sso_account_id"].value, settings["sso_role_name"].value
    start_url, region = settings["sso_start_url"].value, _region(settings, "sso_region")
    query = encode_query({"role_name": role, "account_id": account})
    url = f"{url_of('SSO', service_endpoints.SSO, region, profile, sources)}/federation/credentials?{query}"
    token = _token(profile, session or start_url, region, sources, refresh=bool(session))
    sources.trail.append(f"role {role!r} of account {account} by {url.partition('?')[0]}")
    request = Request("GET", url, [("x-amz-sso_bearer_token", token)])
    token = ""
    answer = _asked(request, sources)
    request = Request("GET", "/")  # the token: hidden from tracebacks with locals
    if answer.status == 401:
        raise CredentialsError(_OVER)
    if answer.status != 200:
        said = texts_in(answer.body, "message")
        raise CredentialsError(
            f"sso: status {answer.status} for the role {role!r} in account {account}: {said}"
        )
    return _credentials(json_object(answer.body, "sso").get("roleCredentials"))


def url_of(
    service_id: str, hosts: service_endpoints.ServiceHosts, region: str, profile: Profile, sources: Sources
) -> str:
    """The endpoint of ``SSO`` or ``SSO OIDC`` in its region. Raises ConfigError for a plain http one."""
    given = sources.arguments
    found = resolve(
        service_id,
        region=region,
        use_fips_endpoint=given.use_fips_endpoint,
        use_dualstack_endpoint=given.use_dualstack_endpoint,
        profile=sources.called or profile,
        environ=sources.environ,
    )
    fips, dualstack = found.use_fips_endpoint.value, found.use_dualstack_endpoint.value
    url = service_endpoints.endpoint_of(
        hosts, region, use_fips=fips, use_dualstack=dualstack, endpoint_url=found.endpoint_url.value
    ).url
    if not split_url(url).keeps_secrets:
        raise ConfigError(f"{found.endpoint_url.origin}: a token is not sent over plain http: {url[:80]!r}")
    return url.rstrip("/")


def _settings(profile: Profile) -> Section:
    """The profile's section with that of its session. Raises ConfigError if something required is missing."""
    section = dict(profile.section)
    if "sso_session" in section:
        name = section["sso_session"].value
        session = profile.config.sso_sessions.get(name)
        if session is None:
            raise ConfigError(f'The specified sso-session does not exist: "{name}"')
        for key, entry in session.items():
            if key in section and section[key].value != entry.value:
                raise ConfigError(
                    f"The value for {key} is inconsistent between profile ({section[key].value}) and "
                    f"sso-session ({entry.value})."
                )
            section[key] = entry
    needed = ("sso_role_name", "sso_account_id", "sso_start_url", "sso_region")
    missing = [key for key in needed if key not in section]
    if missing:
        raise ConfigError(
            f'The profile "{profile.name}" is configured to use SSO but is missing required configuration: '
            f"{', '.join(missing)}"
        )
    return section


def _region(section: Section, key: str) -> str:
    region = section[key].value
    if not region or not all(part.isalnum() and part.isascii() for part in region.split("-")):
        raise ConfigError(
            f"{section[key].origin}: {key} is {region[:40]!r}: expected a region such as 'us-east-1'"
        )
    return region


def cache_file(key: str, sources: Sources) -> str:
    """The AWS CLI's cache file for a session's name or, in the older form, a start URL.

    ``""`` if there is no home directory.
    """
    name = sha1(key.encode("utf-8"), usedforsecurity=False).hexdigest()
    folder = home(sources.environ)
    return os.path.join(folder, ".aws", "sso", "cache", f"{name}.json") if folder else ""


def _token(profile: Profile, key: str, region: str, sources: Sources, *, refresh: bool) -> str:
    """The access token in the cache, refreshed if due and possible. Raises CredentialsError."""
    path = cache_file(key, sources)
    cached, left = _cached(path, key, sources)
    why = ""
    try:
        sources.trail.append(path)
        if refresh and left < ADVISORY and all(isinstance(cached.get(each), str) for each in _NEEDED):
            tried = sources.refreshes.get(path, -_AGAIN)
            if sources.clock() - tried >= _AGAIN:
                sources.refreshes[path] = sources.clock()
                url = f"{url_of('SSO OIDC', service_endpoints.SSO_OIDC, region, profile, sources)}/token"
                try:
                    return _refreshed(cached, path, url, sources)
                except CredentialsError as error:  # the old token is used while it is valid
                    why = f" It cannot be refreshed: {error}."
                cached, left = _cached(path, key, sources)  # another process may have refreshed it
        if left <= 0:
            raise CredentialsError(f"{_OVER}{why}")
        return str(cached["accessToken"])
    finally:
        cached = {}  # tokens: hidden from tracebacks with locals


_NEEDED = ("refreshToken", "clientId", "clientSecret")


def _cached(path: str, key: str, sources: Sources) -> tuple[dict[str, Any], float]:
    """The content of the cache file, and the seconds until its token expires. Raises CredentialsError."""
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


def _refreshed(cached: dict[str, Any], path: str, url: str, sources: Sources) -> str:
    """A new access token by CreateToken, written to the cache. Raises CredentialsError if there is none."""
    answer: Response | None
    try:
        registered = cached.get("registrationExpiresAt")
        if isinstance(registered, str) and expiry(registered, "SSO cache") <= sources.clock():
            raise CredentialsError("the registration of the client has expired")
        body = {"grantType": "refresh_token"} | {key: cached[key] for key in _NEEDED}
        headers = [("Content-Type", "application/json")]
        answer = sources.fetch(Request("POST", url, headers, json.dumps(body).encode("utf-8")), _SECONDS)
        if answer.status != 200:
            raise CredentialsError(f"the service refuses ({_code(answer)})")
        found = json_object(answer.body, "sso-oidc")
        token, seconds = found.get("accessToken"), found.get("expiresIn")
        if not isinstance(token, str) or type(seconds) is not int or not 0 < seconds < _LONGEST:
            raise CredentialsError("sso-oidc: the answer has no accessToken and expiresIn")
        changes = {"accessToken": token, "expiresAt": extended_timestamp(sources.clock() + seconds)}
        if isinstance(found.get("refreshToken"), str):
            changes["refreshToken"] = found["refreshToken"]
        write_file(path, json.dumps({**cached, **changes}).encode("utf-8"))
        return token
    finally:
        cached = body = changes = found = {}
        headers, answer = [], None  # tokens: hidden from tracebacks with locals


def _code(answer: Response) -> str:
    """The error code of CreateToken, such as ``invalid_grant`` for a refresh token that was used before."""
    return texts_in(answer.body, "error")[:80] or f"status {answer.status}"


def _asked(request: Request, sources: Sources) -> Response:
    try:
        return answer_to(request, sources.fetch, _SECONDS)
    except Unreachable as error:
        fault = f"sso: {error}"
    finally:
        request = Request("GET", "/")  # it holds a token: hidden from tracebacks with locals
    raise CredentialsError(fault)


def _credentials(found: Any) -> Credentials:
    """The credentials in ``roleCredentials``; its expiration is in milliseconds. Raises CredentialsError."""
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
