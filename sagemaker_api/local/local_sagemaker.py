"""``LocalSageMaker``: combines the state, the service and a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from time import sleep, time
from typing import Protocol

from sigv4.claim import Verified
from sigv4.credentials import Credentials
from sigv4.errors import SigningError, VerificationError
from sigv4.request import Request, Response
from sigv4.verifier import Verifier

from ..errors import ConfigError
from .api import ServiceState
from .clients import Proxies
from .clock import Clock
from .faults import Faults
from .iam.context import told_keys
from .iam.guard import Guard
from .iam.identities import Identities, Identity, no_identity
from .iam.policy import Policy
from .local_arguments import (
    EXAMPLE,
    check_kinds,
    check_notebooks,
    check_url_form,
    checked_identities,
    statuses_of,
)
from .notebooks.instances import Account, Instances, delays_of
from .notebooks.sessions import Sessions
from .service import Service
from .serving.server import Server

_ACCOUNT_ID = "123456789012"


class Listener(Protocol):
    """A server for a LocalSageMaker: it has an address when it is made, and serves from start to stop.

    ``authority`` is ``HOST:PORT``; ``hosts`` are the accepted values of Host, in lower case.
    """

    port: int
    authority: str
    hosts: frozenset[str]

    def start(self, local: LocalSageMaker) -> None:
        """Begin to serve ``local``; return when requests are accepted."""

    def stop(self) -> None:
        """Stop serving, and return when the port is closed."""


class LocalSageMaker:
    """A local SageMaker, serving while the ``with`` block runs.

    ``notebooks`` maps names to statuses (``"InService"``, …), or lists names that are InService; ``delays``
    are the seconds that a temporary status lasts, one number or a mapping (``{"Pending": 60}``); ``failing``
    maps notebooks that will end in Failed to their FailureReason; ``limit`` is the greatest number of
    instances.

    ``credentials`` are those of the one identity, which may do everything unless ``policies`` are given; pass
    ``identities`` instead for several; then ``environment`` is that of the first. ``context`` has condition
    keys of the callers that AWS would know, unless an identity gives its own:
    ``{"aws:MultiFactorAuthPresent": "true"}``; None means that requests do not have the key.
    ``trusted_proxies`` are the networks whose ``X-Forwarded-For`` counts: with ``["127.0.0.1"]`` a test can
    choose its address with that header; ``forwarded`` names further trusted headers, ``"scheme"``
    (``X-Forwarded-Proto``) and ``"vpc"`` (``X-Vpc-Endpoint-Id``, ``X-Vpc-Id``). ``single_use`` makes each URL
    open once.

    ``clock`` returns epoch seconds, for signatures, URLs, sessions and delays; the attribute ``clock`` can be
    moved: ``local.clock.move(301)``. ``seed`` makes random ``faults`` the same in every run. ``port`` 0
    chooses a free one. ``server`` makes the server from host, port and clock; the default uses the standard
    library and shows a page instead of a notebook. URLs have the form
    ``http://127.0.0.1:PORT/notebook/NAME/?authToken=…``, or with ``url_form`` ``"host"`` the form
    ``http://NAME.localhost:PORT/?authToken=…``, with a separate host as at AWS. ``on_verdict`` is called with
    the verifier's result for each API request, in the thread that answers it. ``service`` can be served by
    any server; ``identities`` and ``instances`` may be changed at any time. Raises ConfigError for a name or
    status that no notebook instance can have, for an invalid account, limit, host, port or region, and for a
    host other than loopback with the example credentials.
    """

    def __init__(
        self,
        notebooks: Mapping[str, str] | Iterable[str] | None = None,
        *,
        credentials: Credentials = EXAMPLE,
        policies: Iterable[Policy] | None = None,
        identities: Iterable[Identity] | None = None,
        context: Mapping[str, str | Iterable[str] | None] | None = None,
        region: str = "us-east-1",
        account_id: str = _ACCOUNT_ID,
        host: str = "127.0.0.1",
        port: int = 0,
        delays: float | Mapping[str, float] = 0.0,
        failing: Mapping[str, str] | None = None,
        limit: int | None = None,
        faults: Faults | None = None,
        single_use: bool = False,
        url_form: str = "path",
        trusted_proxies: Iterable[str] = (),
        forwarded: Iterable[str] = (),
        clock: Callable[[], float] = time,
        seed: int | None = None,
        server: Callable[[str, int, Callable[[], float]], Listener] = Server,
        on_verdict: Callable[[Verified | VerificationError], None] = lambda verdict: None,
    ) -> None:
        faults = Faults() if faults is None else faults
        check_kinds(
            credentials=credentials, faults=faults, host=host, port=port, region=region, server=server,
            clock=clock, single_use=single_use, on_verdict=on_verdict, failing=failing or {}, seed=seed,
        )  # fmt: skip
        statuses = _checked_statuses(notebooks, failing or {})
        if identities is None:
            identities = [Identity(self.default_arn(region, account_id), credentials, policies)]
        elif policies is not None or credentials is not EXAMPLE:
            raise ConfigError("identities have credentials and policies of their own: give either, not both")
        known = checked_identities(identities, host)
        check_url_form(url_form, host)
        self.clock: Clock = Clock(clock, faults.skew)
        self.region = region
        self.identities: Identities = Identities(known)
        self.proxies: Proxies = Proxies(trusted_proxies, forwarded)
        account = Account.of(region, account_id)
        self.instances: Instances = Instances(
            statuses, account, self.clock, delays_of(delays), failing or {}, limit
        )
        guard = Guard(account, self.clock, told_keys(context))
        self.sessions: Sessions = Sessions(
            self.instances, self.identities, guard, self.clock, single_use=single_use
        )
        verifier = _verifier(region, self.identities, self.clock)
        self._first = known[0].arn
        self._server = _listening(server, host, port, self.clock)
        self.port: int = self._server.port
        self.url: str = f"http://{self._server.authority}"
        self.service: Service = Service(
            ServiceState(self.instances, self.sessions, guard, self.url, url_form),
            self.identities,
            verifier,
            self.clock,
            hosts=self._server.hosts,
            cookie=f"local-sagemaker-{self.port}",
            random=_chances(seed),
            faults=faults,
            on_verdict=on_verdict,
        )

    @staticmethod
    def default_arn(region: str = "us-east-1", account_id: str = _ACCOUNT_ID) -> str:
        """The ARN of the default identity.

        Raises ConfigError for a malformed account id.
        """
        return f"arn:{Account.of(region, account_id).partition}:iam::{account_id}:user/local"

    @property
    def credentials(self) -> Credentials:
        """The credentials of the first identity."""
        return self._identity(self._first).credentials

    @property
    def control_url(self) -> str:
        """The URL of the control page. Its path is a secret: anyone who has it controls this endpoint."""
        return self.url + self.service.control.path

    @property
    def environment(self) -> dict[str, str]:
        """``environment_of`` the first identity."""
        return self.environment_of(self._first)

    def environment_of(self, arn: str) -> dict[str, str]:
        """The environment variables that make boto3, the AWS CLI and this client call here as an identity.

        They hold its secret. Without a session token the variable is empty, so that an old token is not sent.
        Raises ConfigError if there is no such identity.
        """
        credentials = self._identity(arn).credentials
        return {
            "AWS_ENDPOINT_URL_SAGEMAKER": self.url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
            "AWS_SESSION_TOKEN": credentials.session_token or "",
        }

    def set_policies(self, policies: Iterable[Policy] | None, arn: str = "") -> None:
        """Replaces the policies of an identity, by default the first, from the next request or frame on.

        None allows everything, an empty list nothing. Raises ConfigError if there is no such identity.
        """
        self.identities.set_policies(arn or self._first, policies)

    def start(self) -> LocalSageMaker:
        """Starts serving, until :meth:`stop`. A ``with`` block does both."""
        self._server.start(self)
        return self

    def stop(self) -> None:
        """Stops listening and closes every connection."""
        self._server.stop()

    def __enter__(self) -> LocalSageMaker:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"LocalSageMaker({self.url!r}, {sorted(each.name for each in self.instances.all())})"

    def answer(self, request: Request, peer: str) -> Response:
        """The response to a request from the address ``peer``, after the delay of an injected fault."""
        response = self.service.answer(request, self.proxies.client(request, peer))
        wait = self.service.delay(request)
        if wait:
            sleep(wait)
        return response

    def _identity(self, arn: str) -> Identity:
        found = self.identities.get(arn)
        if found is None:
            raise no_identity(arn, self.identities)
        return found


def _checked_statuses(
    notebooks: Mapping[str, str] | Iterable[str] | None, failing: Mapping[str, str]
) -> Mapping[str, str]:
    """The status of each instance. Raises ConfigError."""
    statuses = statuses_of(notebooks)
    check_notebooks({**dict.fromkeys(failing, "Failed"), **statuses})
    return statuses


def _verifier(region: str, identities: Identities, clock: Clock) -> Verifier:
    try:
        return Verifier("sagemaker", region, identities.lookup, clock=clock)
    except SigningError as error:
        raise ConfigError(str(error)) from None


def _chances(seed: int | None) -> Callable[[], float]:
    from random import Random  # imported only here, since it takes milliseconds

    return Random(seed).random  # noqa: S311 (it chooses faults, not secrets)


def _listening(
    server: Callable[[str, int, Callable[[], float]], Listener],
    host: str,
    port: int,
    clock: Callable[[], float],
) -> Listener:
    try:
        return server(host, port, clock)
    except (OSError, OverflowError) as error:
        reason = str(error).rstrip(".")
        raise ConfigError(
            f"cannot listen on {host!r}, port {port}: {reason}. Give a host of this machine, and a free port "
            "from 1 to 65535, or 0 to have one chosen"
        ) from None
