"""URIs to and from PyOTP and the package otpauth of npm, in both directions."""

import copy
import json
import os
import subprocess
from urllib.parse import quote

import pytest

import peer_pyotp

# Pieces of names: what means something in a URI, what looks like it, and what is not ASCII.
PIECES = [
    ":", "%", "%3A", "%2e", "%20", "+", "&", "&amp;", "#", "/", "?", "@", "=", ";", ".", "..", " ", "\\",
    '"', "'", "\0", "\x7f", "\xa0", "\u202e", "אב", "e\u0301", "é", "漢字", "🔑", "alice", "ACME Co",
]  # fmt: skip
FIELDS = ["type", "account", "issuer", "secret_hex", "algorithm", "digits", "period", "counter"]
OTHER = "otpauth://totp/other?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def label(it):
    return f"{it['issuer']}:{it['account']}" if it["issuer"] else it["account"]


def is_plain(it):
    """Whether the first colon of a label ends the issuer: without one, a reader takes an account's own
    colon for it, though it be escaped."""
    return bool(it["issuer"]) or ":" not in it["account"]


class PyOtp:
    shortest_key, longest_period, largest = 14, 120, 2**64 - 1

    @staticmethod
    def ask(questions):
        return [peer_pyotp.answer(it) for it in questions]

    @staticmethod
    def can_read(it):
        # Of codes it makes 9 and 10 digits, but reads no such URI.
        return it["digits"] <= 8

    @staticmethod
    def can_write(it):
        # Slashes are not escaped, so that dots between them are segments of the path.
        return is_plain(it) and not {".", ".."} & set(label(it).split("/"))


class OtpAuth:
    # The largest integer that a number of JavaScript holds for certain.
    shortest_key, longest_period, largest = 1, 2**53 - 1, 2**53 - 1

    @staticmethod
    def ask(questions):
        script = os.path.join(os.path.dirname(__file__), "otpauth.mjs")
        # Packages are looked for where the script runs.
        line = ["node", "--input-type=module", "-e", open(script).read()]
        text = "".join(json.dumps(it) + "\n" for it in questions)
        folder = os.environ.get("OTPAUTH", "target/interop")
        done = subprocess.run(line, input=text, capture_output=True, text=True, check=True, cwd=folder)
        return [json.loads(it) for it in done.stdout.splitlines()]

    @staticmethod
    def can_read(it):
        # A label is split at its first colon, escaped or not, even if that is the issuer's.
        return ":" not in (it["issuer"] or "")

    @staticmethod
    def can_write(it):
        return is_plain(it) and label(it) not in (".", "..")


def name(rng):
    while True:
        parts = []
        for _ in range(rng.randint(1, 9)):
            point = rng.randrange(0x110000)
            any_character = "" if 0xD800 <= point < 0xE000 else chr(point)
            parts.append(any_character if rng.randrange(4) == 0 else rng.choice(PIECES))
        text = "".join(parts).strip()
        # A name of white space is none.
        if text:
            return text


def uri(rng, peer):
    """A URI in which everything is escaped, with all parameters."""
    secret = rng.key(peer.shortest_key)
    account, issuer = name(rng), name(rng) if rng.randrange(3) else None
    text = quote(f"{account}", safe="")
    algorithm = rng.choice(["SHA1", "SHA256", "SHA512"])
    if rng.randrange(2):
        kind, moving = "hotp", f"counter={min(rng.sized(64), peer.largest - 3)}"
    else:
        period = rng.choice([30, 60, min(max(rng.sized(64), 1), peer.longest_period)])
        kind, moving = "totp", f"period={period}"
    base32 = peer_pyotp.base64.b32encode(secret).decode().rstrip("=")
    text = f"otpauth://{kind}/{quote(issuer, safe='') + ':' if issuer else ''}{text}?secret={base32}"
    if issuer:
        text += f"&issuer={quote(issuer, safe='')}"
    return f"{text}&algorithm={algorithm}&digits={rng.randint(6, 10)}&{moving}"


class Exchange:
    """Credentials that a peer reads from us, and those that we read from it."""

    def __init__(self, otp, rng, peer, cases):
        self.otp, self.peer = otp, peer
        # The second is late: the last one that PyOTP takes is in the year 9999.
        self.times = [59, 253_402_300_799 - rng.sized(30), rng.sized(37)]
        raw, fields = [], []
        while len(raw) < cases or not self.ours(fields) or not self.theirs(fields):
            some = [uri(rng, peer) for _ in range(2 * cases)]
            # Dots alone are segments of a path, and a colon alone has no account behind it.
            said = otp.ask("convert --to uri", some, status=None)
            refused = [it["error"] for it in said if "error" in it]
            assert len(refused) < cases and set(refused) <= {"dot_segment", "invalid"}
            raw += [it for it, about in zip(some, said) if "error" not in about][:cases]
            fields = self.read(raw)
        # As we write them.
        self.uris = [it["uri"] for it in otp.ask("convert --to uri", raw)]
        self.fields = fields
        assert self.read(self.uris) == fields
        self.codes = otp.codes(self.uris, self.times)

    def read(self, uris, options=""):
        said = self.otp.ask(f"inspect --reveal{options}", uris)
        assert len(said) == len(uris)
        return [{"issuer": None} | {it: one[it] for it in FIELDS if it in one} for one in said]

    def ours(self, fields):
        return [place for place, it in enumerate(fields) if self.peer.can_read(it)]

    def theirs(self, fields):
        return [place for place, it in enumerate(fields) if self.peer.can_write(it)]

    def moments(self, place):
        counter = self.fields[place].get("counter")
        return self.times if counter is None else [counter, counter + 1, counter + 2]

    def answers(self):
        ours, theirs = self.ours(self.fields), self.theirs(self.fields)
        read = [{"read": self.uris[it], "moments": self.moments(it)} for it in ours]
        write = [{"write": self.fields[it], "moments": self.moments(it)} for it in theirs]
        return self.peer.ask(read + write)

    def compare(self, answers):
        """Refuses an answer that is not what we say."""
        ours, theirs = self.ours(self.fields), self.theirs(self.fields)
        assert len(answers) == len(ours) + len(theirs)
        read, written = answers[: len(ours)], answers[len(ours) :]
        for place, answer in zip(ours, read):
            assert answer.get("read") == self.fields[place], (self.uris[place], answer)
        for place, answer in zip(ours + theirs, read + written):
            assert answer["codes"] == self.codes[place], (self.uris[place], answer)
        texts = [answer["written"] for answer in written]
        assert self.read(texts) == [self.fields[place] for place in theirs]
        # What the specifications have we read strictly, too: no colon in a name, at most eight digits.
        strict = [
            text
            for text, it in zip(texts, (self.fields[place] for place in theirs))
            if ":" not in it["account"] + (it["issuer"] or "") and it["digits"] <= 8
        ]
        self.read(strict or [OTHER], " --strict")


@pytest.mark.parametrize("peer", [PyOtp, OtpAuth])
def test_uris_and_codes_are_the_same(otp, rng, cases, peer):
    exchange = Exchange(otp, rng, peer, cases)
    exchange.compare(exchange.answers())


@pytest.mark.parametrize("peer", [PyOtp, OtpAuth])
def test_a_change_is_noticed(otp, rng, peer):
    exchange = Exchange(otp, rng, peer, 10)
    right = exchange.answers()
    exchange.compare(right)
    first = len(exchange.ours(exchange.fields))
    moving = "period" if "period" in right[0]["read"] else "counter"
    changes = {
        "type": "steam", "account": " ", "issuer": " ", "secret_hex": "00", "algorithm": "MD5", "digits": 0,
        moving: 0,
    }  # fmt: skip
    for change in changes:
        wrong = copy.deepcopy(right)
        wrong[0]["read"][change] = changes[change] if change != "counter" else -1
        with pytest.raises(AssertionError):
            exchange.compare(wrong)
    for place in (0, first):
        wrong = copy.deepcopy(right)
        wrong[place]["codes"][2] = "000 000"
        with pytest.raises(AssertionError):
            exchange.compare(wrong)
    wrong = copy.deepcopy(right)
    wrong[first]["written"] = OTHER
    with pytest.raises(AssertionError):
        exchange.compare(wrong)
