use anyhow::{Context, Result, ensure};
use otp_core::{Algorithm, Code, CodeFormat, Digits, Hotp, Period, Secret, Totp, UnixTime};

/// Everything that a code depends on.
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) key: Secret,
    pub(crate) algorithm: Algorithm,
    pub(crate) format: CodeFormat,
    pub(crate) moving: Moving,
}

/// What makes one code differ from the next.
#[derive(Clone, Copy)]
pub(crate) enum Moving {
    Counter(u64),
    Time { time: u64, period: u64, t0: u64 },
}

impl Case {
    /// The code and its counter, by the library.
    pub(crate) fn code(&self) -> Result<(Code, u64)> {
        let key = self.key.reveal();
        match self.moving {
            Moving::Counter(counter) => {
                let hotp = Hotp::new(self.algorithm, key)?.with_format(self.format);
                Ok((hotp.generate(counter), counter))
            }
            Moving::Time { time, period, t0 } => {
                let totp = Totp::new(self.algorithm, key)?
                    .with_format(self.format)
                    .with_period(Period::from_secs(period)?)
                    .with_t0(UnixTime::from_secs(t0));
                let token = totp.generate(UnixTime::from_secs(time));
                Ok((token.code(), token.counter()))
            }
        }
    }

    /// The counter by the book (RFC 6238 § 4.2).
    pub(crate) fn counter(&self) -> Result<u64> {
        match self.moving {
            Moving::Counter(counter) => Ok(counter),
            Moving::Time { time, period, t0 } => {
                ensure!(time >= t0, "{}: time before T0", self.id);
                (time - t0).checked_div(period).context("a period of 0")
            }
        }
    }

    /// The arguments of `otp code` and `otp match`, the key's encoding aside.
    pub(crate) fn arguments(&self) -> String {
        let CodeFormat::Decimal(digits) = self.format else {
            // All else about Steam's codes is settled.
            let Moving::Time { time, .. } = self.moving else { return String::new() };
            return format!("--type steam --time {time}");
        };
        let algorithm = self.algorithm;
        match self.moving {
            Moving::Counter(counter) => {
                format!("--type hotp --algorithm {algorithm} --digits {digits} --counter {counter}")
            }
            Moving::Time { time, period, t0 } => {
                let t0 = if t0 == 0 { String::new() } else { format!(" --t0 {t0}") };
                format!(
                    "--type totp --algorithm {algorithm} --digits {digits} --period {period}{t0} \
                     --time {time}"
                )
            }
        }
    }

    /// The same as a URI and what a URI cannot say, if there is such a URI.
    pub(crate) fn uri(&self) -> Option<(String, String)> {
        let CodeFormat::Decimal(digits) = self.format else { return None };
        let (kind, moving, arguments) = match self.moving {
            Moving::Counter(counter) => ("hotp", format!("counter={counter}"), String::new()),
            Moving::Time { time, period, t0: 0 } => {
                ("totp", format!("period={period}"), format!("--time {time}"))
            }
            Moving::Time { .. } => return None,
        };
        let secret = self.key.reveal_base32();
        let (secret, algorithm) = (secret.as_str(), self.algorithm);
        let uri = format!(
            "otpauth://{kind}/alice?secret={secret}&algorithm={algorithm}&digits={digits}&{moving}"
        );
        Some((uri, arguments))
    }
}

/// The format of so many digits.
pub(crate) fn decimal(digits: u64) -> Result<CodeFormat> {
    Ok(Digits::new(u8::try_from(digits)?)?.into())
}
