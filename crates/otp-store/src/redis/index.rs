use alloc::collections::BTreeSet;

use super::Redis;
use super::keys::{self, NAME};
use super::reply::{Reply, unexpected};
use super::scan::Scan;
use crate::{AccountId, AsyncStore, CredentialId, Error};

/// The number of ids in a page.
const PAGE: usize = 1000;

/// A difference between an index of a [`Redis`] store and its other keys.
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
    /// The account has recovery codes, and their index does not list it.
    UnlistedRecovery(AccountId),
    /// The index of recovery codes lists the account, and it has none.
    GoneRecovery(AccountId),
    /// The recovery codes are damaged or lost, or their account does not name them. Calls for them
    /// return [`Error::Corrupt`]`("set")`. A new set replaces them, unless the account is lost.
    DamagedRecovery(AccountId),
}

impl Redis {
    /// Compares the indexes, which [`list`](AsyncStore::list) and
    /// [`list_recovery`](AsyncStore::list_recovery) read, with the other keys. Returns the
    /// differences of credentials in the order of ids, then those of recovery codes. Both may change
    /// meanwhile. It walks over every key of the database, so it takes time on a server with much
    /// other data.
    ///
    /// The user needs the commands `SCAN` and `ZSCORE`, too.
    ///
    /// # Errors
    ///
    /// - [`Error::Corrupt`]: an entry of an index is not an id, or a key has another type.
    /// - [`Error::Missing`]: the schema key is lost.
    /// - [`Error::Engine`]: the server fails.
    pub async fn check_index(&self) -> Result<Vec<IndexDifference>, Error> {
        self.compare(false).await
    }

    /// Compares as [`check_index`](Self::check_index) does, corrects the indexes, and returns the
    /// differences that it found. [`IndexDifference::Damaged`] and
    /// [`IndexDifference::DamagedRecovery`] are not corrected.
    ///
    /// # Errors
    ///
    /// Those of [`check_index`](Self::check_index).
    pub async fn repair_index(&self) -> Result<Vec<IndexDifference>, Error> {
        self.compare(true).await
    }

    async fn compare(&self, repair: bool) -> Result<Vec<IndexDifference>, Error> {
        let (mut ids, mut accounts) = self.stored().await?;
        let mut after: Option<CredentialId> = None;
        loop {
            let page = self.list(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            ids.extend(page);
        }
        let mut after: Option<AccountId> = None;
        loop {
            let page = self.list_recovery(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            accounts.extend(page);
        }
        let mut differences = Vec::new();
        for id in ids {
            // Each check is one step, so that concurrent calls cause no differences.
            differences.extend(self.look(id, repair).await?);
        }
        for account in accounts {
            differences.extend(self.look_recovery(account, repair).await?);
        }
        Ok(differences)
    }

    /// Returns the ids of all credentials, and the accounts of all recovery codes, that have a key
    /// or that an account names.
    async fn stored(&self) -> Result<(BTreeSet<CredentialId>, BTreeSet<AccountId>), Error> {
        let (reconnecting, keys) = (&self.reconnecting, self.reconnecting.keys());
        let (mut ids, mut accounts) = (BTreeSet::new(), BTreeSet::new());
        let mut scan = Scan::new(keys.pattern("{"));
        while let Some(command) = scan.command() {
            for key in scan.page(reconnecting.ask(&command).await?)? {
                ids.extend(keys.of_credential(&key));
                accounts.extend(keys.of_recovery(&key));
                let Some(account) = keys.of_account(&key) else { continue };
                let mut command = ::redis::cmd("HKEYS");
                command.arg(key);
                for field in Reply::new(reconnecting.ask(&command).await?) {
                    let field = String::from_utf8(field?).map_err(|_| Error::Corrupt("key"))?;
                    if field == "set" {
                        accounts.insert(account.clone());
                    }
                    let name = field.strip_prefix(NAME);
                    ids.extend(
                        name.map(|name| CredentialId::from(account.clone()).with_name(name))
                            .transpose()?,
                    );
                }
            }
        }
        Ok((ids, accounts))
    }

    async fn look(&self, id: CredentialId, repair: bool) -> Result<Option<IndexDifference>, Error> {
        let arguments = |command: &mut ::redis::Cmd| {
            command.arg(keys::field(id.name())).arg(keys::place(&id)).arg(u8::from(repair));
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

    async fn look_recovery(
        &self,
        account: AccountId,
        repair: bool,
    ) -> Result<Option<IndexDifference>, Error> {
        let arguments = |command: &mut ::redis::Cmd| {
            command.arg(u8::from(repair));
        };
        let script = &self.reconnecting.scripts().look_recovery;
        let mut reply = self.run_on_recovery(script, &account, arguments).await?;
        match reply.word() {
            Ok(word) => match word.as_str() {
                "done" => Ok(None),
                "unlisted" => Ok(Some(IndexDifference::UnlistedRecovery(account))),
                "gone" => Ok(Some(IndexDifference::GoneRecovery(account))),
                _ => Err(unexpected()),
            },
            Err(Error::Corrupt("set")) => Ok(Some(IndexDifference::DamagedRecovery(account))),
            Err(error) => Err(error),
        }
    }
}
