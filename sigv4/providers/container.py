"""Credentials from the endpoint of a container: ECS, EKS Pod Identity, Greengrass, Lambda SnapStart.

Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
"""

from __future__ import annotations

from ..config.home import absolute_path
from ..errors import ConfigError, CredentialsError, SigningError
from ..request import Request
from ..target import split_url
from .answers import credentials_in, json_object, texts_in
from .attempts import answer_to, is_no_json, is_transient
from .environment import CONTAINER_VARIABLES, is_container
from .fetch import Unreachable, fetch
from .files import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..credentials import Credentials
    from ..request import Response
    from .fetch import Fetch

_RELATIVE, _FULL = CONTAINER_VARIABLES
_TOKEN, _TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
_HOSTS = ("169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost", "::1")
_SECONDS = 2.0


def find(
    environ: Mapping[str, str], fetch: Fetch = fetch, read: Callable[[str], bytes] = read_file
) -> Credentials | None:
    """The credentials of this container. The token file is read each time. Raises CredentialsError."""
    if not is_container(environ):
        return None
    request = Request("GET", url_of(environ), _headers(environ, read))
    try:
        answer = answer_to(
            request, fetch, _SECONDS, again=lambda answer: is_transient(answer) or is_no_json(answer)
        )
    except Unreachable as error:
        fault = str(error)
    else:
        if answer.status == 200:
            return credentials_in(json_object(answer.body, "container-role"), "container-role", "Token")
        fault = f"Received non 200 response {answer.status} from container metadata{_message(answer)}"
    finally:
        request = Request("GET", "/")  # it holds a token: hidden from tracebacks with locals
    raise CredentialsError(f"Error when retrieving credentials from container-role: {fault}")


def _message(answer: Response) -> str:
    """The endpoint's error text, from ``{"code": …, "message": …}``."""
    said = texts_in(answer.body, "code", "message")
    return f": {said}" if said else ""


def url_of(environ: Mapping[str, str]) -> str:
    """The endpoint's URL. Raises ConfigError if its host is not one of the permitted ones."""
    relative = environ.get(_RELATIVE, "").strip()
    url = f"http://169.254.170.2{relative}" if relative else environ[_FULL].strip()
    try:
        found = split_url(url)
    except SigningError as error:
        raise ConfigError(f"{_RELATIVE if relative else _FULL}: {error}") from None
    if not (found.keeps_secrets or found.host in _HOSTS):
        raise ConfigError(
            f"Unsupported host {found.host!r}.  Can only retrieve metadata from a loopback address or one of "
            f"these hosts: {', '.join(_HOSTS)}; any other host needs https"
        )
    return url


def _headers(environ: Mapping[str, str], read: Callable[[str], bytes]) -> list[tuple[str, str]]:
    headers = [("Accept", "application/json")]
    file = environ.get(_TOKEN_FILE, "").strip()
    file = absolute_path(file, _TOKEN_FILE, environ) if file else ""
    try:
        token = read(file).decode("latin-1") if file else environ.get(_TOKEN, "")
    except CredentialsError as error:
        raise CredentialsError(f"{_TOKEN_FILE}: {error}") from None
    token = token.rstrip("\r\n") if file else token
    if any(char in token for char in "\r\n\0"):
        token = ""
        raise CredentialsError("Auth token value is not a legal header value")
    return [*headers, ("Authorization", token)] if token else headers
