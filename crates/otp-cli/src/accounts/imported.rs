use otp_context::wallet::KeyOwner;
use otp_context::{Credential, OtpContext, StoredKey};
use otp_serde::Imported;
use otp_uri::{ErrorKind, OtpKind};

use crate::failure::{Failure, FailureKind};
use crate::output::remarks;

/// The credential of an imported account.
pub(crate) fn credential(imported: &Imported, context: &OtpContext) -> Result<Credential, Failure> {
    if matches!(imported.record.key(), StoredKey::Sealed(_)) {
        let message = "sealed key is bound to its credential; only its application opens it";
        return Err(Failure::new(FailureKind::Uri(ErrorKind::Unsupported), "sealed", message));
    }
    // passlib's keys have no owner.
    Ok(context.open(&imported.record, KeyOwner::new("", ""))?)
}

/// What the reader repaired, and what another form does not keep. A record keeps which TOTP codes
/// are spent.
pub(crate) fn remarks(imported: &Imported, to_record: bool) -> Vec<String> {
    let kind = imported.record.kind();
    let mut remarks: Vec<_> = remarks::of_form(&imported.findings, Some(&kind)).collect();
    let is_hotp = matches!(kind, OtpKind::Hotp { .. });
    if !to_record && !is_hotp && imported.record.next() > 0 {
        remarks.push("left out: which codes are spent".to_owned());
    }
    remarks
}
