"""A SageMaker endpoint on this machine that checks signatures for real."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import time

from sigv4.claim import Claim, Verified
from sigv4.credentials import Credentials
from sigv4.errors import SigningError, VerificationError
from sigv4.verifier import Verifier

from ..errors import ConfigError
from .notebooks import STATUSES, Notebooks
from .operations import name_faults
from .server import Server
from .service import Service

__all__ = ["EXAMPLE", "LocalSageMaker"]

# The example pair of AWS's own documentation: public, worth nothing.
EXAMPLE = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class LocalSageMaker:
    """A local SageMaker, serving while the ``with`` block runs.

    ``notebooks`` maps names to statuses (``"InService"``, …); ``credentials`` are the only ones accepted;
    ``port`` 0 takes a free one; ``clock`` returns epoch seconds and rules signatures, URLs and sessions.
    Minted URLs have the local form ``http://127.0.0.1:PORT/notebook/NAME/?authToken=…``. ``on_verdict`` is
    told what the verifier made of each API request, in the thread that answers it.

    Raises ConfigError for a name or status that no notebook instance has, for a host, port or region that
    cannot be served, and for a host beyond loopback with the example credentials.
    """

    def __init__(
        self,
        notebooks: Mapping[str, str] | None = None,
        *,
        credentials: Credentials = EXAMPLE,
        region: str = "us-east-1",
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time,
        on_verdict: Callable[[Verified | VerificationError], None] = lambda verdict: None,
    ) -> None:
        statuses = {"my-notebook": "InService"} if notebooks is None else notebooks
        for name, status in statuses.items():
            for fault in name_faults(name):
                raise ConfigError(f"{name!r} cannot name a notebook: {fault}")
            if status not in STATUSES:
                raise ConfigError(
                    f"notebook {name!r} has status {status!r}: expected one of {', '.join(STATUSES)}"
                )
        if host not in _LOOPBACK and credentials.secret_access_key == EXAMPLE.secret_access_key:
            raise ConfigError(
                f"the example credentials are public, so {host!r} would serve anyone: "
                "give credentials of your own, or bind 127.0.0.1"
            )
        if host in ("0.0.0.0", "::", ""):  # noqa: S104 (refused)
            raise ConfigError(
                f"{host!r} is every address of this machine, and clients are known by the one they call: "
                "bind that one"
            )

        def lookup(claim: Claim) -> Credentials | None:
            return credentials if claim.access_key_id == credentials.access_key_id else None

        try:
            verifier = Verifier("sagemaker", region, lookup, clock=clock)
        except SigningError as error:
            raise ConfigError(str(error)) from None
        self.credentials = credentials
        self.region = region
        self.notebooks = Notebooks(statuses, clock)
        self._server = _listening(host, port, clock)
        self.port = self._server.port
        self.url = f"http://{self._server.authority}"
        service = Service(self.notebooks, verifier, self.url, f"local-sagemaker-{self.port}", on_verdict)
        self._server.answer = service.answer

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point boto3, the AWS CLI and this client here. Holds the secret.

        The session token is empty where there is none, so that one left over from elsewhere is not sent.
        """
        return {
            "AWS_ENDPOINT_URL_SAGEMAKER": self.url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.credentials.secret_access_key,
            "AWS_SESSION_TOKEN": self.credentials.session_token or "",
        }

    def start(self) -> LocalSageMaker:
        """Serve, until :meth:`stop`. A ``with`` block does both."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop listening and close every connection."""
        self._server.stop()

    def __enter__(self) -> LocalSageMaker:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"LocalSageMaker({self.url!r}, {sorted(self.notebooks.statuses)})"


def _listening(host: str, port: int, clock: Callable[[], float]) -> Server:
    try:
        return Server(host, port, clock)
    except (OSError, OverflowError) as error:
        reason = str(error).rstrip(".")
        raise ConfigError(
            f"cannot listen on {host!r}, port {port}: {reason}. Give a host of this machine, and a free port "
            "from 1 to 65535, or 0 to have one chosen"
        ) from None
