"""The chain of credential providers: the first that is configured counts, and is refreshed in time."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

from ..credentials import Credentials
from ..errors import CredentialsError
from .fetch import fetch
from .profiles import load_profile
from .providers import container, environment, imds, profile, web_identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from .fetch import Fetch
    from .profiles import Profile

    # The credentials, or None and why there are none.
    Look: TypeAlias = tuple[Credentials | None, str]

ADVISORY, MANDATORY = 900.0, 600.0  # seconds before the expiry: may, and must be refreshed


class Chain:
    """Credentials that are found once and kept until shortly before they expire. Safe to share.

    Call it for the credentials of the moment: one thread refreshes, and while the old ones last the others
    go on with them. ``aget`` is for asyncio, and does not block its loop.
    """

    def __init__(
        self,
        profile_name: str | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        fetch: Fetch = fetch,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._profile_name = profile_name
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._found: tuple[Credentials, float] | None = None  # and when they were found
        self._tried: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"Chain(profile_name={self._profile_name!r})"

    def __call__(self) -> Credentials:
        """The credentials of the moment. Raises CredentialsError, whose ``tried`` says what was looked at."""
        if self._profile_name is None:
            # Asked each time: whoever rotates the variables expects the new ones to count.
            credentials = environment.find(self._environ)
            if credentials is not None:
                self._tried = (("environment", f"found {credentials.access_key_id}"),)
                return credentials
        found = self._found
        left = self._left(found)
        if found is not None and left > 1:
            return found[0]
        if found is not None and left > 0:  # advisory: one refreshes, and failing it the old ones still do
            if self._lock.acquire(blocking=False):
                try:
                    return self._refreshed()
                except CredentialsError:
                    return found[0]
                finally:
                    self._lock.release()
            return found[0]
        with self._lock:
            found = self._found
            if found is not None and self._left(found) > 0:
                return found[0]
            return self._refreshed()

    async def aget(self) -> Credentials:
        """The credentials of the moment, looked for in a thread where they must be looked for."""
        found = self._found
        set_here = self._profile_name is None and self._environ.get("AWS_ACCESS_KEY_ID")
        if not set_here and (found is None or self._left(found) <= 1):
            import asyncio

            return await asyncio.to_thread(self)
        return self()

    def forget(self, credentials: Credentials) -> None:
        """Look anew next time, since a service calls these credentials expired."""
        found = self._found
        if found is not None and found[0] == credentials:
            self._found = None

    def why(self) -> tuple[tuple[str, str], ...]:
        """Each provider that was asked, and why it was passed over or what it gave, the secret masked."""
        if not self._tried:
            with suppress(CredentialsError):
                self()
        return self._tried

    def _left(self, found: tuple[Credentials, float] | None) -> float:
        """2: fresh; 1: to be refreshed by one; 0 or less: by all. Short-lived ones have smaller windows."""
        if found is None:
            return 0
        expires = found[0].expires_at
        if expires is None:
            return 2
        life = max(expires - found[1], 0)
        remaining = expires - self._clock()
        if remaining > min(ADVISORY, life / 4):
            return 2
        return 1 if remaining > min(MANDATORY, life / 6) else 0

    def _refreshed(self) -> Credentials:
        credentials = self._load()
        now = self._clock()
        if credentials.expires_at is not None and credentials.expires_at <= now:
            raise CredentialsError(
                "Credentials were refreshed, but the refreshed credentials are still expired."
            )
        self._found = credentials, now
        return credentials

    def _load(self) -> Credentials:
        tried: list[tuple[str, str]] = []
        name = "profile"
        try:
            for name, look in self._providers():
                found, reason = look()
                tried.append((name, f"found {found.access_key_id}" if found is not None else reason))
                if found is not None:
                    return found
        except CredentialsError as error:
            tried.append((name, str(error)))
            raise CredentialsError(str(error), _lines(tried)) from None
        finally:
            self._tried = tuple(tried)
        raise CredentialsError("Unable to locate credentials", _lines(tried))

    def _providers(self) -> list[tuple[str, Callable[[], Look]]]:
        """In the AWS CLI's order.

        A profile that is asked for by argument takes the place of what the environment says. A profile's role
        goes before the environment's web identity, its keys behind it.
        """
        found = load_profile(self._profile_name, self._environ)
        providers: list[tuple[str, Callable[[], Look]]] = [("profile", lambda: self._from_profile(found))]
        if self._profile_name is None:
            place = 1 if "role_arn" in found.section or "web_identity_token_file" in found.section else 0
            providers.insert(place, ("web identity", lambda: self._from_web_identity(found)))
            providers.insert(0, ("environment", _no_environment))  # or it would have been taken already
        if container.is_configured(self._environ):
            return [*providers, ("container", self._from_container)]
        return [*providers, ("container", _no_container), ("instance metadata", self._from_instance)]

    def _from_profile(self, found: Profile) -> Look:
        there = "has no credentials" if found.section else "is in neither file"
        sources = profile.Sources(self._environ, fetch=self._fetch, clock=self._clock)
        return profile.find(found, sources), f"the profile {found.name!r} {there}"

    def _from_web_identity(self, found: Profile) -> Look:
        credentials = web_identity.find_in_environment(self._environ, found, self._fetch, self._clock)
        return credentials, "AWS_WEB_IDENTITY_TOKEN_FILE is not set"

    def _from_container(self) -> Look:
        return container.find(self._environ, self._fetch), ""

    def _from_instance(self) -> Look:
        if imds.is_disabled(self._environ):
            return None, "AWS_EC2_METADATA_DISABLED is true"
        return imds.find(self._environ, self._fetch), "no answer, or an instance without a role"


def _no_environment() -> Look:
    return None, "AWS_ACCESS_KEY_ID is not set"


def _no_container() -> Look:
    return None, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set"


def _lines(tried: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(f"{name}: {why}" for name, why in tried)


def default_chain(profile_name: str | None = None) -> Chain:
    """The chain of this process's environment, for ``Signer``, the httpx adapter and ``SageMaker``.

    Order: the environment's keys, the profile's role, the environment's web identity, the profile's keys or
    ``credential_process``, the container's endpoint or else the instance metadata of EC2. With a
    ``profile_name`` the environment's keys and web identity do not count.
    """
    return Chain(profile_name)
