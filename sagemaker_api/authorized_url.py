"""The URL that opens a notebook, and how to make it open a page of the Jupyter server.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedNotebookInstanceUrl.html
"""

from __future__ import annotations

from sigv4.errors import SigningError
from sigv4.target import cut_url, encode_path, split_url, user_info_of

from .errors import ParamValidationError, ProtocolError


class AuthorizedUrl(str):
    """The URL that opens a notebook for anyone who has it: a ``str`` whose ``repr`` shows the host only."""

    __slots__ = ()

    def __repr__(self) -> str:
        scheme, host, _ = cut_url(self)
        is_plain = scheme in ("http", "https") and host and user_info_of(host) is None
        shown = f"{scheme}://{host}/***" if is_plain else "***"
        return f"AuthorizedUrl({shown!r})"


# The folder on the instance whose contents Jupyter shows.
_ROOTS = ("/home/ec2-user/SageMaker", "~/SageMaker")


def page_of(path: str | None, *, lab: bool = False) -> str:
    """The URL path of the Jupyter page that shows a file or folder of the instance.

    ``path`` is plain text, relative to the folder that Jupyter shows first. In JupyterLab (``lab``) it is
    ``lab/tree/PATH``; in the classic interface ``notebooks/PATH`` for an ``.ipynb`` file, else ``tree/PATH``.
    Without a path it is ``lab``, or ``""``: the instance's own first page.

    ``path`` may also begin with the folder on the instance that Jupyter shows, ``/home/ec2-user/SageMaker``.

    Raises ParamValidationError for a path outside that folder, or one that a URL cannot contain.

    >>> page_of("reports/May 1.ipynb", lab=True)
    'lab/tree/reports/May%201.ipynb'
    """
    if path is None:
        return "lab" if lab else ""
    for root in _ROOTS:
        if path.rstrip("/") == root:
            return "lab" if lab else "tree"
        path = path.removeprefix(f"{root}/")
    segments = path.strip("/").split("/")
    if not all(segments) or "." in segments or ".." in segments or not path.isprintable():
        raise ParamValidationError(
            f"the path {path!r} names no file or folder of the instance: expected one such as "
            "'reports/may.ipynb', without '.', '..' and empty parts"
        )
    front = "lab/tree" if lab else "notebooks" if path.endswith(".ipynb") else "tree"
    return f"{front}/{encode_path('/'.join(segments))}"


def at_page(url: AuthorizedUrl, page: str) -> AuthorizedUrl:
    """``url`` changed to open ``page``, a result of :func:`page_of`; its query is kept byte for byte.

    Raises ProtocolError, whose text does not contain ``url``, if it is neither https nor http to this
    machine.

    >>> str(at_page(AuthorizedUrl("https://nb.notebook.eu-west-1.sagemaker.aws?authToken=t"), "lab"))
    'https://nb.notebook.eu-west-1.sagemaker.aws/lab?authToken=t'
    """
    if not _can_be_opened(url):
        url = AuthorizedUrl()  # hidden from tracebacks with locals
        raise ProtocolError(
            "the service returned an AuthorizedUrl that must not be opened: expected https://HOST?authToken=…"
        )
    if not page:
        return url
    end = min((i for i in (url.find("?"), url.find("#")) if i >= 0), default=len(url))
    front = url[:end] if url[end - 1] == "/" else f"{url[:end]}/"
    return AuthorizedUrl(f"{front}{page}{url[end:]}")


def _can_be_opened(url: str) -> bool:
    """Whether it is https, or http to this machine, without a user name."""
    try:
        found = split_url(url)
    except SigningError:
        return False
    return found.scheme in ("https", "http") and found.keeps_secrets and not found.has_user_info
