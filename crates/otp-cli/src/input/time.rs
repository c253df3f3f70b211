use jiff::Timestamp;
use jiff::civil::DateTime;
use otp_core::UnixTime;

use crate::failure::{Failure, FailureKind};
use crate::input::number::{Bound, whole};

/// Returns the time of the operating system's clock.
pub(crate) fn now() -> Result<UnixTime, Failure> {
    otp_context::now().map_err(|error| Failure::new(FailureKind::Clock, "time", error.to_string()))
}

/// Returns the date of today, in UTC.
pub(crate) fn today() -> Result<String, Failure> {
    let seconds = i64::try_from(now()?.as_secs()).unwrap_or(i64::MAX);
    let time = Timestamp::from_second(seconds)
        .map_err(|_| Failure::new(FailureKind::Clock, "time", "clock is after the year 9999"))?;
    Ok(time.to_string().split('T').next().unwrap_or_default().to_owned())
}

/// Reads a time that people write: Unix seconds, or RFC 3339.
pub(crate) fn read(text: &str) -> Result<UnixTime, Bound> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return whole(text).and_then(bounded);
    }
    let seconds = rfc_3339(text).and_then(|seconds| u64::try_from(seconds).ok());
    seconds
        .map(UnixTime::from_secs)
        .ok_or(Bound("must be Unix seconds or RFC 3339, in whole seconds, not before 1970"))
}

/// Reads a time in Unix seconds.
pub(crate) fn seconds(text: &str) -> Result<UnixTime, Bound> {
    whole(text).and_then(bounded)
}

/// Checks that a time is at most the end of 9999. A later one is probably in milliseconds.
pub(crate) fn bounded(seconds: u64) -> Result<UnixTime, Bound> {
    if seconds > LAST {
        return Err(Bound(
            "must be at most 253402300799 seconds, the end of 9999; write seconds, not milliseconds",
        ));
    }
    Ok(UnixTime::from_secs(seconds))
}

/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;

/// Reads a `date-time` of RFC 3339, § 5.6, as Unix seconds. A fraction must be zero.
///
/// jiff accepts more than that, and no instant of the last day of 9999. So it gets only local times.
fn rfc_3339(text: &str) -> Option<i64> {
    let (local, rest) = text.split_at_checked("YYYY-MM-DDThh:mm:ss".len())?;
    if shape(local) != "0000-00-00T00:00:00" {
        return None;
    }
    let zone = match rest.strip_prefix('.') {
        Some(fraction) if fraction.starts_with('0') => fraction.trim_start_matches('0'),
        Some(_) => return None,
        None => rest,
    };
    let ahead = match shape(zone).as_str() {
        "Z" => 0,
        "+00:00" | "-00:00" => offset(zone)?,
        _ => return None,
    };
    let local: DateTime = local.parse().ok()?;
    let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    local.duration_since(epoch).as_secs().checked_sub(ahead)
}

/// Returns a text in upper case, with a zero for each digit.
fn shape(text: &str) -> String {
    let zero = |char: char| if char.is_ascii_digit() { '0' } else { char.to_ascii_uppercase() };
    text.chars().map(zero).collect()
}

/// Returns how far a zone's time is ahead of UTC, in seconds.
fn offset(zone: &str) -> Option<i64> {
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let ahead = hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)?;
    Some(if zone.starts_with('-') { ahead.checked_neg()? } else { ahead })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unix_seconds_and_rfc_3339_are_read() {
        let time = Ok(UnixTime::from_secs(1_234_567_890));
        for text in [
            "1234567890",
            "2009-02-13T23:31:30Z",
            "2009-02-13t23:31:30z",
            "2009-02-14T00:31:30+01:00",
            "2009-02-13T23:31:30.000Z",
            "2009-02-13T23:31:30.0000000000000-00:00",
            "2009-02-13T00:32:30-22:59",
        ] {
            assert_eq!(read(text), time, "{text}");
        }
        assert_eq!(read("253402300799"), Ok(UnixTime::from_secs(LAST)));
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59-00:01", 59),
            ("2016-12-31T23:59:60Z", 1_483_228_799),
            ("2024-02-29T00:00:00Z", 1_709_164_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("9999-12-31T23:59:59-23:59", 253_402_387_139),
        ] {
            assert_eq!(read(text), Ok(UnixTime::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn milliseconds_are_rejected() {
        for text in ["253402300800", "1700000000000", "18446744073709551615"] {
            assert!(read(text).unwrap_err().0.contains("milliseconds"), "{text}");
        }
    }

    #[test]
    fn other_text_is_rejected() {
        for text in [
            "",
            "-1",
            "1.5",
            "now",
            "18446744073709551616",
            "１２３",
            "1969-12-31T23:59:59Z",
            "2009-02-13T23:31:30.5Z",
            "2009-02-30T00:00:00Z",
            "2009-02-13T23:31:30",
            "2009-02-13",
            "T",
            "1970-01-01T00:00:00+00:01",
            "2023-02-29T00:00:00Z",
            "2009-02-13T24:00:00Z",
            "2009-02-13T23:60:30Z",
            "20090213T233130Z",
            "2009-02-13T233130Z",
            "2009-02-13 23:31:30Z",
            "2009-02-13T23:31Z",
            "2009-02-13T23Z",
            "2009-02-13T23:31:30.Z",
            "2009-02-13T23:31:30,0Z",
            "2009-02-13T23:31:30.00",
            "2009-02-13T23:31:30+01",
            "2009-02-13T23:31:30+0100",
            "2009-02-13T23:31:30+01:00:00",
            "2009-02-13T23:31:30+24:00",
            "2009-02-13T23:31:30+01:60",
            "2009-02-13T23:31:30Z[UTC]",
            "2009-02-13T23:31:30+01:00[Europe/Berlin]",
            "2009-02-13T23:31:30Z ",
            " 2009-02-13T23:31:30Z",
            "+002009-02-13T23:31:30Z",
            "02009-02-13T23:31:30Z",
            "2009-02-13T23:31:30é",
            "2009-02-13T23:31:3é",
            "2009-02-13T23:31:30.٠Z",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
