"""Every module can be imported with ``python -bb``, which forbids comparing text with bytes."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import importlib, pkgutil, sagemaker_api, sigv4

for package in (sigv4, sagemaker_api):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as error:
                assert error.name.partition(".")[0] not in ("sigv4", "sagemaker_api"), error
"""


@pytest.mark.slow
def test_no_module_compares_text_with_bytes() -> None:
    subprocess.run([sys.executable, "-bb", "-c", PROGRAM], check=True, timeout=300, stdin=subprocess.DEVNULL)
