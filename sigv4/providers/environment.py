"""Credentials from the environment: ``AWS_ACCESS_KEY_ID`` and the related variables."""

from __future__ import annotations

import os

from ..credentials import Credentials
from ..errors import CredentialsError
from .answers import expiry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

CONTAINER_VARIABLES = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")


def find(environ: Mapping[str, str] | None = None) -> Credentials | None:
    """The credentials in ``environ`` (default: this process's), or None if no access key id is set.

    White space around a value is dropped, as for every variable; an empty value counts as not set. A secret
    without an access key id is ignored. Raises CredentialsError for an access key id without a secret, and
    for values that cannot be credentials.

    Source: AWS SDKs and Tools Reference Guide, "AWS access keys".
    """
    variables: Mapping[str, str] = os.environ if environ is None else environ
    try:
        access_key_id = _value(variables, "AWS_ACCESS_KEY_ID")
        if not access_key_id:
            return None
        if not _value(variables, "AWS_SECRET_ACCESS_KEY"):
            raise CredentialsError("Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY")
        ends = _value(variables, "AWS_CREDENTIAL_EXPIRATION")
        return Credentials(
            access_key_id,
            _value(variables, "AWS_SECRET_ACCESS_KEY"),
            # boto3 reads the older name first.
            _value(variables, "AWS_SECURITY_TOKEN") or _value(variables, "AWS_SESSION_TOKEN"),
            expiry(ends, "AWS_CREDENTIAL_EXPIRATION") if ends else None,
        )
    finally:
        variables = environ = {}  # its repr holds the secret: hidden from tracebacks with locals


def _value(variables: Mapping[str, str], name: str) -> str:
    return variables.get(name, "").strip()


def is_container(environ: Mapping[str, str]) -> bool:
    """Whether the environment names the endpoint of a container's credentials."""
    return any(environ.get(name, "").strip() for name in CONTAINER_VARIABLES)
