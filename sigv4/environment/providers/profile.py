"""A profile of the shared files: static keys, or a ``credential_process``."""

from __future__ import annotations

from ...credentials import Credentials
from ...errors import CredentialsError
from . import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..shared_config import Section
    from .process import Run

# Keys that ask for a source this package does not read yet, and what gives the same credentials.
_UNREAD = ("role_arn", "web_identity_token_file", "sso_session", "sso_start_url", "login_session")


def find(name: str, section: Section, credentials_file: str, run: Run = process.run) -> Credentials | None:
    """The credentials of the profile ``name``, None where it has none. Raises CredentialsError.

    In the AWS CLI's order: keys of the credentials file, ``credential_process``, keys of the config file.
    What is configured and cannot be read stops the chain, rather than let another identity stand in.
    """
    for unread in _UNREAD:
        if unread in section:
            raise CredentialsError(
                f"{section[unread].origin}: the profile {name!r} uses {unread}, which is not read yet: run "
                f"eval \"$(aws configure export-credentials --profile '{name}' --format env)\""
            )
    key = section.get("aws_access_key_id")
    if key is not None and (key.file == credentials_file or "credential_process" not in section):
        return _static(section)
    if "credential_process" in section:
        return process.find(section["credential_process"].value, section["credential_process"].origin, run)
    return None


def _static(section: Section) -> Credentials:
    """Keys of one file: a token that the other file holds belongs to other keys."""
    entry = section["aws_access_key_id"]
    of_file = {key: each for key, each in section.items() if each.file == entry.file}
    secret = of_file.get("aws_secret_access_key")
    if secret is None or not secret.value:
        raise CredentialsError(f"Partial credentials found in {entry.file}, missing: aws_secret_access_key")
    token = of_file.get("aws_session_token") or of_file.get("aws_security_token")
    try:
        return Credentials(entry.value, secret.value, token.value if token else None)
    except CredentialsError as error:
        fault = f"{entry.origin}: {error}"
    raise CredentialsError(fault)
