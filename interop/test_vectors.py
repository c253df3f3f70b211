"""The files of `vectors` have the one form that their schema says."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

FOLDER = Path(__file__).parent.parent / "vectors"
SCHEMA = jsonschema.Draft202012Validator(json.loads((FOLDER / "schema.json").read_text()))
NAMES = ["rfc4226", "rfc6238", "steam", "codes-cross-checked", "otpauth-uris", "migration-uris", "recovery-codes"]


def read(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_form(name):
    SCHEMA.validate(read(name))


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_unique(name):
    rows = list(read(name).values())[1]
    assert len({row["id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("change", [{"algorithm": "sha1"}, {"key": "00"}, {"digits": "6"}, {"type": "TOTP"}])
def test_another_spelling_is_noticed(change):
    file = copy.deepcopy(read("rfc6238"))
    file["vectors"][0].update(change)
    assert not SCHEMA.is_valid(file)


def test_moving_factor_is_required():
    file = read("rfc4226")
    del file["vectors"][3]["counter"]
    assert not SCHEMA.is_valid(file)


def test_example_of_pyotp():
    """The program that we show to others runs, and finds what its README says."""
    program = FOLDER.parent / "examples" / "conformance" / "pyotp_conformance.py"
    run = subprocess.run([sys.executable, program], capture_output=True, text=True)
    first, *lines = run.stdout.splitlines()
    assert first == "294 of 294 codes agree"
    defects = [line.split()[1] for line in lines if line.startswith("defect")]
    assert defects == ["ha-3A", "ha-3a", "fo-ctr-neg", "fo-ctr-over"]
