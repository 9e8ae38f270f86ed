"""``sagemaker-api simulate``: the decision, the statement that made it, and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sagemaker_api.cli import main, simulate

from ..local.iam.documented_policies import IP_PAGE, IP_PAGE_WITH_DENY
from ..local.iam.ip_policies import ROWS, Row

ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/my-notebook"
HERE = ("--source-ip", "203.0.113.7")


@pytest.fixture
def page(tmp_path: Path) -> str:
    path = tmp_path / "page.json"
    path.write_text(IP_PAGE_WITH_DENY)
    return str(path)


def run(*arguments: str) -> int:
    try:
        return main(["simulate", *arguments])
    except SystemExit as exit_:
        return int(exit_.code or 0)


def written(folder: Path, *statements: dict[str, Any]) -> str:
    path = folder / "policy.json"
    whole = [{"Effect": "Allow", "Action": "*", "Resource": "*", **each} for each in statements]
    path.write_text(json.dumps({"Version": "2012-10-17", "Statement": whole}))
    return str(path)


def test_an_allowed_access_names_the_statement_that_allows_it(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--policy", page, *HERE) == 0
    assert capsys.readouterr().out == (
        f"allowed: sagemaker:CreatePresignedNotebookInstanceUrl on {ARN}\n"
        f"by {page}: Statement[1]: IpAddress aws:SourceIp [192.0.2.0/24, 203.0.113.0/24] "
        "(in the request: 203.0.113.7)\n"
    )


def test_a_denied_access_names_the_statement_that_denies_it(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--policy", page, "--source-ip", "198.51.100.1") == 1
    assert capsys.readouterr().out == (
        f"denied: sagemaker:CreatePresignedNotebookInstanceUrl on {ARN}\n"
        f"by an explicit deny in {page}: Statement[0]: NotIpAddress aws:SourceIp "
        "[192.0.2.0/24, 203.0.113.0/24] (in the request: 198.51.100.1)\n"
    )


def test_an_implicit_deny_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "page.json"
    path.write_text(IP_PAGE)
    assert run("--policy", str(path), "--source-ip", "198.51.100.1") == 1
    out = capsys.readouterr().out
    assert "by default: no statement allows sagemaker:CreatePresignedNotebookInstanceUrl on" in out
    assert "Statement[0] would, if its condition were true: IpAddress aws:SourceIp" in out


def test_json_has_the_words_of_iam_simulate_custom_policy(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--at", "2026-01-31T12:00:00Z", "--tag", "Project=A", "--output", "json")
    assert run("--policy", page, *HERE, *given) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer.pop("DecidedBy").startswith(f"{page}: Statement[1]")
    assert answer == {
        "EvalActionName": "sagemaker:CreatePresignedNotebookInstanceUrl",
        "EvalResourceName": ARN,
        "EvalDecision": "allowed",
        "MissingContextValues": [],
        "Context": {
            "aws:SourceIp": ["203.0.113.7"],
            "aws:SecureTransport": ["true"],
            "aws:CurrentTime": ["2026-01-31T12:00:00Z"],
            "aws:EpochTime": ["1769860800"],
            "aws:RequestedRegion": ["us-east-1"],
            "aws:ResourceAccount": ["123456789012"],
            "aws:ViaAWSService": ["false"],
            "aws:PrincipalIsAWSService": ["false"],
            "aws:PrincipalArn": ["arn:aws:iam::123456789012:user/example"],
            "aws:PrincipalAccount": ["123456789012"],
            "aws:PrincipalType": ["User"],
            "aws:username": ["example"],
            "aws:ResourceTag/Project": ["A"],
            "sagemaker:ResourceTag/Project": ["A"],
        },
    }
    assert run("--policy", page, "--source-ip", "10.0.0.1", "--output", "json") == 1
    assert json.loads(capsys.readouterr().out)["EvalDecision"] == "explicitDeny"
    assert run("--policy", page, *HERE, "--action", "DeleteNotebookInstance", "--output", "json") == 1
    assert json.loads(capsys.readouterr().out)["EvalDecision"] == "implicitDeny"


_PLAIN = [row for row in ROWS if row.source_ip is not None or row.vpc_source_ip is not None]


@pytest.mark.parametrize("row", _PLAIN, ids=[row.note for row in _PLAIN])
@pytest.mark.slow
def test_networks_are_decided_as_documented(row: Row, tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(row.policy))
    flags = {
        "--source-ip": row.source_ip,
        "--vpc-source-ip": row.vpc_source_ip,
        "--vpce": row.vpce,
        "--vpc": row.vpc,
    }
    given = [part for flag, value in flags.items() if value is not None for part in (flag, value)]
    assert run("--policy", str(path), *given) == (0 if row.allowed else 1)


def test_the_source_ip_of_a_call_through_an_endpoint_is_inside_the_vpc(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    condition = {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}, "Null": {"aws:SourceIp": "true"}}
    policy = written(tmp_path, {"Condition": condition})
    assert run("--policy", policy, "--source-ip", "10.1.2.3") == 1
    assert run("--policy", policy, "--source-ip", "10.1.2.3", "--vpce", "vpce-1") == 0
    assert run("--policy", policy, "--source-ip", "10.1.2.3", "--vpc", "vpc-1") == 0
    assert run("--policy", policy, "--vpc-source-ip", "10.1.2.3") == 0


@pytest.mark.parametrize(
    ("statement", "flags"),
    [
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, ["--insecure"]),
        ({"Condition": {"DateLessThan": {"aws:CurrentTime": "2020-01-01"}}}, ["--at", "2019-12-31"]),
        ({"Condition": {"NumericLessThan": {"aws:EpochTime": "10"}}}, ["--at", "0"]),
        ({"Condition": {"StringEquals": {"sagemaker:ResourceTag/a": "b=c"}}}, ["--tag", "a=b=c"]),
        ({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:role/x"}}}, ["--principal-arn", "arn:aws:iam::123456789012:role/x"]),
        ({"Action": "sagemaker:StopNotebookInstance"}, ["--action", "StopNotebookInstance"]),
        ({"Action": "sagemaker:StopNotebookInstance"}, ["--action", "sagemaker:StopNotebookInstance"]),
        ({"Resource": "arn:aws:sagemaker:*:*:notebook-instance/other"}, ["--notebook", "Other"]),
        ({"Resource": "arn:aws-cn:sagemaker:cn-north-1:*"}, ["--region", "cn-north-1"]),
        ({"Resource": "arn:aws:sagemaker:*:000000000001:*"}, ["--account", "000000000001"]),
    ],
)  # fmt: skip
def test_each_flag_sets_the_value_that_a_policy_compares(
    statement: dict[str, Any], flags: list[str], tmp_path: Path
) -> None:
    policy = written(tmp_path, statement)
    assert run("--policy", policy, *HERE) == 1
    assert run("--policy", policy, *HERE, *flags) == 0


def test_several_policies_decide_together(
    tmp_path: Path, page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    everything = written(tmp_path, {"Sid": "Everything"})
    assert run("--policy", everything, "--source-ip", "10.0.0.1") == 0
    assert "Statement[0] (Everything)" in capsys.readouterr().out
    assert run("--policy", everything, "--policy", page, "--source-ip", "10.0.0.1") == 1
    assert f"{page}: Statement[0]" in capsys.readouterr().out


def test_a_list_does_not_have_an_instance_as_its_resource(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = written(tmp_path, {"Action": "sagemaker:List*"})
    assert run("--policy", policy, *HERE, "--action", "ListNotebookInstances") == 0
    assert "sagemaker:ListNotebookInstances on *\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ([*HERE, "--vpc-source-ip", "10.0.0.1"], "give the request's address once"),
        (["--source-ip", "203.0.113.0/24"], "expected an IPv4 or IPv6 address"),
        ([*HERE, "--notebook", "x_"], "cannot name a notebook"),
        ([*HERE, "--action", "sagemaker:*"], "expected an operation"),
        ([*HERE, "--region", "US_EAST"], "expected a region"),
        ([*HERE, "--account", "1"], "expected its 12 digits"),
        ([*HERE, "--tag", "x"], "expected KEY=VALUE"),
        ([*HERE, "--at", "soon"], "expected a date"),
        ([*HERE, "--at", "999999999999999"], "expected a time from 1970 to 9999"),
        ([*HERE, "--action", "DescibeNotebookInstance"], "expected an operation, one of AddTags, "),
        ([*HERE, "--principal-arn", "alice"], "expected an ARN"),
        ([*HERE, "--principal-arn", "arn:aws:iam::123456789012:user/"], "expected an ARN"),
        ([*HERE, "--principal-arn", "arn:a:b:c:d:e"], "expected an ARN"),
        ([*HERE, "--output", "table"], "invalid choice"),
    ],
)
def test_a_wrong_call_ends_with_252(
    flags: list[str], words: str, page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--policy", page, *flags) == 252
    assert words in capsys.readouterr().err
    assert run(*HERE) == 252


def test_an_invalid_policy_ends_with_253_and_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = written(tmp_path, {"Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "10.0.0.0/99"]}}})
    assert run("--policy", policy, *HERE) == 253
    assert (
        f"{policy}: Statement[0].Condition.IpAddress.aws:SourceIp[1]: found '10.0.0.0/99'"
        in capsys.readouterr().err
    )
    assert run("--policy", str(tmp_path), *HERE) == 253
    assert "Is a directory" in capsys.readouterr().err
    assert run("--policy", str(tmp_path / "nothing"), *HERE) == 253
    assert "nothing: No such file" in capsys.readouterr().err
    assert run("--policy", "a\0b", *HERE) == 253
    assert "a?b: " in capsys.readouterr().err


def test_a_file_without_end_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--policy", "/dev/zero", *HERE) == 253
    assert "expected a policy of at most 1048576" in capsys.readouterr().err


def test_terminal_codes_in_a_policy_or_a_flag_are_not_passed_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = written(tmp_path, {"Condition": {"StringNotEquals": {"aws:ResourceTag/\x1b[2J": "\x1b[2J\n"}}})
    assert run("--policy", policy, *HERE, "--tag", "\x1b[2J=\x1b]0;x\x07") == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 2
    assert "\x1b" not in out + err


def test_the_verb_is_listed_and_names_itself() -> None:
    assert simulate.NAME == "simulate"
    assert run("--help") == 0
