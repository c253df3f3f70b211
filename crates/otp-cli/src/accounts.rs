//! The accounts, their database and their keys.

pub(crate) mod account;
pub(crate) mod config_file;
pub(crate) mod damage;
pub(crate) mod database;
pub(crate) mod database_url;
pub(crate) mod imported;
pub(crate) mod names;
pub(crate) mod new_key;
pub(crate) mod passlib_secrets;
pub(crate) mod server;
pub(crate) mod wallet_file;
pub(crate) mod weak_key;
