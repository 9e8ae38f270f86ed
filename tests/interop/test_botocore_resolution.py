"""Profile, region, endpoint and credentials as botocore finds them, over generated environments and files.

Left out are the differences of docs/differences.md: AWS_REGION and the order of AWS_PROFILE and
AWS_DEFAULT_PROFILE (the AWS CLI's, not botocore's), and IMDS.

The access key id tells the provider, the profile and the file it came from. STS and a container's endpoint are
a server on loopback that answers botocore and us alike.
"""

from __future__ import annotations

import json
import random
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

pytest.importorskip("botocore")

from botocore.exceptions import BotoCoreError
from botocore.session import Session

from sagemaker_api import ConfigError, endpoint
from sigv4 import CredentialsError
from sigv4.config.profiles import load_profile
from sigv4.config.settings import resolve
from sigv4.providers.chain import Chain

pytestmark = pytest.mark.interop

_LOADER = Session().get_component("data_loader")
# Errors of ours that docs/differences.md lists: botocore drops FIPS and dual-stack there without a word, and signs
# for us-east-1 where it knows no region.
_LISTED = ("custom endpoint are not supported", "You must specify a region.")
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
                    (f"region = {name}-east-1", 0.5),
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
    texts[0] += "[services v]\nsagemaker =\n  endpoint_url = https://services.example.com\n"
    return texts[0], texts[1]


def _variables(rng: random.Random, url: str, token: str) -> dict[str, str]:
    chances = {
        "AWS_USE_DUALSTACK_ENDPOINT": (["true", "false"], 0.1),
        "AWS_USE_FIPS_ENDPOINT": (["true", "false"], 0.06),
        "AWS_ROLE_ARN": (["arn:aws:iam::123456789012:role/env"], 0.2),
        "AWS_WEB_IDENTITY_TOKEN_FILE": ([token], 0.15),
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": ([f"{url}/container"], 0.3),
        "AWS_PROFILE": (["a", "b", "default"], 0.4),
        "AWS_DEFAULT_REGION": (["env-east-1"], 0.3),
        "AWS_ENDPOINT_URL": (["https://env.example.com"], 0.2),
        "AWS_ENDPOINT_URL_SAGEMAKER": (["https://own.example.com"], 0.2),
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": (["true", "TRUE", "false"], 0.2),
        "AWS_ACCESS_KEY_ID": (["AKIDENV"], 0.2),
        "AWS_SESSION_TOKEN": (["tENV"], 0.2),
    }
    found = {name: rng.choice(values) for name, (values, chance) in chances.items() if rng.random() < chance}
    if "AWS_ACCESS_KEY_ID" in found:
        found["AWS_SECRET_ACCESS_KEY"] = "sENV"
    return {**found, "AWS_ENDPOINT_URL_STS": url}


class _Sts(BaseHTTPRequestHandler):
    """Gives every role, under a name that tells the role and who asked; and a container's credentials."""

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        by = self.headers.get("Authorization", "=token/").partition("Credential=")[2].partition("/")[0]
        key_id = f"ASIA{form['RoleArn'].rpartition('/')[2]}by{by or form['WebIdentityToken'].strip()}"
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
        """Nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Sts) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _botocore(profile: str | None) -> tuple[object, ...]:
    session = Session(profile=profile)
    session.register_component("data_loader", _LOADER)  # the models are read once
    try:
        region = session.get_config_variable("region")
        client = session.create_client("sagemaker", region_name=region or "us-east-1")
        url = client.meta.endpoint_url
        found = session.get_credentials()
        keys = found and found.get_frozen_credentials()
    except BotoCoreError as error:
        return ("error", type(error).__name__)
    return region, url, keys and (keys.access_key, keys.secret_key, keys.token)


def _ours(profile: str | None) -> tuple[object, ...]:
    try:
        settings = resolve("SageMaker", profile=load_profile(profile))
        where = endpoint.resolve(
            settings.region.value or "us-east-1",
            use_fips=settings.use_fips_endpoint.value,
            use_dualstack=settings.use_dualstack_endpoint.value,
            endpoint_url=settings.endpoint_url.value,
        )
        try:
            found = Chain(profile)()
            keys = found.access_key_id, found.secret_access_key, found.session_token
        except CredentialsError as error:
            if str(error) != "Unable to locate credentials":
                raise
            keys = None
    except (CredentialsError, ConfigError) as error:
        return "error", str(error)
    return settings.region.value, where.url, keys


@pytest.mark.parametrize("seed", range(6))
def test_we_choose_what_botocore_chooses(
    seed: int, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tmp_path / "token"
    token.write_text("onetwothree")
    (tmp_path / "process.py").write_text(f"print({json.dumps(json.dumps(_PROCESS))})")
    rng = random.Random(seed)
    errors, listed, kinds = 0, 0, set[object]()
    for _ in range(100):
        config, credentials = _files(rng, f"{sys.executable} -I -S {tmp_path / 'process.py'}", str(token))
        (tmp_path / "config").write_text(config)
        (tmp_path / "credentials").write_text(credentials)
        with monkeypatch.context() as patch:
            patch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
            patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
            variables = _variables(rng, url, str(token))
            if "role_arn" in config or "AWS_WEB_IDENTITY_TOKEN_FILE" in variables:
                variables.pop("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", None)  # STS is to stay on loopback
            for name, value in variables.items():
                patch.setenv(name, value)
            profile = rng.choice([None, None, "a", "b"])
            theirs, ours = _botocore(profile), _ours(profile)
        if ours[0] == "error" and any(each in str(ours[1]) for each in _LISTED):
            listed += 1
            continue
        errors += ours[0] == "error"
        kinds.add("error" if ours[0] == "error" or not ours[2] else ours[2][0])
        assert ours[0] == theirs[0] if "error" in (ours[0], theirs[0]) else ours == theirs, (
            ours, theirs, profile, variables, config, credentials,
        )  # fmt: skip
    assert errors < 60
    assert listed < 20
    assert len(kinds) > 7
