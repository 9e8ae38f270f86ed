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


def find(name: str, section: Section, run: Run = process.run) -> Credentials | None:
    """The credentials of the profile ``name``, None where it has none. Raises CredentialsError.

    What is configured and cannot be read stops the chain, rather than let another identity stand in.
    """
    for key in _UNREAD:
        if key in section:
            raise CredentialsError(
                f"{section[key].origin}: the profile {name!r} uses {key}, which is not read yet: run "
                f"eval \"$(aws configure export-credentials --profile '{name}' --format env)\""
            )
    if "aws_access_key_id" in section:
        return _static(section)
    if "credential_process" in section:
        return process.find(section["credential_process"].value, section["credential_process"].origin, run)
    return None


def _static(section: Section) -> Credentials:
    entry = section["aws_access_key_id"]
    secret = section.get("aws_secret_access_key")
    if secret is None or not secret.value:
        raise CredentialsError(f"Partial credentials found in {entry.file}, missing: aws_secret_access_key")
    token = section.get("aws_session_token") or section.get("aws_security_token")
    try:
        return Credentials(entry.value, secret.value, token.value if token else None)
    except CredentialsError as error:
        fault = f"{entry.origin}: {error}"
    raise CredentialsError(fault)
