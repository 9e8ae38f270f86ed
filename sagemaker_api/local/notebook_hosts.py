"""The separate host of a notebook, ``NAME.localhost:PORT``; AWS's is NAME.notebook.REGION.sagemaker.aws."""

from __future__ import annotations

import re
from collections.abc import Container

from sigv4.target import split_host

NOTEBOOKS = "/notebook/"  # the path below which notebooks are on the endpoint's own host
_LABEL = re.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def notebook_of(host: str, hosts: Container[str]) -> str:
    """The notebook's name in a Host, in lower case; ``""`` for any other Host.

    ``hosts`` are the endpoint's own values of Host. ``NAME.localhost`` is this machine (RFC 6761 §6.3): name
    servers are not used, so no other site can have such a name.
    """
    name, _, rest = host.lower().partition(".")
    if split_host(rest)[0] == "localhost" and rest in hosts and _LABEL.fullmatch(name):
        return name
    return ""
