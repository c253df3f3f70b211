//! A database of an older version opens and verifies for ever.

use otp_store::{Blocking, Error, Postgres};
use tokio::runtime::Runtime;

use crate::accounts;
use crate::server::Database;

const SCHEMA_1: &str = include_str!("../data/schema-1/postgres.sql");

#[test]
fn postgres_schema_1_verifies_as_described() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(Database::new("schema_1"));
    runtime.block_on(database.run(SCHEMA_1));
    for opened in [
        runtime.block_on(Postgres::connect(&database.url)),
        runtime.block_on(Postgres::create(&database.url)),
    ] {
        assert!(matches!(opened, Err(Error::Outdated { found: 1, .. })), "{opened:?}");
    }
    runtime.block_on(Postgres::migrate(&database.url)).unwrap();
    accounts::verify_as_described(Blocking::open(Postgres::connect(&database.url)).unwrap());
}
