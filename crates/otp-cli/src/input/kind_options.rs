use std::str::FromStr;

use clap::Args;
use otp_core::{Algorithm, Digits, Period};
use otp_uri::OtpKind;

use crate::failure::Failure;
use crate::input::number::{Bound, digits, period, whole};
use crate::usage::refuse;

/// The options for the type and the parameters of codes. Their short aliases are those of oathtool,
/// where they mean what they mean there.
#[derive(Args, Debug, Default, PartialEq, Eq)]
pub(crate) struct KindOptions {
    /// Type: totp, hotp or steam [default: totp]
    #[arg(long = "type", value_name = "TYPE", value_parser = Type::from_str)]
    pub(crate) kind: Option<Type>,
    /// Algorithm: SHA1, SHA256 or SHA512 [default: SHA1]
    #[arg(long, value_name = "NAME", value_parser = algorithm)]
    algorithm: Option<Algorithm>,
    /// Digits of a code, 6 to 10 [default: 6]
    #[arg(long, short_alias = 'd', value_name = "N", value_parser = digits, allow_negative_numbers = true)]
    digits: Option<Digits>,
    /// Seconds that a code is valid, for totp [default: 30]
    #[arg(long, short_alias = 's', value_name = "SECONDS", value_parser = period, allow_negative_numbers = true)]
    period: Option<Period>,
    /// Next counter, for hotp
    #[arg(long, short_alias = 'c', value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    pub(crate) counter: Option<u64>,
}

impl KindOptions {
    /// Returns the kind that the options describe, with the defaults of the Key URI Format.
    pub(crate) fn kind(&self) -> Result<OtpKind, Failure> {
        let (algorithm, digits) = (Algorithm::default(), Digits::default());
        self.over(match self.kind.unwrap_or_default() {
            Type::Totp => OtpKind::Totp { algorithm, digits, period: Period::default() },
            Type::Hotp => OtpKind::Hotp { algorithm, digits, counter: 0 },
            Type::Steam => OtpKind::Steam,
        })
    }

    /// Returns a kind whose parameters are overridden by the options.
    pub(crate) fn over(&self, kind: OtpKind) -> Result<OtpKind, Failure> {
        let name = kind.name();
        match kind {
            OtpKind::Totp { algorithm, digits, period } => {
                refuse(name, &[("counter", self.counter.is_some())])?;
                Ok(OtpKind::Totp {
                    algorithm: self.algorithm.unwrap_or(algorithm),
                    digits: self.digits.unwrap_or(digits),
                    period: self.period.unwrap_or(period),
                })
            }
            OtpKind::Hotp { algorithm, digits, counter } => {
                refuse(name, &[("period", self.period.is_some())])?;
                Ok(OtpKind::Hotp {
                    algorithm: self.algorithm.unwrap_or(algorithm),
                    digits: self.digits.unwrap_or(digits),
                    counter: self.counter.unwrap_or(counter),
                })
            }
            fixed => {
                refuse(
                    name,
                    &[
                        ("algorithm", self.algorithm.is_some()),
                        ("digits", self.digits.is_some()),
                        ("period", self.period.is_some()),
                        ("counter", self.counter.is_some()),
                    ],
                )?;
                Ok(fixed)
            }
        }
    }
}

/// The type of a credential, as `--type` names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Type {
    #[default]
    Totp,
    Hotp,
    Steam,
}

impl FromStr for Type {
    type Err = Bound;

    fn from_str(text: &str) -> Result<Self, Bound> {
        match text.to_ascii_lowercase().as_str() {
            "totp" => Ok(Self::Totp),
            "hotp" => Ok(Self::Hotp),
            "steam" => Ok(Self::Steam),
            _ => Err(Bound("must be totp, hotp or steam")),
        }
    }
}

pub(crate) fn algorithm(text: &str) -> Result<Algorithm, Bound> {
    text.parse().map_err(|_| Bound("must be SHA1, SHA256 or SHA512"))
}
