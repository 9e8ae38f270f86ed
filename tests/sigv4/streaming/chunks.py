"""An upload in each form, encoded and decoded with the key of AWS's example."""

from __future__ import annotations

import random

from sigv4 import v4
from sigv4.scope import Scope
from sigv4.streaming.checksums import Crc32
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.chunk_encoder import Encoder
from sigv4.streaming.chunk_signatures import SignatureChain, StreamError

TIMESTAMP = "20130524T000000Z"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
KEY = v4.signing_key(SECRET, Scope("20130524", "us-east-1", "s3"))
CRC = "x-amz-checksum-crc32"
FORMS = ["signed", "signed trailer", "unsigned trailer"]


def chain(seed: str = SEED) -> SignatureChain:
    return SignatureChain(KEY, KEY.scope_text, TIMESTAMP, seed)


def encoder(form: str, length: int, chunk_size: int = 8192) -> Encoder:
    trailers = [(CRC, Crc32())] if "trailer" in form else []
    return Encoder(length, None if "unsigned" in form else chain(), trailers, chunk_size=chunk_size)


def decoder(form: str, length: int) -> Decoder:
    names = [CRC] if "trailer" in form else []
    return Decoder(length, None if "unsigned" in form else chain(), names)


def refusal(decoder: Decoder, body: bytes, step: int = 1 << 30) -> StreamError | None:
    """The refusal of a body; None if it is accepted."""
    try:
        for start in range(0, len(body), step):
            decoder.feed(body[start : start + step])
        decoder.finish()
    except StreamError as error:
        return error
    return None


def random_bytes(size: int) -> bytes:
    return random.Random(size).randbytes(size)
