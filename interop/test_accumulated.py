"""The accumulated vector, by Python's standard library alone: the SHA-256 of a million codes.

Case i, from 0, is read off the SHA-512 of "otp accumulated vector" and i (eight bytes, big endian):
byte 0 the algorithm, byte 1 the digits, byte 2 the key's length, byte 3 how far the counter is shifted
down, bytes 8 to 15 the counter, bytes 16 to 63 over and over the key. otp-core's tests hash the same.
"""

import hashlib
import hmac
import json
import os

import pytest

FILE = os.path.join(os.path.dirname(__file__), "..", "vectors", "accumulated.json")
ALGORITHMS = ("sha1", "sha256", "sha512")


def code(case):
    seed = hashlib.sha512(b"otp accumulated vector" + case.to_bytes(8, "big")).digest()
    key = (seed[16:] * 6)[: 1 + seed[2]]
    counter = int.from_bytes(seed[8:16], "big") >> (seed[3] % 64)
    mac = hmac.digest(key, counter.to_bytes(8, "big"), ALGORITHMS[seed[0] % 3])
    place = mac[-1] & 15
    truncated = int.from_bytes(mac[place : place + 4], "big") & 0x7FFFFFFF
    digits = 6 + seed[1] % 5
    return str(truncated % 10**digits).zfill(digits)


def test_a_million_codes(cases):
    if cases < 1000:
        pytest.skip("takes half a minute: with a thousand cases of all else")
    recorded = json.load(open(FILE))
    total = hashlib.sha256()
    for case in range(recorded["cases"]):
        total.update(code(case).encode() + b"\n")
    assert total.hexdigest() == recorded["sha256"]
