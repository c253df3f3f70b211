//! Writes the vectors of `vectors/*.json` as a Rust table.

use core::error;
use core::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use serde_json::Value;

type Result<T> = core::result::Result<T, Box<dyn error::Error>>;

const FILES: [&str; 4] = ["rfc4226", "rfc6238", "steam", "codes-cross-checked"];

fn main() -> Result<()> {
    let mut out = String::from(
        "pub(crate) type Vector = (&'static str, &'static [u8], u64, u64, &'static str);\n\
         pub(crate) const ALL: &[Vector] = &[\n",
    );
    for name in FILES {
        let path = format!("../../../vectors/{name}.json");
        println!("cargo::rerun-if-changed={path}");
        let file: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        let vectors = file.get("vectors").and_then(Value::as_array).ok_or("no vectors")?;
        // No type here knows another beginning of time.
        for vector in vectors.iter().filter(|vector| vector.get("t0").is_none()) {
            let (algorithm, code) = (text(vector, "algorithm")?, text(vector, "code")?);
            let key = hex(text(vector, "secret_hex")?)?;
            // Period 0 stands for a counter.
            let (period, moving) = match vector.get("counter") {
                Some(_) => (0, number(vector, "counter")?),
                None => (number(vector, "period")?, number(vector, "time")?),
            };
            writeln!(out, "({algorithm:?}, &{key:?}, {period}, {moving}, {code:?}),")?;
        }
    }
    out.push_str("];\n");
    let folder = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    Ok(fs::write(folder.join("vectors.rs"), out)?)
}

fn text<'v>(value: &'v Value, name: &str) -> Result<&'v str> {
    Ok(value.get(name).and_then(Value::as_str).ok_or_else(|| format!("no {name}"))?)
}

fn number(value: &Value, name: &str) -> Result<u64> {
    Ok(value.get(name).and_then(Value::as_u64).ok_or_else(|| format!("no {name}"))?)
}

fn hex(text: &str) -> Result<Vec<u8>> {
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    pairs.iter().map(|pair| Ok(u8::from_str_radix(core::str::from_utf8(pair)?, 16)?)).collect()
}
