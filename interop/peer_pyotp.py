"""Reads otpauth URIs that we wrote with PyOTP, and writes some for us to read.

A question has a URI to `read`, or a credential to `write`, and the `moments` (times or counters) whose
codes are asked for.
"""

import base64
import hashlib

import pyotp


def make(credential):
    moving = (
        {"initial_count": credential["counter"]}
        if credential["type"] == "hotp"
        else {"interval": credential["period"]}
    )
    kind = pyotp.HOTP if credential["type"] == "hotp" else pyotp.TOTP
    return kind(
        base64.b32encode(bytes.fromhex(credential["secret_hex"])).decode().rstrip("="),
        name=credential["account"],
        issuer=credential["issuer"],
        digest=getattr(hashlib, credential["algorithm"].lower()),
        digits=credential["digits"],
        **moving,
    )


def describe(otp):
    is_hotp = isinstance(otp, pyotp.HOTP)
    return {
        "type": "hotp" if is_hotp else "totp",
        "account": otp.name,
        # An empty issuer in the label comes out as an empty text.
        "issuer": otp.issuer or None,
        "secret_hex": otp.byte_secret().hex(),
        "algorithm": otp.digest().name.upper(),
        "digits": otp.digits,
        **({"counter": otp.initial_count} if is_hotp else {"period": otp.interval}),
    }


def codes(otp, moments):
    if isinstance(otp, pyotp.HOTP):
        return [otp.generate_otp(counter) for counter in moments]
    return [otp.at(time) for time in moments]


def answer(asked):
    try:
        if "read" in asked:
            otp = pyotp.parse_uri(asked["read"])
            said = {"read": describe(otp)}
        else:
            otp = make(asked["write"])
            said = {"written": otp.provisioning_uri()}
        return {**said, "codes": codes(otp, asked["moments"])}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}

