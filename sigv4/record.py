"""The base of the small immutable values on the signing path.

``dataclasses`` would do the same and costs several milliseconds of import (DESIGN: budgets).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Value:
    """Immutable; equal by type and fields; picklable; ``repr`` shows the fields save the masked ones.

    A subclass lists its fields in ``__slots__``, in the order of its ``__init__`` arguments, and sets them
    with ``self._set(...)``.
    """

    __slots__: tuple[str, ...] = ()
    _masked: tuple[str, ...] = ()
    _setters: tuple[Callable[[object, object], None], ...] = ()

    def __init_subclass__(cls) -> None:
        cls._setters = tuple(getattr(cls, name).__set__ for name in cls.__slots__)

    def _set(self, *values: object) -> None:
        for setter, value in zip(self._setters, values):  # noqa: B905 (this is the signing path)
            setter(self, value)

    def _fields(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(
            f"{type(self).__name__} is immutable: make a new one instead of setting {name!r}"
        )

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: {name!r} cannot be deleted")

    def __repr__(self) -> str:
        shown = []
        for name in self.__slots__:
            value = getattr(self, name, None)  # None where a half-built instance has no value yet
            shown.append(f"{name}={'***' if value is not None and name in self._masked else repr(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash((type(self), self._fields()))

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), self._fields()
