use otp_context::wallet::KeyOwner;
use otp_context::{Credential, OtpContext, Record, StoredKey};
use otp_uri::{ErrorKind, KeyUri, Reading};

use crate::failure::{Failure, Kind};
use crate::names::Names;
use crate::remarks;
use crate::saying::Saying;

/// A credential that there is already, by what it came as.
pub(crate) enum Given {
    Uri(Box<Reading>),
    Record(Box<Record>),
}

impl Given {
    /// Its URI, which needs an account.
    pub(crate) fn uri(self, context: &OtpContext, names: &Names) -> Result<KeyUri, Failure> {
        match self {
            Self::Uri(reading) => names.uri(reading.uri),
            Self::Record(_) => Ok(names.credential(self.credential(context)?).key_uri()?),
        }
    }

    /// What was put right in it, and what another form does not keep. A record keeps which TOTP codes are spent.
    pub(crate) fn remarks(&self, to_record: bool) -> Vec<String> {
        match self {
            Self::Uri(reading) => {
                remarks::of_form(&reading.findings, Some(reading.uri.kind())).collect()
            }
            Self::Record(record) => {
                let is_hotp = matches!(record.kind(), otp_uri::Kind::Hotp { .. });
                let is_lost = !to_record && !is_hotp && record.next() > 0;
                is_lost.then(|| "left out: which codes are spent".to_owned()).into_iter().collect()
            }
        }
    }

    /// The codes of what was odd about it.
    pub(crate) fn findings(&self) -> Vec<&'static str> {
        match self {
            Self::Uri(reading) => remarks::codes(&reading.findings),
            Self::Record(_) => Vec::new(),
        }
    }

    pub(crate) fn credential(self, context: &OtpContext) -> Result<Credential, Failure> {
        match self {
            Self::Uri(reading) => Ok(import(reading.uri, context)),
            Self::Record(record) if matches!(record.key(), StoredKey::Sealed(_)) => {
                let message =
                    "sealed key is bound to its credential; only its application opens it";
                Err(Failure::new(Kind::Uri(ErrorKind::Unsupported), "sealed", message))
            }
            // Passlib's keys are bound to nobody.
            Self::Record(record) => Ok(context.open(&record, KeyOwner::new("", ""))?),
        }
    }

    /// Reads a line that must be one credential, and whose key needs no wallet.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let convert = "otp convert --to uri";
        match Saying::read(text, false)? {
            Saying::Uri(reading) => Ok(Self::Uri(reading)),
            Saying::Record(record, _) if matches!(record.key(), StoredKey::Passlib(_)) => {
                let account = if record.account().is_none() { " --account NAME" } else { "" };
                let message =
                    format!("enckey is not opened here; {convert} --wallet FILE{account} opens it");
                Err(Failure::new(Kind::Uri(ErrorKind::Unsupported), "enckey", message))
            }
            Saying::Record(record, _) => Ok(Self::Record(record)),
            Saying::Export(_) => {
                let message = format!("uri is an export of accounts; {convert} takes them apart");
                Err(Failure::new(Kind::Uri(ErrorKind::Export), "uri", message))
            }
        }
    }
}

/// The credential of a URI.
pub(crate) fn import(uri: KeyUri, context: &OtpContext) -> Credential {
    let (label, secret, kind) = uri.into_parts();
    let credential = context.import(kind, secret).with_account(label.account());
    credential.with_issuer(label.issuer().unwrap_or_default())
}
