"""Compares profile, region, endpoint and credentials with those of botocore, for generated environments and files.

The differences of docs/differences.md are left out: AWS_REGION and the order of AWS_PROFILE and
AWS_DEFAULT_PROFILE (the AWS CLI's, not botocore's), and IMDS.

The access key id shows the provider, the profile and the file that it came from. STS and a container's endpoint are
a server on loopback, which gives botocore and this package the same answers.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pytest

pytest.importorskip("botocore")

from botocore.exceptions import BotoCoreError
from botocore.session import Session

from sagemaker_api import ConfigError, endpoint
from sigv4 import CredentialsError
from sigv4.config.profiles import load_profile
from sigv4.config.settings import ClientArguments, resolve
from sigv4.providers.chain import Chain

pytestmark = pytest.mark.interop

_LOADER = Session().get_component("data_loader")
_OF_ROLES = ("role_arn", "source_profile", "credential_source", "web_identity")
_EXPIRES = "2099-01-02T03:04:05Z"
_PROCESS = {"Version": 1, "AccessKeyId": "AKIDPROCESS", "SecretAccessKey": "p"}


def _files(rng: random.Random, program: str, token: str) -> tuple[str, str]:
    """A config and a credentials file of three profiles, each with a random choice of properties."""
    texts = []
    roles = rng.random() < 0.6
    for prefix, file in (("profile ", "CONFIG"), ("", "CREDENTIALS")):
        text = ""
        for name in ("default", "a", "b"):
            if rng.random() < 0.3:
                continue
            text += f"[{name if name == 'default' else prefix + name}]\n"
            if rng.random() < 0.5:
                text += f"aws_access_key_id = AKID{name}{file}\naws_secret_access_key = s{file}\n"
                if rng.random() < 0.4:
                    text += f"aws_session_token=t{name}\n"
            if file == "CONFIG":
                for line, chance in (
                    (f"region = of-{name}-east-1", 0.5),  # "a-east-1" is refused as a misspelt sa-east-1
                    (f"endpoint_url = https://{name}.example.com", 0.3),
                    (f"credential_process = {program}", 0.3),
                    ("services = v", 0.3),
                    ("ignore_configured_endpoint_urls = true", 0.2),
                    (f"role_arn = arn:aws:iam::123456789012:role/{name}", 0.25),
                    (f"source_profile = {rng.choice(['a', 'b', 'default', 'c'])}", 0.25),
                    (f"credential_source = {rng.choice(['Environment', 'EcsContainer'])}", 0.15),
                    (f"web_identity_token_file = {token}", 0.1),
                    ("use_dualstack_endpoint = true", 0.06),
                ):
                    if (
                        rng.random() < chance
                        and (not line.startswith(_OF_ROLES) or roles)
                        and not (roles and line.startswith("ignore_"))
                    ):
                        text += f"{line}\n"
        texts.append(text)
    texts = [_by_hand(rng, text) for text in texts]
    texts[0] += "[services v]\nsagemaker =\n  endpoint_url = https://services.example.com\n"
    return texts[0], texts[1]


def _by_hand(rng: random.Random, text: str) -> str:
    """The same file in the style of a person: indented, with comments, with colons."""
    style = rng.random()
    if style < 0.5:
        return text
    lines = []
    for line in text.splitlines():
        is_header = line.startswith("[")
        if style < 0.8 and not is_header:
            line = f"    {line}"
        if rng.random() < 0.1 and not is_header and not line.lstrip().startswith("credential_process"):
            line = line.replace(" = ", ": ", 1)
        lines.append(line)
        if rng.random() < 0.2:
            lines.append(rng.choice(["# a = b", "        # region = nowhere", "  ; [profile a]", ""]))
    return "\n".join(lines) + "\n"


def _variables(rng: random.Random, url: str, token: str) -> dict[str, str]:
    chances = {
        "AWS_USE_DUALSTACK_ENDPOINT": (["true", "false"], 0.1),
        "AWS_USE_FIPS_ENDPOINT": (["true", "false"], 0.06),
        "AWS_ROLE_ARN": (["arn:aws:iam::123456789012:role/env"], 0.2),
        "AWS_WEB_IDENTITY_TOKEN_FILE": ([token], 0.15),
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": ([f"{url}/container"], 0.3),
        "AWS_PROFILE": (["a", "b", "default", "a", "b", "default", ""], 0.4),
        "AWS_DEFAULT_REGION": (["env-east-1", "env-east-1", ""], 0.4),
        "AWS_ENDPOINT_URL": (["https://env.example.com", ""], 0.2),
        "AWS_ENDPOINT_URL_SAGEMAKER": (["https://own.example.com", ""], 0.2),
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": (["true", "TRUE", "false"], 0.2),
        "AWS_ACCESS_KEY_ID": (["AKIDENV", "AKIDENV", ""], 0.25),
        "AWS_SESSION_TOKEN": (["tENV", ""], 0.2),
    }
    found = {name: rng.choice(values) for name, (values, chance) in chances.items() if rng.random() < chance}
    if "AWS_ACCESS_KEY_ID" in found:
        found["AWS_SECRET_ACCESS_KEY"] = "sENV"
    return {**found, "AWS_ENDPOINT_URL_STS": url}


class _Sts(BaseHTTPRequestHandler):
    """Gives the credentials of every role, with an id that shows the role and the caller; and a container's."""

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        scope = self.headers.get("Authorization", "").partition("Credential=")[2].split("/")
        by = f"{scope[0]}in{scope[2]}" if len(scope) > 2 else form["WebIdentityToken"].strip()
        key_id = f"ASIA{form['RoleArn'].rpartition('/')[2]}by{by}"
        action = form["Action"]
        keys = f"<AccessKeyId>{key_id}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        inside = f"<Credentials>{keys}<Expiration>{_EXPIRES}</Expiration></Credentials>"
        self._answer(
            f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{inside}'
            "<AssumedRoleUser><AssumedRoleId>i:s</AssumedRoleId>"
            "<Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>"
            f"</{action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
        )

    def do_GET(self) -> None:
        keys = {"AccessKeyId": "ASIACONTAINER", "SecretAccessKey": "s", "Token": "t", "Expiration": _EXPIRES}
        self._answer(json.dumps(keys))

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Prints nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Sts) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Case(NamedTuple):
    """One case: the settings that are looked up, and the sources."""

    profile: str | None
    region: str | None
    variables: dict[str, str]
    config: str
    credentials: str

    def listed(self, scoped: dict[str, Any] | None) -> str:
        """The row of docs/differences.md that this case falls under, or ``""``. Judged by the input alone.

        ``scoped`` are the properties of the profile that is used; None if botocore finds no profile.
        """
        if scoped is None:
            return ""
        for name in (
            "use_fips_endpoint",
            "use_dualstack_endpoint",
        ):  # the endpoint of STS is always configured
            given = self.variables.get(f"AWS_{name.upper()}") or str(scoped.get(name, ""))
            if given.lower() == "true":
                return "FIPS or dual-stack with an endpoint of one's own"
        if not (self.region or self.variables.get("AWS_DEFAULT_REGION") or scoped.get("region")):
            return "a role without a region"
        return ""


class Found(NamedTuple):
    """The result of a case; the keys are the id, the secret and the session token."""

    region: str | None
    url: str
    keys: tuple[str, str, str | None] | None


def _botocore(case: Case) -> tuple[Found | str, dict[str, Any] | None]:
    """The result of botocore, or the name of its error; and the properties of the profile."""
    session = Session(profile=case.profile)
    session.register_component("data_loader", _LOADER)  # the models are read once
    scoped = None
    try:
        scoped = session.get_scoped_config()
        region = case.region or session.get_config_variable("region") or None
        client = session.create_client("sagemaker", region_name=region or "us-east-1")
        url = client.meta.endpoint_url
        found = session.get_credentials()
        keys = found and found.get_frozen_credentials()
    except BotoCoreError as error:
        return type(error).__name__, scoped
    return Found(region, url, keys and (keys.access_key, keys.secret_key, keys.token)), scoped


def _ours(case: Case) -> Found | str:
    """The result of this package, or the text of its error."""
    try:
        settings = resolve("SageMaker", region=case.region, profile=load_profile(case.profile))
        where = endpoint.resolve(
            settings.region.value or "us-east-1",
            use_fips=settings.use_fips_endpoint.value,
            use_dualstack=settings.use_dualstack_endpoint.value,
            endpoint_url=settings.endpoint_url.value,
        )
        try:
            found = Chain(case.profile, arguments=ClientArguments(case.region))()
            keys = found.access_key_id, found.secret_access_key, found.session_token
        except CredentialsError as error:
            if str(error) != "Unable to locate credentials":
                raise
            keys = None
    except (CredentialsError, ConfigError) as error:
        return str(error)
    return Found(settings.region.value, where.url, keys)


def _are_same(ours: Found | str, theirs: Found | str) -> bool:
    return ours == theirs or (isinstance(ours, str) and isinstance(theirs, str))


def _written(rng: random.Random, folder: Path, url: str) -> Case:
    """A case whose files are in ``folder``; some of them cannot be read."""
    token = folder / "token"
    config, credentials = _files(rng, f"{sys.executable} -I -S {folder / 'process.py'}", str(token))
    variables = _variables(rng, url, str(token))
    for name, text in (("AWS_CONFIG_FILE", config), ("AWS_SHARED_CREDENTIALS_FILE", credentials)):
        path = folder / name
        path.write_text(text)
        unreadable = [str(folder), str(folder / "loop"), str(folder / "none"), f"{token}/x", os.devnull]
        variables[name] = rng.choice(unreadable) if rng.random() < 0.08 else str(path)
    if "role_arn" in config or "AWS_WEB_IDENTITY_TOKEN_FILE" in variables:
        variables.pop("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", None)  # so that STS stays on loopback
    region = "arg-east-1" if rng.random() < 0.25 else None
    return Case(rng.choice([None, None, "a", "b"]), region, variables, config, credentials)


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.slow] * (seed > 1)) for seed in range(8)]
)
def test_settings_and_credentials_are_those_of_botocore(
    seed: int, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tries 100 combinations of each of 8 seeds."""
    (tmp_path / "token").write_text("onetwothree")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "process.py").write_text(f"print({json.dumps(json.dumps(_PROCESS))})")
    rng = random.Random(seed)
    errors, listed, kinds = 0, dict[str, int](), set[object]()
    for _ in range(100):
        case = _written(rng, tmp_path, url)
        with monkeypatch.context() as patch:
            for name, value in case.variables.items():
                patch.setenv(name, value)
            (theirs, scoped), ours = _botocore(case), _ours(case)
            empty = [name for name, value in case.variables.items() if not value]
            if empty and not _are_same(
                ours, theirs
            ):  # a listed difference: an empty variable counts as not set
                for name in empty:
                    patch.delenv(name)
                theirs, scoped = _botocore(case)
                listed["an empty variable"] = listed.get("an empty variable", 0) + 1
        row, same = case.listed(scoped), _are_same(ours, theirs)
        if row and not same:
            listed[row] = listed.get(row, 0) + 1
            assert isinstance(ours, str) or isinstance(theirs, str), (ours, theirs, case)
            continue
        errors += isinstance(ours, str)
        kinds.add("error" if isinstance(ours, str) or not ours.keys else ours.keys[0])
        assert same, (ours, theirs, case)
    assert errors < 70
    assert sum(listed.values()) < 45, listed
    assert len(kinds) > 7
