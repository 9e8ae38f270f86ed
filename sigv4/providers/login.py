"""``aws login``: reads the credentials in the AWS CLI's cache, while they are valid.

Only the AWS CLI renews them. Source: AWS CLI User Guide, "Sign in through the AWS CLI".
"""

from __future__ import annotations

import os
from hashlib import sha256

from ..config.home import absolute_path
from ..credentials import Credentials
from ..errors import CredentialsError
from .answers import expiry, json_object
from .files import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..config.file_grammar import Entry

_KEYS = ("accessKeyId", "secretAccessKey", "sessionToken", "expiresAt")


def cache_file(session: str, environ: Mapping[str, str]) -> str:
    """The AWS CLI's cache file of a login session; ``""`` if there is no home directory."""
    folder = environ.get("AWS_LOGIN_CACHE_DIRECTORY", "").strip() or "~/.aws/login/cache"
    folder = absolute_path(folder, "AWS_LOGIN_CACHE_DIRECTORY", environ)
    name = f"{sha256(session.strip().encode('utf-8')).hexdigest()}.json"
    return os.path.join(folder, name) if folder else ""


def find(entry: Entry, environ: Mapping[str, str], clock: Callable[[], float]) -> Credentials:
    """The credentials of the profile's ``login_session``. Raises CredentialsError: run aws login."""
    path = cache_file(entry.value, environ)
    found: object = None
    try:
        found = json_object(read_file(path), path).get("accessToken")
    except CredentialsError as error:
        raise CredentialsError(f"{entry.origin}: login_session: {error}: run aws login") from None
    try:
        if not isinstance(found, dict) or not all(isinstance(found.get(key), str) for key in _KEYS):
            raise CredentialsError(
                f"{entry.origin}: login_session: {path} holds no credentials: run aws login"
            )
        ends = expiry(found["expiresAt"], path)
        if ends <= clock():
            raise CredentialsError(
                f"{entry.origin}: login_session: the credentials in {path} have expired: run aws login"
            )
        return Credentials(found["accessKeyId"], found["secretAccessKey"], found["sessionToken"], ends)
    finally:
        found = None  # it holds the secret: hidden from tracebacks with locals
