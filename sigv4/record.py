"""``Record``: the base of small immutable values whose fields are written once, as annotations.

``dataclasses`` does the same, but importing it takes longer than a whole first signature.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, TypeVar

    R = TypeVar("R", bound="Record")

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_):  # used only by type checkers
        return lambda cls: cls


class _RecordType(type):
    """Turns the annotations of a class body into slots, and their values into defaults."""

    field_names: tuple[str, ...] = ()
    _defaults: Mapping[str, object] = {}
    _setters: tuple[Callable[[object, object], None], ...]
    _is_checked = False

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> _RecordType:
        own = tuple(body.get("__annotations__", ())) if bases else ()
        defaults = {field: body.pop(field) for field in own if field in body}
        made = super().__new__(cls, name, bases, {**body, "__slots__": own if bases else ("__weakref__",)})
        made.field_names += own
        made._defaults = {**made._defaults, **defaults}
        made._setters = tuple([getattr(made, field).__set__ for field in made.field_names])
        made._is_checked |= bool(bases) and "_check" in body
        return made


@dataclass_transform(frozen_default=True)
class Record(metaclass=_RecordType):
    """Immutable; equal by type and fields; can be hashed, copied and pickled if its fields can.

    A subclass annotates its fields in the order of its arguments, those with defaults last. ``_masked`` names
    the fields whose values ``repr`` hides. ``_check``, if defined, is called after the fields are set: it
    raises an error for bad values, and can replace a field with ``object.__setattr__``.
    """

    _masked: ClassVar[tuple[str, ...]] = ()

    def _check(self) -> None:
        """A subclass raises an error here for bad values."""

    def __init__(self, *values: Any, **named: Any) -> None:
        cls = self.__class__
        if named or len(values) != len(cls._setters):
            values = cls._bound(values, named)
        for setter, value in zip(cls._setters, values):  # noqa: B905 (this is the signing path)
            setter(self, value)
        if cls._is_checked:
            values, named, value = (), {}, None  # a traceback that shows locals must not show these
            self._check()

    @classmethod
    def _bound(cls, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """One value for each field, from positional and named arguments and the defaults."""
        names = cls.field_names
        rest, given = names[len(values) :], {**cls._defaults, **named}
        wrong = [name for name in named if name not in rest]
        if wrong or len(values) > len(names) or not given.keys() >= {*rest}:
            found = ", ".join(wrong or named) or "no more"
            raise TypeError(
                f"{cls.__name__} takes {', '.join(names)}: got {found} after {len(values)} values"
            )
        return (*values, *[given[name] for name in rest])

    def _fields(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in type(self).field_names])

    def replace(self: R, **changes: Any) -> R:
        """A copy with the named fields changed."""
        cls = type(self)
        return _of_fields(cls, *cls._bound((), {**dict(zip(cls.field_names, self._fields())), **changes}))  # noqa: B905 (of one length)

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(
            f"{type(self).__name__} is immutable: make a new one instead of changing {name!r}"
        )

    def __repr__(self) -> str:
        shown = []
        for name in type(self).field_names:
            value = getattr(self, name, None)  # None if the instance is only half built
            shown.append(f"{name}={'***' if value is not None and name in self._masked else repr(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash((type(self), self._fields()))

    def __reduce__(self) -> tuple[Any, ...]:
        return _of_fields, (type(self), *self._fields())


def _of_fields(cls: type[R], *values: Any) -> R:
    """An instance with these fields, whatever arguments its class takes."""
    made = cls.__new__(cls)
    Record.__init__(made, *values)
    return made
