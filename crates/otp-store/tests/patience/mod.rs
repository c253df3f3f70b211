//! Waiting that does not depend on the speed of the machine.

use core::time::Duration;
use std::time::Instant;

use otp_store::{EngineErrorKind, Error};

/// How long a call of the store waits for other threads and processes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Retries while the file is busy, since a slow machine may hold it for long. Panics if a call
/// gives up too early.
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
    panic!("the file is busy for ever")
}
