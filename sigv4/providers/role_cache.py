"""The AWS CLI's cache of roles, ``~/.aws/cli/cache``, which avoids an MFA prompt at every run.

boto3 and the AWS CLI name a file by the SHA-1 of the request's parameters, without a generated session name
and the MFA code.
"""

from __future__ import annotations

import json
import os
from hashlib import sha1

from ..config.home import home
from ..credentials import Credentials
from ..errors import CredentialsError
from ..scope import extended_timestamp
from .answers import credentials_in, json_object
from .files import read_file, write_file
from .freshness import ADVISORY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def cache_file(parameters: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """The file for the parameters of an AssumeRole request; ``""`` if there is no home directory."""
    named: dict[str, str | int] = {key: value for key, value in parameters.items() if key != "TokenCode"}
    if "DurationSeconds" in named:
        named["DurationSeconds"] = int(named["DurationSeconds"])
    digest = sha1(json.dumps(named, sort_keys=True).encode("utf-8"), usedforsecurity=False).hexdigest()
    folder = home(environ)
    return os.path.join(folder, ".aws", "cli", "cache", f"{digest}.json") if folder else ""


def read(path: str, clock: Callable[[], float]) -> Credentials | None:
    """The role's credentials in the cache, or None if there are none that are valid for 15 minutes."""
    found = None
    if not path:
        return None
    try:
        kept = json_object(read_file(path), path)["Credentials"]
        found = credentials_in(kept, path, "SessionToken")
    except (CredentialsError, KeyError, TypeError, AttributeError):
        return None
    finally:
        kept = None
    return found if found.expires_at is not None and found.expires_at - clock() > ADVISORY else None


def write(path: str, credentials: Credentials) -> None:
    """Writes a role's credentials with mode 0600; if that fails, nothing is written."""
    if not path:
        return
    kept: dict[str, object] = {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
    }
    if credentials.expires_at is not None:
        kept["Expiration"] = extended_timestamp(credentials.expires_at)
    write_file(path, json.dumps({"Credentials": kept, "ProviderType": "assume-role"}).encode("ascii"))
