"""Writes the results of the comparison as docs/comparison.md."""

from __future__ import annotations

import datetime

from tests.interop.comparison.inputs import INPUTS
from tests.interop.comparison.run import NOT_APPLICABLE, REFUSED, REWRITTEN, RIGHT, SPLIT, WRONG, Verdict

HEAD = """\
# {count} tricky inputs, {peers} signers

Made by `python -m tests.interop` on {date}; run it again to reproduce this page. It needs the extra `interop`, node with
the packages of `tests/interop/node/package.json`, and curl; a signer that is not installed has no column.

Each signer gets each input through its own documented interface, and sends the request to a socket on loopback. The bytes
that arrive are checked twice: by this package's `Verifier`, and by awscrt, which signs the captured request again. The
results are those of these versions on this machine. Some signers were not made for some of the inputs.

| mark | means |
|---|---|
| ok | both checks find the signature right, and target and body are those of the input |
| ok* | the signature is right, but target or body differ from the input |
| split | the two checks disagree: implementations read the rule that is named in two ways |
| refused | the signer raised an error and sent nothing |
| wrong | the signature of the request that was sent is wrong by both checks |
| n/a | the signer's interface cannot express this input |

The two checks disagree on a raw `+` in a query (CR-QUERY-3), on S3 paths with raw reserved characters,
needless or lower-case escapes (CR-PATH-4), and on a tab in a header (CR-HDR-4): see [differences.md](differences.md).

This package refuses inputs that cannot be signed and then sent unchanged: raw spaces and letters outside ASCII, which each
HTTP library rewrites in its own way; a raw `+` in an S3 path, which S3 reads as a space and MinIO as a plus sign; and a
generator, which hashing would use up. The error says what to give instead.

`sigv4 + NAME` is this package with its adapter for the library NAME: `sigv4.adapters.httpx`, `.requests`, `.urllib`, `.aiohttp`.
"""


def page(versions: dict[str, str], columns: dict[str, dict[str, Verdict]], absent: list[str]) -> str:
    """The text of the page; ``absent`` lists the signers without a column, each with the packages it needs."""
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    lines = [HEAD.format(count=len(INPUTS), peers=len(columns), date=date)]
    if absent:
        lines += [
            f"These signers were not installed when this page was made: {', '.join(absent)}.",
            "",
        ]
    lines += ["## Totals", "", "| signer | version | " + " | ".join(MARKS) + " |"]
    lines.append("|---|---|" + "---|" * len(MARKS))
    for name, column in columns.items():
        counts = [sum(verdict.mark == mark for verdict in column.values()) for mark in MARKS]
        lines.append(f"| {name} | {versions[name]} | " + " | ".join(str(count) for count in counts) + " |")
    lines += ["", "## Input by input", "", "| input | " + " | ".join(columns) + " | why it is tricky |"]
    lines.append("|---|" + "---|" * (len(columns) + 1))
    for input_ in INPUTS:
        marks = " | ".join(column[input_.id].mark for column in columns.values())
        lines.append(f"| `{input_.id}` | {marks} | {input_.why} |")
    return "\n".join(lines) + "\n"


MARKS = (RIGHT, REWRITTEN, SPLIT, REFUSED, WRONG, NOT_APPLICABLE)
