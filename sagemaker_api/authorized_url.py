"""The URL that opens a notebook, and the pages of its Jupyter server that it can open at.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedNotebookInstanceUrl.html
"""

from __future__ import annotations

from sigv4.errors import SigningError
from sigv4.hosts import is_loopback
from sigv4.target import check_url, encode_path, split_target

from .errors import ParamValidationError, ProtocolError


class AuthorizedUrl(str):
    """The URL that opens a notebook, for whoever holds it: a ``str`` whose ``repr`` shows the host only."""

    __slots__ = ()

    def __repr__(self) -> str:
        scheme, host = _scheme_and_authority(self)
        shown = (
            f"{scheme}://{host}/***" if scheme in ("http", "https") and host and "@" not in host else "***"
        )
        return f"AuthorizedUrl({shown!r})"


def page_of(path: str | None, *, lab: bool = False) -> str:
    """Where on the Jupyter server a file or folder of the instance is shown, as a URL path.

    ``path`` is relative to the folder that Jupyter shows first, in plain text. In JupyterLab (``lab``) it is
    ``lab/tree/PATH``; in the classic interface ``notebooks/PATH`` for an ``.ipynb`` file, else ``tree/PATH``.
    Without a path it is ``lab``, or ``""``: the instance's own first page.

    Raises ParamValidationError for a path that leads elsewhere or cannot be written in a URL.

    >>> page_of("reports/May 1.ipynb", lab=True)
    'lab/tree/reports/May%201.ipynb'
    """
    if path is None:
        return "lab" if lab else ""
    segments = path.strip("/").split("/")
    if not all(segments) or "." in segments or ".." in segments or not path.isprintable():
        raise ParamValidationError(
            f"the path {path!r} names no file or folder of the instance: expected one such as "
            "'reports/may.ipynb', without '.', '..' and empty parts"
        )
    front = "lab/tree" if lab else "notebooks" if path.endswith(".ipynb") else "tree"
    return f"{front}/{encode_path('/'.join(segments))}"


def at_page(url: AuthorizedUrl, page: str) -> AuthorizedUrl:
    """``url`` leading to ``page``, which :func:`page_of` gave; its query is kept byte for byte.

    Raises ProtocolError, which does not show it, where ``url`` is neither https nor http to this machine.

    >>> str(at_page(AuthorizedUrl("https://nb.notebook.eu-west-1.sagemaker.aws?authToken=t"), "lab"))
    'https://nb.notebook.eu-west-1.sagemaker.aws/lab?authToken=t'
    """
    try:
        check_url(url)
        host = split_target(url)[0]
    except SigningError:
        host = ""
    scheme, authority = _scheme_and_authority(url)
    if not host or "@" in authority or not (scheme == "https" or (scheme == "http" and is_loopback(host))):
        url, authority = AuthorizedUrl(), ""  # not in the locals of a raised error
        raise ProtocolError(
            "the service answered an AuthorizedUrl that is not to be opened: expected https://HOST?authToken=…"
        )
    if not page:
        return url
    end = min((i for i in (url.find("?"), url.find("#")) if i >= 0), default=len(url))
    front = url[:end] if url[end - 1] == "/" else f"{url[:end]}/"
    return AuthorizedUrl(f"{front}{page}{url[end:]}")


def _scheme_and_authority(url: str) -> tuple[str, str]:
    scheme, _, rest = url.partition("://")
    return scheme, rest[: min((i for i in map(rest.find, "/?#") if i >= 0), default=len(rest))]
