"""Digests by which what is the same is known again: BLAKE2b, past hashlib, which loads OpenSSL first."""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # another Python than CPython
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SIZE = 32  # bytes


def of_bytes(data: bytes) -> bytes:
    """Return the digest of bytes."""
    return bytes(blake2b(data, digest_size=SIZE).digest())


def of_texts(parts: Iterable[str]) -> str:
    """Return the digest of texts one after the other, in hexadecimal; where each of them ends makes a difference."""
    digest = blake2b(digest_size=SIZE)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return str(digest.hexdigest())
