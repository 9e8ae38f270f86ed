"""Region, endpoint, FIPS, dual-stack and attempts are read as botocore reads them, from each source."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytest.importorskip("botocore")

from botocore.session import Session

from sagemaker_api import SageMaker
from sigv4.config.profiles import load_profile
from sigv4.config.settings import resolve

pytestmark = pytest.mark.interop

_LOADER = Session().get_component("data_loader")


class Case(NamedTuple):
    """The text of the config file from ``[default]`` on, the variables, and the arguments of the client."""

    config: str = ""
    environ: dict[str, str] = {}  # noqa: RUF012 (never changed)
    arguments: dict[str, str] = {}  # noqa: RUF012 (never changed)


_REGIONS = (
    *"us-east-1 us_east_1 x 1 -a a- fips-us-east-1 us-east-1-fips fips-fips-us-east-1".split(),
    *"us-gov-west-1 fips-us-gov-west-1 cn-north-1 fips-cn-north-1 us-iso-east-1 us-isof-south-1 a.b a/b é".split(),
    *"eusc-de-east-1 us-west-9 fips- -fips x.evil.com/ us-east-1#".split(),
    *("a" * 63, "a" * 64),
)
_NOT_REGIONS = ("aws-global", "US-EAST-1", "us-east-1a", "useast1", "us-west-2-lax-1")
_SWITCHES = ("true", "True", "TRUE", "TrUe", "1", "yes", "on", "false", "0", "", "tru", "null", "t r u e")
_URLS = (
    "https://x.example https://x.example/ https://x.example/p https://x.example/p/ HTTPS://X.example x.example "
    "http://x.example:80 https://x.example:443 http:// https://x_y.example https://[::1]:8 https://x..example "
    "https://-x.example http://localhost:4566 https://é.example"
).split()
_ATTEMPTS = ("3", "03", "+3", "1_0", "3.0", "0", "-1", "abc", "1", "1e1", "٣", "99999999999", "9" * 5000)
_AT_HOME = "region = us-east-1\n"
_SERVICES = (
    "services = v\n[services v]\nsagemaker =\n  endpoint_url = https://s.example\nsts =\n  endpoint_url = https://t.example\n",
    "services = w\n[services v]\nsagemaker =\n  endpoint_url = https://s.example\n",
    "services =\n[services v]\nsagemaker =\n  endpoint_url = https://s.example\n",
    "services = v\n[services v]\nsagemaker =\n  endpoint_url =\n",
    "services = v\nendpoint_url = https://g.example\n[services v]\nsts =\n  endpoint_url = https://t.example\n",
    "services = v\n[services v]\nSageMaker =\n  Endpoint_URL = https://s.example\n",
    "services = v\n[services v]\nsagemaker_runtime =\n  endpoint_url = https://s.example\n",
    "services = v\n[services v]\nendpoint_url = https://s.example\n",
    'services = a b\n[services "a b"]\nsagemaker =\n endpoint_url=https://q.example\n',
)


def _with_region(value: str) -> Iterator[Case]:
    yield Case(arguments={"region_name": value})
    yield Case(environ={"AWS_DEFAULT_REGION": value})
    yield Case(f"region = {value}\n")


def _cases() -> Iterator[Case]:
    for value in _REGIONS:
        yield from _with_region(value)
    for value in _SWITCHES:
        for name in ("use_fips_endpoint", "use_dualstack_endpoint"):
            yield Case(f"{_AT_HOME}{name} = {value}\n")
            yield Case(_AT_HOME, {f"AWS_{name.upper()}": value})
            yield Case(f"{_AT_HOME}{name} = true\n", {f"AWS_{name.upper()}": value} if value else {})
        own = f"{_AT_HOME}endpoint_url = https://x.example\n"
        yield Case(own, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": value})
        yield Case(f"{own}ignore_configured_endpoint_urls = {value}\n")
    for value in _URLS:
        yield Case(_AT_HOME, arguments={"endpoint_url": value})
        yield Case(_AT_HOME, {"AWS_ENDPOINT_URL": value})
        yield Case(_AT_HOME, {"AWS_ENDPOINT_URL_SAGEMAKER": value, "AWS_ENDPOINT_URL": "https://all.example"})
        yield Case(f"{_AT_HOME}endpoint_url = {value}\n")
    for value in _ATTEMPTS:
        yield Case(_AT_HOME, {"AWS_MAX_ATTEMPTS": value})
        yield Case(f"{_AT_HOME}max_attempts = {value}\n")
    for value in ("standard", "legacy", "adaptive", "none"):
        yield Case(_AT_HOME, {"AWS_RETRY_MODE": value})
        yield Case(f"{_AT_HOME}retry_mode = {value}\n")
    for text in _SERVICES:
        yield Case(_AT_HOME + text)
        yield Case(_AT_HOME + text, {"AWS_ENDPOINT_URL": "https://e.example"})
        yield Case(_AT_HOME + text, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"})
        yield Case(_AT_HOME + text, arguments={"endpoint_url": "https://arg.example"})


def _botocore(arguments: dict[str, str]) -> tuple[Any, ...] | str:
    session = Session()
    session.register_component("data_loader", _LOADER)
    try:
        client = session.create_client("sagemaker", **arguments)
    except Exception:  # noqa: BLE001 (botocore raises errors of any kind for a wrong configuration)
        return "error"
    attempts = client.meta.config.retries.get("total_max_attempts")
    return client.meta.region_name, client.meta.endpoint_url, attempts


def _ours(arguments: dict[str, Any]) -> tuple[Any, ...] | str:
    try:
        with SageMaker(**arguments) as client:
            own = arguments.get("endpoint_url")
            attempts = resolve("SageMaker", endpoint_url=own, profile=load_profile()).max_attempts
            told = None if attempts.origin == "default" else attempts.value
            return client.meta.region_name, client.meta.endpoint_url, told
    except ValueError:
        return "error"


def _read_by_both(
    case: Case, tmp_path: Path, patch: pytest.MonkeyPatch
) -> tuple[tuple[Any, ...] | str, tuple[Any, ...] | str]:
    (tmp_path / "config").write_text(f"[default]\n{case.config}", "utf-8")
    with patch.context() as inside:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            inside.delenv(name)
        keys = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "b", "AWS_EC2_METADATA_DISABLED": "true"}
        files = {
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        }
        for name, value in {**keys, **files, **case.environ}.items():
            inside.setenv(name, value)
        return _ours(case.arguments), _botocore(case.arguments)


def test_settings_are_read_as_botocore_reads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = read = 0
    for case in _cases():
        ours, theirs = _read_by_both(case, tmp_path, monkeypatch)
        assert ours == theirs, case
        count += 1
        read += ours != "error"
    assert count > 300
    assert read > 180


@pytest.mark.parametrize("region", _NOT_REGIONS)
def test_a_text_that_is_not_a_region_is_refused_even_if_botocore_accepts_it(
    region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reasoned difference: docs/differences.md."""
    for case in _with_region(region):
        ours, theirs = _read_by_both(case, tmp_path, monkeypatch)
        assert (ours, theirs[0]) == ("error", region)


# The cases in which this package differs, and its result: rows of docs/differences.md.
_LISTED = (
    (Case(environ={"AWS_DEFAULT_REGION": " eu-west-1 "}), "https://api.sagemaker.eu-west-1.amazonaws.com"),
    (
        Case(_AT_HOME, {"AWS_USE_DUALSTACK_ENDPOINT": "true "}),
        "https://api.sagemaker.us-east-1.api.aws",
    ),
    (Case(_AT_HOME, {"AWS_RETRY_MODE": "STANDARD"}), "https://api.sagemaker.us-east-1.amazonaws.com"),
    (Case(_AT_HOME, {"AWS_MAX_ATTEMPTS": ""}), "https://api.sagemaker.us-east-1.amazonaws.com"),
    (Case(_AT_HOME, {"AWS_PROFILE": ""}), "https://api.sagemaker.us-east-1.amazonaws.com"),
    (Case(f"{_AT_HOME}s3 =\n  a = b\n[DEFAULT]\ns3 =\n  no setting\n"), "error"),
    *[
        (Case(_AT_HOME, {"AWS_ENDPOINT_URL": url}), "error")
        for url in (
            *(
                "https://x.example:0",
                "https://x.example:70000",
                "https://x.example:a",
                "https://x.example?a=b",
            ),
            *("https://x.example#f", "https://u:p@x.example", "ftp://x.example", "https://x.example/a b"),
            "//x.example",
        )
    ],
)


@pytest.mark.parametrize(("case", "url"), _LISTED)
def test_a_listed_difference_exists(
    case: Case, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = _read_by_both(case, tmp_path, monkeypatch)
    assert ours != theirs
    assert (ours if isinstance(ours, str) else ours[1]) == url
