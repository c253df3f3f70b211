//! A database of an older version stays readable.

use otp_store::{Blocking, Error, Postgres};
use tokio::runtime::Runtime;

use crate::accounts;
use crate::server::{Database, connect, patient};

const SCHEMA_1: &str = include_str!("../data/schema-1/postgres.sql");

#[test]
fn postgres_schema_1_verifies_as_described() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(Database::new("schema_1"));
    runtime.block_on(database.run(SCHEMA_1));
    let url = &database.url;
    let outdated = runtime.block_on(connect(url));
    assert!(matches!(outdated, Err(Error::Outdated { found: 1, needed: 3 })), "{outdated:?}");
    runtime.block_on(Postgres::migrate_with(url, patient(1))).unwrap();
    accounts::verify_as_described(Blocking::open(connect(url)).unwrap());
}
