//! The laws, for the stores with a server. `cargo xtask stores` starts the servers, and passes
//! their URLs in `OTP_TEST_POSTGRES` and `OTP_TEST_REDIS`.
#![cfg(test)]

use core::time::Duration;

use otp_store::{Blocking, Postgres, PostgresOptions, Redis};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn url(name: &str) -> String {
    std::env::var(name).expect("run this test by `cargo xtask stores`, which starts the servers")
}

otp_store::conformance!(postgres, {
    let url = url("OTP_TEST_POSTGRES");
    let options = PostgresOptions::new().with_connections(4).with_timeout(PATIENCE);
    move || Blocking::open(Postgres::create_with(&url, options)).unwrap()
});

otp_store::conformance!(redis, {
    let url = url("OTP_TEST_REDIS");
    move || Blocking::open(Redis::create(&url)).unwrap()
});
