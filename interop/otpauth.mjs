// Reads otpauth URIs that we wrote with the npm package otpauth, and writes some for us to read.
//
// Standard input holds an object a line: a URI to `read`, or a credential to `write`, and the
// `moments` (times or counters) whose codes are asked for. Standard output gets one object a line in
// answer.

import { readFileSync } from "node:fs";
import { HOTP, Secret, TOTP, URI } from "otpauth";

function make({ type, account, issuer, secret_hex, algorithm, digits, period, counter }) {
  const parameters = {
    label: account,
    issuer: issuer ?? "",
    secret: Secret.fromHex(secret_hex),
    algorithm,
    digits,
  };
  return type === "hotp"
    ? new HOTP({ ...parameters, counter })
    : new TOTP({ ...parameters, period });
}

function describe(otp) {
  const isHotp = otp instanceof HOTP;
  return {
    type: isHotp ? "hotp" : "totp",
    account: otp.label,
    issuer: otp.issuer || null,
    secret_hex: otp.secret.hex.toLowerCase(),
    algorithm: otp.algorithm,
    digits: otp.digits,
    ...(isHotp ? { counter: otp.counter } : { period: otp.period }),
  };
}

function codes(otp, moments) {
  return otp instanceof HOTP
    ? moments.map((counter) => otp.generate({ counter }))
    : moments.map((time) => otp.generate({ timestamp: time * 1000 }));
}

function answer(asked) {
  try {
    const otp = "read" in asked ? URI.parse(asked.read) : make(asked.write);
    const said = "read" in asked ? { read: describe(otp) } : { written: otp.toString() };
    return { ...said, codes: codes(otp, asked.moments) };
  } catch (error) {
    return { error: String(error) };
  }
}

// All is read before anything is written: the command does not read while it still writes.
const lines = readFileSync(0, "utf8").split("\n").filter((line) => line !== "");
const answers = lines.map((line) => JSON.stringify(answer(JSON.parse(line))) + "\n");
process.stdout.write(answers.join(""));
