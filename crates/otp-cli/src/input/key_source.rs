use std::path::PathBuf;

use clap::Args;
use otp_core::{Hotp, Secret, Totp, UnixTime};
use otp_uri::{BareKey, Findings, OtpKind, ParsedUri};

use crate::failure::Failure;
use crate::input::found::Found;
use crate::input::kind_options::KindOptions;
use crate::input::parse;
use crate::input::time;
use crate::input::time::seconds;
use crate::usage::refuse;

/// The options of the commands that read a secret or a URI and generate codes.
#[derive(Args, Debug)]
pub(crate) struct KeySourceOptions {
    /// Read the secret or the URI from a file instead of stdin
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The secret is hex instead of Base32
    #[arg(long)]
    hex: bool,
    #[command(flatten)]
    kind: KindOptions,
    /// Start of the first time step, in Unix seconds, for totp [default: 0]
    #[arg(long, short_alias = 'S', value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    t0: Option<UnixTime>,
    /// Time of the code, in Unix seconds or RFC 3339, for totp and steam [default: now]
    #[arg(long, short_alias = 'N', value_name = "TIME", value_parser = time::read, allow_negative_numbers = true)]
    time: Option<UnixTime>,
}

/// The key of codes, and the time or the counter.
pub(crate) enum KeySource {
    /// A key and the time of the code.
    Totp(Totp, UnixTime),
    /// A key and its next counter, if an option or the URI has one.
    Hotp(Hotp, Option<u64>),
}

impl KeySourceOptions {
    /// Reads the secret or the URIs. Options override the parameters of a URI.
    pub(crate) fn read(&self) -> Result<Found<(KeySource, Findings)>, Failure> {
        let prompt = "Secret or URI (not shown): ";
        Found::read("secret", self.from.as_deref(), prompt, |text, is_meant| {
            self.one(text, is_meant)
        })
    }

    fn one(&self, line: &str, is_meant: bool) -> Result<(KeySource, Findings), Failure> {
        // Every URI has a colon, and Base32 has none. Hex may have colons between the bytes.
        let of_uris = if self.hex { "://" } else { ":" };
        if is_meant || line.contains(of_uris) {
            if self.hex {
                return Err(Failure::usage("hex", "hex cannot be used with a URI"));
            }
            if self.kind.kind.is_some() {
                return Err(Failure::usage(
                    "type",
                    "type cannot be used with a URI, which has one",
                ));
            }
            let ParsedUri { uri, findings, .. } = parse::uri(line)?;
            let kind = self.kind.over(*uri.kind())?;
            Ok((self.key_source(kind, uri.secret(), true)?, findings))
        } else if self.hex {
            let secret = Secret::from_hex(line).map_err(Failure::secret)?;
            Ok((self.key_source(self.kind.kind()?, &secret, false)?, Findings::default()))
        } else {
            let BareKey { secret, findings, .. } = parse::bare_key(line)?;
            Ok((self.key_source(self.kind.kind()?, &secret, false)?, findings))
        }
    }

    fn key_source(
        &self,
        kind: OtpKind,
        secret: &Secret,
        is_uri: bool,
    ) -> Result<KeySource, Failure> {
        let key = secret.reveal();
        match kind {
            OtpKind::Totp { algorithm, digits, period } => {
                let t0 = self.t0.unwrap_or_default();
                let totp = Totp::new(algorithm, key).map_err(Failure::secret)?;
                let totp = totp.with_format(digits).with_period(period).with_t0(t0);
                Ok(KeySource::Totp(totp, self.time()?))
            }
            OtpKind::Hotp { algorithm, digits, counter } => {
                let given = [("t0", self.t0.is_some()), ("time", self.time.is_some())];
                refuse("hotp", &given)?;
                let hotp = Hotp::new(algorithm, key).map_err(Failure::secret)?.with_format(digits);
                let known = is_uri || self.kind.counter.is_some();
                Ok(KeySource::Hotp(hotp, known.then_some(counter)))
            }
            _ => {
                refuse("steam", &[("t0", self.t0.is_some())])?;
                let totp = Totp::steam(key).map_err(Failure::secret)?;
                Ok(KeySource::Totp(totp, self.time()?))
            }
        }
    }

    /// Returns the time of the code, and refuses a time before the first step.
    fn time(&self) -> Result<UnixTime, Failure> {
        let time = match self.time {
            Some(time) => time,
            None => time::now()?,
        };
        if self.t0.is_some_and(|t0| time < t0) {
            return Err(Failure::invalid("time", "must not be before t0"));
        }
        Ok(time)
    }
}
