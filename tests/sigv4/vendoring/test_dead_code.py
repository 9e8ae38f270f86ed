"""The removal of code without effect from a merged file: what each rule removes, and what it must keep."""

from __future__ import annotations

import pytest

from sigv4.vendoring.dead_code import without_dead_code


def removed(code: str, *, public: tuple[str, ...] = (), false: tuple[str, ...] = ()) -> str:
    return without_dead_code(code, public, false)


KEPT = {
    # names: a definition that something reads
    "a function that is called": "def f():\n    return x\nprint(f())\n",
    "a function that is passed on": "def f():\n    return x\nprint(f)\n",
    "a function that a quoted type names": "def f():\n    return x\n_T = 'dict[str, f]'\nprint(_T)\n",
    "a public function": "def public():\n    return x\n",
    "a decorated function: the decorator may register it": "@register\ndef f():\n    return x\n",
    "a constant in an annotation": "_T = int\ndef f(a: _T) -> None:\n    print(a)\nf(1)\n",
    "a constant in a quoted annotation": "_T = int\ndef f(a: 'list[_T]') -> None:\n    print(a)\nf(1)\n",
    "a constant in __all__": "_f = 1\n__all__ = ('_f',)\n",
    "a constant used as a decorator": "_f = x\n@_f\nclass C:\n    pass\n",
    "a constant that is changed in place": "_f = 0\n_f += 1\n",
    "a constant that is deleted": "_f = 0\ndel _f\n",
    "a constant whose value is made with an effect": "_f = register()\n",
    "a constant whose value binds another name": "_f = [y := 1]\nprint(y)\n",
    "a constant of two names, one of them read": "_f = g = x\nprint(g)\n",
    "a name that is not private": "f = 1\n",
    "a name that Python defines": "__version__ = '1'\n",
    "a private class: a base may know its subclasses": "class _C(x):\n    pass\n",
    # statements
    "a condition with a walrus": "if (n := len(x)):\n    pass\nprint(n)\n",
    "a condition that calls something": "if x():\n    pass\n",
    "a condition with another branch": "if x:\n    pass\nelse:\n    print(1)\n",
    "a condition that is not false": "if x:\n    print(1)\n",
    "a false condition with another branch": "if never:\n    print(1)\nelse:\n    print(2)\n",
    "a call whose argument has an effect": "def f(a):\n    pass\nf(next(x))\n",
    "a call of a method of that name": "def f():\n    pass\nprint(f)\nx.f()\n",
    "a call where the name is bound again": "def f():\n    pass\ndef g(f):\n    f()\nprint(f, g)\n",
    "a constant function whose argument has an effect": "def _f(a):\n    return 1\nprint(_f(next(x)))\n",
    "a constant function that is decorated": "@x\ndef _f():\n    return 1\nprint(_f())\n",
    "a constant function that is not private": "def f():\n    return 1\nprint(f())\n",
    "a constant function in an f-string": "def _f():\n    return 'y'\nprint(f\"{_f()}\")\n",
    "a false choice in an f-string": "print(f\"{'y' if never else x}\")\n",
    "an argument that is given in an f-string": (
        "class _C:\n    def __init__(self, a, b):\n        print(b)\nprint(f'{_C(1, 2)}')\n"
    ),
    "a field that is given in an f-string": "class C(Record):\n    x: int = 0\nprint(f'{C(x=1)}')\n",
    # attributes
    "an attribute that a function reads": (
        "class _C:\n    def __init__(self):\n        self._x = 1\ndef f(c):\n    return c._x\nprint(f(_C()))\n"
    ),
    "an attribute that is read by name": (
        "class _C:\n    def __init__(self):\n        self.x = 1\nprint([getattr(_C(), n) for n in ['x']])\n"
    ),
    "an attribute of a subclass": (
        "class C:\n    def __init__(self):\n        self._x = 1\nclass D(C):\n    def f(self):\n"
        "        return self._x\nprint(D().f())\n"
    ),
    "an attribute that is made with an effect": (
        "class _C:\n    def __init__(self):\n        self.x = next(x)\nprint(_C())\n"
    ),
    "an assignment to two names": (
        "class _C:\n    def __init__(self):\n        self.x = self.y = 1\nprint(_C().y)\n"
    ),
    "an attribute of another object": (
        "class _C:\n    def f(self, other):\n        other.x = 1\nprint(_C().f)\n"
    ),
    "an attribute of a public class, which users read": (
        "class public:\n    def __init__(self, x):\n        self.x = x\n"
    ),
    "a property of a public class": "class public:\n    @property\n    def x(self):\n        return 1\n",
    "a property that is read": "class _C:\n    @property\n    def x(self):\n        return 1\nprint(_C().x)\n",
    "a registered method": "class _C:\n    @route\n    def x(self):\n        return 1\nprint(_C())\n",
    "a method that Python calls": (
        "class _C:\n    @classmethod\n    def __init_subclass__(cls):\n        print(cls)\nprint(_C())\n"
    ),
    "the slots of a public class": "class public:\n    __slots__ = ('x',)\n",
    "an attribute of a class with a base": (
        "class C(x):\n    def __init__(self):\n        self._x = 1\nprint(C)\n"
    ),
    # arguments
    "an argument that is used": ("class _C:\n    def __init__(self, a):\n        print(a)\nprint(_C(1))\n"),
    "an argument that is given by name": (
        "class _C:\n    def __init__(self, a, b):\n        print(b)\nprint(_C(b=1, a=2))\n"
    ),
    "an argument that is given with others": (
        "class _C:\n    def __init__(self, a, b):\n        print(b)\nprint(_C(*x))\n"
    ),
    "an argument that is made with an effect": (
        "class _C:\n    def __init__(self, a, b):\n        print(b)\nprint(_C(next(x), 2))\n"
    ),
    "an argument with a default": (
        "class _C:\n    def __init__(self, b, a=1):\n        print(b)\nprint(_C(1, 2))\n"
    ),
    "an argument of a class that is passed on": (
        "class _C:\n    def __init__(self, a, b):\n        print(b)\nprint(_C(1, 2), _C)\n"
    ),
    "an argument of a class that makes itself": (
        "class _C:\n    def __init__(self, a, b):\n        print(b)\n    @classmethod\n    def of(cls):\n"
        "        return cls(1, 2)\nprint(_C.of())\n"
    ),
    "an argument of a public class": (
        "class public:\n    def __init__(self, a, b):\n        print(b)\nprint(public(1, 2))\n"
    ),
    # fields of records
    "a field that is read": "class C(Record):\n    x: int = 0\nprint(C(x=1).x)\n",
    "a field that is read by name": "class C(Record):\n    x: int = 0\nprint(getattr(C(), 'x'))\n",
    "a field without a default": "class C(Record):\n    x: int\nprint(C(1))\n",
    "a field that is given by its place": "class C(Record):\n    x: int = 0\n    y: int = 0\nprint(C(1, 2))\n",
    "a field whose name another call uses": (
        "class C(Record):\n    x: int = 0\ndef f(x):\n    print(x)\nf(x=1)\nprint(C())\n"
    ),
    "a field that is given with an effect": "class C(Record):\n    x: int = 0\nprint(C(x=next(y)))\n",
    "a field of a record with a subclass": (
        "class C(Record):\n    x: int = 0\nclass D(C):\n    pass\nprint(D(1))\n"
    ),
    "a default of a class that is not a record": "class C(Other):\n    x: int = 0\nprint(C)\n",
    # modules of others
    "an import that is used": "from a import b\nprint(b)\n",
    "an import under another name": "from a import b as c\nprint(c)\n",
    "an import that a text names": "from a import b\nT = 'b'\n",
    "an import of everything": "from a import *\n",
    "an import of the language": "from __future__ import annotations\n",
    "an import with something in its place": "try:\n    from a import b\nexcept ImportError:\n    b = None\n",
    "an import for type checkers that an annotation uses": (
        "if TYPE_CHECKING:\n    from a import b\ndef f(x: b) -> None:\n    print(x)\nf(1)\n"
    ),
}


@pytest.mark.parametrize("case", KEPT)
def test_code_with_an_effect_is_kept(case: str) -> None:
    assert removed(KEPT[case], public=("public",), false=("never",)) == KEPT[case]


GONE = {
    "a function that is not used": ("def f():\n    return x\nprint(x)\n", "print(x)\n"),
    "a private constant that is not used": ("_x = 1\nprint(x)\n", "print(x)\n"),
    "what only unused code uses": ("_a = 1\ndef f():\n    return _a\nprint(x)\n", "print(x)\n"),
    "a function that its own slot names": (
        "def f():\n    return x\nclass public:\n    __slots__ = ('f',)\n",
        "class public:\n    __slots__ = ('f',)\n",
    ),
    "a false branch": ("if never:\n    print(1)\nprint(x)\n", "print(x)\n"),
    "a false branch that is the whole function": (
        "def f():\n    if never:\n        print(1)\nprint(f)\n",
        "def f():\n    pass\nprint(f)\n",
    ),
    "a false branch after others": (
        "if x:\n    print(1)\nelif never:\n    print(2)\n",
        "if x:\n    print(1)\npass\n",
    ),
    "a false choice": ("print(1 if never else 2)\n", "print(2)\n"),
    "a call of a function that does nothing": ("def f(a):\n    pass\nf(x)\nprint(x)\n", "print(x)\n"),
    "a condition without a body": ("if len(x) > 1:\n    pass\nprint(x)\n", "print(x)\n"),
    "a call of a constant function": ("def _f(a):\n    return 'y'\nprint(_f(x))\n", "print('y')\n"),
    "an attribute that is not read": (
        "class _C:\n    def __init__(self):\n        self.x = 1\n        self.y = 2\nprint(_C().y)\n",
        "class _C:\n    def __init__(self):\n        self.y = 2\nprint(_C().y)\n",
    ),
    "an attribute that only another class has": (
        "class _C:\n    def __init__(self):\n        self._x = 1\nclass _D:\n    def f(self):\n"
        "        return self._x\nprint(_C(), _D())\n",
        "class _C:\n    def __init__(self):\n        pass\nclass _D:\n    def f(self):\n"
        "        return self._x\nprint(_C(), _D())\n",
    ),
    "a private attribute of a public class": (
        "class public:\n    def __init__(self):\n        self._x: int = 1\n",
        "class public:\n    def __init__(self):\n        pass\n",
    ),
    "a count that is never read": (
        "class _C:\n    def f(self):\n        self._x += 1\nprint(_C().f)\n",
        "class _C:\n    def f(self):\n        pass\nprint(_C().f)\n",
    ),
    "a property and its setter that are not used": (
        "class _C:\n    y = 1\n    @property\n    def x(self):\n        return 1\n    @x.setter\n"
        "    def x(self, value):\n        print(value)\nprint(_C())\n",
        "class _C:\n    y = 1\nprint(_C())\n",
    ),
    "the slots of a private class": (
        "class _C:\n    __slots__ = ('x',)\n    y = 1\nprint(_C())\n",
        "class _C:\n    y = 1\nprint(_C())\n",
    ),
    "the first argument that is not used": (
        "class _C:\n    def __init__(self, a, b):\n        print(b)\nprint(_C(1, 2), _C(3, 4))\n",
        "class _C:\n    def __init__(self, b):\n        print(b)\nprint(_C(2), _C(4))\n",
    ),
    "the last argument that is not used, though a type names the class": (
        "class _C:\n    def __init__(self, a, b):\n        print(a)\ndef f() -> _C:\n    return _C(1, 2)\nprint(f())\n",
        "class _C:\n    def __init__(self, a):\n        print(a)\ndef f() -> _C:\n    return _C(1)\nprint(f())\n",
    ),
    "a field that is not read, and where it is given": (
        "class C(Record):\n    y: int\n    x: int = 0\nprint(C(1, x=2), C(2).replace(x=3), C(3).y)\n",
        "class C(Record):\n    y: int\nprint(C(1), C(2).replace(), C(3).y)\n",
    ),
    "an import that is not used": ("from a import b\nprint(x)\n", "print(x)\n"),
    "one import of several": (
        "from a import b as c, d\nprint(c)\n",
        "from a import b as c\nprint(c)\n",
    ),
    "one relative import of several": ("from ..a import b, d\nprint(b)\n", "from ..a import b\nprint(b)\n"),
    "a type that is that of the argument": (
        "class C(x):\n    def __init__(self, a: int, *, b: str):\n        self.a: int = a\n        self.b: 'str' = b\n",
        "class C(x):\n    def __init__(self, a: int, *, b: str):\n        self.a = a\n        self.b: 'str' = b\n",
    ),
}


@pytest.mark.parametrize("case", GONE)
def test_code_without_effect_is_removed(case: str) -> None:
    before, after = GONE[case]
    assert removed(before, public=("public", "C"), false=("never",)) == after


def test_characters_of_several_bytes_do_not_move_an_edit() -> None:
    assert removed("print('ü–é', 1 if never else '€')\n", false=("never",)) == "print('ü–é', '€')\n"


def test_the_rest_is_not_reduced_further() -> None:
    for before, after in GONE.values():
        assert removed(after, public=("public", "C"), false=("never",)) == after, before
