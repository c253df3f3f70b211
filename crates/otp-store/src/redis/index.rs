use alloc::collections::BTreeSet;

use super::Redis;
use super::keys::{self, NAME};
use super::reply::{Reply, unexpected};
use super::scan::Scan;
use crate::{AsyncStore, CredentialId, Error};

/// The number of ids in a page.
const PAGE: usize = 1000;

/// A difference between the index of a [`Redis`] store and its other keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IndexDifference {
    /// The credential exists, and the index does not list it.
    Unlisted(CredentialId),
    /// The index lists the credential, and it does not exist.
    Gone(CredentialId),
    /// The credential or its account is lost, or the account does not name the credential. Calls
    /// for it return [`Error::Corrupt`]`("throttle")`.
    Damaged(CredentialId),
}

impl Redis {
    /// Compares the index, which [`list`](AsyncStore::list) reads, with the other keys, and returns
    /// the differences in the order of ids. Credentials may be enrolled and removed meanwhile. It
    /// walks over every key of the database, so it takes time on a server with much other data.
    ///
    /// The user needs the commands `SCAN` and `ZSCORE`, too.
    ///
    /// # Errors
    ///
    /// - [`Error::Corrupt`]: an entry of the index is not an id, or a key has another type.
    /// - [`Error::Missing`]: the schema key is lost.
    /// - [`Error::Engine`]: the server fails.
    pub async fn check_index(&self) -> Result<Vec<IndexDifference>, Error> {
        self.compare(false).await
    }

    /// Compares as [`check_index`](Self::check_index) does, corrects the index, and returns the
    /// differences that it found. [`IndexDifference::Damaged`] is not corrected.
    ///
    /// # Errors
    ///
    /// Those of [`check_index`](Self::check_index).
    pub async fn repair_index(&self) -> Result<Vec<IndexDifference>, Error> {
        self.compare(true).await
    }

    async fn compare(&self, repair: bool) -> Result<Vec<IndexDifference>, Error> {
        let mut ids = self.stored().await?;
        let mut after: Option<CredentialId> = None;
        loop {
            let page = self.list(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            ids.extend(page);
        }
        let mut differences = Vec::new();
        for id in ids {
            // Each check is one step, so that concurrent calls cause no differences.
            differences.extend(self.look(id, repair).await?);
        }
        Ok(differences)
    }

    /// Returns the ids of all credentials that have a key, or that an account names.
    async fn stored(&self) -> Result<BTreeSet<CredentialId>, Error> {
        let (reconnecting, keys) = (&self.reconnecting, self.reconnecting.keys());
        let (mut ids, mut scan) = (BTreeSet::new(), Scan::new(keys.pattern("{")));
        while let Some(command) = scan.command() {
            for key in scan.page(reconnecting.ask(&command).await?)? {
                ids.extend(keys.of_credential(&key));
                let Some(account) = keys.of_account(&key) else { continue };
                let mut command = ::redis::cmd("HKEYS");
                command.arg(key);
                for field in Reply::new(reconnecting.ask(&command).await?) {
                    let field = String::from_utf8(field?).map_err(|_| Error::Corrupt("key"))?;
                    let name = field.strip_prefix(NAME);
                    ids.extend(name.map(|name| account.clone().with_name(name)).transpose()?);
                }
            }
        }
        Ok(ids)
    }

    async fn look(&self, id: CredentialId, repair: bool) -> Result<Option<IndexDifference>, Error> {
        let arguments = |command: &mut ::redis::Cmd| {
            command.arg(keys::field(&id)).arg(keys::place(&id)).arg(u8::from(repair));
        };
        let script = &self.reconnecting.scripts().look;
        let mut reply = self.reconnecting.run(script, &self.all_keys(&id), arguments).await?;
        match reply.word() {
            Ok(word) => match word.as_str() {
                "done" => Ok(None),
                "unlisted" => Ok(Some(IndexDifference::Unlisted(id))),
                "gone" => Ok(Some(IndexDifference::Gone(id))),
                _ => Err(unexpected()),
            },
            Err(Error::Corrupt("throttle")) => Ok(Some(IndexDifference::Damaged(id))),
            Err(error) => Err(error),
        }
    }
}
