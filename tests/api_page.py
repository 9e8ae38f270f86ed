"""Writes docs/api.md from the docstrings: ``python -m tests.api_page``; a test checks that the page is up to date."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "api.md"
# What users import: a module, and the names to show; without names, those in its __all__.
SHOWN: dict[str, tuple[str, ...]] = {
    "sigv4": (),
    "sigv4.providers.chain": ("Chain", "default_chain"),
    "sigv4.adapters.aiohttp": (),
    "sigv4.adapters.httpx": (),
    "sigv4.adapters.requests": (),
    "sigv4.adapters.urllib": (),
    "sigv4.adapters.asgi": ("SigV4Middleware",),
    "sigv4.v4": ("Scope", "sign", "signing_key"),
    "sigv4.target": ("cut_url",),
    "sagemaker_api": (),
    "sagemaker_api.local": (),
    "sagemaker_api.local.pytest_plugin": ("local_sagemaker",),
}
HEAD = """\
# The Python API

`python -m tests.api_page` makes this page from the docstrings; a test checks that it is up to date. Import each name from the
module in whose section it is. Names that are not on this page may change.
"""


def written() -> str:
    """The page, made from the current sources."""
    import griffe

    loader = griffe.GriffeLoader(search_paths=[str(ROOT)])
    packages = {name: loader.load(name) for name in ("sigv4", "sagemaker_api")}
    parts = [HEAD]
    for module, names in SHOWN.items():
        package, _, rest = module.partition(".")
        found: Any = packages[package][rest] if rest else packages[package]
        parts.append(f"## {module}\n")
        for name in names or _public(found):
            parts += _shown(found[name], name)
    return "\n".join(parts).rstrip() + "\n"


def _public(module: Any) -> list[str]:
    exports = getattr(
        import_module(module.path), "__all__", ()
    )  # a package makes its __all__ when it is loaded
    if exports:
        return sorted(exports, key=str.lower)
    return sorted(
        (
            name
            for name, member in module.members.items()
            if not name.startswith("_") and not member.is_alias and (member.is_class or member.is_function)
        ),
        key=str.lower,
    )


def _shown(member: Any, name: str) -> Iterator[str]:
    final = member.final_target if member.is_alias else member
    yield f"### {name}\n"
    if final.is_function or final.is_class:
        yield _signature(final, name)
    elif final.is_attribute:
        annotation = f": {final.annotation}" if final.annotation else ""
        yield f"```text\n{name}{annotation}\n```\n"
    yield _text(final)
    if final.is_class:
        for inner, each in final.all_members.items():
            if inner.startswith("_") or (each.is_alias and not _is_inherited(each)):
                continue
            if not (each.is_function or each.is_attribute) or not each.docstring:
                continue
            yield f"#### {name}.{inner}\n"
            if each.is_function:
                yield _signature(each, inner)
            yield _text(each)


def _is_inherited(member: Any) -> bool:
    """Whether a member of a class comes from a base class of these packages, except the members that every Record has."""
    return member.inherited and not member.target_path.startswith("sigv4.record.")


def _parameters(member: Any) -> list[Any]:
    """The parameters of a call; for a record, its fields."""
    given = [each for each in member.parameters if each.name not in ("self", "cls")]
    if member.is_class and {each.name for each in given} == {"values", "named"}:
        fields = [
            each for each in member.members.values() if each.is_attribute and each.annotation is not None
        ]
        return [_Field(each.name, each.annotation, each.value) for each in fields if each.name[0] != "_"]
    return given


class _Field(NamedTuple):
    name: str
    annotation: Any
    default: Any
    kind: None = None


def _signature(member: Any, name: str) -> str:
    parameters = _parameters(member)
    shown: list[str] = []
    keyword_only = False
    for each in parameters:
        if each.kind and each.kind.value == "keyword-only" and not keyword_only:
            keyword_only = True
            if not any(before.kind and before.kind.value == "variadic positional" for before in parameters):
                shown.append("*")
        star = {"variadic positional": "*", "variadic keyword": "**"}.get(
            each.kind.value if each.kind else "", ""
        )
        text = star + each.name
        if each.annotation is not None:
            text += f": {each.annotation}"
        if each.default is not None and not star:
            text += f" = {each.default}" if each.annotation is not None else f"={each.default}"
        shown.append(text)
    returns = getattr(member, "returns", None)
    end = f") -> {returns}" if returns is not None else ")"
    line = f"{name}({', '.join(shown)}{end}"
    if len(line) > 100:
        line = f"{name}(\n" + "".join(f"    {each},\n" for each in shown) + end
    return f"```text\n{line}\n```\n"


def _text(member: Any) -> str:
    """The docstring as Markdown: literals of reStructuredText become code, and indented blocks are kept."""
    if not member.docstring:
        return ""
    text = textwrap.dedent(member.docstring.value).replace("``", "`").strip() + "\n"
    text = re.sub(r":(?:class|func|meth):(?=`)", "", text)
    text = re.sub(r"^(`[\w.]+`) {2,}", r"- \1: ", text, flags=re.M)
    text = re.sub(r"((?:^(?:    .*)?\n)*^    .*\n?)", _as_code, text, flags=re.M)
    return re.sub(r"((?:^>>> .*\n(?:^(?!>>>|\n).+\n)*)+)", r"```text\n\1```\n", text, flags=re.M)


def _as_code(block: re.Match[str]) -> str:
    return f"\n```text\n{textwrap.dedent(block[0]).strip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(written(), "utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}: {len(PAGE.read_text('utf-8').splitlines())} lines\n")
