"""The chain of credential providers: the first configured one is used, and its credentials are refreshed."""

from __future__ import annotations

import os
import time
from contextlib import suppress

from ..config.profiles import load_profile
from ..config.settings import ClientArguments
from ..credentials import Credentials
from ..errors import ConfigError, CredentialsError
from ..network.forks import ProcessLock, load_threads, loading
from . import environment
from .freshness import MANDATORY, Found, stretched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from ..config.profiles import Profile
    from .fetch import Fetch

    # The credentials or None; and where they were found, or why there are none.
    Look: TypeAlias = tuple[Credentials | None, str]

_INSTANCE = "instance metadata"


class Chain:
    """Credentials that are found once and kept until shortly before they expire. Safe to share.

    Call it for the current credentials: one thread or task refreshes them, and the others use the old ones
    while these are valid. ``aget`` is for asyncio and does not block its loop. Credentials of the instance
    metadata service are used after their expiry if it cannot renew them, as EC2 advises.
    """

    def __init__(
        self,
        profile_name: str | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        fetch: Fetch | None = None,
        clock: Callable[[], float] = time.time,
        arguments: ClientArguments | None = None,
    ) -> None:
        self._arguments = arguments or ClientArguments()
        self._unreadable: tuple[str, ...] = ()
        self._given_environ = environ
        self._environ = os.environ if environ is None else environ
        self._profile_name = profile_name or None  # an empty name counts as none
        self._given_fetch = fetch
        self._clock = clock
        self._lock = ProcessLock()
        self._found: Found | None = None
        self._tried: tuple[tuple[str, str], ...] = ()
        self._refreshes: dict[str, float] = {}
        self._looks: dict[AbstractEventLoop, Future[Credentials]] = {}

    def __repr__(self) -> str:
        return f"Chain(profile_name={self._profile_name!r})"

    def __call__(self) -> Credentials:
        """The current credentials.

        Raises CredentialsError, whose ``tried`` lists the providers that were tried, and ConfigError for a
        wrong setting.
        """
        at_hand = self._from_variables() or self._fresh()
        if at_hand is not None:
            return at_hand
        found, fresh = self._kept()
        if (
            found is not None and fresh == 1
        ):  # not urgent: one caller refreshes; if that fails, the old ones are used
            if self._lock.try_acquire():
                try:
                    return self._refreshed()
                except (ConfigError, CredentialsError):
                    return found.credentials
                finally:
                    self._lock.release()
            return found.credentials
        with self._lock:
            found, fresh = self._kept()  # another thread may have refreshed them meanwhile
            return found.credentials if found is not None and fresh else self._refreshed()

    async def aget(self) -> Credentials:
        """The current credentials; if they must be searched for, one thread does that for all tasks."""
        at_hand = self._from_variables() or self._fresh()
        if at_hand is not None:
            return at_hand
        found, fresh = self._kept()
        from asyncio import get_running_loop, shield

        load_threads()
        loop = get_running_loop()
        look = self._looks.get(loop)
        if look is not None and not look.done() and found is not None and fresh == 1:
            return found.credentials
        if look is None or look.done():
            try:
                look = self._looks[loop] = loop.run_in_executor(None, self)
            except RuntimeError:  # no thread can be started: at a limit, or while Python shuts down
                return self()
            look.add_done_callback(self._seen)
        return await shield(look)  # a task that is cancelled does not cancel it for the others

    def _seen(self, look: Future[Credentials]) -> None:
        """Reads the error of a task that is no longer awaited, so that asyncio does not log it."""
        if self._looks.get(look.get_loop()) is look:
            del self._looks[look.get_loop()]
        if not look.cancelled():
            look.exception()

    def _from_variables(self) -> Credentials | None:
        """The variables' credentials, read at each call so that changed variables take effect."""
        if self._profile_name is not None:
            return None
        found = environment.find(self._environ)
        if found is not None and found.expires_at is not None and found.expires_at <= self._clock():
            raise CredentialsError(
                "the keys of the environment have expired, by AWS_CREDENTIAL_EXPIRATION: get new ones, or "
                "unset AWS_ACCESS_KEY_ID to use another source"
            )
        if found is not None:
            self._tried = (
                ("environment", f"found {masked(found.access_key_id)}: AWS_ACCESS_KEY_ID"),
                ("all others", "not asked"),
            )
        return found

    def _fresh(self) -> Credentials | None:
        found, fresh = self._kept()
        return found.credentials if found is not None and fresh == 2 else None

    def _kept(self) -> tuple[Found | None, int]:
        found = self._found
        return found, 0 if found is None else found.freshness(self._clock())

    def forget(self, credentials: Credentials) -> None:
        """Makes the next call search again, since a service says that these credentials have expired."""
        found = self._found
        if found is not None and found.credentials == credentials:
            self._found = None

    def why(self) -> tuple[tuple[str, str], ...]:
        """Each provider that was tried, and why it was passed over or what it gave, with secrets masked."""
        if not self._tried:
            with suppress(ConfigError, CredentialsError):
                self()
        return self._tried

    def _refreshed(self) -> Credentials:
        try:
            found = self._load()
        except (ConfigError, CredentialsError):
            old = self._found
            if old is None or old.provider != _INSTANCE:
                raise
            found = old
        now = self._clock()
        expires = found.credentials.expires_at
        if found.provider == _INSTANCE and expires is not None and expires - now <= MANDATORY:
            found = Found(stretched(found.credentials, now), now, _INSTANCE)
        elif expires is not None and expires <= now:
            raise CredentialsError(
                "Credentials were refreshed, but the refreshed credentials are still expired."
            )
        self._found = found
        return found.credentials

    def _load(self) -> Found:
        tried: list[tuple[str, str]] = []
        name, found = "profile", None
        try:
            for name, look in self._providers():
                if found is not None:
                    tried.append((name, "not asked"))
                    continue
                credentials, reason = look()
                if credentials is not None:
                    found = Found(credentials, self._clock(), name)
                    reason = f"found {masked(credentials.access_key_id)}: {reason}"
                tried.append((name, reason))
        except CredentialsError as error:
            tried.append((name, str(error)))
            raise CredentialsError(str(error), _lines(tried)) from None
        except ConfigError as error:
            tried.append((name, str(error)))
            raise
        finally:
            self._tried = tuple(tried)
        if found is None:
            tried += [("shared files", reason) for reason in self._unreadable]
            raise CredentialsError("Unable to locate credentials", _lines(tried))
        return found

    def _providers(self) -> list[tuple[str, Callable[[], Look]]]:
        """The providers in the AWS CLI's order.

        With a profile given as an argument, the environment's credentials do not count. A profile's role
        comes before the environment's web identity, its keys come after it.
        """
        found = load_profile(self._profile_name, self._environ)
        self._unreadable = found.config.unreadable
        fetch = self._fetch(found)
        providers: list[tuple[str, Callable[[], Look]]] = [
            ("profile", lambda: self._from_profile(found, fetch))
        ]
        if self._profile_name is None:
            place = int("role_arn" in found.section and "web_identity_token_file" not in found.section)
            providers.insert(place, ("web identity", lambda: self._from_web_identity(found, fetch)))
            providers.insert(0, ("environment", _no_environment))  # __call__ found none in it
        if environment.is_container(self._environ):
            return [
                *providers,
                ("container", lambda: self._from_container(fetch)),
                (_INSTANCE, _no_instance),
            ]
        return [
            *providers,
            ("container", _no_container),
            (_INSTANCE, lambda: self._from_instance(found, fetch)),
        ]

    def _fetch(self, found: Profile) -> Fetch:
        """HTTP with the proxies and the CA bundle of the environment and the profile."""
        if self._given_fetch is not None:
            return self._given_fetch
        with loading:
            from functools import partial

            from ..config.settings import resolve
            from .fetch import fetch

        settings = resolve("STS", profile=found, environ=self._environ)
        verify = self._arguments.verify
        if verify is None:
            verify = settings.ca_bundle.value or True
        return partial(fetch, environ=self._given_environ, verify=verify, app_id=settings.app_id.value or "")

    def _from_profile(self, found: Profile, fetch: Fetch) -> Look:
        if not found.section:
            return None, f"the profile {found.name!r} is in neither file"
        with loading:
            from . import profile
            from .sources import Sources

        sources = Sources(
            self._environ,
            fetch=fetch,
            clock=self._clock,
            identity=self._environ if self._profile_name is None else None,
            refreshes=self._refreshes,
            arguments=self._arguments,
        )
        credentials = profile.find(found, sources)
        if credentials is None:
            return None, f"the profile {found.name!r} has no credentials"
        return credentials, "; ".join(sources.trail)

    def _from_web_identity(self, found: Profile, fetch: Fetch) -> Look:
        path = self._environ.get("AWS_WEB_IDENTITY_TOKEN_FILE", "").strip()
        if not path:
            return None, "AWS_WEB_IDENTITY_TOKEN_FILE is not set"
        with loading:
            from . import web_identity

        credentials = web_identity.find_in_environment(
            self._environ, found, fetch, self._clock, self._arguments
        )
        return credentials, f"AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN: {path}"

    def _from_container(self, fetch: Fetch) -> Look:
        with loading:
            from . import container

        return container.find(self._environ, fetch), container.url_of(self._environ).partition("?")[0]

    def _from_instance(self, found: Profile, fetch: Fetch) -> Look:
        with loading:
            from . import imds

        return imds.look(self._environ, fetch, found.section)


def masked(access_key_id: str) -> str:
    """The last four characters; the AWS CLI shows keys in this way."""
    return "*" * 16 + access_key_id[-4:]


def _no_environment() -> Look:
    return None, "AWS_ACCESS_KEY_ID is not set"


def _no_container() -> Look:
    return None, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set"


def _no_instance() -> Look:
    return None, "not asked: this is a container"


def _lines(tried: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(f"{name}: {why}" for name, why in tried)


def default_chain(profile_name: str | None = None, arguments: ClientArguments | None = None) -> Chain:
    """The chain of this process's environment, for ``Signer``, the httpx adapter and ``SageMaker``.

    Order: the environment's keys, the profile's role, the environment's web identity, the rest of the profile
    (IAM Identity Center, keys, ``aws login``, ``credential_process``), the container's endpoint or else the
    instance metadata of EC2. With a ``profile_name`` the environment's keys and web identity do not count.
    ``arguments`` (region, FIPS, dual-stack, verify) are those of a client. For STS and IAM Identity Center
    they take precedence over the environment and the profile.
    """
    return Chain(profile_name, arguments=arguments)
