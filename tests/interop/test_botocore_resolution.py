"""Profile, region, endpoint and credentials as botocore finds them, over generated environments and files.

Left out are the differences of docs/differences.md: AWS_REGION and the order of AWS_PROFILE and
AWS_DEFAULT_PROFILE (the AWS CLI's, not botocore's), and what is not read yet.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

pytest.importorskip("botocore")

from botocore.exceptions import BotoCoreError
from botocore.session import Session

from sigv4 import CredentialsError
from sigv4.environment.chain import Chain
from sigv4.environment.profiles import load_profile
from sigv4.environment.settings import resolve

pytestmark = pytest.mark.interop

_LOADER = Session().get_component("data_loader")
_PROCESS = {"Version": 1, "AccessKeyId": "AKIDPROCESS", "SecretAccessKey": "p"}


def _files(rng: random.Random, program: str) -> tuple[str, str]:
    """A config and a credentials file of three profiles, each with a random choice of properties."""
    texts = []
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
                ):
                    if rng.random() < chance:
                        text += f"{line}\n"
        texts.append(text)
    texts[0] += "[services v]\nsagemaker =\n  endpoint_url = https://services.example.com\n"
    return texts[0], texts[1]


def _variables(rng: random.Random) -> dict[str, str]:
    chances = {
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
    return found


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
    default = f"https://api.sagemaker.{region or 'us-east-1'}.amazonaws.com"
    return region, None if url == default else url, keys and (keys.access_key, keys.secret_key, keys.token)


def _ours(profile: str | None) -> tuple[object, ...]:
    try:
        settings = resolve("SageMaker", profile=load_profile(profile))
        try:
            found = Chain(profile)()
            keys = found.access_key_id, found.secret_access_key, found.session_token
        except CredentialsError as error:
            if str(error) != "Unable to locate credentials":
                raise
            keys = None
    except CredentialsError:
        return ("error",)
    return settings.region.value, settings.endpoint_url.value, keys


@pytest.mark.parametrize("seed", range(6))
def test_we_choose_what_botocore_chooses(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "process.py").write_text(f"print({json.dumps(json.dumps(_PROCESS))})")
    rng = random.Random(seed)
    errors = 0
    for _ in range(100):
        config, credentials = _files(rng, f"{sys.executable} -I -S {tmp_path / 'process.py'}")
        (tmp_path / "config").write_text(config)
        (tmp_path / "credentials").write_text(credentials)
        with monkeypatch.context() as patch:
            patch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
            patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
            variables = _variables(rng)
            for name, value in variables.items():
                patch.setenv(name, value)
            profile = rng.choice([None, None, "a", "b"])
            theirs, ours = _botocore(profile), _ours(profile)
        errors += ours[0] == "error"
        assert ours[0] == theirs[0] if "error" in (ours[0], theirs[0]) else ours == theirs, (
            ours, theirs, profile, variables, config, credentials,
        )  # fmt: skip
    assert errors < 60
