use core::fmt::Write as _;
use core::ops::Range;
use std::fs;
use std::sync::Mutex;

use anyhow::{Context, Result, anyhow, ensure};
use otp_core::{Algorithm, Digits, Hotp};
use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha512};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::parallel;
use crate::workspace::{Workspace, root};

/// How many cases a processor takes at once.
const SHARE: u64 = 10_000;
const SEED: &[u8] = b"otp accumulated vector";
/// In the control, this case has another key: one bit of it.
const FLIPPED: u64 = 654_321;

/// One hash over the codes of a million keys, counters, digits and algorithms, by the library and
/// by a script of Python's standard library; and once more with one bit of one key flipped.
pub(crate) fn run(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    let (cases, expected) = recorded()?;
    let script =
        Command::new("python3").arg("xtask/src/accumulated.py").arg(cases.to_string()).read()?;
    ensure!(script.trim() == expected, "Python says {}, not {expected}", script.trim());
    let mut texts = shares(cases)?;
    let library = hash(&texts);
    ensure!(library == expected, "the library says {library}, not {expected}");
    println!("{cases} codes accumulate to {expected}, by library and by Python");

    let share = usize::try_from(FLIPPED / SHARE)?;
    let first = FLIPPED / SHARE * SHARE;
    *texts.get_mut(share).context("the flipped case is not among them")? =
        codes(first..(first + SHARE).min(cases), Some(FLIPPED))?;
    let flipped = hash(&texts);
    ensure!(flipped != expected, "one bit of the key of case {FLIPPED} makes no difference");
    println!("with one bit of one key flipped: {flipped}");
    Ok(())
}

fn recorded() -> Result<(u64, String)> {
    let text = fs::read_to_string(root().join("vectors/accumulated.json"))
        .context("cannot read vectors/accumulated.json")?;
    let file: Value = serde_json::from_str(&text).context("vectors/accumulated.json")?;
    let cases = file.get("cases").and_then(Value::as_u64).context("no number cases")?;
    let hash = file.get("sha256").and_then(Value::as_str).context("no text sha256")?;
    Ok((cases, hash.to_owned()))
}

/// All codes, a line each, share by share.
fn shares(cases: u64) -> Result<Vec<String>> {
    let shares: Vec<Range<u64>> = (0..cases.div_ceil(SHARE))
        .map(|share| share * SHARE..((share + 1) * SHARE).min(cases))
        .collect();
    let texts = Mutex::new(vec![String::new(); shares.len()]);
    parallel::each(&shares, |share| {
        let text = codes(share.clone(), None)?;
        let place = usize::try_from(share.start / SHARE)?;
        let mut texts = texts.lock().map_err(|_| anyhow!("a worker panicked"))?;
        *texts.get_mut(place).context("no such share")? = text;
        Ok(())
    })?;
    texts.into_inner().map_err(|_| anyhow!("a worker panicked"))
}

fn hash(texts: &[String]) -> String {
    hex(&texts.iter().fold(Sha256::new(), Sha256::chain_update).finalize())
}

fn codes(cases: Range<u64>, flipped: Option<u64>) -> Result<String> {
    let mut text = String::new();
    for case in cases {
        let seed = Sha512::new().chain_update(SEED).chain_update(case.to_be_bytes()).finalize();
        let (head, key) = seed.split_at(16);
        let [algorithm, digits, length, shift, _, _, _, _, counter @ ..] = head else {
            unreachable!("sixteen bytes")
        };
        let mut key: Vec<u8> = key.iter().copied().cycle().take(usize::from(*length) + 1).collect();
        if flipped == Some(case)
            && let Some(last) = key.last_mut()
        {
            *last ^= 1;
        }
        let algorithm = Algorithm::ALL.get(usize::from(algorithm % 3)).context("three hashes")?;
        let counter = u64::from_be_bytes(counter.try_into()?) >> (shift % 64);
        let hotp = Hotp::new(*algorithm, &key)?.with_format(Digits::new(6 + digits % 5)?);
        writeln!(text, "{}", hotp.generate(counter).text())?;
    }
    Ok(text)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{SHARE, codes, hash, shares};

    #[test]
    fn the_order_of_the_shares_is_that_of_the_cases() {
        let cases = SHARE + 7;
        let plain = codes(0..cases, None).unwrap();
        assert_eq!(u64::try_from(plain.lines().count()).unwrap(), cases);
        let texts = shares(cases).unwrap();
        assert_eq!(texts.concat(), plain);
        assert_eq!(hash(&texts), hash(&[plain]));
        let flipped = codes(0..cases, Some(SHARE)).unwrap();
        assert_ne!(hash(&texts), hash(&[flipped]));
    }
}
