"""Records to and from passlib 1.7.4, plain and encrypted."""

import importlib.metadata
import json
import warnings
from urllib.parse import quote

import passlib
import pytest
from passlib.totp import TOTP

# When codes are made: the first second, an early one, now and then, and beyond 32 bits.
TIMES = [0, 59, 1_111_111_109, 1_700_000_000, 20_000_000_000]
# Names that JSON and Python may write in more than one way.
NAMES = [
    "alice@example.com", "Alice Smith", 'quote" back\\slash /', "tab\tline\nnul\0del\x7f", "Ünïcode", "漢字",
    "العربية", "🔑 key",
]  # fmt: skip

# Short keys are part of the game.
warnings.simplefilter("ignore")


@pytest.fixture
def wallet(tmp_path, rng):
    """A file of application secrets, and passlib with the same."""
    secret = rng.randbytes(16).hex()
    file = tmp_path / "wallet"
    file.touch(mode=0o600)
    file.write_text(f"2026-11: {secret}\n")
    return file, TOTP.using(secrets={"2026-11": secret})


def test_it_is_passlib():
    # A fork that installs itself under the same name is not what is asked for.
    installed = {it.metadata["Name"].lower() for it in importlib.metadata.distributions()}
    assert passlib.__version__ == "1.7.4" and "libpass" not in installed


def arguments(rng):
    return {
        "key": rng.key().hex(),
        "format": "hex",
        "alg": rng.choice(["sha1", "sha256", "sha512"]),
        "digits": rng.randint(6, 10),
        "period": rng.choice([30, 60, 1 + rng.sized(20)]),
        "label": rng.choice(NAMES),
        "issuer": rng.choice([None, *NAMES]),
    }


def uri(it):
    key = TOTP(**it).base32_key
    issuer = f"&issuer={quote(it['issuer'], safe='')}" if it["issuer"] else ""
    return (
        f"otpauth://totp/{quote(it['label'], safe='')}?secret={key}{issuer}"
        f"&algorithm={it['alg'].upper()}&digits={it['digits']}&period={it['period']}"
    )


def theirs(totp):
    return [totp.generate(time).token for time in TIMES]


def read_by_passlib(factory, texts, uris, codes):
    for text, said, expected in zip(texts, uris, codes, strict=True):
        totp = factory.from_json(text)
        assert theirs(totp) == expected, said
        plain = '"key"' in text
        assert totp.to_json(encrypt=not plain) == text
        assert not totp.changed


def read_from_passlib(otp, file, made, texts):
    options = ["--wallet", str(file)]
    uris = [it["uri"] for it in otp.ask(["convert", "--to", "uri", *options], texts)]
    assert otp.codes(uris, TIMES) == [theirs(totp) for totp in made]
    for said, totp in zip(otp.ask("inspect", uris), made, strict=True):
        # Names have no white space around them in a URI.
        assert (said["account"], said.get("issuer")) == (totp.label, totp.issuer)


def test_passlib_reads_what_we_write(otp, rng, cases, wallet):
    file, factory = wallet
    uris = [uri(arguments(rng)) for _ in range(cases)]
    codes = otp.codes(uris, TIMES)
    for options in ([], ["--wallet", str(file)]):
        texts = otp.text(["convert", "--to", "passlib", *options], uris).splitlines()
        assert all(('"key"' in text) == (options == []) for text in texts)
        read_by_passlib(factory, texts, uris, codes)


def test_we_read_what_passlib_writes(otp, rng, cases, wallet):
    file, factory = wallet
    made = [factory(**arguments(rng)) for _ in range(cases)]
    plain = [totp.to_json(encrypt=False) for totp in made]
    read_from_passlib(otp, file, made, plain)
    read_from_passlib(otp, file, made, [totp.to_json(encrypt=True) for totp in made])
    # And what is read is written the same.
    assert otp.text("convert --to passlib", plain).splitlines() == plain


def test_a_changed_code_or_key_is_noticed(otp, rng, wallet):
    file, factory = wallet
    it = arguments(rng)
    codes, totp = otp.codes([uri(it)], TIMES), factory(**it)
    text, other = totp.to_json(encrypt=True), dict(it, key=(rng.key(16)).hex())
    read_by_passlib(factory, [text], [uri(it)], codes)
    read_from_passlib(otp, file, [totp], [text])
    with pytest.raises(AssertionError):
        read_by_passlib(factory, [text], [uri(it)], [["000 000", *codes[0][1:]]])
    with pytest.raises(AssertionError):
        read_by_passlib(factory, [json.dumps(json.loads(text), indent=1)], [uri(it)], codes)
    with pytest.raises(AssertionError):
        read_from_passlib(otp, file, [factory(**other)], [text])
