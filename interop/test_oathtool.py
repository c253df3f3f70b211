"""`otp code` and `otp match` against oathtool, of Debian's package `oathtool`."""

import base64
import datetime
import subprocess

import pytest
from conftest import Random

AROUND = 3  # Codes before and after the expected one that a case knows.
LATEST = 253_402_300_799  # The last second of 9999: later times are milliseconds.


class Case:
    def __init__(self, rng):
        self.key, self.digits = rng.key().hex(), rng.randint(6, 8)
        self.behind, self.ahead, self.last = rng.randrange(3), rng.randrange(3), None
        self.typed = rng.randrange(2 * AROUND + 1)
        room = AROUND + 1
        self.options = f"--digits {self.digits}"
        if rng.randrange(3) == 0:
            self.expected = min(max(rng.sized(64), room), 2**64 - 1 - room)
            self.floor = self.expected
            self.options += f" --type hotp --counter {self.expected}"
            self.oathtool = ["--hotp", f"--counter={self.expected - AROUND}"]
            return
        algorithm = rng.choice(["SHA1", "SHA256", "SHA512"])
        period, t0 = rng.choice([30, 60, 1 + rng.sized(12)]), rng.choice([0, rng.sized(32)])
        # Neither end of the window may lie before 1970 or T0.
        time = min(t0 + period * room + rng.sized(38), LATEST)
        self.expected, self.floor = (time - t0) // period, 0
        if rng.randrange(2):
            self.last = max(self.expected + rng.randrange(4) - 2, 0)
            self.floor = self.last + 1
        self.options += f" --algorithm {algorithm} --period {period} --t0 {t0} --time {time}"
        self.oathtool = [
            f"--totp={algorithm}",
            f"--time-step-size={period}s",
            f"--start-time=@{t0}",
            f"--now=@{time - AROUND * period}",
        ]

    def codes(self):
        """What oathtool says: the codes from `AROUND` before the expected one to `AROUND` after it."""
        line = ["oathtool", *self.oathtool, f"--digits={self.digits}", f"--window={2 * AROUND}", "-"]
        codes = subprocess.run(line, input=self.key, capture_output=True, text=True, check=True)
        codes = codes.stdout.split()
        assert len(codes) == 2 * AROUND + 1
        return codes

    def check(self, otp, codes):
        [said] = otp.ask(f"code --hex {self.options}", [self.key])
        assert (said["code"], said["counter"]) == (codes[AROUND], self.expected), self.options

        typed, last = codes[self.typed], "" if self.last is None else f" --last {self.last}"
        line = f"match {typed} --hex {self.options} --behind {self.behind} --ahead {self.ahead}{last}"
        # Which counters of the window have the code, by oathtool alone.
        window = range(AROUND - self.behind, AROUND + self.ahead + 1)
        hits = [self.expected - AROUND + place for place in window if codes[place] == typed]
        unspent = [counter for counter in hits if counter >= self.floor]
        [said] = otp.ask(line, [self.key], status=0 if unspent else 1)
        if unspent:
            assert said["matched"] is True and said["counter"] == max(unspent), line
            assert said["expected"] == self.expected, line
        else:
            assert said["matched"] is False, line
            assert said["reason"] == ("replayed" if hits else "mismatch"), line


def test_the_same_codes_match(otp, rng, cases):
    for _ in range(cases):
        case = Case(rng)
        case.check(otp, case.codes())


def test_a_changed_digit_is_noticed(otp, rng):
    for _ in range(10):
        case = Case(rng)
        codes = [code[:-1] + ("8" if code[-1] == "7" else "7") for code in case.codes()]
        with pytest.raises(AssertionError):
            case.check(otp, codes)


def invocation(rng):
    """Arguments that both programs take, and the key."""
    key, arguments = rng.key(), ["-d", str(rng.randint(6, 8))]
    text = key.hex()
    if rng.randrange(2):
        arguments.append(rng.choice(["-b", "--base32"]))
        text = base64.b32encode(key).decode().rstrip("=")
    if rng.randrange(3) == 0:
        arguments += rng.choice([[], ["--hotp"]]) + rng.choice([["-c"], ["--counter"]]) + [str(rng.sized(63))]
    else:
        unit = rng.choice(["", "s", "m"])
        start, time = rng.sized(30), 2**30 + rng.sized(34)
        date = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
        now = rng.choice([f"@{time}", f"{date:%Y-%m-%d %H:%M:%S} UTC", f"{date:%Y-%m-%dT%H:%M:%S}Z"])
        arguments += [rng.choice(["--totp", "--totp=SHA1", "--totp=sha256", "--totp=SHA512"])]
        arguments += ["-s", f"{rng.choice([1, 30, 45, 60])}{unit}", "-S", f"@{start}", "-N", now]
    if rng.randrange(2):
        arguments += ["-w", str(rng.randrange(5))]
    return arguments, text


def both(otp, arguments, key):
    """The exit status and the lines of both programs."""
    lines = [["oathtool", *arguments], [otp.path, "oathtool", *arguments]]
    done = [subprocess.run(line, input=key, capture_output=True, text=True) for line in lines]
    return [(it.returncode, it.stdout) for it in done]


def test_the_options_of_oathtool_give_its_answers(otp):
    rng = Random(4226)
    for _ in range(100):
        arguments, key = invocation(rng)
        theirs, ours = both(otp, [*arguments, "-"], key)
        assert theirs[0] == 0 and ours == theirs, arguments
        # The last code of the window is found at its distance.
        code = theirs[1].split()[-1]
        theirs, ours = both(otp, [*arguments, "-", code], key)
        assert theirs[0] == 0 and ours == theirs, (arguments, code)
        wrong = f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"
        theirs, ours = both(otp, [*arguments, "-", wrong], key)
        assert (theirs[0] == 0) == (ours[0] == 0), (arguments, wrong)
