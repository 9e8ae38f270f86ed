"""The signers of the tests of Signer, and the text of their refusals."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import (
    Signer,
    SigningError,
)
from tests.sigv4.signed import CREDENTIALS

SIGNER = Signer("service", "us-east-1", CREDENTIALS)
S3_SIGNER = Signer("s3", "us-east-1", CREDENTIALS)


def refused(*arguments: Any, signer: Signer = SIGNER, **options: Any) -> str:
    with pytest.raises(SigningError) as caught:
        signer.sign(*arguments, **options)
    return str(caught.value)
