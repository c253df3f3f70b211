"""Reads passlib's JSON that we wrote, and writes some for us to read.

Standard input holds one object: `wallet` (tags and secrets), `cost`, `times`, and the lists `read`
(texts) and `make` (constructor arguments). Standard output gets one object in answer.
"""

import importlib.metadata
import json
import sys
import warnings

import passlib
from passlib.totp import TOTP

# A fork that installs itself under the same name is not what is asked for.
installed = {item.metadata["Name"].lower() for item in importlib.metadata.distributions()}
if passlib.__version__ != "1.7.4" or "libpass" in installed:
    sys.exit("this is not passlib 1.7.4")

# Short keys are part of the game.
warnings.simplefilter("ignore")
asked = json.load(sys.stdin)
factory = TOTP.using(secrets=asked["wallet"], encrypt_cost=asked["cost"])


def codes(totp):
    return [totp.generate(time).token for time in asked["times"]]


answer = {"read": [], "made": []}
for text in asked["read"]:
    totp = factory.from_json(text)
    plain = '"key"' in text
    answer["read"].append(
        {"json": totp.to_json(encrypt=not plain), "codes": codes(totp), "changed": totp.changed}
    )
for arguments in asked["make"]:
    totp = factory(format="hex", **arguments)
    answer["made"].append(
        {
            "plain": totp.to_json(encrypt=False),
            "encrypted": totp.to_json(encrypt=True),
            "codes": codes(totp),
        }
    )
json.dump(answer, sys.stdout)
