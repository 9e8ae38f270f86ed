"""``sigv4 vendor``: copies this package into another source tree."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..errors import SigningError
from ..vendoring.package_files import ADAPTERS
from .standard_streams import file_path

NAME = "vendor"
SUMMARY = "copy this package into your source tree, or check such a copy"
DESCRIPTION = """\
Copies the package, which works under any name, or writes one file that signs and presigns; with the licence,
the version and the hash of each file. Only an unchanged copy is replaced.
--check lists the files of a copy that were changed, and those that differ in this version. Exit code: 0 if
the copy is complete and up to date, 1 if not; 2 if it is not such a copy."""
EXAMPLE = """\
example:
  sigv4 vendor src/mytool/_sigv4 --only sign
  sigv4 vendor src/mytool/_sigv4 --only sign --with requests
  sigv4 vendor src/mytool/_signing.py --single-file
  sigv4 vendor src/mytool/_signing.py --single-file --with requests
  sigv4 vendor src/mytool/_sigv4 --check"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("destination", metavar="DEST", help="the folder, or with --single-file the file")
    parser.add_argument("--only", choices=["sign"], help="only the modules that Signer needs")
    parser.add_argument(
        "--with",
        dest="adapters",
        action="append",
        default=[],
        choices=ADAPTERS,
        help="with --only sign or --single-file: also copy the adapter for this library; may be repeated, "
        "but not for a single file",
    )
    parser.add_argument("--single-file", action="store_true", help="one file that signs and presigns")
    parser.add_argument(
        "--check", action="store_true", help="write nothing: list what is changed or out of date"
    )


def run(options: Namespace) -> int:
    from ..vendoring.vendored import check, vendor

    if options.adapters and not (options.only or options.single_file or options.check):
        raise SigningError("--with goes with --only sign or --single-file: a whole copy has every adapter")
    target = file_path(options.destination)
    if not options.check:
        size = vendor(target, only=options.only, adapters=options.adapters, single=options.single_file)
        print(f"{target}: {size / 1000:.1f} kB")
        return 0
    if options.only or options.single_file or options.adapters:
        raise SigningError(
            "--check finds these options in the copy: leave out --only, --with and --single-file"
        )
    if not target.exists():
        raise SigningError(f"{target} does not exist")
    changed, outdated = check(target)
    for path in changed:
        print(f"changed since it was vendored: {path}")
    for path in outdated:
        print(f"different in this version: {path}")
    if not (changed or outdated):
        print(f"{target}: unchanged, and up to date")
    return 1 if changed or outdated else 0
