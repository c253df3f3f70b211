use crate::{AccountId, CredentialId, Error};

/// The names of all keys under one prefix.
///
/// | key | type | holds |
/// |---|---|---|
/// | `schema` | string | the version of this layout |
/// | `index` | sorted set, each score 0 | account, NUL and name of each credential, for listing |
/// | `recovery` | sorted set, each score 0 | each account with recovery codes, for listing |
/// | `{LENGTH:ACCOUNT}:account` | hash | `failures`; `guesses`; `lock`: `open`, `hard` or Unix seconds; `charge`: the last attempt charged, then `GUESSES:LOCK` before it; `trust`: the trust epoch; `set`: the id of the recovery codes, if there are any; `name:NAME` for each credential |
/// | `{LENGTH:ACCOUNT}:credential:NAME` | hash | the rest of an entry |
/// | `{LENGTH:ACCOUNT}:recovery` | hash | `key`: the sealed key; the digest of each recovery code, with the attempt that spent it, or nothing |
/// | `scratch` | none | tries the user's rights, while a script runs |
///
/// `LENGTH` is the length of the account in bytes. It separates two ids that would otherwise have
/// the same key.
///
/// The braces are a hash tag, so the keys of an account lie in one slot of a cluster. A cluster
/// would need more, since each script also reads `schema`, and enrolling and removing write
/// an index, which lie in other slots. It would need a schema key per slot, an index that is written
/// in a separate call, and a fail-over that loses nothing.
///
/// A script on all credentials of an account builds their keys from the account's names. So it reads
/// keys that the call does not declare. They lie in the slot of a declared key.
#[derive(Debug)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    pub(super) const fn new(prefix: String) -> Self {
        Self { prefix }
    }

    pub(super) fn schema(&self) -> String {
        self.key("schema")
    }

    pub(super) fn index(&self) -> String {
        self.key("index")
    }

    pub(super) fn recovery_index(&self) -> String {
        self.key("recovery")
    }

    pub(super) fn scratch(&self) -> String {
        self.key("scratch")
    }

    pub(super) fn account(&self, account: &AccountId) -> String {
        let account = account.as_str();
        format!("{}{{{}:{account}}}:account", self.prefix, account.len())
    }

    pub(super) fn credential(&self, account: &AccountId, name: &str) -> String {
        let account = account.as_str();
        format!("{}{{{}:{account}}}:credential:{name}", self.prefix, account.len())
    }

    pub(super) fn recovery(&self, account: &AccountId) -> String {
        let account = account.as_str();
        format!("{}{{{}:{account}}}:recovery", self.prefix, account.len())
    }

    /// Returns another key under the prefix.
    pub(super) fn key(&self, rest: &str) -> String {
        format!("{}{rest}", self.prefix)
    }

    /// Returns the pattern for every key under the prefix with this beginning.
    pub(super) fn pattern(&self, beginning: &str) -> String {
        let mut pattern = String::new();
        for character in self.key(beginning).chars() {
            if matches!(character, '*' | '?' | '[' | ']' | '\\') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        pattern + "*"
    }

    /// Returns the part of a key after the prefix and this beginning.
    pub(super) fn rest<'key>(&self, key: &'key [u8], beginning: &str) -> Option<&'key str> {
        str::from_utf8(key).ok()?.strip_prefix(self.prefix.as_str())?.strip_prefix(beginning)
    }

    /// Returns the id of a credential's key.
    pub(super) fn of_credential(&self, key: &[u8]) -> Option<CredentialId> {
        let (account, rest) = counted(self.rest(key, "{")?)?;
        CredentialId::new(account).ok()?.with_name(rest.strip_prefix("}:credential:")?).ok()
    }

    /// Returns the account of its key.
    pub(super) fn of_account(&self, key: &[u8]) -> Option<AccountId> {
        self.of(key, "}:account")
    }

    /// Returns the account of the key of its recovery codes.
    pub(super) fn of_recovery(&self, key: &[u8]) -> Option<AccountId> {
        self.of(key, "}:recovery")
    }

    fn of(&self, key: &[u8], ending: &str) -> Option<AccountId> {
        let (account, rest) = counted(self.rest(key, "{")?)?;
        if rest == ending { AccountId::new(account).ok() } else { None }
    }
}

/// Splits a text that begins with a length in bytes and a colon, and returns the part of that
/// length and the rest.
pub(super) fn counted(text: &str) -> Option<(&str, &str)> {
    let (length, rest) = text.split_once(':')?;
    let (account, rest) = rest.split_at_checked(length.parse().ok()?)?;
    // A number has only one spelling.
    if length == account.len().to_string() { Some((account, rest)) } else { None }
}

/// Returns the account's field for a credential's name.
pub(super) fn field(name: &str) -> String {
    format!("{NAME}{name}")
}

/// The prefix of the account's fields for credentials.
pub(super) const NAME: &str = "name:";

/// Returns a credential's place in the index. No id contains NUL, and no byte is less than it, so
/// places sort as ids do.
pub(super) fn place(id: &CredentialId) -> String {
    format!("{}\0{}", id.account(), id.name())
}

/// Returns the id of a place.
pub(super) fn id(place: Vec<u8>) -> Result<CredentialId, Error> {
    let place = String::from_utf8(place).map_err(|_| Error::Corrupt("index"))?;
    let (account, name) = place.split_once('\0').ok_or(Error::Corrupt("index"))?;
    let id = CredentialId::new(account).and_then(|id| id.with_name(name));
    id.map_err(|_| Error::Corrupt("index"))
}

/// Returns the account of a place in the index of recovery codes.
pub(super) fn account(place: Vec<u8>) -> Result<AccountId, Error> {
    let account = String::from_utf8(place).ok().and_then(|place| AccountId::new(place).ok());
    account.ok_or(Error::Corrupt("index"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Keys, id, place};
    use crate::CredentialId;

    fn ids() -> Vec<CredentialId> {
        let texts = [
            "a",
            "ab",
            "a b",
            "1",
            "1:a",
            "a:1",
            ":",
            "::",
            "é",
            "\u{10ffff}",
            "a\u{7e}",
            "}",
            "a}:credential:",
        ];
        let of = |account: &str, name: &str| {
            CredentialId::new(account).unwrap().with_name(name).unwrap()
        };
        let named = texts.iter().flat_map(|account| texts.iter().map(|name| of(account, name)));
        texts.iter().map(|account| of(account, "")).chain(named).collect()
    }

    #[test]
    fn ids_have_different_keys_and_places() {
        let keys = Keys::new("otp:".to_owned());
        let mut seen = std::collections::HashSet::new();
        for id in ids() {
            let account = keys.account(id.account());
            let credential = keys.credential(id.account(), id.name());
            assert!(seen.insert(credential.clone()), "{id:?}");
            assert!(seen.insert(place(&id)), "{id:?}");
            let recovery = keys.recovery(id.account());
            assert!(id.name() != "" || seen.insert(account.clone()), "{id:?}");
            assert!(id.name() != "" || seen.insert(recovery.clone()), "{id:?}");
            assert_eq!(account.strip_suffix("account"), recovery.strip_suffix("recovery"));
            // Scripts build the key in this way.
            assert_eq!(credential, keys.credential(id.account(), "") + id.name());
            assert_eq!(keys.of_credential(credential.as_bytes()), Some(id.clone()));
            assert_eq!(keys.of_account(credential.as_bytes()), None);
            assert_eq!(keys.of_account(account.as_bytes()).as_ref(), Some(id.account()));
            assert_eq!(keys.of_credential(account.as_bytes()), None);
            assert_eq!(keys.of_recovery(recovery.as_bytes()).as_ref(), Some(id.account()));
            assert_eq!(keys.of_recovery(account.as_bytes()), None);
        }
        for foreign in ["otp:schema", "otp:{1:a", "otp:{01:a}:account", "otp:{2:a}:account", "x"] {
            assert_eq!(keys.of_account(foreign.as_bytes()), None, "{foreign}");
        }
        // The control: without the length two ids share a key.
        let short = |id: &CredentialId| format!("{}:{}", id.account(), id.name());
        let shorts: std::collections::HashSet<_> = ids().iter().map(short).collect();
        assert!(shorts.len() < ids().len());
    }

    /// Returns what Redis calls the hash tag: the part from the first brace to the next closing
    /// one.
    #[test]
    fn redis_keys_of_an_account_share_a_slot() {
        fn tag(key: &str) -> &str {
            let (_, rest) = key.split_once('{').unwrap();
            rest.split_once('}').unwrap().0
        }

        let keys = Keys::new("otp:".to_owned());
        for id in ids() {
            let account = keys.account(id.account());
            let credential = keys.credential(id.account(), id.name());
            assert_eq!(tag(&account), tag(&credential), "{id:?}");
            assert_eq!(tag(&account), tag(&keys.recovery(id.account())), "{id:?}");
            assert!(!tag(&account).is_empty());
        }
    }

    #[test]
    fn pattern_escapes_the_prefix() {
        let keys = Keys::new("a[1]*?\\:".to_owned());
        assert_eq!(keys.pattern("{"), "a\\[1\\]\\*\\?\\\\:{*");
    }

    #[test]
    fn places_sort_as_ids_and_convert_back() {
        let mut sorted = ids();
        sorted.sort();
        let mut places: Vec<_> = ids().iter().map(|id| place(id).into_bytes()).collect();
        places.sort();
        let back: Vec<_> = places.into_iter().map(|place| id(place).unwrap()).collect();
        assert_eq!(back, sorted);
    }
}
