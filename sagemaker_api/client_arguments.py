"""The settings of a client: from its arguments, or else from the environment and the shared files."""

from __future__ import annotations

from sigv4.config import settings as environment
from sigv4.credentials import Credentials
from sigv4.errors import CredentialsError, repr_of
from sigv4.network.tls import bundle_of

from .call import Unsigned
from .errors import ConfigError
from .retry import MAX_ATTEMPTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sigv4.providers.chain import Chain


def explicit_credentials(key_id: str | None, secret: str | None, token: str | None) -> Credentials | None:
    try:
        if key_id is None and secret is None and token is None:
            return None
        if key_id is None or secret is None:
            missing = "aws_access_key_id" if key_id is None else "aws_secret_access_key"
            raise CredentialsError(f"Partial credentials found in explicit, missing: {missing}")
        return Credentials(key_id, secret, token)
    finally:
        secret = token = None


def settings_of(profile_name: str | None, **arguments: Any) -> environment.Settings:
    """The settings of the environment and the shared files. Raises ConfigError."""
    from sigv4.config.profiles import load_profile

    profile = load_profile(profile_name)
    found = environment.resolve("SageMaker", profile=profile, **arguments)
    if found.region.value is None:
        raise ConfigError("; ".join(["You must specify a region.", *profile.config.unreadable]))
    return found


def chain_of(profile_name: str | None, arguments: environment.ClientArguments) -> Chain:
    from sigv4.providers.chain import default_chain

    return default_chain(profile_name, arguments)


def check_credentials(credentials: object) -> None:
    """Raises ConfigError for what is neither credentials, nor UNSIGNED, nor a function that returns them."""
    is_callable = callable(credentials) and not isinstance(credentials, type)
    if credentials is not None and not (isinstance(credentials, (Credentials, Unsigned)) or is_callable):
        raise ConfigError(
            f"credentials is {type(credentials).__name__}: expected Credentials of sigv4, or a callable that "
            "returns them"
        )


def check_transport(transport: object, close: str) -> None:
    """Raises ConfigError for an object that is not a transport, or one of the other client.

    ``close`` is the name of the method that closes a transport of this client.
    """
    if transport is None:
        return
    other, client = ("aclose", "AsyncSageMaker") if close == "close" else ("close", "SageMaker")
    if hasattr(transport, other) and not hasattr(transport, close):
        raise ConfigError(f"transport is {type(transport).__name__}, a transport of {client}")
    if isinstance(transport, type) or not hasattr(transport, "send"):
        found = transport.__name__ if isinstance(transport, type) else type(transport).__name__
        raise ConfigError(f"transport is {found}: expected an object with send, such as StdlibTransport()")


def check_seconds(**limits: float) -> None:
    for name, seconds in limits.items():
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= 86400:
            found = repr_of(seconds)[:40]
            raise ConfigError(f"{name}={found}: expected seconds, more than 0 and at most 86400 (a day)")


def check_switches(**switches: bool | None) -> None:
    """Raises ConfigError unless each is True, False or None: the text ``"false"`` would count as True."""
    for name, value in switches.items():
        if value is not None and not isinstance(value, bool):
            raise ConfigError(f"{name}={repr_of(value)[:40]}: expected True, False or None")


def checked_attempts(max_attempts: int | None) -> int:
    if max_attempts is None:
        return MAX_ATTEMPTS
    if type(max_attempts) is not int or max_attempts < 1:
        raise ConfigError(
            f"argument: max_attempts is {repr_of(max_attempts)[:40]}: expected {environment.ATTEMPTS}"
        )
    return max_attempts


def checked_verify(verify: bool | str | None, ca_bundle: str | None) -> bool | str:
    return bundle_of((ca_bundle or True) if verify is None else verify)
