"""Finds the vectors and the protocol page, in a wheel or in a checkout."""

from __future__ import annotations

from pathlib import Path

from ..errors import SigningError

_PACKAGED = Path(__file__).parent / "data"
_CHECKOUT = Path(__file__).parents[2]


def vectors() -> Path:
    """The folder of the vectors. Raises SigningError if this copy of the package has none."""
    return _first(_PACKAGED / "vectors", _CHECKOUT / "fixtures" / "vectors")


def protocol_page() -> str:
    """The text of docs/protocol.md. Raises SigningError if this copy of the package has none."""
    return _first(_PACKAGED / "protocol.md", _CHECKOUT / "docs" / "protocol.md").read_text("utf-8")


def _first(*candidates: Path) -> Path:
    for path in candidates:
        if path.exists():
            return path
    raise SigningError(
        "the vectors and the rules are not in this copy of the package: run this from a checkout or from the "
        "wheel of sigv4-reference; both have them"
    )
