use clap::Args;
use otp_core::{Algorithm, Digits, Hotp, Totp, UnixTime, Window};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::Output;
use crate::output::answer::Answer;

/// Check this program with the vectors of RFC 4226 and RFC 6238
#[derive(Args, Debug)]
pub(crate) struct Selftest;

/// The key of both RFCs. Longer hashes use more repetitions of it (RFC 6238, errata 2866).
const KEY: &[u8; 64] = b"1234567890123456789012345678901234567890123456789012345678901234";

/// RFC 4226 Appendix D: the codes of counters 0 to 9.
const HOTP: [&str; 10] = [
    "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
    "520489",
];

/// RFC 6238 Appendix B: times, and the codes of each with SHA-1, SHA-256 and SHA-512.
const TOTP: [(u64, [&str; 3]); 6] = [
    (59, ["94287082", "46119246", "90693936"]),
    (1_111_111_109, ["07081804", "68084774", "25091201"]),
    (1_111_111_111, ["14050471", "67062674", "99943326"]),
    (1_234_567_890, ["89005924", "91819424", "93441116"]),
    (2_000_000_000, ["69279037", "90698825", "38618901"]),
    (20_000_000_000, ["65353130", "77737706", "47863826"]),
];

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];

/// The numbers of vectors that passed and failed.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    fn count(&mut self, held: bool) {
        let counter = if held { &mut self.passed } else { &mut self.failed };
        *counter = counter.saturating_add(1);
    }
}

#[derive(Serialize)]
struct Summary {
    outcome: &'static str,
    rfc4226: Tally,
    rfc6238: Tally,
}

impl Selftest {
    #[expect(clippy::unused_self, reason = "all commands have the same signature")]
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let (rfc4226, rfc6238) = (hotp(&HOTP)?, totp(&TOTP)?);
        let passed = rfc4226.failed == 0 && rfc6238.failed == 0;
        let outcome = if passed { "passed" } else { "failed" };
        if output.is_json() {
            output.object(&Summary { outcome, rfc4226, rfc6238 })?;
        } else {
            for (name, tally) in
                [("RFC 4226 Appendix D", &rfc4226), ("RFC 6238 Appendix B", &rfc6238)]
            {
                output
                    .text(&format!("{name}: {} passed, {} failed", tally.passed, tally.failed))?;
            }
            output.text(outcome)?;
        }
        Ok(if passed { Answer::Yes } else { Answer::No })
    }
}

/// Generates and verifies each code of HOTP.
fn hotp(codes: &[&str]) -> Result<Tally, Failure> {
    let key = KEY.get(..Algorithm::Sha1.output_size()).unwrap_or_default();
    let hotp = Hotp::new(Algorithm::Sha1, key).map_err(Failure::secret)?;
    let mut tally = Tally::default();
    for (counter, code) in (0..).zip(codes) {
        let made = hotp.generate(counter).text().as_str() == *code;
        let found = hotp.parse(code).is_ok_and(|code| {
            hotp.verify(code, counter, Window::ZERO).is_ok_and(|hit| hit.counter() == counter)
        });
        tally.count(made && found);
    }
    Ok(tally)
}

/// Generates and verifies each code of TOTP.
fn totp(rows: &[(u64, [&str; 3])]) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    for (place, algorithm) in ALGORITHMS.into_iter().enumerate() {
        let key = KEY.get(..algorithm.output_size()).unwrap_or_default();
        let totp = Totp::new(algorithm, key).map_err(Failure::secret)?.with_format(Digits::EIGHT);
        for (time, codes) in rows {
            let (time, code) = (UnixTime::from_secs(*time), codes.get(place).copied());
            let code = code.unwrap_or_default();
            let made = totp.generate(time).code().text().as_str() == code;
            let found = totp.parse(code).is_ok_and(|code| {
                totp.verify(code, time, Window::ZERO, 0).is_ok_and(|hit| hit.drift() == 0)
            });
            tally.count(made && found);
        }
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn read(text: &str) -> Vec<Value> {
        let file: Value = serde_json::from_str(text).unwrap();
        file["vectors"].as_array().unwrap().clone()
    }

    #[test]
    fn tables_equal_the_vector_files() {
        let rows = read(include_str!("../../../../vectors/rfc4226.json"));
        assert_eq!(rows.iter().map(|row| row["code"].as_str().unwrap()).collect::<Vec<_>>(), HOTP);

        let rows = read(include_str!("../../../../vectors/rfc6238.json"));
        assert_eq!(rows.len(), 18);
        for row in rows {
            let (_, codes) = TOTP.into_iter().find(|(time, _)| *time == row["time"]).unwrap();
            let place =
                ALGORITHMS.iter().position(|algorithm| row["algorithm"] == algorithm.name());
            assert_eq!(codes[place.unwrap()], row["code"].as_str().unwrap());
        }
    }

    #[test]
    fn wrong_vector_fails_and_the_others_pass() {
        assert_eq!(hotp(&HOTP), Ok(Tally { passed: 10, failed: 0 }));
        assert_eq!(totp(&TOTP), Ok(Tally { passed: 18, failed: 0 }));

        let mut wrong = HOTP;
        wrong[9] = "520488";
        assert_eq!(hotp(&wrong), Ok(Tally { passed: 9, failed: 1 }));
        let mut wrong = TOTP;
        wrong[5].1[2] = "4786382";
        assert_eq!(totp(&wrong), Ok(Tally { passed: 17, failed: 1 }));
    }
}
