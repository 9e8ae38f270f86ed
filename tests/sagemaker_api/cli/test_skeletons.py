"""``--generate-cli-skeleton``, and lists page by page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sagemaker_api.cli.called import run
from tests.sagemaker_api.cli.served import DONE, MINTED, NAMED, Serve, sent
from tests.sagemaker_api.scripted import http

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


def test_a_list_that_ended_early_can_be_continued(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
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


def test_a_skeleton_of_the_answer_needs_all_required_parameters(capsys: pytest.CaptureFixture[str]) -> None:
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
        ("describe-notebook-instance", "input"),  # the AWS CLI refuses the sample that it printed itself
        ("start-notebook-instance", "output"),
        ("list-notebook-instances", "input"),
        ("list-notebook-instances", "output"),
    ],
)
def test_skeletons_are_the_aws_clis(
    serve: Serve, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, verb: str, which: str
) -> None:
    clidriver = pytest.importorskip("awscli.clidriver", reason="awscli is not installed (extra `interop`)")
    # awscli sets this variable once, when it is imported; each test begins without it.
    monkeypatch.setenv("AWS_DATA_PATH", str(Path(clidriver.__file__).parent / "data"))
    serve(DONE)
    arguments = [verb, *(() if verb.startswith("list") else NAMED), "--generate-cli-skeleton", which]
    assert clidriver.create_clidriver().main(["sagemaker", *arguments]) == 0
    theirs = capsys.readouterr().out
    assert run(*arguments) == 0
    ours = capsys.readouterr().out
    if theirs:
        found, expected = json.loads(ours), json.loads(theirs)
        for name in (
            "SortBy",
            "SortOrder",
            "StatusEquals",
        ):  # the AWS CLI prints one of the choices at random
            assert bool(found.pop(name, None)) == bool(expected.pop(name, None))
        assert found == expected
    else:
        assert ours == ""


def test_the_skeleton_of_a_wait_is_that_of_its_polls(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("wait", "notebook-instance-stopped", "--generate-cli-skeleton") == 0
    assert json.loads(capsys.readouterr().out) == {"NotebookInstanceName": ""}
