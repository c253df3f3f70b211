//! The period.

use otp_core::{Error, Period};

#[test]
fn at_least_a_second() {
    assert_eq!(Period::from_secs(0), Err(Error::Period));
    assert_eq!(Period::try_from(0), Err(Error::Period));
    for seconds in [1, 30, 60, 1 << 32, u64::MAX] {
        let period = Period::from_secs(seconds).unwrap();
        assert_eq!((period.as_secs(), u64::from(period)), (seconds, seconds));
        assert_eq!(Period::try_from(seconds), Ok(period));
        assert_eq!(period.to_string(), seconds.to_string());
    }
    assert_eq!(Period::default(), Period::THIRTY);
    assert_eq!(Period::THIRTY.as_secs(), 30);
}
