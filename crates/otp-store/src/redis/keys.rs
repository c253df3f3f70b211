use crate::{CredentialId, Error};

/// The names of everything under one prefix.
///
/// | key | is | holds |
/// |---|---|---|
/// | `schema` | string | which form the rest has |
/// | `index` | sorted set, all of score 0 | account, NUL, name of every credential |
/// | `account:` account | hash | `failures`, `lock`: `open`, `hard` or Unix seconds |
/// | `credential:` length of account `:` account `:` name | hash | the rest of an entry |
///
/// The length keeps two ids apart whose account and name run together to the same text.
#[derive(Debug)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    pub(super) const fn new(prefix: String) -> Self {
        Self { prefix }
    }

    pub(super) fn schema(&self) -> String {
        format!("{}schema", self.prefix)
    }

    pub(super) fn index(&self) -> String {
        format!("{}index", self.prefix)
    }

    pub(super) fn account(&self, id: &CredentialId) -> String {
        format!("{}account:{}", self.prefix, id.account())
    }

    pub(super) fn credential(&self, id: &CredentialId) -> String {
        let account = id.account();
        format!("{}credential:{}:{account}:{}", self.prefix, account.len(), id.name())
    }
}

/// A credential's place in the index. No id holds NUL, and nothing is less than it, so places are
/// in the order of ids.
pub(super) fn place(id: &CredentialId) -> String {
    format!("{}\0{}", id.account(), id.name())
}

/// The first place of an account, and the first after the last.
pub(super) fn places(id: &CredentialId) -> [String; 2] {
    [format!("[{}\0", id.account()), format!("({}\u{1}", id.account())]
}

/// The id at a place.
pub(super) fn id(place: Vec<u8>) -> Result<CredentialId, Error> {
    let place = String::from_utf8(place).map_err(|_| Error::Corrupt("index"))?;
    let (account, name) = place.split_once('\0').ok_or(Error::Corrupt("index"))?;
    let id = CredentialId::new(account).and_then(|id| id.with_name(name));
    id.map_err(|_| Error::Corrupt("index"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Keys, id, place};
    use crate::CredentialId;

    fn ids() -> Vec<CredentialId> {
        let texts = ["a", "ab", "a b", "1", "1:a", "a:1", ":", "::", "é", "\u{10ffff}", "a\u{7e}"];
        let of = |account: &str, name: &str| {
            CredentialId::new(account).unwrap().with_name(name).unwrap()
        };
        let named = texts.iter().flat_map(|account| texts.iter().map(|name| of(account, name)));
        texts.iter().map(|account| of(account, "")).chain(named).collect()
    }

    #[test]
    fn no_two_ids_share_a_key_or_a_place() {
        let keys = Keys::new("otp:".to_owned());
        let mut seen = std::collections::HashSet::new();
        for id in ids() {
            assert!(seen.insert(keys.credential(&id)), "{id:?}");
            assert!(seen.insert(place(&id)), "{id:?}");
        }
        // The control: without the length two do.
        let short = |id: &CredentialId| format!("{}:{}", id.account(), id.name());
        let shorts: std::collections::HashSet<_> = ids().iter().map(short).collect();
        assert!(shorts.len() < ids().len());
    }

    #[test]
    fn places_are_in_the_order_of_ids_and_lead_back() {
        let mut sorted = ids();
        sorted.sort();
        let mut places: Vec<_> = ids().iter().map(|id| place(id).into_bytes()).collect();
        places.sort();
        let back: Vec<_> = places.into_iter().map(|place| id(place).unwrap()).collect();
        assert_eq!(back, sorted);
    }
}
