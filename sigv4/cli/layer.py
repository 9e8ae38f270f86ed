"""``sigv4 layer``: the zip of a Lambda layer."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from hashlib import sha256

from .standard_streams import file_path

NAME = "layer"
SUMMARY = "build a Lambda layer"
DESCRIPTION = """\
Writes the zip of a Lambda layer: the signer and the verifier, or with --with-client the modules that the
client needs; with compiled files for one runtime, which make a cold start faster. It is pure Python, for
arm64 and x86_64. The same sources and the same Python give the same bytes.
docs/lambda.md has a function for it."""
EXAMPLE = """\
example:
  sigv4 layer --with-client -o layer.zip"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the zip to write")
    parser.add_argument(
        "--runtime",
        default=f"python{sys.version_info[0]}.{sys.version_info[1]}",
        metavar="python3.N",
        help="Lambda's name of the runtime; by default this Python's (%(default)s)",
    )
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument(
        "--only",
        choices=["sign", "verify"],
        help="the signer, or signer and verifier; by default verify, and sign with --with-client",
    )
    extent.add_argument("--whole", action="store_true", help="also diagnosis, audit and the command line")
    parser.add_argument(
        "--with-client", action="store_true", help="also sagemaker_api, and credential chains"
    )
    parser.add_argument(
        "--with-httpx", action="store_true", help="also the httpx installed here, and its requirements"
    )
    files = parser.add_mutually_exclusive_group()
    files.add_argument("--no-compile", action="store_true", help="sources only, for any runtime")
    files.add_argument(
        "--sourceless", action="store_true", help="compiled files only, for one runtime: the smallest layer"
    )


def run(options: Namespace) -> int:
    from ..vendoring.atomic_write import place_file
    from ..vendoring.compiled import in_place_of_sources
    from ..vendoring.layer import beside_sources, compiled_files, layer_files, layer_zip

    target = file_path(options.output)
    sources = layer_files(
        options.runtime,
        only=options.only,
        whole=options.whole,
        client=options.with_client,
        httpx=options.with_httpx,
    )
    compiled = {} if options.no_compile else compiled_files(sources, options.runtime)
    if options.sourceless:
        kept = {path: content for path, content in sources.items() if not path.endswith(".py")}
        content = layer_zip({**kept, **in_place_of_sources(compiled)})
    else:
        compiled = beside_sources(compiled)
        content = layer_zip({**sources, **compiled})
    place_file(target, content)
    print(f"{options.output}: {_kilobytes(len(content))}, sha256 {sha256(content).hexdigest()}")
    for top in sorted({path.partition("/")[0] for path in sources if path.count("/")}):
        within = [
            {p: c for p, c in files.items() if p.startswith(f"{top}/")} for files in (sources, compiled)
        ]
        sizes = [f"{len(files):3} files {_kilobytes(sum(map(len, files.values())))}" for files in within]
        print(f"  {top:<28} sources {sizes[0]:<20} compiled {sizes[1]}")
    if options.no_compile:
        print("  nothing compiled: every cold start compiles these sources again, because /opt is read-only")
    elif options.sourceless:
        print(f"  the sources are left out: it runs only on {options.runtime}, and tracebacks show no lines")
    else:
        print(f"  compiled for {options.runtime} only; another runtime compiles the sources at every start")
    return 0


def _kilobytes(size: int) -> str:
    return f"{size / 1000:.1f} kB"
