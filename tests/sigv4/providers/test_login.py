"""``aws login``: the AWS CLI's cache is read while it is valid, and never written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sigv4 import Credentials
from sigv4.providers import login
from tests.sigv4.providers.endpoints import EXPIRES, SECRET, found_in, refused

SESSION = "arn:aws:sts::012345678910:assumed-role/Admin/admin"
DIGEST = "4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255"
TOKEN = {
    "accessKeyId": "ASIALOGIN",
    "secretAccessKey": SECRET,
    "sessionToken": "T",
    "accountId": "012345678910",
    "expiresAt": "2026-03-04T05:06:07Z",
}


def cache(folder: Path, **changes: Any) -> Path:
    file = folder / f"{DIGEST}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        json.dumps({"accessToken": {**TOKEN, **changes}, "refreshToken": SECRET, "dpopKey": SECRET})
    )
    return file


def find(home: Path, text: str = "", credentials: str = "", **environ: str) -> Credentials | None:
    return found_in(f"login_session = {SESSION}\n{text}", credentials, environ={"HOME": str(home), **environ})


def test_the_credentials_in_the_cache_are_used(tmp_path: Path) -> None:
    file = cache(tmp_path / ".aws" / "login" / "cache")
    before = file.read_bytes()
    assert find(tmp_path) == Credentials("ASIALOGIN", SECRET, "T", EXPIRES)
    assert file.read_bytes() == before


def test_the_cache_may_be_in_another_folder(tmp_path: Path) -> None:
    cache(tmp_path / "elsewhere")
    assert find(tmp_path, AWS_LOGIN_CACHE_DIRECTORY=str(tmp_path / "elsewhere")) is not None
    assert login.cache_file(f" {SESSION} ", {"HOME": "/h"}) == f"/h/.aws/login/cache/{DIGEST}.json"


def test_login_comes_after_the_credentials_file_and_before_a_process(tmp_path: Path) -> None:
    cache(tmp_path / ".aws" / "login" / "cache")
    keys = f"aws_access_key_id = AKID\naws_secret_access_key = {SECRET}"
    found = find(tmp_path, f"credential_process = x\n{keys}")
    assert found is not None
    assert found.access_key_id == "ASIALOGIN"
    found = find(tmp_path, "", keys)
    assert found is not None
    assert found.access_key_id == "AKID"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expiresAt": "2026-03-04T04:06:07Z"}, "have expired: run aws login"),
        ({"expiresAt": 7}, "holds no credentials: run aws login"),
        ({"secretAccessKey": None}, "holds no credentials: run aws login"),
        ({"expiresAt": "soon"}, "expected a time such as"),
        ({"accessKeyId": "A B"}, "access_key_id contains a space"),
    ],
)
def test_unusable_credentials_stop_the_chain(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    cache(tmp_path / ".aws" / "login" / "cache", **changes)
    assert said in refused(lambda: find(tmp_path))


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"{}", b"\xff", b'{"accessToken": []}'])
def test_a_malformed_cache_says_to_log_in(tmp_path: Path, raw: bytes) -> None:
    cache(tmp_path / ".aws" / "login" / "cache").write_bytes(raw)
    assert "run aws login" in refused(lambda: find(tmp_path))


def test_without_a_login_the_error_names_the_setting_and_the_command(tmp_path: Path) -> None:
    said = refused(lambda: find(tmp_path))
    assert said.startswith("config:2: login_session: ")
    assert said.endswith("No such file or directory: run aws login")
