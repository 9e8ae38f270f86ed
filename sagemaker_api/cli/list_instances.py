"""The verbs that list items: all pages, or a limited number."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Any, NamedTuple

from ..errors import ParamValidationError
from ..model.operations import OPERATIONS
from ..paging import PAGINGS
from .client_flags import add_client_flags, client_of, output_of
from .output import shown
from .parameter_flags import add_parameter_flags, params_of, skeleton, whole_number
from .query import Search, compiled

_PAGING = ("max_items", "page_size", "starting_token")


class ListVerb(NamedTuple):
    """A verb that prints all pages of the paginator ``METHOD``."""

    METHOD: str
    SUMMARY: str
    DESCRIPTION: str
    EXAMPLE: str

    @property
    def NAME(self) -> str:  # noqa: N802 (as the modules of the other verbs have it)
        return self.METHOD.replace("_", "-")

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_parameter_flags(parser, OPERATIONS[PAGINGS[self.METHOD].operation])
        parser.add_argument("--max-items", metavar="N", help="list at most N items")
        parser.add_argument("--page-size", metavar="N", help="request N items per page")
        parser.add_argument("--starting-token", metavar="TOKEN", help="continue where an earlier list ended")
        add_client_flags(parser)

    def run(self, options: Namespace) -> int:
        paging = PAGINGS[self.METHOD]
        operation = OPERATIONS[paging.operation]
        params = params_of(options, operation)
        form = output_of(options)

        def show(result: Any) -> None:
            sys.stdout.write(shown(result, form, operation.name, options.color))

        search: Search = (lambda value: value) if options.query is None else compiled(options.query)
        if options.generate_cli_skeleton:
            show(search(skeleton(operation, options.generate_cli_skeleton, params)))
            return 0
        config = _paging_config(options)
        method: Any = self.METHOD  # the name of either list
        with client_of(options) as client:
            if config is None:
                page: dict[str, Any] = client.call(operation.name, params)
                del page["ResponseMetadata"]
                show(search(page))
                return 0
            pages = client.get_paginator(method).paginate(**params, PaginationConfig=config)
            if form != "text":
                show(search(pages.build_full_result()))
                return 0
            for found in pages:
                show(search({paging.items: found.get(paging.items)}))
            if pages.resume_token:
                show(search({"NextToken": {"NextToken": pages.resume_token}}))
        return 0


def _paging_config(options: Namespace) -> dict[str, object] | None:
    """The paginator's configuration; None for one page, also with --next-token and --max-results."""
    given = [name for name in _PAGING if getattr(options, name) is not None]
    if not options.no_paginate and options.NextToken is None and options.MaxResults is None:
        names = {"max_items": "MaxItems", "page_size": "PageSize", "starting_token": "StartingToken"}
        return {names[name]: _setting(names[name], getattr(options, name)) for name in given}
    if given:
        flags = ", ".join("--" + name.replace("_", "-") for name in given)
        raise ParamValidationError(f"Cannot specify --no-paginate along with pagination arguments: {flags}")
    return None


def _setting(name: str, text: str) -> object:
    return text if name == "StartingToken" else whole_number(name, text, least=0)


_PAGES = """\
page by page until there are no more. With --max-items the list may end
early: then the result has a NextToken, with which --starting-token continues. --no-paginate requests one
page."""

VERBS = (
    ListVerb(
        "list_notebook_instances",
        "list the notebook instances of the account in a region",
        f"Lists all notebook instances, {_PAGES}",
        """\
example:
  sagemaker-api list-notebook-instances --status-equals InService --output table""",
    ),
    ListVerb(
        "list_tags",
        "list the tags of a notebook instance",
        f"Lists all tags of a resource, {_PAGES}",
        """\
example:
  sagemaker-api list-tags \\
    --resource-arn arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/my-notebook""",
    ),
)
