"""Paginators have boto's results, limits and resume tokens, with both clients."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from sagemaker_api import AsyncSageMaker, PaginationError, ParamValidationError, SageMaker
from sigv4 import Response
from tests.sagemaker_api.calls import CREDENTIALS
from tests.sagemaker_api.scripted_transport import AsyncScripted, Scripted, answered

ITEMS = [f"nb-{number}" for number in range(7)]


class Listed(Scripted):
    """A service with seven instances, in pages of three unless asked for others; tokens are positions."""

    def page(self, params: dict[str, Any]) -> Response:
        start = int(params.get("NextToken", "at 0").removeprefix("at "))
        end = start + params.get("MaxResults", 3)
        page: dict[str, Any] = {"NotebookInstances": [{"NotebookInstanceName": n} for n in ITEMS[start:end]]}
        return answered({**page, "NextToken": f"at {end}"} if end < len(ITEMS) else page)

    def answer(self, request: Any) -> Response:
        self.answers = [lambda: self.page(self.calls[-1][1])]
        return super().answer(request)


class AsyncListed(Listed, AsyncScripted):
    pass


def names(page: Mapping[str, Any]) -> list[str]:
    return [each["NotebookInstanceName"] for each in page.get("NotebookInstances", [])]


def blocking(params: dict[str, Any]) -> tuple[list[list[str]], str | None, Scripted, Mapping[str, Any]]:
    """The pages, the resume token, the requests, and the full result."""
    transport = Listed()
    with SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport) as client:
        pages = client.get_paginator("list_notebook_instances").paginate(**params)
        found = [names(page) for page in pages]
        whole = pages.build_full_result()
    return found, pages.resume_token, transport, whole


def awaited(params: dict[str, Any]) -> tuple[list[list[str]], str | None, Scripted, Mapping[str, Any]]:
    async def main() -> tuple[list[list[str]], str | None, Scripted, Mapping[str, Any]]:
        transport = AsyncListed()
        async with AsyncSageMaker("us-east-1", credentials=CREDENTIALS, transport=transport) as client:
            pages = client.get_paginator("list_notebook_instances").paginate(**params)
            found = [names(page) async for page in pages]
            whole = await pages.build_full_result()
        return found, pages.resume_token, transport, whole

    return asyncio.run(main())


BOTH = pytest.mark.parametrize("paginate", [blocking, awaited])


def token(**members: Any) -> str:
    return base64.b64encode(json.dumps(members).encode()).decode()


@BOTH
def test_all_pages_with_the_same_filters_on_each(paginate: Any) -> None:
    found, resume, transport, whole = paginate({"NameContains": "nb", "SortBy": "Name"})
    assert found == [ITEMS[:3], ITEMS[3:6], ITEMS[6:]]
    assert resume is None
    assert [params for _, params in transport.calls[:3]] == [
        {"NameContains": "nb", "SortBy": "Name"},
        {"NameContains": "nb", "SortBy": "Name", "NextToken": "at 3"},
        {"NameContains": "nb", "SortBy": "Name", "NextToken": "at 6"},
    ]
    assert names(whole) == ITEMS
    assert set(whole) == {"NotebookInstances"}


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("most", [0, 1, 2, 3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("size", [None, 1, 2, 7, 100])
def test_max_items_and_a_resume_token_lose_and_repeat_nothing(
    paginate: Any, most: int, size: int | None
) -> None:
    config: dict[str, Any] = {"MaxItems": most, "PageSize": size}
    seen: list[str] = []
    for _ in range(9):
        found, resume, _, whole = paginate({"PaginationConfig": config})
        seen += [name for page in found for name in page]
        assert names(whole) == [name for page in found for name in page]
        assert whole.get("NextToken") == resume
        if resume is None or not most:
            break
        config = {**config, "StartingToken": resume}
    assert seen == (ITEMS if most else [])


@BOTH
def test_the_resume_token_is_botos(paginate: Any) -> None:
    assert paginate({"PaginationConfig": {"MaxItems": 2}})[1] == token(NextToken=None, boto_truncate_amount=2)
    assert paginate({"PaginationConfig": {"MaxItems": 3}})[1] == token(NextToken="at 3")
    resumed = {"MaxItems": 2, "StartingToken": token(NextToken="at 3", boto_truncate_amount=0)}
    found, resume, transport, _ = paginate({"PaginationConfig": resumed})
    assert (found, resume) == ([ITEMS[3:5]], token(NextToken="at 3", boto_truncate_amount=2))
    assert transport.calls[0][1] == {"NextToken": "at 3"}


@pytest.mark.parametrize(
    "starting",
    ["at 3", token(Marker="x"), base64.b64encode(b"[1]").decode(), token(NextToken=3), "{", "ü", "W10="],
)
def test_another_text_counts_as_the_services_token(starting: str) -> None:
    transport = Scripted(answered({}))
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport)
    pages = client.get_paginator("list_notebook_instances")
    assert len(list(pages.paginate(PaginationConfig={"StartingToken": starting}))) == 1
    assert transport.calls[0][1] == {"NextToken": starting}


@BOTH
@pytest.mark.parametrize(
    "config",
    [
        {"MaxItems": "many"},
        {"MaxItems": -1},
        {"PageSize": []},
        {"StartingToken": 5},
        {"PageSize": float("inf")},
    ],
)
def test_a_wrong_configuration_is_refused_before_anything_is_sent(paginate: Any, config: Any) -> None:
    with pytest.raises(ParamValidationError, match=next(iter(config))):
        paginate({"PaginationConfig": config})


def test_numbers_may_be_texts_as_for_boto() -> None:
    found, _, transport, _ = blocking({"PaginationConfig": {"MaxItems": "4", "PageSize": "2"}})
    assert (found, transport.calls[0][1]) == ([ITEMS[:2], ITEMS[2:4]], {"MaxResults": 2})


def test_the_same_token_twice_is_an_error_in_botos_words() -> None:
    again = answered({"NotebookInstances": [], "NextToken": "t"})
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=Scripted(again, again, again))
    with pytest.raises(PaginationError) as raised:
        client.get_paginator("list_notebook_instances").paginate().build_full_result()
    assert str(raised.value) == (
        "Error during pagination: The same next token was received twice: {'NextToken': 't'}"
    )


def test_an_empty_token_ends_the_list_and_pages_without_items_do_not() -> None:
    answers = [answered({"NextToken": "a"}), answered({"NotebookInstances": [], "NextToken": ""})]
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=Scripted(*answers))
    assert client.get_paginator("list_notebook_instances").paginate().build_full_result() == {
        "NotebookInstances": []
    }


def test_each_page_is_asked_for_when_it_is_wanted() -> None:
    transport = Listed()
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport)
    pages = iter(client.get_paginator("list_notebook_instances").paginate())
    assert transport.calls == []
    next(pages)
    assert len(transport.calls) == 1


def test_an_operation_without_pages_is_refused_in_botos_words() -> None:
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=Scripted())
    with pytest.raises(PaginationError, match=r"^Operation cannot be paginated: describe_notebook_instance$"):
        client.get_paginator("describe_notebook_instance")  # type: ignore[call-overload]  # a wrong name
    assert client.can_paginate("list_notebook_instances")
    assert not client.can_paginate("describe_notebook_instance")
