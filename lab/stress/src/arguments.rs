use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Context, Result};

use crate::database::Database;

/// A database and pairs of names and values.
pub struct Arguments {
    pub database: Database,
    values: BTreeMap<String, String>,
}

impl Arguments {
    pub fn new(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let database = Database::parse(&words.next().context("name a database")?)?;
        let mut values = BTreeMap::new();
        while let Some(name) = words.next() {
            let value = words.next().with_context(|| format!("{name} needs a value"))?;
            values.insert(name, value);
        }
        Ok(Self { database, values })
    }

    pub fn get<T: FromStr>(&self, name: &str, default: T) -> Result<T> {
        let value = self.values.get(name).map(|value| value.parse().ok());
        value.map_or(Ok(default), |value| {
            value.with_context(|| format!("{name} has an invalid value"))
        })
    }
}
