use std::path::Path;

use clap::Args;
use otp_core::{Algorithm, Digits, Hotp, Period, Secret, Totp, UnixTime};
use otp_uri::{BareKey, Findings};

use crate::commands::code;
use crate::commands::matching::{Check, refuse as refuse_code};
use crate::failure::Failure;
use crate::input::found::{Besides, Found};
use crate::input::key_source::KeySource;
use crate::input::kind_options::algorithm;
use crate::input::number::{Bound, digits, period, steps, whole};
use crate::input::time;
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::remarks;
use crate::usage::refuse;

/// Show and check codes with the options of oathtool
///
/// As with oathtool, a key is hex unless --base32 is given, and codes are HOTP unless --totp is given.
/// So these options are a command of their own: otp code reads Base32 and makes TOTP. A key is never an
/// argument.
#[derive(Args, Debug)]
pub(crate) struct Oathtool {
    /// Key: - for stdin, or @FILE
    #[arg(value_parser = place)]
    key: String,
    /// Code to check, instead of showing codes
    #[arg(allow_negative_numbers = true)]
    otp: Option<String>,
    /// HOTP, which is the default
    #[arg(long)]
    hotp: bool,
    /// TOTP with SHA1, SHA256 or SHA512 [default: SHA1]
    #[arg(long, value_name = "MODE", num_args = 0..=1, require_equals = true,
          default_missing_value = "SHA1", value_parser = algorithm)]
    totp: Option<Algorithm>,
    /// The key is Base32 instead of hex
    #[arg(short, long)]
    base32: bool,
    /// Counter, for HOTP [default: 0]
    #[arg(short, long, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    counter: Option<u64>,
    /// Seconds of a time step, or minutes, hours or days with m, h or d [default: 30s]
    #[arg(short = 's', long, value_name = "DURATION", value_parser = duration)]
    time_step_size: Option<Period>,
    /// Start of the first time step [default: 1970-01-01 00:00:00 UTC]
    #[arg(short = 'S', long, value_name = "TIME", value_parser = when)]
    start_time: Option<UnixTime>,
    /// Time of the code: now, @SECONDS, RFC 3339 or YYYY-MM-DD hh:mm:ss UTC [default: now]
    #[arg(short = 'N', long, value_name = "TIME", value_parser = when)]
    now: Option<UnixTime>,
    /// Digits of a code, 6 to 10 [default: 6]
    #[arg(short, long, value_name = "N", value_parser = digits, allow_negative_numbers = true)]
    digits: Option<Digits>,
    /// Codes to show after the first, or steps to search: ahead, and with --totp on both sides
    #[arg(short, long, value_name = "N", default_value = "0", hide_default_value = true,
          value_parser = steps, allow_negative_numbers = true)]
    window: u8,
}

impl Oathtool {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let from = self.key.strip_prefix('@').map(Path::new);
        let found = Found::read("key", from, "Key (not shown): ", |text, is_uri| {
            if is_uri {
                return Err(Failure::usage("key", "key is a URI or a record; otp code reads it"));
            }
            self.secret(text)
                .and_then(|(secret, findings)| Ok((self.key_source(&secret)?, findings)))
        })?;
        let ((key_source, findings), besides) = found.only(output, "give one key")?;
        for sentence in remarks::of_code(&findings) {
            besides.note(&sentence, output);
        }
        let besides = Besides { findings: remarks::codes(&findings), ..besides };
        match &self.otp {
            None => {
                let count = u64::from(self.window).saturating_add(1);
                code::show(&key_source, count, &besides, output)?;
                Ok(Answer::Yes)
            }
            Some(otp) => self.check(otp, key_source, besides, output),
        }
    }

    fn secret(&self, text: &str) -> Result<(Secret, Findings), Failure> {
        if self.base32 {
            let BareKey { secret, findings, .. } = BareKey::parse(text)?;
            return Ok((secret, findings));
        }
        Ok((Secret::from_hex(text).map_err(Failure::secret)?, Findings::default()))
    }

    fn key_source(&self, secret: &Secret) -> Result<KeySource, Failure> {
        let (key, format) = (secret.reveal(), self.digits.unwrap_or_default());
        let Some(algorithm) = self.totp else {
            let given = [
                ("time-step-size", self.time_step_size.is_some()),
                ("start-time", self.start_time.is_some()),
                ("now", self.now.is_some()),
            ];
            refuse("hotp", &given)?;
            let hotp = Hotp::new(Algorithm::Sha1, key).map_err(Failure::secret)?;
            return Ok(KeySource::Hotp(hotp.with_format(format), self.counter.or(Some(0))));
        };
        refuse("totp", &[("hotp", self.hotp), ("counter", self.counter.is_some())])?;
        let t0 = self.start_time.unwrap_or_default();
        let totp = Totp::new(algorithm, key).map_err(Failure::secret)?.with_format(format);
        let totp = totp.with_period(self.time_step_size.unwrap_or_default()).with_t0(t0);
        let now = self.now.map_or_else(time::now, Ok)?;
        if now < t0 {
            return Err(Failure::invalid("now", "must not be before start-time"));
        }
        Ok(KeySource::Totp(totp, now))
    }

    /// Checks a code. For people it answers as oathtool does: with the distance of the match.
    fn check(
        &self,
        otp: &str,
        key_source: KeySource,
        besides: Besides,
        output: &mut Output,
    ) -> Result<Answer, Failure> {
        let behind = if self.totp.is_some() { self.window } else { 0 };
        let check = Check::new(otp, behind, self.window);
        if output.is_json() {
            return check.answer(key_source, besides, output);
        }
        match check.find(&key_source)? {
            Ok(matched) => output.text(&matched.distance().to_string())?,
            Err(rejected) => return refuse_code(output, rejected, besides, None),
        }
        Ok(Answer::Yes)
    }
}

/// Reads where the key is. It is never the key itself.
fn place(text: &str) -> Result<String, Bound> {
    if text == "-" || text.strip_prefix('@').is_some_and(|path| !path.is_empty()) {
        return Ok(text.to_owned());
    }
    Err(Bound("must be - for stdin, or @FILE: a secret is never an argument"))
}

fn duration(text: &str) -> Result<Period, Bound> {
    let bound = Bound("must be a whole number with s, m, h or d, or without a unit in seconds");
    let unit = |suffix: char| text.strip_suffix(suffix).map(str::trim_end);
    let (number, seconds) = match (unit('s'), unit('m'), unit('h'), unit('d')) {
        (Some(number), ..) => (number, 1),
        (_, Some(number), ..) => (number, 60),
        (.., Some(number), _) => (number, 3600),
        (.., Some(number)) => (number, 86400),
        _ => (text, 1),
    };
    let number = whole(number).ok().and_then(|number| number.checked_mul(seconds));
    period(&number.ok_or(bound)?.to_string())
}

fn when(text: &str) -> Result<UnixTime, Bound> {
    let bound = Bound("must be now, @SECONDS, RFC 3339 or YYYY-MM-DD hh:mm:ss UTC");
    if text == "now" {
        return time::now().map_err(|_| Bound("cannot be told by this machine's clock"));
    }
    if let Some(seconds) = text.strip_prefix('@') {
        return time::seconds(seconds);
    }
    let utc = text.strip_suffix(" UTC").map(|text| text.replacen(' ', "T", 1) + "Z");
    let text = utc.as_deref().unwrap_or(text);
    // oathtool would read a bare number as a date.
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Err(bound)
    } else {
        time::read(text).map_err(|_| bound)
    }
}
