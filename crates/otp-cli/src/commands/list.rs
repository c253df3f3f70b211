use clap::Args;
use otp_store::{AccountId, CredentialId, Error, Store};
use serde::Serialize;

use crate::accounts::account::Name;
use crate::accounts::damage;
use crate::accounts::database::Database;
use crate::failure::Failure;
use crate::output::Output;
use crate::output::answer::Answer;

/// List the credentials, confirmed or not
///
/// Reads each credential. A damaged credential is named, and costs exit status 1.
#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    database: Database,
}

/// A credential, as `--json` shows it.
#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    name: Name<'a>,
    confirmed: bool,
}

impl Listed<'_> {
    /// Returns the credential for people.
    fn text(&self) -> String {
        let note = if self.confirmed { "" } else { " (not confirmed)" };
        self.name.text() + note
    }
}

/// The number of credentials that are fetched at a time.
const PAGE: usize = 500;

impl List {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let store = self.database.open()?;
        let mut answer = Answer::Yes;
        each(&*store, |id| {
            match store.find(id) {
                Ok(Some(entry)) => {
                    let listed = Listed { name: Name::of(id), confirmed: entry.confirmed };
                    if output.is_json() {
                        output.object(&listed)?;
                    } else {
                        output.text(&listed.text())?;
                    }
                }
                // The credential was removed meanwhile.
                Ok(None) => {}
                Err(error @ Error::Corrupt(_)) => {
                    answer = Answer::No;
                    damage::show(id, &error.into(), output)?;
                }
                Err(error) => return Err(error.into()),
            }
            Ok(output.is_open())
        })?;
        Ok(answer)
    }
}

/// Visits all credentials, until `visit` returns false.
pub(crate) fn each(
    store: &dyn Store,
    visit: impl FnMut(&CredentialId) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    each_of(|after| store.list(after, PAGE), visit)
}

/// Visits all accounts with recovery codes, until `visit` returns false.
pub(crate) fn each_recovery(
    store: &dyn Store,
    visit: impl FnMut(&AccountId) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    each_of(|after| store.list_recovery(after, PAGE), visit)
}

/// Reads page after page, and visits all ids, until `visit` returns false.
fn each_of<Id>(
    page: impl Fn(Option<&Id>) -> Result<Vec<Id>, Error>,
    mut visit: impl FnMut(&Id) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let mut last = None;
    loop {
        let page = page(last.as_ref())?;
        for id in &page {
            if !visit(id)? {
                return Ok(());
            }
        }
        match page.into_iter().last() {
            Some(id) => last = Some(id),
            None => return Ok(()),
        }
    }
}
