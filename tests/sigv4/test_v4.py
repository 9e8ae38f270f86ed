"""KEY-1, KEY-2: compares the key derivation with the standard library's HMAC, for secrets of any length."""

from __future__ import annotations

import hashlib
import hmac
import pickle

import pytest

from sigv4 import v4
from sigv4.scope import Scope

SCOPE = Scope("20150830", "us-east-1", "iam")
# With "AWS4" before it a secret of 60 bytes fills the block of SHA-256; a longer key is hashed (RFC 2104).
SECRETS = ["", "s", "s" * 40, *("s" * length for length in (59, 60, 61, 62, 100)), "ü" * 30, "ü" * 31]


def mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode("utf-8"), hashlib.sha256).digest()


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: str(len(secret.encode())))
def test_key_1_a_secret_of_any_length(secret: str) -> None:
    keys = [mac(b"AWS4" + secret.encode("utf-8"), "20150830")]
    for text in ("us-east-1", "iam", "aws4_request"):
        keys.append(mac(keys[-1], text))
    assert list(v4.derive(secret, SCOPE)) == keys
    signature = mac(keys[-1], "text").hex()
    key = v4.signing_key(secret, SCOPE)
    assert v4.sign(key, "text") == v4.sign(v4.SigningKey.from_bytes(keys[-1], SCOPE), "text") == signature
    assert v4.check(key, "text", signature)
    assert not v4.check(key, "text", signature.upper())
    assert not v4.check(key, "text", signature[:-1] + "é")


def test_a_key_shows_its_scope_and_says_what_to_pickle() -> None:
    key = v4.signing_key("secret", SCOPE)
    assert repr(key) == "SigningKey('20150830/us-east-1/iam/aws4_request')"
    assert (key.scope, key.scope_text) == (SCOPE, "20150830/us-east-1/iam/aws4_request")
    with pytest.raises(TypeError) as caught:
        pickle.dumps(key)
    assert str(caught.value) == (
        "a SigningKey cannot be pickled: pickle the Credentials, or keep the 32 bytes yourself"
    )
