"""Lets a package load its public names on first use."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lazy_names(
    package: str, modules: Mapping[str, str]
) -> tuple[list[str], Callable[[str], object], Callable[[], list[str]]]:
    """``__all__``, ``__getattr__`` and ``__dir__`` of a package; ``modules`` has the names in each module."""
    homes = {name: module for module, names in modules.items() for name in names.split()}
    loaded = vars(sys.modules[package])

    def load(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        from importlib import import_module

        loaded[name] = getattr(import_module(homes[name], package), name)
        return loaded[name]

    return sorted(homes), load, lambda: sorted({*loaded, *homes})
