"""The verbs for notebook instances: flags, output and exit codes of the AWS CLI; and ``open``."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_api.cli import main
from sigv4.cli.progress import shown_time
from tests.sagemaker_api.redirect_page import url_in
from tests.sagemaker_api.scripted import Answer, ScriptedServer, http

ROOT = Path(__file__).resolve().parents[3]
NAMED = ("--notebook-instance-name", "nb")
URL = "https://nb-ab12.notebook.us-east-1.sagemaker.aws?authToken=MARKERtoken"
MINTED = http(200, json.dumps({"AuthorizedUrl": URL}))
DONE = http(200)

Serve = Callable[..., ScriptedServer]


def described(status: str, **members: Any) -> bytes:
    return http(200, json.dumps({"NotebookInstanceName": "nb", "NotebookInstanceStatus": status, **members}))


def refused(code: str, message: str) -> bytes:
    return http(400, json.dumps({"__type": code, "message": message}))


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts a server with these answers, and points the environment at it."""
    for name in [name for name in os.environ if name.startswith("AWS_ENDPOINT")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "MARKERsecret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "MARKERsession")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")  # which the AWS CLI 1 reads
    monkeypatch.setitem(sys.modules, "httpx", None)  # which reads all CAs of the system for each client
    running: list[ScriptedServer] = []

    def start(*answers: Answer) -> ScriptedServer:
        server = ScriptedServer(*answers)
        running.append(server.__enter__())
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", server.url)
        return server

    yield start
    for server in running:
        server.__exit__()


def run(*arguments: str) -> int:
    try:
        return main(arguments)
    except SystemExit as exit_:
        return int(exit_.code or 0)


def sent(server: ScriptedServer) -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            server.headers(number)["x-amz-target"].partition(".")[2],
            json.loads(request.partition(b"\r\n\r\n")[2]),
        )
        for number, request in enumerate(server.requests)
    ]


# ---- one call each


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
        (["create-notebook-instance"], "Give --notebook-instance-name, --instance-type, --role-arn; --help tells their forms."),
        (["describe-notebook-instance", *NAMED, "--query", "A[?x"], "--query 'A[?x'"),
        (["list-notebook-instances", "--max-results", "many"], "--max-results is 'many': expected a number"),
        (["list-notebook-instances", "--max-items", "many"], "MaxItems is 'many'"),
        (["list-notebook-instances", "--creation-time-after", "soon"], "valid types: <class 'datetime.datetime'>"),
        (["list-notebook-instances", "--no-paginate", "--max-items", "1", "--page-size", "2"],
         "Cannot specify --no-paginate along with pagination arguments: --max-items, --page-size"),
        (["wait"], "the following arguments are required"),
        (["wait", "notebook-instance-started", *NAMED], "invalid choice"),
        (["open"], "the following arguments are required: NAME"),
        (["open", "nb", "--path", "../x"], "names no file or folder"),
        (["open", "nb", "--timeout", "soon"], "'soon': expected seconds"),
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


# ---- the list

PAGES = (
    http(
        200, json.dumps({"NotebookInstances": [{"NotebookInstanceName": n} for n in "ab"], "NextToken": "t"})
    ),
    http(200, json.dumps({"NotebookInstances": [{"NotebookInstanceName": "c"}]})),
)


def test_a_list_is_all_its_pages(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(*PAGES)
    flags = ["--sort-by", "Name", "--creation-time-after", "2018-10-23T22:46:17Z", "--page-size", "2"]
    assert run("list-notebook-instances", *flags) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [each["NotebookInstanceName"] for each in shown["NotebookInstances"]] == ["a", "b", "c"]
    assert list(shown) == ["NotebookInstances"]
    asked = {"SortBy": "Name", "CreationTimeAfter": 1540334777, "MaxResults": 2}
    assert sent(server) == [
        ("ListNotebookInstances", asked),
        ("ListNotebookInstances", {**asked, "NextToken": "t"}),
    ]


def test_a_list_cut_short_can_be_gone_on_with(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(*PAGES, *PAGES)
    assert run("list-notebook-instances", "--max-items", "2") == 0
    token = json.loads(capsys.readouterr().out)["NextToken"]
    assert run("list-notebook-instances", "--max-items", "1", "--starting-token", token) == 0
    assert json.loads(capsys.readouterr().out) == {"NotebookInstances": [{"NotebookInstanceName": "c"}]}
    assert sent(server)[1][1] == {"NextToken": "t"}


def test_text_comes_page_by_page_and_ends_with_the_token(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(*PAGES)
    assert run("list-notebook-instances", "--output", "text") == 0
    assert capsys.readouterr().out == "NOTEBOOKINSTANCES\ta\nNOTEBOOKINSTANCES\tb\nNOTEBOOKINSTANCES\tc\n"
    serve(*PAGES)
    assert run("list-notebook-instances", "--output", "text", "--max-items", "1") == 0
    assert capsys.readouterr().out.startswith("NOTEBOOKINSTANCES\ta\nNEXTTOKEN\teyJ")
    serve(*PAGES)
    names = ["--query", "NotebookInstances[].NotebookInstanceName", "--output", "text"]
    assert run("list-notebook-instances", *names) == 0
    assert capsys.readouterr().out == "a\tb\nc\n"


@pytest.mark.parametrize(
    "flags",
    [
        ["--no-paginate"],
        ["--max-results", "2"],
        ["--next-token", "s"],
    ],
)
def test_one_page_if_one_is_asked_for(
    serve: Serve, capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    server = serve(*PAGES)
    assert run("list-notebook-instances", *flags) == 0
    assert json.loads(capsys.readouterr().out)["NextToken"] == "t"
    assert len(server.requests) == 1


# ---- skeletons


def test_a_skeleton_is_filled_in_and_given_back(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(MINTED)
    assert run("create-presigned-notebook-instance-url", "--generate-cli-skeleton") == 0
    skeleton = json.loads(capsys.readouterr().out)
    assert skeleton == {"NotebookInstanceName": "", "SessionExpirationDurationInSeconds": 0}
    assert server.requests == []
    filled = json.dumps({**skeleton, "SessionExpirationDurationInSeconds": 1800})
    assert run("create-presigned-notebook-instance-url", "--cli-input-json", filled, *NAMED) == 0
    assert sent(server)[0][1] == {"NotebookInstanceName": "nb", "SessionExpirationDurationInSeconds": 1800}


def test_a_skeleton_of_a_list_names_a_choice_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(
            "list-notebook-instances", "--generate-cli-skeleton", "--query", "[SortBy, MaxResults, NextToken]"
        )
        == 0
    )
    assert json.loads(capsys.readouterr().out) == ["Name", 0, ""]


def test_a_skeleton_of_the_answer_needs_a_whole_call(capsys: pytest.CaptureFixture[str]) -> None:
    verb = ["create-presigned-notebook-instance-url", "--generate-cli-skeleton", "output"]
    assert run(*verb) == 252
    assert "Missing required parameter" in capsys.readouterr().err
    assert run(*verb, *NAMED, "--query", "AuthorizedUrl", "--output", "text") == 0
    assert capsys.readouterr().out == "AuthorizedUrl\n"


@pytest.mark.interop
@pytest.mark.parametrize(
    ("verb", "which"),
    [
        ("create-presigned-notebook-instance-url", "input"),
        ("create-presigned-notebook-instance-url", "output"),
        ("describe-notebook-instance", "input"),  # the AWS CLI refuses its own sample of the output
        ("start-notebook-instance", "output"),
        ("list-notebook-instances", "input"),
        ("list-notebook-instances", "output"),
    ],
)
def test_skeletons_are_the_aws_clis(
    serve: Serve, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, verb: str, which: str
) -> None:
    clidriver = pytest.importorskip("awscli.clidriver", reason="awscli is not installed (extra `interop`)")
    # awscli sets it once, when it is imported; tests begin without.
    monkeypatch.setenv("AWS_DATA_PATH", str(Path(clidriver.__file__).parent / "data"))
    serve(DONE)
    arguments = [verb, *(() if verb.startswith("list") else NAMED), "--generate-cli-skeleton", which]
    assert clidriver.create_clidriver().main(["sagemaker", *arguments]) == 0
    theirs = capsys.readouterr().out
    assert run(*arguments) == 0
    ours = capsys.readouterr().out
    if theirs:
        found, expected = json.loads(ours), json.loads(theirs)
        for name in ("SortBy", "SortOrder", "StatusEquals"):  # theirs is any of the choices
            assert bool(found.pop(name, None)) == bool(expected.pop(name, None))
        assert found == expected
    else:
        assert ours == ""


def test_the_skeleton_of_a_wait_is_that_of_its_polls(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("wait", "notebook-instance-stopped", "--generate-cli-skeleton") == 0
    assert json.loads(capsys.readouterr().out) == {"NotebookInstanceName": ""}


# ---- waiting


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


# ---- open


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments that the browser got; polling does not wait."""
    given: list[str] = []
    monkeypatch.setattr("sagemaker_api.notebook._POLL_SECONDS", 0.05)
    monkeypatch.setattr("webbrowser.open", lambda page: not given.append(url_in(page)))
    return given


def test_open_starts_waits_mints_and_opens(
    serve: Serve, opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(described("Stopped"), DONE, described("Pending"), described("InService"), MINTED)
    assert run("open", "nb", "--start", "--lab", "--path", "reports/May 1.ipynb") == 0
    assert opened == [URL.replace("?", "/lab/tree/reports/May%201.ipynb?")]
    assert [name for name, _ in sent(server)] == [
        "DescribeNotebookInstance",
        "StartNotebookInstance",
        "DescribeNotebookInstance",
        "DescribeNotebookInstance",
        "CreatePresignedNotebookInstanceUrl",
    ]
    assert capsys.readouterr() == ("", ""), "quiet where there is no terminal, and the URL is shown to nobody"


def test_open_prints_the_url_only_if_it_is_asked_to(
    serve: Serve, opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    serve(described("InService"), MINTED)
    assert run("open", "nb", "--print-url", "--session-expiration-duration-in-seconds", "1800") == 0
    assert capsys.readouterr() == (f"{URL}\n", "")
    assert opened == []


def test_open_names_start_where_the_instance_is_stopped(
    serve: Serve, opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(described("Stopped"))
    assert run("open", "nb") == 255
    assert (
        "The notebook instance nb is Stopped: start it to open it (start=True, or --start)"
        in capsys.readouterr().err
    )
    assert (len(server.requests), opened) == (1, [])


def test_open_says_what_the_instance_said(
    serve: Serve, opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    reason = "Insufficient notebook instance capacity. Retry later or with a different instance type."
    serve(described("Pending"), described("Failed", FailureReason=reason))
    assert run("open", "nb") == 255
    assert f"The notebook instance nb is Failed: {reason} To try again, " in capsys.readouterr().err


def test_open_without_a_browser_names_print_url(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda url: False)
    serve(described("InService"), MINTED)
    assert run("open", "nb") == 255
    err = capsys.readouterr().err
    assert "--print-url" in err
    assert "MARKER" not in err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_live_line_that_is_gone_at_the_end(
    serve: Serve, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    serve(described("Pending"), described("InService"), MINTED)
    assert run("open", "nb") == 0
    shown = terminal.getvalue()
    assert shown.startswith("\r\x1b[Knb: Pending, 0 s (usually 2 to 5 min)")
    assert shown.endswith("\r\x1b[K")
    assert "\n" not in shown
    assert "MARKER" not in shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.9, "0 s"), (59, "59 s"), (60, "1 min 00 s"), (754.2, "12 min 34 s")]
)
def test_the_time_that_has_passed(seconds: float, shown: str) -> None:
    assert shown_time(seconds) == shown


@pytest.mark.slow
def test_ctrl_c_while_it_waits_is_clean(serve: Serve) -> None:
    server = serve(described("Pending"))
    with subprocess.Popen(
        [sys.executable, "-m", "sagemaker_api", "open", "nb"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        while not server.requests:
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "")


# ---- --debug


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
