"""TLS as every exchange of this package has it: 1.2 or later, certificate and name checked."""

from __future__ import annotations

from ..errors import ConfigError
from .forks import loading

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl


def tls_context(verify: bool | str) -> ssl.SSLContext:
    """A TLS 1.2+ client context. ``verify`` is True (the system's CAs), False (nobody is checked), or the
    path of a CA bundle or of a directory of CA certificates.

    Python 3.13 refuses CAs whose basicConstraints are not critical and certificates without a key identifier,
    as many companies have them (VERIFY_X509_STRICT). Where the user names the bundle that rule is off, as it
    is in boto3; for the system's CAs it stays as Python sets it.

    Raises ConfigError where the path holds none.
    """
    with loading:
        import os
        import ssl

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
    """What the TLS library found wrong, where that is behind ``error``, or ``""``."""
    import ssl

    while error is not None:
        # A peer that hangs up in the handshake has not failed validation: SSLEOFError.
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
            return str(error)
        error = error.__cause__ or error.__context__
    return ""
