"""Advice for the user about an error, and the AWS CLI's exit code for it."""

from __future__ import annotations

from sigv4.cli.verbs import reason_of
from sigv4.errors import CredentialsError

from ..errors import ConfigError, ParamValidationError, ServiceError, TransportError
from .parameter_flags import flag_of

# (error code, part of its message, advice): the first match counts. {operation} is the operation called.
_SERVICE = (
    (
        "ValidationException",
        "RecordNotFound",
        "This account has no notebook instance of that name in this region: check the name, and --region.",
    ),
    (
        "ValidationException",
        "not in ([InService]). Unable to transition to (Stopping)",
        "Only an instance that is InService can be stopped: 'sagemaker-api wait "
        "notebook-instance-in-service'.",
    ),
    (
        "ValidationException",
        "not in ([InService])",
        "Start the instance, and try again when it is InService; 'sagemaker-api open --start' does both.",
    ),
    (
        "ValidationException",
        "not in ([Stopped, Failed]). Unable to transition to (Pending)",
        "Only an instance that is Stopped or Failed can be started: 'sagemaker-api wait "
        "notebook-instance-stopped'.",
    ),
    (
        "ValidationException",
        "not in ([Stopped, Failed])",
        "Stop the instance first, and 'sagemaker-api wait notebook-instance-stopped'.",
    ),
    ("InvalidSignatureException", " min.)", "Set this machine's clock: it is more than 5 minutes off."),
    ("InvalidSignatureException", "valid region", "Give the endpoint's own region: --region, or AWS_REGION."),
    (
        "InvalidSignatureException",
        "Secret Access Key",
        "Check that AWS_SECRET_ACCESS_KEY is the one of AWS_ACCESS_KEY_ID.",
    ),
    (
        "UnrecognizedClientException",
        "",
        "Check AWS_ACCESS_KEY_ID, and that AWS_SESSION_TOKEN belongs to it; if it is an old one, unset it.",
    ),
    ("ExpiredTokenException", "", "These temporary credentials have expired: get new ones."),
    (
        "AccessDeniedException",
        "",
        "Ask for the permission sagemaker:{operation} on this instance. "
        "A condition of the policy, such as the network you call from, counts too.",
    ),
)
_TRANSPORT = {
    "connect": "Check --endpoint-url, --region and the network.",
    "connect-timeout": "Check the network, or give --cli-connect-timeout more seconds.",
    "read-timeout": "Try again, or give --cli-read-timeout more seconds.",
    "deadline": "Try again, or give --cli-read-timeout more seconds.",
    "proxy": "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
    "proxy-refused": "The proxy refuses: check the user name and password in HTTPS_PROXY, or NO_PROXY.",
}
# (part of the TLS library's message, advice): the first match counts.
_TLS = (
    ("mismatch", "The certificate is for another host: check --endpoint-url, and whether a proxy opens TLS."),
    ("expired", "Check this machine's clock; if it is right, the endpoint needs a new certificate."),
    ("not yet valid", "Check this machine's clock: the certificate is not valid yet."),
)
_TLS_BY_BUNDLE = (
    "The CA that signed the endpoint's certificate, or the proxy's, is not in {bundle}: add its certificate "
    "to that file."
)
_TLS_BY_SYSTEM = (
    "Give --ca-bundle, or AWS_CA_BUNDLE, the certificate of the CA that signed the endpoint's, such as your "
    "company's."
)


def outcome(error: Exception, bundle: str = "") -> tuple[int, str]:
    """The exit code, and the text for stderr; ``bundle`` is the CA bundle that the user has set."""
    text = reason_of(error)
    if isinstance(error, CredentialsError):
        if text.startswith("Unable to locate credentials"):
            tried = "".join(f"\n  {line}" for line in error.tried)
            advice = (
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN if there is one, or "
                "name a profile with --profile or AWS_PROFILE."
            )
            return 253, _text(f"An error occurred (NoCredentials): {text}.{tried}", advice)
        return 253, text
    if isinstance(error, ConfigError):
        if text.startswith("You must specify a region."):
            return 253, _text(f"An error occurred (NoRegion): {text}", "Give --region, or set AWS_REGION.")
        return 253, text
    if isinstance(error, ParamValidationError):
        return 252, _text(f"An error occurred (ParamValidation): {text}", _for_missing(text))
    if isinstance(error, ServiceError):
        return 254, _text(text, _for_service(error))
    if isinstance(error, TransportError):
        advice = _for_tls(error, bundle) if error.kind == "tls" else _TRANSPORT.get(error.kind, "")
        return 255, _text(text, advice)
    return 255, text


def _for_missing(text: str) -> str:
    """The flags of the parameters that are missing."""
    start = 'Missing required parameter in input: "'
    missing = [line[len(start) : -1] for line in text.split("\n") if line.startswith(start)]
    return f"Give {', '.join(map(flag_of, missing))}; --help shows the form of each." if missing else ""


def _for_tls(error: TransportError, bundle: str) -> str:
    for part, advice in _TLS:
        if part in error.reason:
            return advice
    return _TLS_BY_BUNDLE.replace("{bundle}", bundle) if bundle else _TLS_BY_SYSTEM


def _for_service(error: ServiceError) -> str:
    for code, part, advice in _SERVICE:
        if error.code == code and part in error.message:
            return advice.replace("{operation}", error.operation_name)
    return ""


def _text(found: str, advice: str) -> str:
    return f"{found}\n{advice}" if advice else found
