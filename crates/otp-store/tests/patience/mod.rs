//! What does not depend on how fast the machine is.

use core::time::Duration;
use std::time::Instant;

use otp_store::{EngineErrorKind, Error};

/// How long a call of the store waits for others.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks again while others hold the file, as a busy machine may have them hold it for long. A call that
/// gives up before its time fails.
pub(crate) fn patiently<T>(ask: impl Fn() -> Result<T, Error>) -> T {
    for _ in 0..100 {
        let began = Instant::now();
        match ask() {
            Err(Error::Engine(error)) if error.kind() == EngineErrorKind::Busy => {
                assert!(began.elapsed() >= PATIENCE, "busy after {:?}", began.elapsed());
            }
            answer => return answer.unwrap(),
        }
    }
    panic!("others hold the file for ever")
}
