"""The TLS settings of this package: version 1.2 or later; certificate and host name are checked."""

from __future__ import annotations

from ..errors import ConfigError
from .forks import loading

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl


def bundle_of(verify: bool | str) -> bool | str:
    """``verify``, checked: True, False or a path that exists. Raises ConfigError."""
    import os

    if not isinstance(verify, (bool, str, os.PathLike)):
        raise ConfigError(f"verify is {type(verify).__name__}: expected True, False or a path")
    if isinstance(verify, bool):
        return verify
    path = os.fspath(verify)
    if not os.path.exists(path):
        raise ConfigError(
            f"the CA bundle {path!r} does not exist: set verify= or AWS_CA_BUNDLE to a file that exists"
        )
    return path


def tls_context(verify: bool | str) -> ssl.SSLContext:
    """A TLS 1.2+ client context.

    ``verify`` is True (the system's CAs), False (no check), or the path of a CA bundle or of a directory of
    CA certificates.

    Python 3.13 refuses CAs whose basicConstraints are not critical and certificates without a key identifier,
    as many companies use (VERIFY_X509_STRICT). If the user names a bundle, that rule is off, as in boto3; for
    the system's CAs Python's default applies. Raises ConfigError if the path holds no certificates.
    """
    with loading:
        import os
        import ssl

    verify = bundle_of(verify)
    try:
        if verify is False:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif verify is True:
            context = ssl.create_default_context()
        elif os.path.isdir(verify):
            context = ssl.create_default_context(capath=verify)
        else:
            context = ssl.create_default_context(cafile=verify)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(f"no CA certificates can be read from {verify}: {error}") from None
    if isinstance(verify, str):
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)
    context.set_alpn_protocols(["http/1.1"])
    return context


def tls_reason(error: BaseException | None) -> str:
    """The TLS library's reason if it caused ``error``, else ``""``."""
    import ssl

    while error is not None:
        # SSLEOFError: a peer that closes the connection during the handshake did not fail validation.
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
            return str(error)
        error = error.__cause__ or error.__context__
    return ""
