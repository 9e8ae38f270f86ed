"""Reads the credentials of a verb: from flags, a file or standard input, the environment or a profile."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ..credentials import Credentials
from ..errors import CredentialsError
from ..providers import environment
from .standard_streams import read_bytes


def add_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group(
        "credentials",
        "By default AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the environment,\n"
        "or else the AWS CLI's sources: a profile, a container's endpoint, the instance metadata.",
    )
    group.add_argument("--access-key-id", metavar="A")
    group.add_argument(
        "--secret-access-key", metavar="S", help="seen by every user of this machine: prefer --secret-file"
    )
    group.add_argument(
        "--secret-file", metavar="FILE", help="the secret access key, alone in a file; - for standard input"
    )
    group.add_argument("--session-token", metavar="T")
    group.add_argument(
        "--s3session-token",
        metavar="T",
        help="in place of --session-token: the token from CreateSession, for objects of an S3 Express bucket",
    )
    group.add_argument(
        "--profile",
        metavar="NAME",
        help="a profile of ~/.aws/config and ~/.aws/credentials; the environment's keys are then not used",
    )


def read(options: Namespace) -> Credentials:
    """The credentials of the flags, or else of the environment, or else of the default chain.

    Raises CredentialsError, OSError.
    """
    if options.profile is not None:
        return _of_chain(options)
    access_key_id, secret = options.access_key_id, options.secret_access_key
    token, of_session = options.session_token, options.s3session_token
    if of_session is not None and token is not None:
        raise CredentialsError("--session-token and --s3session-token both given: keep one")
    if secret is not None:
        print(
            "sigv4: a secret on the command line shows in process lists: prefer --secret-file -",
            file=sys.stderr,
        )
    secret = given_secret(secret, options.secret_file)
    if access_key_id is None and secret is None:
        found = environment.find()
        if token is None and of_session is None:
            return found or _of_chain(options)
        if found is not None:
            access_key_id, secret = found.access_key_id, found.secret_access_key
    if not access_key_id or not secret:
        missing = "secret access key" if access_key_id else "access key id" if secret else "credentials"
        raise CredentialsError(
            f"no {missing}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, give --access-key-id with "
            "--secret-file FILE, or name a profile with --profile",
            ("flags", "environment"),
        )
    if of_session is not None:
        return Credentials.of_s3_express_session(access_key_id, secret, of_session)
    return Credentials(access_key_id, secret, token)


def read_if_any(options: Namespace) -> Credentials | None:
    """``read``, or None if neither the flags nor the environment give any key."""
    named = (*_given(options), options.profile)
    return read(options) if any(named) else environment.find()


def _given(options: Namespace) -> list[str | None]:
    names = ("access_key_id", "secret_access_key", "secret_file", "session_token", "s3session_token")
    return [getattr(options, name) for name in names]


def _of_chain(options: Namespace) -> Credentials:
    """The credentials of ``--profile``, or those that the AWS CLI would find."""
    if any(value is not None for value in _given(options)):
        raise CredentialsError("--profile names the credentials: leave out the other flags for them")
    from ..providers.chain import default_chain

    try:
        return default_chain(options.profile)()
    except CredentialsError as error:
        fault, tried = str(error), error.tried
    if fault.startswith("Unable to locate credentials"):
        asked = "".join(f"\n  {line}" for line in tried)
        fault = (
            "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, give --access-key-id with "
            f"--secret-file FILE, or name a profile with --profile. Asked:{asked}"
        )
    raise CredentialsError(fault, tried)


def given_secret(secret: str | None, file: str | None) -> str | None:
    """The secret that is given itself, or alone in ``file``. Raises CredentialsError for both, OSError."""
    if secret is not None and file is not None:
        raise CredentialsError("--secret-access-key and --secret-file both given: keep one")
    return secret if file is None else read_secret(file)


def read_secret(name: str) -> str:
    """The secret alone in a file, or standard input for ``-``. Raises OSError, CredentialsError."""
    raw = read_bytes(name)
    try:
        return raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raw = b""
        raise CredentialsError(
            "the secret file is not UTF-8 text: save it as UTF-8, the secret alone"
        ) from None
