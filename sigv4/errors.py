"""The errors of this package, one tree::

    SigV4Error
    ├── SigningError          (ValueError)   bad input: what was found, what was expected, what to do
    ├── VerificationError                    a request was refused: .stage .code .status .message
    ├── CredentialsError                     no usable credentials: .tried
    ├── ConfigError           (ValueError)   a wrong setting or file: names where it is set
    └── MissingDependency     (ImportError)  an optional package is not installed: .package

No error text, attribute or cause ever holds a secret key, a session token or an expected signature.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def printable(text: str, instead: str = "") -> str:
    """Untrusted text that is safe to show: characters that a terminal would act on become ``instead``."""
    return "".join([char if char.isprintable() else instead for char in text])


def escaped(text: str) -> str:
    """Untrusted text with escapes for line ends and for characters that a terminal would act on."""
    return "".join([char if char.isprintable() else repr(char)[1:-1] for char in text])


def repr_of(value: object) -> str:
    """``repr``, also of a value that Python refuses to show: with an int of thousands of digits, or deep."""
    try:
        return repr(value)
    except ValueError:
        return "a very long number"
    except RecursionError:
        return "a deeply nested value"


class SigV4Error(Exception):
    """The base of every error of this package."""


class SigningError(SigV4Error, ValueError):
    """The input cannot be signed in its present form; nothing has been signed or sent."""


class VerificationError(SigV4Error):
    """A request was refused.

    ``stage`` is the rule that refused it (``"VERIFY-10"``), ``code`` AWS's name for
    the refusal in the query protocol (``"SignatureDoesNotMatch"``), ``status`` the HTTP status that goes
    with it, ``message`` AWS's words. Other protocols have other names for ``code``.
    ``details`` are further members that S3 puts into its answer, such as ``ServerTime``.
    """

    def __init__(
        self,
        stage: str,
        code: str,
        message: str,
        status: int = 403,
        details: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(stage, code, message, status, details)
        self.stage = stage
        self.code = code
        self.message = message
        self.status = status
        self.details = details

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.message else self.code


_NO_MATCH = "The request signature we calculated does not match the signature you provided."
MISMATCH = (
    f"{_NO_MATCH} Check your AWS Secret Access Key and signing method. Consult the service documentation for "
    "details."
)
MISMATCH_OF_S3 = f"{_NO_MATCH} Check your key and signing method."


def mismatch(
    stage: str, message: str = MISMATCH, details: tuple[tuple[str, str], ...] = ()
) -> VerificationError:
    """The refusal of a signature: status 403, with AWS's text unless ``message`` is given."""
    return VerificationError(stage, "SignatureDoesNotMatch", message, 403, details)


def no_signature(stage: str) -> VerificationError:
    """The refusal of a request without a signature: status 403, with AWS's text."""
    return VerificationError(stage, "MissingAuthenticationToken", "Request is missing Authentication Token")


class CredentialsError(SigV4Error):
    """No credentials, or unusable ones.

    ``tried`` lists in order each source that was tried and why it gave none.
    """

    def __init__(self, message: str, tried: tuple[str, ...] = ()) -> None:
        super().__init__(message, tried)
        self.message = message
        self.tried = tried

    def __str__(self) -> str:
        return self.message


class ConfigError(SigV4Error, ValueError):
    """A setting is wrong: an endpoint, region, profile, proxy, CA bundle or file.

    The text names where the setting comes from (argument, variable, file and line); nothing has been sent.
    """


_DISTRIBUTION = "sigv4-reference"  # "" in a vendored copy, which has no extras


class MissingDependency(SigV4Error, ImportError):
    """An optional package is needed for this call and is not installed.

    ``package`` is its import name, ``extra`` the extra of this distribution that installs it.
    In a vendored copy, which has no extras, the text names the package alone.
    """

    def __init__(self, package: str, extra: str) -> None:
        wanted = f"'{_DISTRIBUTION}[{extra}]'" if _DISTRIBUTION else package
        super().__init__(f"this needs the package {package!r}: pip install {wanted}")
        self.args: tuple[Any, ...] = (package, extra)  # what pickle and copy call the class with
        self.package = package
        self.extra = extra


def expect(
    fits: object, name: str, value: object, expected: str, error: type[SigV4Error] = SigningError
) -> None:
    """Raises an error that says what the argument ``name`` is and what was ``expected``, unless it fits."""
    if not fits:
        found = repr_of(value)[:60] if value is None or isinstance(value, (str, int, float)) else ""
        if isinstance(value, type):
            found = f"the class {value.__name__}"
        raise error(f"{name} is {found or type(value).__name__}: expected {expected}")


def expect_has(
    member: str, name: str, value: object, expected: str, error: type[SigV4Error] = SigningError
) -> None:
    """Raises an error unless ``value`` is an object with ``member``; a class in place of one is refused."""
    if isinstance(value, type) or not hasattr(value, member):
        found = f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
        raise error(f"{name} is {found}: expected {expected}")


def expect_switches(error: type[SigV4Error] = SigningError, **switches: object) -> None:
    """Raises an error unless each is True or False: the text ``"false"`` would count as true."""
    for name, value in switches.items():
        expect(isinstance(value, bool), name, value, "True or False", error)


def is_number(value: object) -> bool:
    """Whether it is an int or a float, and not a bool."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
