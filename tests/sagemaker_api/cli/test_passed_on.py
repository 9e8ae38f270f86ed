"""What the verbs pass on to the client, a waiter, a paginator, the browser and a formatter."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_api import NotebookError
from sagemaker_api.cli import list_instances, open_instance, operations, wait
from tests.sagemaker_api.cli.called import run

NAMED = ("--notebook-instance-name", "nb")
PAGES = [{"NotebookInstances": ["a"], "NextToken": "1"}, {"NotebookInstances": ["b"], "Other": 1}]


class Client:
    """Records what it is asked for."""

    def __init__(self, **result: Any) -> None:
        self.asked: list[Any] = []
        self._result = result

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((operation, params))
        return {**self._result, "ResponseMetadata": {"HTTPStatusCode": 200}}

    def get_waiter(self, name: str) -> Any:
        return SimpleNamespace(wait=lambda **given: self.asked.append((name, given)))

    def get_paginator(self, name: str) -> Any:
        def paginate(**given: Any) -> Any:
            self.asked.append((name, given))
            return Pages()

        return SimpleNamespace(paginate=paginate)


class Pages:
    resume_token = "token-of-the-rest"

    def build_full_result(self) -> Any:
        return {"whole": [1]}

    def __iter__(self) -> Any:
        return iter(PAGES)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Client], Client]:
    def uses(client: Client) -> Client:
        for module in (list_instances, operations, open_instance, wait):
            monkeypatch.setattr(module, "client_of", lambda options: nullcontext(client))
        return client

    return uses


@pytest.mark.parametrize("status", ["in-service", "stopped", "deleted"])
def test_a_goal_is_passed_on_to_its_waiter(
    use: Callable[[Client], Client], capsys: pytest.CaptureFixture[str], status: str
) -> None:
    client = use(Client())
    assert run("wait", f"notebook-instance-{status}", *NAMED) == 0
    name = f"notebook_instance_{status.replace('-', '_')}"
    assert client.asked == [(name, {"NotebookInstanceName": "nb"})]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("flags", "opening"),
    [
        ((), {}),
        (("--start",), {"start": True}),
        (("--lab",), {"lab": True}),
        (("--path", "a b"), {"path": "a b"}),
        (("--timeout", "5"), {"timeout": 5.0}),
        (("--timeout", "0"), {"timeout": 86400.0}),
        (("--session-expiration-duration-in-seconds", "1800"), {"session_seconds": 1800}),
    ],
)
@pytest.mark.parametrize("printed", [True, False])
def test_the_flags_of_open_are_passed_on(
    use: Callable[[Client], Client],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    flags: tuple[str, ...],
    opening: dict[str, Any],
    printed: bool,
) -> None:
    client = use(Client())
    given: list[Any] = []

    def opened(by: Any, name: str, **options: Any) -> str:
        options.pop("on_progress")
        given.append((by, name, options))
        return "https://url"

    def other(*_: Any, **options: Any) -> str:
        raise AssertionError(options)

    monkeypatch.setattr(open_instance, "notebook_url", opened if printed else other)
    monkeypatch.setattr(open_instance, "open_notebook", other if printed else opened)
    assert run("open", "nb", *flags, *["--print-url"] * printed) == 0
    usual = {"start": False, "lab": False, "path": None, "timeout": 1800.0, "session_seconds": None}
    assert given == [(client, "nb", {**usual, **opening})]
    assert capsys.readouterr() == ("https://url\n" if printed else "", "")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("InService", "no browser can be opened: give --print-url"),
        ("Failed", "its reason"),
        ("", "its reason"),
    ],
)
def test_print_url_is_named_only_without_a_browser(
    use: Callable[[Client], Client],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: str,
    told: str,
) -> None:
    use(Client())

    def refuse(*_: Any, **__: Any) -> str:
        raise NotebookError("nb", status, "its reason")

    monkeypatch.setattr(open_instance, "open_notebook", refuse)
    assert run("open", "nb") == 255
    assert capsys.readouterr() == ("", f"\n{NotebookError('nb', status, told)}\n")


@pytest.mark.parametrize(
    ("flags", "config"),
    [
        ((), {}),
        (("--max-items", "3"), {"MaxItems": 3}),
        (("--page-size", "2", "--starting-token", "t"), {"PageSize": 2, "StartingToken": "t"}),
    ],
)
def test_a_list_is_passed_on_to_its_paginator(
    use: Callable[[Client], Client],
    capsys: pytest.CaptureFixture[str],
    flags: tuple[str, ...],
    config: dict[str, object],
) -> None:
    client = use(Client())
    assert run("list-notebook-instances", "--name-contains", "n", *flags, "--query", "whole[0]") == 0
    assert client.asked == [("list_notebook_instances", {"NameContains": "n", "PaginationConfig": config})]
    assert capsys.readouterr() == ("1\n", "")
    assert run("list-notebook-instances", "--output", "text") == 0
    text = "NOTEBOOKINSTANCES\ta\nNOTEBOOKINSTANCES\tb\nNEXTTOKEN\ttoken-of-the-rest\n"
    assert capsys.readouterr() == (text, "")


@pytest.mark.parametrize(
    ("flags", "params"),
    [
        (("--no-paginate",), {}),
        (("--next-token", "t"), {"NextToken": "t"}),
        (("--max-results", "2"), {"MaxResults": 2}),
    ],
)
def test_one_page_is_one_call(
    use: Callable[[Client], Client],
    capsys: pytest.CaptureFixture[str],
    flags: tuple[str, ...],
    params: dict[str, Any],
) -> None:
    client = use(Client(NotebookInstances=["a"]))
    assert run("list-notebook-instances", *flags, "--output", "yaml") == 0
    assert client.asked == [("ListNotebookInstances", params)]
    assert capsys.readouterr().out == "NotebookInstances:\n- a\n"
    for extra in ("--max-items", "--page-size", "--starting-token"):
        assert run("list-notebook-instances", *flags, extra, "1") == 252
        refused = f"Cannot specify --no-paginate along with pagination arguments: {extra}\n"
        out, err = capsys.readouterr()
        assert (out, err.endswith(refused), client.asked[1:]) == ("", True, [])


@pytest.mark.parametrize("color", ["on", "off", "auto", ""])
@pytest.mark.parametrize("verb", ["describe-notebook-instance", "list-notebook-instances"])
def test_the_colour_reaches_the_table_and_its_title_is_the_operation(
    use: Callable[[Client], Client], capsys: pytest.CaptureFixture[str], verb: str, color: str
) -> None:
    use(Client(A="x"))
    wanted = NAMED if verb.startswith("describe") else ("--no-paginate",)
    assert run(verb, *wanted, "--output", "table", *(["--color", color] if color else [])) == 0
    out = capsys.readouterr().out
    assert ("\x1b[1m\x1b[34mx\x1b[0m" in out) == (color == "on")
    assert f"|{verb.title().replace('-', '')}|" in out.replace(" ", "")
    assert "ResponseMetadata" not in out
