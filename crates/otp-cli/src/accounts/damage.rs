use otp_store::CredentialId;
use serde::Serialize;

use crate::accounts::account::Name;
use crate::failure::{self, Failure};
use crate::output::{Output, complain};

/// A credential that cannot be read, as `--json` shows it.
#[derive(Serialize)]
struct Damaged<'a> {
    #[serde(flatten)]
    name: Name<'a>,
    #[serde(flatten)]
    failure: failure::Fields<'a>,
}

/// Shows why a credential is passed over: with `--json` as an object of its own, else on stderr.
pub(crate) fn show(
    id: &CredentialId,
    failure: &Failure,
    output: &mut Output,
) -> Result<(), Failure> {
    let name = Name::of(id);
    if output.is_json() {
        return output.object(&Damaged { name, failure: failure.fields() });
    }
    complain(&format!("otp: {}: {failure}", name.text()));
    Ok(())
}
