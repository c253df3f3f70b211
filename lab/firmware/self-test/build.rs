//! Writes the vectors of `vectors/*.json` as Rust tables.

use core::error;
use core::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use data_encoding::BASE32;
use serde_json::Value;

type Result<T> = core::result::Result<T, Box<dyn error::Error>>;

fn main() -> Result<()> {
    let mut out = String::new();

    let file = read("rfc4226.json")?;
    writeln!(out, "pub(crate) const HOTP_KEY: &[u8] = &{:?};", hex(text(&file, "secret_hex")?)?)?;
    writeln!(out, "pub(crate) const HOTP: &[(u64, &str)] = &[")?;
    for vector in list(&file)? {
        writeln!(out, "({}, {:?}),", number(vector, "counter")?, text(vector, "hotp")?)?;
    }
    writeln!(out, "];")?;

    let file = read("rfc6238.json")?;
    let keys = file.get("secrets_hex").ok_or("no secrets")?;
    writeln!(out, "pub(crate) const TOTP: &[(&str, &[u8], u64, &str)] = &[")?;
    for vector in list(&file)? {
        let algorithm = text(vector, "algorithm")?;
        let key = hex(text(keys, algorithm)?)?;
        let (time, code) = (number(vector, "time")?, text(vector, "totp")?);
        writeln!(out, "({algorithm:?}, &{key:?}, {time}, {code:?}),")?;
    }
    writeln!(out, "];")?;

    let file = read("steam.json")?;
    writeln!(out, "pub(crate) const STEAM: &[(&[u8], u64, &str)] = &[")?;
    for vector in list(&file)? {
        let key = BASE32.decode(text(vector, "secret_base32")?.as_bytes())?;
        let time = number(vector, "time")?;
        writeln!(out, "(&{key:?}, {time}, {:?}),", text(vector, "code")?)?;
    }
    writeln!(out, "];")?;

    let file = read("codes-cross-checked.json")?;
    writeln!(
        out,
        "pub(crate) type Any = (&'static str, &'static [u8], u8, u64, u64, &'static str);\n\
         pub(crate) const ANY: &[Any] = &["
    )?;
    for vector in list(&file)? {
        let (algorithm, key) = (text(vector, "alg")?, hex(text(vector, "key")?)?);
        let digits = number(vector, "digits")?;
        // Period 0 stands for a counter.
        let (period, moving) = match text(vector, "mode")? {
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

fn read(name: &str) -> Result<Value> {
    let path = format!("../../../vectors/{name}");
    println!("cargo::rerun-if-changed={path}");
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

fn list(file: &Value) -> Result<&Vec<Value>> {
    Ok(file.get("vectors").and_then(Value::as_array).ok_or("no vectors")?)
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
