"""``Sources``: the environment, HTTP, programs and terminal that providers use, for injection."""

from __future__ import annotations

import time

from ..config.settings import ClientArguments
from ..errors import CredentialsError
from .fetch import fetch as _fetch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..config.profiles import Profile
    from .fetch import Fetch
    from .process import Run


def _prompt(text: str) -> str:
    from getpass import GetPassWarning, getpass
    from warnings import catch_warnings, simplefilter

    try:
        with catch_warnings():  # what getpass prints says the same, without a line of its code
            simplefilter("ignore", GetPassWarning)
            return getpass(text)
    except (EOFError, OSError, AttributeError, ValueError):  # no terminal, and nothing on standard input
        fault = f"{text.rstrip(': ')}: there is no terminal to ask on"
    raise CredentialsError(f"{fault}: run this where there is one, or use credentials that need no code")


class Sources:
    """The inputs of a profile's providers.

    ``run`` is by default :func:`.process.run`. ``trail`` records what was used and passed over, and where
    each was found. ``identity`` are the variables that take precedence over the profile's keys for a web
    identity. ``called`` is the requested profile, whose region and endpoints also count for all others;
    ``arguments`` are those of the client. ``refreshes`` records, between searches, when a token's refresh was
    last tried.
    """

    __slots__ = (
        "arguments",
        "called",
        "clock",
        "environ",
        "fetch",
        "identity",
        "prompt",
        "refreshes",
        "run",
        "trail",
    )

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        fetch: Fetch = _fetch,
        run: Run | None = None,
        prompt: Callable[[str], str] = _prompt,
        clock: Callable[[], float] = time.time,
        identity: Mapping[str, str] | None = None,
        refreshes: dict[str, float] | None = None,
        arguments: ClientArguments | None = None,
    ) -> None:
        self.environ: Mapping[str, str] = environ
        self.fetch: Fetch = fetch
        self.run: Run | None = run
        self.prompt: Callable[[str], str] = prompt
        self.clock: Callable[[], float] = clock
        self.identity: Mapping[str, str] = identity or {}
        self.refreshes: dict[str, float] = {} if refreshes is None else refreshes
        self.arguments: ClientArguments = arguments or ClientArguments()
        self.called: Profile | None = None
        self.trail: list[str] = []
