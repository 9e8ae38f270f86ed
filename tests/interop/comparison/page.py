"""docs/comparison.md: the verdicts as a page."""

from __future__ import annotations

import datetime

from tests.interop.comparison.inputs import INPUTS
from tests.interop.comparison.run import NOT_APPLICABLE, REFUSED, REWRITTEN, RIGHT, SPLIT, WRONG, Verdict

HEAD = """\
# {count} tricky inputs, {peers} signers

Made by `python -m tests.interop` on {date}; run it again to reproduce this page. It needs the extra `interop`, node with
the packages of `tests/interop/node/package.json`, and curl; a signer that is not installed has no column.

Each signer is given each input by its own documented interface, and sends to a socket on loopback. The bytes that arrive
are judged twice: by this package's `Verifier`, and by awscrt, which signs the captured request once more. Facts about
these versions, on this machine; a signer that is asked for what it was not made for is not at fault.

| mark | means |
|---|---|
| ok | both judges find the signature right, and the target and body are those that were asked |
| ok* | the signature is right, and the target or body is another than was asked |
| split | the judges differ: the rule named says where implementations read the protocol in two ways |
| refused | the signer raised an error and sent nothing |
| wrong | a request was sent whose signature is not right: neither judge makes it |
| n/a | the signer's interface has no words for this input |

Where the judges differ they do so for a raw `+` in a query (CR-QUERY-3), for S3 paths with raw reserved characters,
needless or lower-case escapes (CR-PATH-4) and for a tab in a header (CR-HDR-4): see [differences.md](differences.md).

What this package refuses cannot be both signed and sent as it is: raw spaces and letters outside ASCII, which each
HTTP library rewrites in its own way; a raw `+` in an S3 path, which S3 reads as a space and MinIO as a plus sign; and a
generator, which hashing would use up. Its error says what to give instead.

`sigv4 + NAME` is this package through the library NAME: `sigv4.adapters.httpx`, `.requests`, `.urllib`, `.aiohttp`.
"""


def page(versions: dict[str, str], columns: dict[str, dict[str, Verdict]], absent: list[str]) -> str:
    """``absent`` are the signers without a column, each with what it needs."""
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    lines = [HEAD.format(count=len(INPUTS), peers=len(columns), date=date)]
    if absent:
        lines += [
            f"Not installed where this page was made, and so without a column: {', '.join(absent)}.",
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
