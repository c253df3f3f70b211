use jiff::Timestamp;
use otp_core::UnixTime;

use crate::failure::{Failure, Kind};
use crate::number::{Bound, whole};

/// The time by the operating system's clock.
pub(crate) fn now() -> Result<UnixTime, Failure> {
    otp_context::now().map_err(|error| Failure::new(Kind::Clock, "time", error.to_string()))
}

/// An instant as people write it: Unix seconds, or RFC 3339.
pub(crate) fn read(text: &str) -> Result<UnixTime, Bound> {
    let bound = Bound("must be Unix seconds or RFC 3339, whole and not before 1970");
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return whole(text).map(UnixTime::from_secs);
    }
    match text.parse::<Timestamp>() {
        Ok(instant) if instant.subsec_nanosecond() == 0 => {
            u64::try_from(instant.as_second()).map(UnixTime::from_secs).map_err(|_| bound)
        }
        _ => Err(bound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let time = Ok(UnixTime::from_secs(1_234_567_890));
        for text in [
            "1234567890",
            "2009-02-13T23:31:30Z",
            "2009-02-13t23:31:30z",
            "2009-02-14T00:31:30+01:00",
            "2009-02-13T23:31:30.000Z",
        ] {
            assert_eq!(read(text), time, "{text}");
        }
        assert_eq!(read("18446744073709551615"), Ok(UnixTime::from_secs(u64::MAX)));
    }

    #[test]
    fn other_text_is_refused() {
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
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
