use std::fmt;

use otp_core::Period;
use otp_uri::OtpKind;
use serde::Serialize;

/// The parameters of a type, as `--json` shows them.
#[derive(Debug, Serialize)]
pub(crate) struct Parameters {
    algorithm: &'static str,
    digits: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counter: Option<u64>,
}

impl Parameters {
    pub(crate) fn of(kind: OtpKind) -> Self {
        let (period, counter) = match kind {
            OtpKind::Totp { period, .. } => (Some(period), None),
            OtpKind::Hotp { counter, .. } => (None, Some(counter)),
            _ => (Some(Period::THIRTY), None),
        };
        Self {
            algorithm: kind.algorithm().name(),
            digits: kind.format().length(),
            period: period.map(Period::as_secs),
            counter,
        }
    }
}

/// Writes the parameters for people.
impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} digits", self.algorithm, self.digits)?;
        if let Some(period) = self.period {
            write!(f, ", {period} s")?;
        }
        if let Some(counter) = self.counter {
            write!(f, ", counter {counter}")?;
        }
        Ok(())
    }
}
