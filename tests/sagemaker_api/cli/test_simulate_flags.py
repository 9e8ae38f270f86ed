"""``sagemaker-api simulate``: the values of its flags, and those it asks for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sagemaker_api.cli import simulate
from sagemaker_api.local.iam.policy import Access, Decision
from tests.sagemaker_api.cli.test_simulate import ARN, HERE, page, run, written

__all__ = ["page"]  # a fixture

NEEDS = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize(
    ("flags", "code", "missing"),
    [
        ([], 2, ["aws:SourceIp", "aws:MultiFactorAuthPresent"]),
        (["--source-ip", "10.0.0.1"], 2, ["aws:MultiFactorAuthPresent"]),
        (["--context", "aws:MultiFactorAuthPresent=true"], 2, ["aws:SourceIp"]),
        (["--source-ip", "10.0.0.1", "--context", "aws:MultiFactorAuthPresent=true"], 0, []),
        (["--source-ip", "10.0.0.1", "--context", "aws:MultiFactorAuthPresent"], 1, []),
        (["--source-ip", "11.0.0.1"], 1, []),
    ],
)
def test_an_unknown_key_is_asked_for_with_its_flag(
    flags: list[str], code: int, missing: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = written(tmp_path, {"Condition": NEEDS})
    assert run("--policy", policy, *flags) == code
    out, err = capsys.readouterr()
    first, second, *others = out.splitlines()
    word = ("allowed", "denied", "unknown")[code]
    assert (first, err) == (f"{word}: sagemaker:CreatePresignedNotebookInstanceUrl on {ARN}", "")
    assert second.startswith(("by /", "by default: no statement", "unknown, because the value")[code])
    asked = {
        "aws:SourceIp": "--source-ip IP",
        "aws:MultiFactorAuthPresent": "--context aws:MultiFactorAuthPresent=VALUE",
    }
    assert others == [f"give it with: {asked[key]}" for key in missing]
    assert run("--policy", policy, *flags, "--output", "json") == code
    answer = json.loads(capsys.readouterr().out)
    assert answer["EvalDecision"] == ("allowed", "implicitDeny", "unknown")[code]
    assert answer["MissingContextValues"] == missing


@pytest.mark.parametrize(
    ("key", "flag"),
    [
        ("aws:VpcSourceIp", "--vpc-source-ip IP"),
        ("AWS:SourceVpc", "--vpc ID"),
        ("aws:sourceVpce", "--vpce ID"),
        ("aws:PrincipalTag/\x1b", "--context aws:PrincipalTag/?=VALUE"),
    ],
)
def test_each_key_that_is_missing_has_its_flag(key: str, flag: str) -> None:
    text = simulate._as_text(Decision(False, "Unknown", "s\x1b", (key,)), Access("a", "r", {}, frozenset()))
    assert text == f"unknown: a on r\ns?\ngive it with: {flag}"


@pytest.mark.parametrize(
    ("kind", "size"), [("user", 2048), ("group", 5120), ("managed", 6144), ("role", 10240), ("", 1048576)]
)
def test_the_kind_limits_the_size(
    kind: str, size: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ("--policy-kind", kind) if kind else ()
    policy = Path(written(tmp_path, {"Sid": "A"}))
    for sid, code in (("A", 0), ("A" * size, 253)):
        policy.write_text(policy.read_text().replace('"A"', f'"{sid}"'))
        assert run("--policy", str(policy), *HERE, *flags) == code
    assert str(size) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("region", "a"),
        ("region", "a" * 63),
        ("region", "us-gov-west-1"),
        ("region", ""),
        ("region", "-a"),
        ("region", "a" * 64),
        ("region", "a\n"),
        ("at", "1970-01-01T00:00:00Z"),
        ("at", "9999-12-31T23:59:59Z"),
        ("at", "253402300800"),
        ("at", "-1"),
        ("principal-arn", "arn:aws:iam::123456789012:root"),
        ("principal-arn", "arn:aws-cn:sts::123456789012:assumed-role/a/b"),
        ("principal-arn", "arn:aws:s3::123456789012:user/a"),
        ("principal-arn", "arn:aws:iam::12345678901:root"),
        ("tag", "a="),
        ("tag", "=a"),
        ("source-ip", "::1"),
        ("source-ip", ""),
    ],
)
def test_the_values_of_a_flag(flag: str, value: str, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused = ("", "-a", "a" * 64, "a\n", "253402300800", "-1", "=a")
    wrong = value in refused or ":s3:" in value or ":12345678901:" in value
    flags = [*HERE] if flag != "source-ip" else []
    assert (run("--policy", page, *flags, f"--{flag}={value}") == 252) == wrong
    assert (f"argument --{flag}: {value!r}: " in capsys.readouterr().err) == wrong
