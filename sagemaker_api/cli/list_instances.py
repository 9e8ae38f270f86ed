"""``sagemaker-api list-notebook-instances``: all pages, or as many as are asked for."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from ..errors import ParamValidationError
from ..model.operations import OPERATIONS
from .client_flags import add_client_flags, client_of, output_of
from .output import shown
from .parameter_flags import add_parameter_flags, params_of, skeleton
from .query import Search, compiled

NAME = "list-notebook-instances"
SUMMARY = "list the notebook instances of the account in a region"
DESCRIPTION = """\
Lists all notebook instances, page by page until there are no more. With --max-items the list may end
early: the result then holds a NextToken, which --starting-token takes to go on. --no-paginate asks for one
page."""
EXAMPLE = """\
example:
  sagemaker-api list-notebook-instances --status-equals InService --output table"""

_OPERATION = OPERATIONS["ListNotebookInstances"]
_PAGING = ("max_items", "page_size", "starting_token")


def add_arguments(parser: ArgumentParser) -> None:
    add_parameter_flags(parser, _OPERATION)
    parser.add_argument("--max-items", metavar="N", help="list at most so many")
    parser.add_argument("--page-size", metavar="N", help="ask for so many at once: 1 to 100")
    parser.add_argument("--starting-token", metavar="TOKEN", help="go on where an earlier list ended")
    add_client_flags(parser)


def run(options: Namespace) -> int:
    params = params_of(options, _OPERATION)
    form = output_of(options)

    def show(result: Any) -> None:
        sys.stdout.write(shown(result, form, _OPERATION.name, options.color))

    search: Search = (lambda value: value) if options.query is None else compiled(options.query)
    if options.generate_cli_skeleton:
        show(search(skeleton(_OPERATION, options.generate_cli_skeleton, params)))
        return 0
    config = _paging_config(options, params)
    with client_of(options) as client:
        if config is None:
            page: dict[str, Any] = client.call(_OPERATION.name, params)
            del page["ResponseMetadata"]
            show(search(page))
            return 0
        pages = client.get_paginator("list_notebook_instances").paginate(**params, PaginationConfig=config)
        if form != "text":
            show(search(pages.build_full_result()))
            return 0
        for found in pages:
            show(search({"NotebookInstances": found.get("NotebookInstances")}))
        if pages.resume_token:
            show(search({"NextToken": {"NextToken": pages.resume_token}}))
    return 0


def _paging_config(options: Namespace, params: dict[str, object]) -> dict[str, object] | None:
    """The paginator's, or None for one page: a NextToken or MaxResults of the user's own means that too."""
    given = [name for name in _PAGING if getattr(options, name) is not None]
    if not (options.no_paginate or "NextToken" in params or "MaxResults" in params):
        names = {"max_items": "MaxItems", "page_size": "PageSize", "starting_token": "StartingToken"}
        return {names[name]: getattr(options, name) for name in given}
    if given:
        flags = ", ".join("--" + name.replace("_", "-") for name in given)
        raise ParamValidationError(f"Cannot specify --no-paginate along with pagination arguments: {flags}")
    return None
