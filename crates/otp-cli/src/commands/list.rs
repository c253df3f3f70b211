use clap::Args;
use otp_store::{CredentialId, Store};

use crate::cli::Answer;
use crate::database::Database;
use crate::failure::Failure;
use crate::identity::Name;
use crate::output::Output;

/// List who is enrolled, confirmed or not
#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    database: Database,
}

/// As many are asked for at a time.
const PAGE: usize = 500;

impl List {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let store = self.database.open()?;
        each(&*store, |id| {
            if output.is_json() {
                output.object(&Name::of(id))?;
            } else {
                output.text(&Name::of(id).text())?;
            }
            Ok(output.is_open())
        })?;
        Ok(Answer::Yes)
    }
}

/// Goes through all credentials, until there is no more or `visit` does not want more.
pub(crate) fn each(
    store: &dyn Store,
    mut visit: impl FnMut(&CredentialId) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let mut last = None;
    loop {
        let page = store.list(last.as_ref(), PAGE)?;
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
