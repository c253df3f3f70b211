use otp_core::{Algorithm, Digits, Period};

use crate::OtpKind;
use crate::error::{Error, ErrorKind};
use crate::finding::{FindingKind, Findings};
use crate::number::{is_number, number};
use crate::parameters::Parameters;
use crate::part::Part;

/// The longest period, in seconds, without a finding.
const LONG_PERIOD: u64 = 120;

/// The types that a URI can name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Totp,
    Hotp,
    Steam,
}

impl Type {
    /// Reads the type, which a URI has in the place of the host.
    pub(super) fn read(host: &str, findings: &mut Findings) -> Result<Self, Error> {
        if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            findings.add(FindingKind::LetterCase, Part::Type);
        }
        let is = |name: &str| host.eq_ignore_ascii_case(name);
        if is("totp") {
            Ok(Type::Totp)
        } else if is("hotp") {
            Ok(Type::Hotp)
        } else if is("steam") {
            Ok(Type::Steam)
        } else if is("yaotp") {
            Err(Error::new(ErrorKind::Unsupported, Part::Type))
        } else {
            Err(Error::new(ErrorKind::Unknown, Part::Type))
        }
    }
}

/// Reads the type of the codes and their parameters. Several parts may make the type Steam Guard.
pub(super) fn read(
    kind: Type,
    issuer: Option<&str>,
    known: &Parameters<'_>,
    findings: &mut Findings,
) -> Result<OtpKind, Error> {
    let algorithm = of_algorithm(known.get_filled(Part::Algorithm, findings), findings)?;
    let digits = known.get_filled(Part::Digits, findings);
    let period = known.get_filled(Part::Period, findings);
    let counter = known.get_filled(Part::Counter, findings);
    let kind = match of_steam(kind, issuer, digits, known, findings)? {
        Some(part) => {
            findings.add(FindingKind::SteamGuard, part);
            Type::Steam
        }
        None => kind,
    };
    match kind {
        Type::Totp => {
            ignore(counter, Part::Counter, findings);
            Ok(OtpKind::Totp {
                algorithm: algorithm.map_or_else(default_algorithm, Ok)?,
                digits: of_digits(digits, findings)?,
                period: of_period(period, findings)?,
            })
        }
        Type::Hotp => {
            ignore(period, Part::Period, findings);
            Ok(OtpKind::Hotp {
                algorithm: algorithm.map_or_else(default_algorithm, Ok)?,
                digits: of_digits(digits, findings)?,
                counter: of_counter(counter, findings)?,
            })
        }
        Type::Steam => {
            let steam = steam()?;
            if algorithm.is_some_and(|algorithm| algorithm != steam.algorithm()) {
                return Err(Error::new(ErrorKind::Conflict, Part::Algorithm));
            }
            ignore(digits, Part::Digits, findings);
            ignore(period, Part::Period, findings);
            ignore(counter, Part::Counter, findings);
            Ok(steam)
        }
    }
}

/// Returns the part that makes the type Steam Guard, if any.
fn of_steam(
    kind: Type,
    issuer: Option<&str>,
    digits: Option<&str>,
    known: &Parameters<'_>,
    findings: &mut Findings,
) -> Result<Option<Part>, Error> {
    let encoder = known.get_filled(Part::Encoder, findings).map(str::trim);
    let is = |name: &str| encoder.is_some_and(|encoder| encoder.eq_ignore_ascii_case(name));
    // These encoders write letters in place of digits.
    if ["yandex", "yaotp", "motp"].into_iter().any(is) {
        return Err(Error::new(ErrorKind::Unsupported, Part::Encoder));
    }
    let by_encoder = is("steam");
    if encoder.is_some() && !by_encoder {
        findings.add(FindingKind::UnknownEncoder, Part::Encoder);
    }
    let is_five = |digits: &str| number(digits, Part::Digits, &mut Findings::default()) == Ok(5);
    Ok(match kind {
        Type::Steam => Some(Part::Type),
        Type::Hotp if by_encoder => return Err(Error::new(ErrorKind::Conflict, Part::Encoder)),
        Type::Totp if by_encoder => Some(Part::Encoder),
        Type::Totp
            if issuer.is_some_and(|issuer| issuer.eq_ignore_ascii_case("steam"))
                && digits.is_some_and(is_five) =>
        {
            Some(Part::Issuer)
        }
        _ => None,
    })
}

fn of_algorithm(text: Option<&str>, findings: &mut Findings) -> Result<Option<Algorithm>, Error> {
    let Some(text) = text else { return Ok(None) };
    let algorithm: Algorithm = text.parse().map_err(|error| {
        if names_a_hash(text) {
            Error::new(ErrorKind::Unsupported, Part::Algorithm)
        } else {
            Error::core(error, Part::Algorithm)
        }
    })?;
    if text != algorithm.name() {
        let same = text.eq_ignore_ascii_case(algorithm.name());
        let kind = if same { FindingKind::LetterCase } else { FindingKind::Spelling };
        findings.add(kind, Part::Algorithm);
    }
    Ok(Some(algorithm))
}

/// Returns whether a text names HMAC-MD5 or an algorithm whose feature is off, in any spelling.
fn names_a_hash(text: &str) -> bool {
    let letters = || text.bytes().filter(u8::is_ascii_alphanumeric);
    let begins = ["", "HMAC", "ALGORITHM", "ALGORITHMHMAC"].into_iter();
    let mut names = begins.flat_map(|begin| {
        let hashes = ["MD5", "SHA1", "SHA256", "SHA2256", "SHA512", "SHA2512"].into_iter();
        hashes.map(move |hash| begin.bytes().chain(hash.bytes()))
    });
    names.any(|name| name.eq(letters().map(|byte| byte.to_ascii_uppercase())))
}

fn of_digits(text: Option<&str>, findings: &mut Findings) -> Result<Digits, Error> {
    let Some(text) = text else { return Ok(Digits::SIX) };
    let digits = number(text, Part::Digits, findings)?;
    // A number that does not fit a byte is out of range.
    let digits = Digits::new(u8::try_from(digits).unwrap_or_default())
        .map_err(|error| Error::core(error, Part::Digits))?;
    if digits > Digits::EIGHT {
        findings.add(FindingKind::BiasedDigits, Part::Digits);
    }
    Ok(digits)
}

fn of_period(text: Option<&str>, findings: &mut Findings) -> Result<Period, Error> {
    let Some(text) = text else { return Ok(Period::THIRTY) };
    let period = Period::from_secs(number(text, Part::Period, findings)?)
        .map_err(|error| Error::core(error, Part::Period))?;
    if period.as_secs() > LONG_PERIOD {
        findings.add(FindingKind::LongPeriod, Part::Period);
    }
    Ok(period)
}

fn of_counter(text: Option<&str>, findings: &mut Findings) -> Result<u64, Error> {
    let Some(text) = text else {
        findings.add(FindingKind::MissingCounter, Part::Counter);
        return Ok(0);
    };
    number(text, Part::Counter, findings)
}

fn ignore(text: Option<&str>, part: Part, findings: &mut Findings) {
    if let Some(text) = text {
        findings.add(FindingKind::IgnoredParameter, part);
        if !is_number(text) {
            findings.add(FindingKind::NotANumber, part);
        }
    }
}

/// Returns the algorithm of a URI that names none.
#[cfg(feature = "sha1")]
#[expect(clippy::unnecessary_wraps, reason = "without SHA-1 it fails")]
const fn default_algorithm() -> Result<Algorithm, Error> {
    Ok(Algorithm::Sha1)
}

#[cfg(not(feature = "sha1"))]
const fn default_algorithm() -> Result<Algorithm, Error> {
    Err(Error::new(ErrorKind::Unsupported, Part::Algorithm))
}

#[cfg(feature = "sha1")]
#[expect(clippy::unnecessary_wraps, reason = "without SHA-1 it fails")]
pub(super) const fn steam() -> Result<OtpKind, Error> {
    Ok(OtpKind::Steam)
}

#[cfg(not(feature = "sha1"))]
pub(super) const fn steam() -> Result<OtpKind, Error> {
    Err(Error::new(ErrorKind::Unsupported, Part::Type))
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::names_a_hash;

    /// The caller asks only about names that otp-core does not read, because their feature is off.
    #[test]
    fn hash_names_are_recognised_in_every_spelling() {
        for name in
            ["md5", "MD-5", "HmacMD5", "HMAC-MD5", "SHA1", "sha-256", "SHA2-256", "HmacSHA512"]
        {
            assert!(names_a_hash(name), "{name}");
            assert!(names_a_hash(&format!("Algorithm.{name}")), "{name}");
            assert!(!names_a_hash(&format!("{name}0")), "{name}");
            assert!(!names_a_hash(&format!("X{name}")), "{name}");
        }
        assert!(!names_a_hash("") && !names_a_hash("HMAC") && !names_a_hash("SHA384"));
    }
}
