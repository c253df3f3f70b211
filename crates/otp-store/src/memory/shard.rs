use alloc::collections::BTreeMap;
use core::hint::black_box;
use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable};

use super::recovery::Recovery;
use crate::{Account, AccountId, ChargeReply, ChargeRequest, CredentialId, Entry, RecordText};

/// The digest of an id, or of an account. All have one length, so that each search takes as long.
pub(super) type Key = [u8; 32];

/// Two keys that no id has. Every shard holds the first, and none holds the second.
const DECOY: Key = [0; 32];
const MISSING: Key = [0xff; 32];

#[derive(Debug)]
pub(super) struct Shard {
    pub(super) credentials: HashMap<Key, Entry>,
    pub(super) accounts: HashMap<Key, Kept>,
}

#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) state: Account,
    /// The ids of its credentials by name, with their keys.
    pub(super) credentials: BTreeMap<String, (CredentialId, Key)>,
    pub(super) recovery: Option<(AccountId, Recovery)>,
}

impl Kept {
    pub(super) fn is_empty(&self) -> bool {
        self.credentials.is_empty() && self.recovery.is_none()
    }
}

/// The keys of a credential, stored or not.
pub(super) struct Place {
    pub(super) account: Key,
    pub(super) credential: Key,
}

impl Place {
    pub(super) fn of(id: &CredentialId) -> Self {
        Self::named(id.account(), id.name())
    }

    pub(super) fn named(account: &AccountId, name: &str) -> Self {
        let account = Sha256::digest(account.as_str());
        let credential = Sha256::new().chain_update(account).chain_update(name).finalize();
        Self { account: account.into(), credential: credential.into() }
    }
}

impl Default for Shard {
    fn default() -> Self {
        let record = RecordText::new(String::new());
        Self {
            credentials: HashMap::from([(DECOY, Entry::new(record, false, 6, 0))]),
            accounts: HashMap::from([(DECOY, Kept::default())]),
        }
    }
}

impl Shard {
    /// Returns the credential, if it is stored, and its account.
    pub(super) fn find(&mut self, place: &Place) -> Option<(&mut Entry, &mut Account)> {
        let entry = self.credentials.get_mut(&place.credential)?;
        Some((entry, &mut self.accounts.get_mut(&place.account)?.state))
    }

    /// Returns the credentials of an account, in the order of their names.
    pub(super) fn credentials(&self, account: &Key) -> Vec<(CredentialId, Entry)> {
        let Some(kept) = self.accounts.get(account) else { return Vec::new() };
        let entries = kept.credentials.values().filter_map(|(id, key)| {
            let entry = self.credentials.get(key)?.clone();
            Some((id.clone(), Entry { account: kept.state, ..entry }))
        });
        entries.collect()
    }

    /// Takes the same steps for an unknown credential as for a known one, so that the time reveals
    /// nothing.
    pub(super) fn charge(&mut self, place: &Place, charge: &ChargeRequest) -> ChargeReply {
        let there = self.credentials.contains_key(&place.credential);
        let yes = Choice::from(u8::from(there));
        // Always one search that finds a credential and one that does not, in either order.
        black_box(self.credentials.contains_key(&select(&DECOY, &MISSING, yes)));
        let account = select(&DECOY, &place.account, yes);
        let credential = select(&DECOY, &place.credential, yes);
        let Some((entry, account)) = self.find(&Place { account, credential }) else {
            return ChargeReply::Unknown;
        };
        let state = if there { *account } else { Account::default() };
        let mut length = entry.length;
        // The decoy takes the length and the confirmation that the charge requires.
        length.conditional_assign(&charge.length(), !yes);
        let mut entry = Entry { account: state, length: charge.length(), ..entry.clone() };
        entry.confirmed = (entry.confirmed & there) | (charge.confirmed() & !there);
        let mut charged = entry.charge(charge);
        let counted = matches!(charged, ChargeReply::Permitted(_) | ChargeReply::Locked(_));
        if counted && length != charge.length() {
            charged = ChargeReply::Malformed { length, throttle: state.throttle };
        }
        *account = charged.account(*account, |entry| entry.account);
        if !there {
            charged = ChargeReply::Unknown;
        }
        charged
    }

    /// Charges the credentials of an account, or the decoy for an unknown one.
    pub(super) fn charge_account(
        &mut self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> ChargeReply<Vec<(CredentialId, Entry)>> {
        let mut place = Place::named(account, "");
        let entries = self.credentials(&place.account);
        if entries.is_empty() {
            place.credential = MISSING;
            let _ = black_box(self.charge(&place, charge));
            return ChargeReply::Unknown;
        }
        let charged = Entry::charge_account(entries, charge);
        if let Some(kept) = self.accounts.get_mut(&place.account) {
            kept.state = charged.account(kept.state, |entries| {
                entries.first().map_or(kept.state, |(_, entry)| entry.account)
            });
        }
        charged
    }
}

/// Returns `one`, or `other` if `choice` is 1, without a branch.
fn select(one: &Key, other: &Key, choice: Choice) -> Key {
    let mut selected = *one;
    for (byte, other) in selected.iter_mut().zip(other) {
        byte.conditional_assign(other, choice);
    }
    selected
}
