"""PyOTP against the vectors: pip install pyotp; python pyotp_conformance.py [FOLDER]"""

import base64
import hashlib
import json
import pathlib
import sys

import pyotp
import pyotp.contrib

FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2] / "vectors")
FILES = ["rfc4226", "rfc6238", "steam", "codes-cross-checked"]


def read(name, part):
    return json.loads((FOLDER / f"{name}.json").read_text())[part]


def code(v):
    """The code that PyOTP computes. For t0 the caller counts the steps, since PyOTP has no t0."""
    secret = base64.b32encode(bytes.fromhex(v["secret_hex"])).decode()
    if v["type"] == "steam":
        return pyotp.contrib.Steam(secret).at(v["time"])
    counter = v["counter"] if v["type"] == "hotp" else (v["time"] - v.get("t0", 0)) // v["period"]
    return pyotp.HOTP(secret, digits=v["digits"], digest=getattr(hashlib, v["algorithm"].lower())).at(counter)


def outcome(case):
    try:
        otp = pyotp.parse_uri(case["uri"])
    except Exception:
        return "reject"
    fields = {"account": otp.name, "issuer": otp.issuer, "secret_hex": otp.byte_secret().hex()}
    fields |= {"algorithm": otp.digest().name.upper(), "digits": otp.digits}
    return fields | ({"counter": otp.initial_count} if isinstance(otp, pyotp.HOTP) else {"period": otp.interval})


# PyOTP refuses keys of fewer than 14 bytes.
vectors = [vector for name in FILES for vector in read(name, "vectors") if len(vector["secret_hex"]) >= 28]
wrong = [vector["id"] for vector in vectors if code(vector) != vector["code"]]
print(f"{len(vectors) - len(wrong)} of {len(vectors)} codes agree", *wrong)
defects = 0
for case in read("otpauth-uris", "cases"):
    seen, expect = outcome(case), case["expect"]
    if seen == expect or "reject" not in (seen, expect) and all((expect.get(k) or None) == (v or None) for k, v in seen.items()):
        continue
    how = "refused" if seen == "reject" else "read" if expect == "reject" else "read otherwise"
    # Without a flag there is no choice. A wrong code is a defect, too, unless the reader refuses.
    defect = not case["flags"] or seen != "reject" and "wrong_code" in case["flags"]
    defects += defect
    print("defect" if defect else "choice", case["id"], how, *case["flags"])
sys.exit(bool(wrong or defects))
