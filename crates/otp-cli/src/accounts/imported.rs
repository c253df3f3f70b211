use otp_context::wallet::KeyOwner;
use otp_context::{Credential, OtpContext, StoredKey};
use otp_serde::Imported;
use otp_uri::{ErrorKind, OtpKind};

use crate::failure::{Failure, FailureKind};
use crate::output::remarks;

/// Opens the credential of an imported account.
pub(crate) fn credential(imported: &Imported, context: &OtpContext) -> Result<Credential, Failure> {
    if matches!(imported.record.key(), StoredKey::Sealed(_)) {
        let message = "sealed key opens only in its application, with its credential's id";
        return Err(Failure::new(FailureKind::Uri(ErrorKind::Unsupported), "sealed", message));
    }
    // Keys of passlib have no owner.
    Ok(context.open(&imported.record, KeyOwner::new("", ""))?)
}

/// Returns what the reader repaired, and what another form does not keep. Only a record keeps which
/// TOTP codes are spent.
pub(crate) fn remarks(imported: &Imported, to_record: bool) -> Vec<String> {
    let kind = imported.record.kind();
    let mut remarks: Vec<_> = remarks::of_form(&imported.findings, Some(&kind)).collect();
    let is_hotp = matches!(kind, OtpKind::Hotp { .. });
    if !to_record && !is_hotp && imported.record.next() > 0 {
        remarks.push("left out: which codes are spent".to_owned());
    }
    remarks
}
