//! Writes the vectors of `vectors/*.json` as Rust tables.

use core::error;
use core::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use serde_json::Value;

type Result<T> = core::result::Result<T, Box<dyn error::Error>>;

fn main() -> Result<()> {
    let mut out = String::new();

    let rfc4226 = read("rfc4226.json")?;
    let key = hex(text(rfc4226.first().ok_or("no vectors")?, "secret_hex")?)?;
    writeln!(out, "pub(crate) const HOTP_KEY: &[u8] = &{key:?};")?;
    writeln!(out, "pub(crate) const HOTP: &[(u64, &str)] = &[")?;
    for vector in &rfc4226 {
        writeln!(out, "({}, {:?}),", number(vector, "counter")?, text(vector, "code")?)?;
    }
    writeln!(out, "];")?;

    writeln!(out, "pub(crate) const TOTP: &[(&str, &[u8], u64, &str)] = &[")?;
    for vector in &read("rfc6238.json")? {
        let (algorithm, key) = (text(vector, "algorithm")?, hex(text(vector, "secret_hex")?)?);
        let (time, code) = (number(vector, "time")?, text(vector, "code")?);
        writeln!(out, "({algorithm:?}, &{key:?}, {time}, {code:?}),")?;
    }
    writeln!(out, "];")?;

    writeln!(out, "pub(crate) const STEAM: &[(&[u8], u64, &str)] = &[")?;
    for vector in &read("steam.json")? {
        let key = hex(text(vector, "secret_hex")?)?;
        writeln!(out, "(&{key:?}, {}, {:?}),", number(vector, "time")?, text(vector, "code")?)?;
    }
    writeln!(out, "];")?;

    writeln!(
        out,
        "pub(crate) type Any = (&'static str, &'static [u8], u8, u64, u64, &'static str);\n\
         pub(crate) const ANY: &[Any] = &["
    )?;
    for vector in &read("codes-cross-checked.json")? {
        let (algorithm, key) = (text(vector, "algorithm")?, hex(text(vector, "secret_hex")?)?);
        let digits = number(vector, "digits")?;
        // Period 0 stands for a counter.
        let (period, moving) = match text(vector, "type")? {
            "totp" if vector.get("t0").is_none() => {
                (number(vector, "period")?, number(vector, "time")?)
            }
            "hotp" => (0, number(vector, "counter")?),
            _ => continue,
        };
        let code = text(vector, "code")?;
        writeln!(out, "({algorithm:?}, &{key:?}, {digits}, {period}, {moving}, {code:?}),")?;
    }
    writeln!(out, "];")?;

    let folder = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    Ok(fs::write(folder.join("vectors.rs"), out)?)
}

fn read(name: &str) -> Result<Vec<Value>> {
    let path = format!("../../../vectors/{name}");
    println!("cargo::rerun-if-changed={path}");
    let file: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    Ok(file.get("vectors").and_then(Value::as_array).ok_or("no vectors")?.clone())
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
