"""Exchanges with other projects: each test drives the command `otp`, whose path is in `OTP`."""

import json
import os
import random
import subprocess

import pytest


def pytest_addoption(parser):
    parser.addoption("--cases", type=int, default=50, help="random cases of each other project")
    parser.addoption("--seed", type=int, default=random.randrange(2**32), help="brings the same cases again")


def pytest_report_header(config):
    return f"--cases {config.getoption('cases')} --seed {config.getoption('seed')}"


@pytest.fixture
def cases(pytestconfig):
    return pytestconfig.getoption("cases")


@pytest.fixture
def rng(pytestconfig):
    return Random(pytestconfig.getoption("seed"))


@pytest.fixture(scope="session")
def otp():
    return Otp(os.environ.get("OTP", "target/debug/otp"))


class Random(random.Random):
    def sized(self, bits):
        """A number of any size up to `bits` bits: small ones are as likely as large ones."""
        return self.getrandbits(self.randint(0, bits))

    def key(self, shortest=1):
        return self.randbytes(shortest + self.randrange(130))


class Otp:
    """The command."""

    def __init__(self, path):
        self.path = path

    def text(self, line, lines=(), status=0):
        """What it answers to lines of input, if its exit status is the expected one, or any for None."""
        arguments = line.split() if isinstance(line, str) else line
        text = "".join(f"{it}\n" for it in lines)
        done = subprocess.run([self.path, *arguments], input=text.encode(), capture_output=True)
        said = done.stderr.decode()
        refused = [it for it in done.stdout.decode().splitlines() if '"error"' in it]
        assert status in (None, done.returncode), (line, done.returncode, said[:400], refused[:2], list(lines)[:2])
        return done.stdout.decode()

    def ask(self, line, lines=(), status=0):
        """Its answers, an object a line."""
        arguments = line.split() if isinstance(line, str) else line
        return [json.loads(it) for it in self.text([*arguments, "--json"], lines, status).splitlines()]

    def codes(self, uris, times):
        """Of each URI the codes of these times, or for HOTP of its counter and the next two."""
        hotp = [uri for uri in uris if uri.startswith("otpauth://hotp/")]
        totp = [uri for uri in uris if not uri.startswith("otpauth://hotp/")]
        codes = {uri: [] for uri in uris}
        for some, option in [(hotp, "--count 3")] + [(totp, f"--time {time}") for time in times]:
            for said in self.ask(f"code {option}", some) if some else ():
                codes[some[said.get("line", 1) - 1]].append(said["code"])
        return [codes[uri] for uri in uris]
