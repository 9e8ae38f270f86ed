"""The small signer for 4A, with its own P-256, so that tests can break each step. It imports nothing of the package."""

from __future__ import annotations

from typing import Any

from tests.small_signer import Pairs, SmallSigner, sha256

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = tuple[int, int] | None


def added(a: Point, b: Point) -> Point:
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(number: int, point: Point = G) -> tuple[int, int]:
    total: Point = None
    while number:
        if number & 1:
            total = added(total, point)
        point, number = added(point, point), number >> 1
    assert total is not None
    return total


class SmallSigner4A(SmallSigner):
    """Each step of 4A is a method, as in ``SmallSigner``."""

    def region_set(self) -> Pairs:
        return [("X-Amz-Region-Set", self.q["region_set"])]

    def label(self) -> bytes:
        return b"AWS4-ECDSA-P256-SHA256\x00"

    def context(self, counter: int) -> bytes:
        key_id: str = self.q["access_key_id"]
        return key_id.encode() + bytes([counter])

    def bits(self) -> bytes:
        return (256).to_bytes(4, "big")

    def input_key(self) -> bytes:
        return b"AWS4A" + self.secret().encode()

    def first(self) -> int:
        return 1

    def scalar(self, candidate: int) -> int:
        return candidate + 1

    def private(self) -> int:
        for counter in range(self.first(), 255):
            message = b"\x00\x00\x00\x01" + self.label() + self.context(counter) + self.bits()
            candidate = int.from_bytes(self.hmac(self.input_key(), message), "big")
            if candidate <= N - 2:
                return self.scalar(candidate)
        raise AssertionError("no counter gives a key")

    def signature(self, text: str) -> str:
        d, digest = self.private(), int(sha256(text.encode()), 16)
        k = int.from_bytes(self.hmac(d.to_bytes(32, "big"), text.encode()), "big") % (N - 1) + 1
        r = times(k)[0] % N
        return self.der(r, pow(k, -1, N) * (digest + r * d) % N).hex()

    def integer(self, value: int) -> bytes:
        raw = value.to_bytes(33, "big").lstrip(b"\x00")
        raw = b"\x00" + raw if raw[0] & 0x80 else raw
        return bytes([2, len(raw)]) + raw

    def der(self, r: int, s: int) -> bytes:
        both = self.integer(r) + self.integer(s)
        return bytes([0x30, len(both)]) + both

    def on_the_wire(self, signature: str) -> str:
        return signature.ljust(144, "*")

    def key(self) -> dict[str, Any]:
        x, y = times(self.private())
        return {"x": f"{x:064x}", "y": f"{y:064x}"}
