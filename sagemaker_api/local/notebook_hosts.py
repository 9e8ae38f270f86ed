"""The host of a notebook's own, ``NAME.localhost:PORT``, as NAME.notebook.REGION.sagemaker.aws is AWS's."""

from __future__ import annotations

import re
from collections.abc import Container

from sigv4.target import split_host

_LABEL = re.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def notebook_of(host: str, hosts: Container[str]) -> str:
    """The name in a Host that belongs to a notebook, in lower case; ``""`` for any other Host.

    ``hosts`` are the endpoint's own values of Host. ``NAME.localhost`` is this machine by RFC 6761 §6.3: no
    name server is asked, so no page elsewhere can take such a name.
    """
    name, _, rest = host.lower().partition(".")
    if split_host(rest)[0] == "localhost" and rest in hosts and _LABEL.fullmatch(name):
        return name
    return ""
