use core::fmt::Write as _;
use core::ops::Range;
use std::fs;
use std::sync::Mutex;

use anyhow::{Context, Result, ensure};
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
    let library = accumulated(cases, None)?;
    ensure!(library == expected, "the library says {library}, not {expected}");
    println!("{cases} codes accumulate to {expected}, by library and by Python");
    ensure!(FLIPPED < cases, "case {FLIPPED} is not among them");
    let flipped = accumulated(cases, Some(FLIPPED))?;
    ensure!(flipped != expected, "one bit of the key of case {FLIPPED} makes no difference");
    println!("with one bit of one key flipped: {flipped}");
    Ok(())
}

fn recorded() -> Result<(u64, String)> {
    let text = fs::read_to_string(root().join("vectors/accumulated.json"))
        .context("cannot read vectors/accumulated.json")?;
    let file: Value = serde_json::from_str(&text).context("vectors/accumulated.json")?;
    let cases = file["cases"].as_u64().context("no number cases")?;
    let hash = file["sha256"].as_str().context("no text sha256")?;
    Ok((cases, hash.to_owned()))
}

/// The SHA-256 of all codes, a line each.
fn accumulated(cases: u64, flipped: Option<u64>) -> Result<String> {
    let shares: Vec<Range<u64>> = (0..cases.div_ceil(SHARE))
        .map(|share| share * SHARE..((share + 1) * SHARE).min(cases))
        .collect();
    let texts = Mutex::new(vec![String::new(); shares.len()]);
    parallel::each(&shares, |share| {
        let text = codes(share.clone(), flipped)?;
        let place = usize::try_from(share.start / SHARE)?;
        let mut texts = texts.lock().map_err(|_| anyhow::anyhow!("a worker panicked"))?;
        *texts.get_mut(place).context("no such share")? = text;
        Ok(())
    })?;
    let mut hash = Sha256::new();
    for text in texts.into_inner().map_err(|_| anyhow::anyhow!("a worker panicked"))? {
        hash.update(text);
    }
    Ok(hex(&hash.finalize()))
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
    use super::{SHARE, accumulated, codes};

    #[test]
    fn the_order_of_the_shares_is_that_of_the_cases() {
        let cases = 2 * SHARE + 7;
        let plain = codes(0..cases, None).unwrap();
        assert_eq!(u64::try_from(plain.lines().count()).unwrap(), cases);
        let shares = [0..SHARE, SHARE..2 * SHARE, 2 * SHARE..cases];
        let shares: String = shares.into_iter().map(|share| codes(share, None).unwrap()).collect();
        assert_eq!(shares, plain);
        let whole = accumulated(cases, None).unwrap();
        assert_eq!(whole, accumulated(cases, None).unwrap());
        assert_ne!(whole, accumulated(cases - 1, None).unwrap());
        assert_ne!(whole, accumulated(cases, Some(SHARE)).unwrap());
    }
}
