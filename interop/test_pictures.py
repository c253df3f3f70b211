"""QR codes that `otp` draws, read by zbarimg, of Debian's package `zbar-tools`."""

import subprocess

import pytest

URI = (
    "otpauth://totp/ACME%20Co:alice@example.com"
    "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8&issuer=ACME%20Co"
)


def shows(picture, uri):
    line = ["zbarimg", "--quiet", "--raw", str(picture)]
    read = subprocess.run(line, capture_output=True, text=True, check=True).stdout.rstrip("\n")
    assert read == uri


def test_pictures_are_read_and_told_apart(otp, tmp_path):
    drawn, new = tmp_path / "qr.png", tmp_path / "new.png"
    otp.ask(["qr", "--png", str(drawn)], [URI])
    [made] = otp.ask(["new", "--issuer", "ACME", "--account", "bob@example.com", "--png", str(new)])
    shows(drawn, URI)
    shows(new, made["uri"])
    for picture, other in [(drawn, made["uri"]), (new, URI)]:
        with pytest.raises(AssertionError):
            shows(picture, other)
