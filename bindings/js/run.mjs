// Runs the module against the vectors: node run.mjs MODULE.wasm
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const bytes = readFileSync(process.argv[2]);
const module = new WebAssembly.Module(bytes);
const imports = WebAssembly.Module.imports(module);
if (imports.length > 0) {
  throw new Error(`the module imports ${imports.map((i) => i.name)}`);
}
const otp = new WebAssembly.Instance(module).exports;

const sizes = { SHA1: 1, SHA256: 256, SHA512: 512 };
const memory = () => new Uint8Array(otp.memory.buffer);
const read = (length) => new TextDecoder().decode(memory().slice(otp.text(), otp.text() + length));

function code(vector) {
  const key = Buffer.from(vector.secret_hex, "hex");
  memory().set(key, otp.key());
  const size = sizes[vector.algorithm];
  const length = vector.period === undefined
    ? otp.hotp(size, key.length, vector.digits, BigInt(vector.counter))
    : otp.totp(size, key.length, vector.digits, BigInt(vector.period), BigInt(vector.time));
  memory().fill(0, otp.key(), otp.key() + key.length);
  return read(length);
}

// Counters may be larger than a JavaScript number holds exactly, so numbers are read as they stand.
const vectors = (name) => {
  const text = readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), "utf8");
  return JSON.parse(text.replace(/": (\d{16,})/g, '": "$1"')).vectors;
};
const known = ["rfc4226", "rfc6238", "codes-cross-checked"].flatMap(vectors)
  .filter((v) => v.t0 === undefined);

const wrong = known.filter((vector) => code(vector) !== vector.code);
// A spoilt vector must be noticed, and a key that does not fit is refused.
const spoilt = code({ ...known[0], counter: 1 }) !== known[0].code;
const refused = otp.hotp(1, 0, 6, 0n) === 0 && otp.hotp(1, 257, 6, 0n) === 0
  && otp.hotp(2, 20, 6, 0n) === 0 && otp.hotp(1, 20, 5, 0n) === 0
  && otp.totp(1, 20, 6, 0n, 0n) === 0;
console.log(`${known.length - wrong.length} of ${known.length} codes right, ${bytes.length} bytes,`
  + ` ${gzipSync(bytes).length} compressed`);
process.exitCode = wrong.length === 0 && spoilt && refused ? 0 : 1;
