"""The modules that the package loads and when, its public names, and the tree of its errors."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

import sagemaker_api
import sigv4
from sagemaker_api import ConfigError, SageMakerError, TransportError


def _loaded(code: str, *names: str) -> set[str]:
    script = f"import sys; {code}; print(*[name for name in {names!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (
            "import sagemaker_api",
            (
                "httpx",
                "http.client",
                "ssl",
                "json",
                "socket",
                "logging",
                "asyncio",
                "typing",
                "re",
                "sigv4",
            ),
        ),
        (
            "from sagemaker_api import ServiceError, CredentialsError",
            ("httpx", "http.client", "ssl", "json", "asyncio"),
        ),
        (
            "from sagemaker_api import SageMaker, AsyncSageMaker; from sigv4 import Credentials; "
            "SageMaker('us-east-1', credentials=Credentials('AKID', 's'))",
            (
                "httpx",
                "http.client",
                "ssl",
                "asyncio",
                "logging",
                "uuid",
                "dataclasses",
                "typing",
                "sigv4.providers.environment",
                "sagemaker_api.transports.default",
                "sagemaker_api.transports.httpx",
                "sagemaker_api.transports.stdlib",
                "sagemaker_api.local",
            ),
        ),
    ],
)
def test_nothing_is_loaded_before_it_is_used(code: str, names: tuple[str, ...]) -> None:
    assert all(find_spec(name) for name in names)  # a module that is not there is never loaded
    root = sagemaker_api.__path__[0].rpartition("/")[0]
    assert _loaded(f"sys.path.insert(0, {root!r}); {code}", *names) == set()


def test_the_package_has_every_public_name_and_no_other() -> None:
    names: tuple[str, ...] = vars(sagemaker_api)["__all__"]
    for name in names:
        assert getattr(sagemaker_api, name).__name__ == name
    assert set(names) <= set(dir(sagemaker_api))
    nonsense = "nonsense"
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        getattr(sagemaker_api, nonsense)


def test_all_errors_have_one_base_class() -> None:
    assert all(
        issubclass(getattr(sagemaker_api, name), SageMakerError)
        for name in ("ParamValidationError", "ProtocolError", "ServiceError", "TransportError")
    )
    assert sagemaker_api.ConfigError is sigv4.ConfigError  # one class for all errors of a configuration
    assert issubclass(ConfigError, (sigv4.SigV4Error, ValueError))
    assert not issubclass(TransportError, ValueError)
