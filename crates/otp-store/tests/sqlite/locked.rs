//! A file that another process holds.

use core::time::Duration;
use std::thread;
use std::time::Instant;

use otp_store::{EngineErrorKind, Error, Verdict};
use rusqlite::Connection;

use crate::site::{NOW, Site};

#[test]
fn file_held_by_another_process_is_busy() {
    let site = Site::new();
    let service = site.service(NOW);
    let guess = || service.verify(&site.alice, "123456");
    let other = Connection::open(&site.path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // The wait for another thread and the wait for the file together take five seconds, not ten. A
    // busy machine may be late, but not each time.
    let in_time = (0..5).any(|_| {
        let began = Instant::now();
        thread::scope(|scope| {
            for waiting in [(); 3].map(|()| scope.spawn(guess)) {
                let Err(Error::Engine(error)) = waiting.join().unwrap() else { panic!("answered") };
                assert_eq!(error.kind(), EngineErrorKind::Busy);
            }
        });
        began.elapsed() < Duration::from_secs(9)
    });
    assert!(in_time, "a thread waits twice, for other threads and for the file");
    other.execute_batch("ROLLBACK").unwrap();
    let Verdict::Rejected(rejection) = guess().unwrap() else { panic!("accepted") };
    assert_eq!(rejection.failures(), 1, "a failed attempt is counted");
}
