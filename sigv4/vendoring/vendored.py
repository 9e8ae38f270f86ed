"""Copies this package into another source tree, and checks such a copy later.

A copied folder has a file ``VENDORED``, which lists the files with their SHA-256; a single file has its hash
in its header.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from .. import __version__
from ..errors import SigningError
from .atomic_write import place_file, place_folder
from .destination import check_destination
from .face import face_of
from .licence import LICENCE
from .package_files import ADAPTERS, LIST, MARK, OWN, SIGNING, own_files, reached, with_plain_line_ends
from .shadowing import beside, plain_files, strangers, unlike_source
from .single_file import merge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_EXTENTS: Mapping[str, tuple[str, ...] | None] = {"sign": SIGNING, "all": None}
_HASHED = b", sha256 of what follows:"
_OF_A_DISTRIBUTION = b'\n_DISTRIBUTION = "sigv4-reference"  # "" in a vendored copy, which has no extras\n'
_EXAMPLE = b">>> from sigv4 import "  # in a docstring; a copy has another name, and runs the example, too
# Switches off flake8, ruff's rule against the first line, pylint, isort, pyright's strict mode, and tools
# that format code.
_FOR_LINTERS = (
    "# flake8: noqa\n# ruff: noqa: PGH004\n# pylint: skip-file\n# isort: skip_file\n# pyright: basic\n"
    "# fmt: off\n# Generated: change the sources and vendor again.\n"
)
_DOC = '''"""AWS Signature Version 4 in one file: signs and presigns requests; the standard library only.

    signer = Signer("sagemaker", "us-east-1", Credentials("AKIDEXAMPLE", "secret", "session token or None"))
    headers = signer.sign("POST", url, {"Content-Type": "application/x-amz-json-1.1"}, b"{}")
    url = signer.presign("GET", url, expires=900)

Merged from the package sigv4, which also has 4A, streams, a verifier and explanations.
"""
'''


def folder_files(extent: str) -> dict[str, bytes]:
    """The files of a vendored folder, by their path in it.

    The ``extent`` is ``all``, or ``sign`` for ``Signer`` and the modules that it needs, or ``sign`` with
    adapters: ``sign+requests+urllib``.
    """
    whole, *adapters = extent.split("+")
    roots = _EXTENTS[whole]
    files = own_files()
    if roots is not None:
        files = reached(files, [*roots, *(f"{OWN}/adapters/{each}.py" for each in adapters)])
    copy = {}
    for path, content in files.items():
        within = path.partition("/")[2]
        if path == f"{OWN}/__init__.py":
            content = face_of(content, files)
        elif path == f"{OWN}/errors.py":
            content = content.replace(_OF_A_DISTRIBUTION, b'\n_DISTRIBUTION = ""\n')
        content = content.replace(_EXAMPLE, b">>> from " + b"." * path.count("/") + b" import ")
        licence = "MIT licence: see LICENSE at the top of this copy."
        mark = f"{MARK}{__version__}. {licence}\n{_FOR_LINTERS}".encode()
        copy[within] = mark + content if within.endswith(".py") else content
    copy["LICENSE"] = LICENCE.encode()
    lines = [f"{OWN} {__version__} {extent}", *(f"{_digest(copy[path])}  {path}" for path in sorted(copy))]
    copy[LIST] = ("\n".join([f"{_digest(chr(10).join(lines).encode())}  contents", *lines]) + "\n").encode()
    return copy


def single_file(adapter: str = "") -> bytes:
    """The single file: its origin, the licence, the SHA-256 of the rest, the code.

    ``adapter`` names the library whose adapter is copied too, or is ``""``.
    """
    code = f"{_DOC}\n{merge(own_files(), adapter)}".encode()
    licence = "".join(f"# {line}".rstrip() + "\n" for line in LICENCE.splitlines())
    body = f"{_FOR_LINTERS}{licence}\n".encode() + code
    what = f"{__version__} with {adapter}" if adapter else __version__
    return f"{MARK}{what}".encode() + _HASHED + f"\n# {_digest(body)}\n".encode() + body


def vendor(
    target: Path, *, only: str | None = None, adapters: Iterable[str] = (), single: bool = False
) -> int:
    """Writes the copy, and replaces an unchanged older one. Returns its size in bytes.

    With ``only="sign"`` the named ``adapters`` are copied, too; with ``single`` at most one may be named. A
    whole copy has all of them. Raises SigningError if ``target`` exists and is not an unchanged copy, and
    OSError.
    """
    check_destination(target, single=single)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        changed = _changed(target)
        if changed:
            raise SigningError(
                f"{target} was changed since it was vendored ({', '.join(changed[:5])}): move it away first"
            )
    chosen = sorted({*adapters})
    if single:
        if len(chosen) > 1:
            raise SigningError(
                "a single file takes one adapter, since several use the same names: got "
                f"{', '.join(chosen)}; to copy several, give --only sign in place of --single-file"
            )
        content = single_file(*chosen)
        place_file(target, content)
        return len(content)
    files = folder_files("+".join([only or "all", *chosen]))
    place_folder(target, files)
    return sum(map(len, files.values()))


def check(target: Path) -> tuple[list[str], list[str]]:
    """Two lists of files: those of a copy that were changed after it was made, and those that this version
    would write differently.

    The first list also has links, and compiled files and folders that Python would run instead of a source
    file. Raises SigningError if ``target`` is not a vendored copy.
    """
    changed = _changed(target)
    if target.is_dir():
        changed += unlike_source(target)
        listed, extent = _listed(target)
        fresh = {path: _digest(content) for path, content in folder_files(extent).items() if path != LIST}
        outdated = sorted(
            path for path in fresh.keys() | listed.keys() if fresh.get(path) != listed.get(path)
        )
    else:
        changed += beside(target) + unlike_source(target.parent, target.stem)
        stamped = with_plain_line_ends(target.read_bytes()).split(b"\n", 2)[:2]
        fresh_file = single_file(_adapter_of(stamped[0])).split(b"\n", 2)[:2]
        outdated = [] if stamped == fresh_file else [target.name]
    return changed, outdated


def _adapter_of(mark: bytes) -> str:
    """The adapter that a single file says it has; ``""`` for none, and for one that this version lacks."""
    words = mark.decode("utf-8", "replace").partition(",")[0].split(" ")
    return words[-1] if words[-2:-1] == ["with"] and words[-1] in ADAPTERS else ""


def _changed(target: Path) -> list[str]:
    """The files of a copy that differ from its own list or hash. Raises SigningError if it has neither."""
    if not target.is_dir():
        if not target.is_file():  # a pipe would be read without an end
            raise SigningError(f"{target} is not a plain file or a folder: give the path of a copy")
        mark, _, rest = with_plain_line_ends(target.read_bytes()).partition(b"\n")
        digest, _, body = rest.partition(b"\n")
        if not (mark.startswith(MARK.encode()) and mark.endswith(_HASHED)):
            raise SigningError(
                f"{target} is not a single file that was vendored from {OWN}: give another name"
            )
        return [] if digest == f"# {_digest(body)}".encode() else [target.name]
    listed, _ = _listed(target)
    found = {
        path.relative_to(target).as_posix(): _digest(path.read_bytes())
        for path in plain_files(target)
        if path != target / LIST
    }
    links = strangers(target, listed)
    changed = {path for path in found.keys() | listed.keys() if found.get(path) != listed.get(path)}
    named = {link.partition(" (")[0] for link in links}
    return sorted([*(changed - named), *links])


def _listed(target: Path) -> tuple[dict[str, str], str]:
    """The digests in ``VENDORED`` by path, and the extent of the copy. Raises SigningError."""
    listed = target / LIST
    try:
        text = with_plain_line_ends(listed.read_bytes() if listed.is_file() else b"").decode("utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    if not text:
        raise SigningError(f"{target} is not a folder that was vendored from {OWN}: it has no {LIST}")
    own, _, rest = text.partition("\n")
    head, *lines = rest.removesuffix("\n").split("\n")
    words = head.split(" ")
    if (
        own != f"{_digest(rest.removesuffix(chr(10)).encode())}  contents"
        or len(words) != 3
        or not _is_extent(words[2])
    ):
        raise SigningError(f"{target / LIST} was changed since it was written: vendor into a new place")
    pairs = (line.partition("  ") for line in lines)
    return {path: digest for digest, _, path in pairs}, words[2]


def _is_extent(text: str) -> bool:
    whole, *adapters = text.split("+")
    return whole in _EXTENTS and {*ADAPTERS}.issuperset(adapters)


def _digest(content: bytes) -> str:
    """The SHA-256 of ``content`` with LF at line ends, since git may write CRLF in a checkout on Windows."""
    return sha256(with_plain_line_ends(content)).hexdigest()
