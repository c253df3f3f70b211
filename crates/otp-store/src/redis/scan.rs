use ::redis::{Cmd, Value};

use crate::{EngineError, EngineErrorKind, Error};

/// A walk over the keys that match a pattern, page by page. It visits every key that exists
/// throughout the walk at least once.
pub(super) struct Scan {
    pattern: String,
    /// `None` after the last page.
    cursor: Option<String>,
}

impl Scan {
    pub(super) fn new(pattern: String) -> Self {
        Self { pattern, cursor: Some("0".to_owned()) }
    }

    /// Returns the command for the next page.
    pub(super) fn command(&self) -> Option<Cmd> {
        let mut command = ::redis::cmd("SCAN");
        command.arg(self.cursor.as_ref()?).arg("MATCH").arg(&self.pattern).arg("COUNT").arg(1000);
        Some(command)
    }

    /// Returns the keys of a page.
    pub(super) fn page(&mut self, reply: Value) -> Result<Vec<Vec<u8>>, Error> {
        let page = ::redis::from_redis_value::<(String, Vec<Vec<u8>>)>(reply);
        let other = |error| EngineError::new(EngineErrorKind::Other, error);
        let (cursor, keys) = page.map_err(other)?;
        self.cursor = (cursor != "0").then_some(cursor);
        Ok(keys)
    }
}
