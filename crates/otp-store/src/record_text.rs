use alloc::sync::Arc;
use core::fmt;

use otp_context::Record;
use otp_serde::{record, revealed_record};
use zeroize::Zeroizing;

use crate::Error;

/// More bytes than an ordinary record takes: a buffer that grows leaves copies of a plain-text key
/// behind.
const SPACE: usize = 1024;

/// A stored credential as text: its key, encrypted or in plain text, and its parameters, in the
/// versioned JSON form of `otp-serde`.
///
/// A store neither parses nor changes it. Clones share the text. It may hold a plain-text key, so
/// it is wiped when the last clone is dropped, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordText(Arc<Zeroizing<String>>);

impl RecordText {
    /// Takes a text that a store has read.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Arc::new(Zeroizing::new(text)))
    }

    /// Returns the text to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn write(record: &Record) -> Result<Self, Error> {
        let mut text = Zeroizing::new(Vec::with_capacity(SPACE));
        revealed_record::serialize(record, &mut serde_json::Serializer::new(&mut *text))
            .map_err(|_| Error::TooLarge("record"))?;
        let text = String::from_utf8(core::mem::take(&mut *text));
        text.map(Self::new).map_err(|_| Error::Corrupt("record"))
    }

    pub(crate) fn read(&self) -> Result<Record, Error> {
        let mut text = serde_json::Deserializer::from_str(self.as_str());
        let record = record::deserialize(&mut text).map_err(|_| Error::Corrupt("record"))?;
        text.end().map_err(|_| Error::Corrupt("record"))?;
        Ok(record)
    }
}

impl fmt::Debug for RecordText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordText").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::RecordText;

    #[test]
    fn record_is_not_printed() {
        let text = RecordText::new("GEZDGNBVGY3TQOJQ".to_owned());
        assert_eq!(format!("{text:?}"), "RecordText { .. }");
    }
}
