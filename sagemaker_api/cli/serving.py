"""Runs ``sagemaker-api local`` after its flags are read: builds, announces, serves, reloads files."""

from __future__ import annotations

import contextlib
import shlex
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from sigv4.claim import Verified
from sigv4.cli.credentials import given_secret
from sigv4.config.numbers import plain_number
from sigv4.credentials import Credentials
from sigv4.errors import CredentialsError, VerificationError, printable

from ..errors import ConfigError
from ..local import EXAMPLE, Faults, Identity, Limits, Listener, LocalSageMaker, Policy
from ..local.iam.identity_file import files_of, read_identities
from ..local.iam.policy_file import read_policy
from ..local.notebooks.instances import NO_CAPACITY
from ..local.serving.server import Server
from ..local.serving.servers import asgi
from .simulate import gathered_context, report_set_aside

_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_LOOK_SECONDS = 0.5
_Stamp: TypeAlias = tuple[Path, int, int]  # a file, its modification time, and its length


def run(options: Namespace) -> int:
    """Serves until Ctrl-C. Raises ConfigError."""
    seen = _stamps(options)
    local = LocalSageMaker(
        _pairs("--notebook", options.notebook or ["my-notebook"], "InService"),
        identities=_identities(options),
        region=options.region,
        account_id=options.account_id,
        host=options.host,
        port=options.port,
        delays=_delays(options.delay),
        failing=_pairs("--fail", options.fail, NO_CAPACITY),
        limit=options.limit,
        context=gathered_context(options.context),
        faults=None if options.fault is None else Faults.parse(options.fault),
        seed=options.seed,
        single_use=options.single_use,
        url_form=options.url_form,
        trusted_proxies=options.trust_proxy,
        forwarded=options.trust_forwarded,
        server=_server(options),
        on_verdict=_report,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the exit code is 0, as after Ctrl-C
    with local:
        print(_announcement(local, options.shell), flush=True)
        _report_set_aside(local)
        try:
            _keep_up(local, options, seen)
        except KeyboardInterrupt:
            print("\n# ended", flush=True)
    return 0


def _server(options: Namespace) -> Callable[[str, int, Callable[[], float]], Listener]:
    if options.asgi or options.jupyter is not None:
        return asgi(options.jupyter, Limits.parse(options.proxy_limit))
    if options.proxy_limit:
        raise ConfigError(
            "--proxy-limit sets limits of the proxy to Jupyter: give --jupyter or --asgi with it"
        )
    return Server


def _pairs(flag: str, entries: list[str], default: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for entry in entries:
        name, _, value = entry.partition("=")
        if name in pairs:
            raise ConfigError(f"{flag} {name} is given twice: keep one")
        pairs[name] = value or default
    return pairs


def _delays(entries: list[str]) -> dict[str, float]:
    delays: dict[str, float] = {}
    for entry in entries:
        status, _, seconds = entry.rpartition("=")
        try:
            number = plain_number(seconds)
        except ValueError:
            raise ConfigError(
                f"--delay {entry!r}: expected seconds, or a status and seconds, such as Pending=60"
            ) from None
        names = [status] if status else ["Pending", "Stopping", "Updating", "Deleting"]
        delays.update(dict.fromkeys(names, number))
    return delays


def _identities(options: Namespace) -> list[Identity]:
    given = (options.access_key_id, options.secret_access_key, options.secret_file, options.session_token)
    if options.identity:
        if options.policy or any(value is not None for value in given):
            raise ConfigError("--identity files hold keys and policies: leave out the other flags for them")
        return [identity for name in options.identity for identity in read_identities(name)]
    arn = LocalSageMaker.default_arn(options.region, options.account_id)
    return [Identity(arn, _credentials(options), _policies(options))]


def _policies(options: Namespace) -> list[Policy] | None:
    return None if options.policy is None else [read_policy(name) for name in options.policy]


def _keep_up(local: LocalSageMaker, options: Namespace, seen: list[_Stamp]) -> None:
    """Applies changes in the files of identities and policies since ``seen``, until Ctrl-C."""
    while True:
        time.sleep(_LOOK_SECONDS)
        found = _stamps(options)
        if found == seen:
            continue
        seen = found
        try:
            if options.identity:
                local.identities.replace(_identities(options))
            else:
                local.set_policies(_policies(options))
        except ConfigError as error:
            print(f"not applied, the earlier policies stay in force: {error}", file=sys.stderr, flush=True)
        else:
            print("# identities and policies: read again", flush=True)
            _report_set_aside(local)


def _report_set_aside(local: LocalSageMaker) -> None:
    for identity in local.identities:
        report_set_aside(identity.policies or ())


def _stamps(options: Namespace) -> list[_Stamp]:
    """The current state of the files of identities and policies."""
    stamps = []
    for path in (*map(Path, options.policy or ()), *_identity_paths(options)):
        with contextlib.suppress(OSError):
            found = path.stat()
            stamps.append((path, found.st_mtime_ns, found.st_size))
    return stamps


def _identity_paths(options: Namespace) -> list[Path]:
    """The files of identities and the files that they name; if one cannot be parsed now, only that file."""
    names = options.identity or ()
    try:
        return [path for name in names for path in files_of(name)]
    except ConfigError:
        return [Path(name) for name in names]


def _export(shell: str, name: str, value: str) -> str:
    """The line that sets an environment variable in ``sh``, ``fish`` or ``powershell``."""
    if shell == "fish":  # in single quotes only these two characters need a backslash
        quoted = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"set -gx {name} '{quoted}'"
    if shell == "powershell":
        quoted = value.replace("'", "''")
        return f"$env:{name} = '{quoted}'"
    return f"export {name}={shlex.quote(value)}"


def _announcement(local: LocalSageMaker, shell: str) -> str:
    """The lines to paste. Secrets that the user gave are not printed."""
    own = local.credentials.secret_access_key != EXAMPLE.secret_access_key
    lines = ["# SageMaker is listening; paste this where boto3, the AWS CLI or this client will run:"]
    for name, value in local.environment.items():
        if value and own and name in _SECRETS:
            lines.append(f"# {name}: the one you gave")
        else:
            lines.append(_export(shell, name, value))
    others = list(local.identities)[1:]
    lines += [f"# also known: {each.credentials.access_key_id}, {each.arn}" for each in others]
    return "\n".join([*lines, f"# Control page: {local.control_url}", "# Ctrl-C ends it."])


def _report(verdict: Verified | VerificationError) -> None:
    print(printable(verdict_text(verdict)[:500], "?"), file=sys.stderr, flush=True)


def verdict_text(verdict: Verified | VerificationError) -> str:
    """One line for the verifier's result."""
    if isinstance(verdict, Verified):
        return f"accepted: signed by {verdict.access_key_id} for {verdict.scope}"
    if verdict.stage in ("VERIFY-6a", "VERIFY-6b"):  # their texts repeat the Authorization header
        return f"refused at {verdict.stage}: {verdict.code}"
    return f"refused at {verdict.stage}: {verdict}"


def _credentials(options: Namespace) -> Credentials:
    for flag, value in (
        ("--secret-access-key", options.secret_access_key),
        ("--session-token", options.session_token),
    ):
        if value is not None:
            print(f"{flag} on the command line shows in process lists and shell history", file=sys.stderr)
    given = (options.access_key_id, options.secret_access_key, options.secret_file, options.session_token)
    if all(value is None for value in given):
        return EXAMPLE
    secret = _secret(options.secret_access_key, options.secret_file)
    if not options.access_key_id or not secret:
        raise ConfigError(
            "--access-key-id and a secret go together: give both, or neither for AWS's example credentials"
        )
    return Credentials(options.access_key_id, secret, options.session_token)


def _secret(secret: str | None, file: str | None) -> str | None:
    try:
        return given_secret(secret, file)
    except OSError as error:
        raise ConfigError(f"--secret-file {file}: {error.strerror or error}") from None
    except CredentialsError as error:
        raise ConfigError(str(error)) from None
