"""The verbs for notebook instances: flags, output and exit codes of the AWS CLI; and ``open``."""

from __future__ import annotations

import json
import logging
import os

import pytest

from tests.sagemaker_api.cli.called import run
from tests.sagemaker_api.cli.served import DONE, NAMED, URL, Serve, described, sent
from tests.sagemaker_api.scripted import http


def refused(code: str, message: str) -> bytes:
    return http(400, json.dumps({"__type": code, "message": message}))


def test_describe_prints_json_with_moments_in_iso_8601(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(described("InService", CreationTime=1540334777.501, Unknown=1))
    assert run("describe-notebook-instance", *NAMED) == 0
    shown = json.loads(capsys.readouterr().out)
    assert list(shown) == ["NotebookInstanceName", "NotebookInstanceStatus", "CreationTime"]
    assert shown["CreationTime"][10] == "T"
    assert shown["CreationTime"][-6] in "+-"
    assert sent(server) == [("DescribeNotebookInstance", {"NotebookInstanceName": "nb"})]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("NotebookInstanceStatus", "Stopped\n"),
        ("[NotebookInstanceName, NotebookInstanceStatus]", "nb\tStopped\n"),
        ("SecurityGroups[0]", "sg-1\n"),
        ("SecurityGroups", "sg-1\tsg-2\n"),
        ("Nothing.Here", "None\n"),
    ],
)
def test_query_and_text(serve: Serve, capsys: pytest.CaptureFixture[str], query: str, shown: str) -> None:
    serve(described("Stopped", SecurityGroups=["sg-1", "sg-2"]))
    assert run("describe-notebook-instance", *NAMED, "--query", query, "--output", "text") == 0
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize(
    ("flags", "value"),
    [
        ([], None),
        (["--disassociate-lifecycle-config"], True),
        (["--no-disassociate-lifecycle-config"], False),
        (["--no-disassociate-lifecycle-config", "--disassociate-lifecycle-config"], True),
        (["--disassociate-lifecycle-config", "--no-disassociate-lifecycle-config"], False),
    ],
)
def test_the_last_of_two_flags_for_a_switch_counts(
    serve: Serve, flags: list[str], value: bool | None
) -> None:
    server = serve(DONE)
    assert run("update-notebook-instance", *NAMED, *flags) == 0
    switch = {} if value is None else {"DisassociateLifecycleConfig": value}
    assert sent(server) == [("UpdateNotebookInstance", {"NotebookInstanceName": "nb", **switch})]


@pytest.mark.parametrize("verb", ["start", "stop"])
def test_start_and_stop_print_nothing(serve: Serve, capsys: pytest.CaptureFixture[str], verb: str) -> None:
    server = serve(DONE)
    assert run(f"{verb}-notebook-instance", *NAMED) == 0
    assert capsys.readouterr() == ("", "")
    assert sent(server) == [(f"{verb.capitalize()}NotebookInstance", {"NotebookInstanceName": "nb"})]


@pytest.mark.parametrize(
    ("verb", "code", "message", "advice"),
    [
        (
            "start",
            "AccessDeniedException",
            "User: x",
            "Ask for the permission sagemaker:StartNotebookInstance",
        ),
        (
            "start",
            "ValidationException",
            "Status (Pending) not in ([Stopped, Failed]). Unable to transition to (Pending) for …",
            "Only an instance that is Stopped or Failed can be started",
        ),
        (
            "stop",
            "ValidationException",
            "Status (Stopped) not in ([InService]). Unable to transition to (Stopping) for …",
            "Only an instance that is InService can be stopped",
        ),
        ("describe", "ValidationException", "RecordNotFound", "no notebook instance of that name"),
    ],
)
def test_a_refusal_says_what_to_do(
    serve: Serve, capsys: pytest.CaptureFixture[str], verb: str, code: str, message: str, advice: str
) -> None:
    serve(refused(code, message))
    assert run(f"{verb}-notebook-instance", *NAMED) == 254
    err = capsys.readouterr().err
    assert err.startswith(
        f"\nAn error occurred ({code}) when calling the {verb.capitalize()}NotebookInstance"
    )
    assert advice in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["describe-notebook-instance"], 'Missing required parameter in input: "NotebookInstanceName"'),
        (["create-notebook-instance"], "Give --notebook-instance-name, --instance-type, --role-arn; --help shows the form of each."),
        (["describe-notebook-instance", *NAMED, "--query", "A[?x"], "--query 'A[?x'"),
        (["list-notebook-instances", "--max-results", "many"], "--max-results is 'many': expected a number"),
        (["list-notebook-instances", "--max-items", "many"], "--max-items is 'many': expected a whole number, 0 or more"),
        (["list-notebook-instances", "--creation-time-after", "soon"], "valid types: <class 'datetime.datetime'>"),
        (["list-notebook-instances", "--no-paginate", "--max-items", "1", "--page-size", "2"],
         "Cannot specify --no-paginate along with pagination arguments: --max-items, --page-size"),
        (["wait"], "the following arguments are required"),
        (["wait", "notebook-instance-started", *NAMED], "invalid choice"),
        (["open"], "the following arguments are required: NAME"),
        (["open", "nb", "--path", "../x"], "names no file or folder"),
        (["open", "nb", "--timeout", "soon"], "'soon': expected seconds"),
        (["open", "nb", "--start", "--session-expiration-duration-in-seconds", "1_800"], "expected seconds, 1800 to 43200"),
        (["open", "nb", "--start", "--session-expiration-duration-in-seconds", "12h"], "expected seconds, 1800 to 43200"),
        (["open", "nb", "--start", "--session-expiration-duration-in-seconds", "5"], "valid min value: 1800"),
        (["open", "nb", "--start", "--session-expiration-duration-in-seconds", "43201"], "expected 1800 to 43200"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_252_and_sends_nothing(
    serve: Serve, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    server = serve(DONE)
    assert run(*arguments) == 252
    assert words in capsys.readouterr().err
    assert server.requests == []


@pytest.mark.parametrize("arguments", [["describe-notebook-instance"], ["wait", "notebook-instance-stopped"]])
def test_missing_parameters_are_reported_before_a_missing_region(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_") and "REGION" in name]:
        monkeypatch.delenv(name)
    assert run(*arguments) == 252
    assert 'Missing required parameter in input: "NotebookInstanceName"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("goal", "answers", "code", "words"),
    [
        ("in-service", [described("Pending"), described("InService")], 0, ""),
        ("stopped", [described("Stopped")], 0, ""),
        ("deleted", [refused("ValidationException", "RecordNotFound")], 0, ""),
        ("stopped", [described("Failed")], 255,
         'Waiter NotebookInstanceStopped failed: Waiter encountered a terminal failure state: For expression '
         '"NotebookInstanceStatus" we matched expected path: "Failed"'),
        ("stopped", [described("Stopping")], 255, "Waiter NotebookInstanceStopped failed: Max attempts exceeded"),
        ("in-service", [refused("ValidationException", "RecordNotFound")], 255,
         "Waiter NotebookInstanceInService failed: An error occurred (ValidationException): RecordNotFound"),
    ],
)  # fmt: skip
def test_wait_ends_with_the_aws_clis_exit_code_and_words(
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    goal: str,
    answers: list[bytes],
    code: int,
    words: str,
) -> None:
    monkeypatch.setattr("sagemaker_api.client.time.sleep", lambda seconds: None)
    serve(*answers)
    assert run("wait", f"notebook-instance-{goal}", *NAMED) == code
    assert capsys.readouterr() == ("", f"\n{words}\n" if words else "")


def test_debug_shows_requests_and_answers_with_secrets_masked(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = http(
        200,
        json.dumps({"AuthorizedUrl": URL, "Other": "see https://user:MARKERpw@h/MARKERpath, MARKERsession", "NextToken": "MARKERnext"}),
        ("Set-Cookie", "MARKERcookie"),
        ("Location", "https://h/MARKERlocation"),
        ("X-Echo", "MARKERsession"),
        ("x-amzn-requestid", "r-1\x1b[2J"),
    )  # fmt: skip
    serve(answer)
    assert run("create-presigned-notebook-instance-url", *NAMED, "--debug", "--query", "Nothing") == 0
    out, err = capsys.readouterr()
    assert out == "null\n"
    for words in (
        "> POST http://127.0.0.1:",
        "> X-Amz-Target: SageMaker.CreatePresignedNotebookInstanceUrl",
        "> Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/",
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=***",
        "> X-Amz-Security-Token: ***",
        '"NotebookInstanceName": "nb"',
        "< HTTP 200",
        "< Set-Cookie: ***",
        "https://nb-ab12.notebook.us-east-1.sagemaker.aws/***",
        "see https://h/***",
        "attempt=1 status=200",
    ):
        assert words in err
    assert "MARKER" not in err
    assert err.count("Signature=") == 1
    assert err.replace("\n", "").isprintable()
    assert logging.getLogger("sagemaker_api").handlers == []


def test_debug_shows_an_answer_that_is_not_json_by_its_length(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(http(400, "MARKER is not JSON"))
    assert run("describe-notebook-instance", *NAMED, "--debug") == 254
    debug = [line for line in capsys.readouterr().err.splitlines() if line.startswith("sagemaker_api: ")]
    assert "sagemaker_api: < (18 bytes that are not JSON)" in debug
    assert "MARKER" not in "".join(debug)


@pytest.mark.parametrize(
    "verb",
    "open describe-notebook-instance start-notebook-instance stop-notebook-instance list-notebook-instances wait".split(),
)
def test_every_verb_has_the_shared_flags(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    assert run(verb, "--help") == 0
    out = capsys.readouterr().out
    for flag in "--region --endpoint-url --profile --cli-connect-timeout --cli-read-timeout --ca-bundle --no-verify-ssl --debug".split():
        assert flag in out
    assert "example" in out
