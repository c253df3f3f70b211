use std::fs;

use anyhow::{Context, Result, bail, ensure};
use otp_core::{CodeFormat, Secret, hazmat};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::case::{Case, Moving, decimal};
use crate::otp::Otp;
use crate::parallel;
use crate::workspace::{Workspace, root};

type Read = fn(&Value) -> Result<Vec<Vector>>;

/// Each file of codes in `vectors/`, and how it is read.
const FILES: [(&str, Read); 4] = [
    ("rfc4226.json", rfc4226),
    ("rfc6238.json", rfc6238),
    ("codes-cross-checked.json", cross_checked),
    ("steam.json", steam),
];

/// A case and the code it has.
struct Vector {
    case: Case,
    code: String,
}

/// The last second of 9999: the command takes no later time, since those are milliseconds.
pub(crate) const LATEST: u64 = 253_402_300_799;

/// Checks every known code, by the library and by the built command.
pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    truncation()?;
    let otp = Otp::build(workspace)?;
    for (name, read) in FILES {
        let mut vectors = read(&data(name)?).with_context(|| format!("vectors/{name}"))?;
        parallel::each(&vectors, |vector| {
            vector.by_library().and_then(|()| vector.by_command(&otp))
        })
        .with_context(|| format!("vectors/{name}"))?;
        println!("vectors/{name}: {} codes agree, by library and command", vectors.len());

        // A check that cannot fail proves nothing: with one character changed, both must notice.
        let changed = vectors.iter_mut().find(|vector| !vector.is_late());
        let changed = changed.with_context(|| format!("vectors/{name} is empty"))?;
        changed.code = altered(&changed.code);
        ensure!(changed.by_library().is_err(), "the library passes a wrong code of {name}");
        ensure!(changed.by_command(&otp).is_err(), "the command passes a wrong code of {name}");
    }
    Ok(())
}

impl Vector {
    fn is_late(&self) -> bool {
        matches!(self.case.moving, Moving::Time { time, .. } if time > LATEST)
    }

    fn by_library(&self) -> Result<()> {
        let (code, counter) = self.case.code()?;
        let (id, text) = (&self.case.id, code.text());
        ensure!(text.as_str() == self.code, "{id}: the library says {text}, not {}", self.code);
        ensure!(counter == self.case.counter()?, "{id}: the library is at counter {counter}");
        Ok(())
    }

    /// The key as hex, as Base32 and, where there is one, within a URI.
    fn by_command(&self, otp: &Otp) -> Result<()> {
        let (case, arguments) = (&self.case, self.case.arguments());
        let (hex, base32) = (case.key.reveal_hex(), case.key.reveal_base32());
        let mut forms = vec![
            (hex.as_str().to_owned(), format!("--hex {arguments}")),
            (base32.as_str().to_owned(), arguments),
        ];
        forms.extend(case.uri());
        for (input, arguments) in forms {
            let answer = otp.ask(&format!("code {arguments}"), &input)?;
            if self.is_late() {
                answer.expect_status(2)?;
                continue;
            }
            answer.expect_status(0)?;
            answer.expect("code", self.code.as_str())?;
            answer.expect("counter", case.counter()?)?;
            if let Moving::Time { time, period, t0 } = case.moving {
                let start = t0 + case.counter()? * period;
                answer.expect("start", start)?;
                answer.expect("expires", start + period)?;
                answer.expect("remaining", start + period - time)?;
            }
        }
        Ok(())
    }
}

/// The intermediate values of RFC 4226 Appendix D.
fn truncation() -> Result<()> {
    let rfc = data("rfc4226.json")?;
    for vector in list(&rfc, "vectors")? {
        let mac = Secret::from_hex(text(vector, "hmac_sha1")?)?;
        let truncated = hazmat::truncate(mac.reveal())?;
        ensure!(u64::from(truncated) == number(vector, "truncated")?, "RFC 4226: {truncated}");
        ensure!(format!("{truncated:08x}") == text(vector, "truncated_hex")?, "RFC 4226");
        let code = hazmat::code(truncated, decimal(number(&rfc, "digits")?)?);
        ensure!(code.text().as_str() == text(vector, "hotp")?, "RFC 4226: {}", code.text());
    }
    Ok(())
}

fn rfc4226(rfc: &Value) -> Result<Vec<Vector>> {
    let read = |vector| {
        let counter = number(vector, "counter")?;
        let case = Case {
            id: format!("RFC 4226, counter {counter}"),
            key: Secret::from_hex(text(rfc, "secret_hex")?)?,
            algorithm: "SHA1".parse()?,
            format: decimal(number(rfc, "digits")?)?,
            moving: Moving::Counter(counter),
        };
        Ok(Vector { case, code: text(vector, "hotp")?.to_owned() })
    };
    list(rfc, "vectors")?.iter().map(read).collect()
}

fn rfc6238(rfc: &Value) -> Result<Vec<Vector>> {
    let read = |vector| {
        let (time, algorithm) = (number(vector, "time")?, text(vector, "algorithm")?);
        let (period, t0) = (number(rfc, "period")?, number(rfc, "t0")?);
        let case = Case {
            id: format!("RFC 6238, time {time}, {algorithm}"),
            key: Secret::from_hex(text(&rfc["secrets_hex"], algorithm)?)?,
            algorithm: algorithm.parse()?,
            format: decimal(number(rfc, "digits")?)?,
            moving: Moving::Time { time, period, t0 },
        };
        let step = u64::from_str_radix(text(vector, "time_step_hex")?, 16)?;
        ensure!(step == case.counter()?, "{}: time step {step}", case.id);
        Ok(Vector { case, code: text(vector, "totp")?.to_owned() })
    };
    list(rfc, "vectors")?.iter().map(read).collect()
}

fn cross_checked(file: &Value) -> Result<Vec<Vector>> {
    let read = |vector: &Value| {
        let t0 = if vector["t0"].is_null() { 0 } else { number(vector, "t0")? };
        let moving = match vector["mode"].as_str() {
            Some("hotp") => Moving::Counter(number(vector, "counter")?),
            Some("totp") | None => {
                let (time, period) = (number(vector, "time")?, number(vector, "period")?);
                Moving::Time { time, period, t0 }
            }
            Some(_) => bail!("neither hotp nor totp"),
        };
        let case = Case {
            id: text(vector, "id")?.to_owned(),
            key: Secret::from_hex(text(vector, "key")?)?,
            algorithm: text(vector, "alg")?.parse()?,
            format: decimal(number(vector, "digits")?)?,
            moving,
        };
        Ok(Vector { case, code: text(vector, "code")?.to_owned() })
    };
    list(file, "vectors")?.iter().chain(list(file, "t0_vectors")?).map(read).collect()
}

fn steam(file: &Value) -> Result<Vec<Vector>> {
    let read = |vector| {
        let (time, period) = (number(vector, "time")?, number(file, "period")?);
        let case = Case {
            id: format!("Steam, time {time}"),
            key: Secret::from_base32(text(vector, "secret_base32")?)?,
            algorithm: text(file, "algorithm")?.parse()?,
            format: CodeFormat::Steam,
            moving: Moving::Time { time, period, t0: 0 },
        };
        Ok(Vector { case, code: text(vector, "code")?.to_owned() })
    };
    list(file, "vectors")?.iter().map(read).collect()
}

/// A code with another last character.
fn altered(code: &str) -> String {
    let mut code = code.to_owned();
    let last = if code.pop() == Some('2') { '3' } else { '2' };
    code.push(last);
    code
}

fn data(name: &str) -> Result<Value> {
    let path = root().join("vectors").join(name);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read vectors/{name}"))?;
    serde_json::from_str(&text).with_context(|| format!("vectors/{name}"))
}

fn list<'v>(value: &'v Value, field: &str) -> Result<&'v Vec<Value>> {
    value[field].as_array().with_context(|| format!("no list {field}"))
}

fn text<'v>(value: &'v Value, field: &str) -> Result<&'v str> {
    value[field].as_str().with_context(|| format!("no text {field}"))
}

fn number(value: &Value, field: &str) -> Result<u64> {
    value[field].as_u64().with_context(|| format!("no number {field}"))
}

#[cfg(test)]
mod tests {
    use super::{FILES, altered, data};

    #[test]
    fn one_wrong_digit_is_noticed() {
        for (name, read) in FILES {
            for mut vector in read(&data(name).unwrap()).unwrap() {
                vector.by_library().unwrap();
                vector.code = altered(&vector.code);
                vector.by_library().unwrap_err();
            }
        }
    }
}
