//! A database of an older version opens and verifies for ever.

use otp_store::{Blocking, Postgres};
use tokio::runtime::Runtime;

use crate::accounts;
use crate::server::Database;

const SCHEMA_1: &str = include_str!("../data/schema-1/postgres.sql");

#[test]
fn postgres_schema_1_verifies_as_described() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(Database::new("schema_1"));
    runtime.block_on(database.run(SCHEMA_1));
    accounts::verify_as_described(Blocking::open(Postgres::connect(&database.url)).unwrap());
}
