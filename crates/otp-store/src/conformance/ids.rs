use super::subject::{Subject, done, found, inserted, permitted, throttle};
use crate::{AccountId, CredentialId, SpendReply, Store};

/// Accounts that a careless database confuses.
const ACCOUNTS: &[&str] = &[
    "alice",
    "Alice",
    "ALICE",
    "alice ",
    " alice",
    "alice\u{200b}",
    "alicf",
    "al\u{ec}ce",
    // Composed and decomposed, a ligature, full width, and a letter that lower case turns into two.
    "\u{e9}",
    "e\u{301}",
    "fi",
    "\u{fb01}",
    "a",
    "\u{ff41}",
    "\u{df}",
    "ss",
    "\u{130}",
    "i",
    // Outside the basic plane, with equal endings.
    "\u{1f600}",
    "\u{1f601}",
    // Different spellings of one number.
    "1",
    "01",
    "1.0",
    "1e0",
    "+1",
    "0x1",
    "9007199254740992",
    "9007199254740993",
    // Patterns, quotes, separators and SQL keywords.
    "%",
    "_",
    "*",
    "?",
    "[a]",
    "{a}",
    "'",
    "''",
    "\"",
    "\\",
    "a:b",
    "a:",
    "a/b",
    "a/",
    "a|b",
    "a,b",
    "null",
    "NULL",
    "true",
    "$1",
    "?1",
    "\u{feff}a",
    "a.b",
    "a-b",
    "a b",
];

/// Pairs of account and name that look alike when joined.
const PAIRS: &[(&str, &str)] = &[
    ("x", ""),
    ("x", "y"),
    ("xy", ""),
    ("x", "y/z"),
    ("x/y", "z"),
    ("x:y", "z"),
    ("x", "y:z"),
    ("x", ":y"),
    ("x:", "y"),
    ("x/", "y"),
    ("x", "/y"),
    ("x", "Y"),
    ("x", "y "),
    ("x", " "),
    ("x|y", ""),
    ("x", "|y"),
    ("x", "NULL"),
    ("x", "0"),
    ("x", "00"),
    ("x,y", ""),
    ("x", ",y"),
];

fn ids(subject: &Subject) -> Vec<CredentialId> {
    let mut ids: Vec<_> = ACCOUNTS.iter().map(|account| subject.id(account)).collect();
    ids.extend(PAIRS.iter().map(|(account, name)| subject.named(account, name)));
    // As long as permitted, and different only in the last byte.
    let rest = 254_usize.saturating_sub(subject.id("l").account().as_str().len());
    let long = format!("l{}", "o".repeat(rest));
    for end in ["1", "2"] {
        ids.push(subject.id(&format!("{long}{end}")));
        ids.push(subject.named(&format!("{long}{end}"), &format!("{}{end}", "n".repeat(254))));
    }
    ids
}

/// Ids that look alike are different credentials and different accounts.
pub fn ids_kept_apart<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let ids = ids(&subject);
    for (number, id) in (0..).zip(&ids) {
        assert_eq!(
            done("find", store.find(id)),
            None,
            "{id:?} is taken for another id that was inserted before"
        );
        inserted(&store, id, &subject.hotp(number, number));
        let spent = done("spend", store.spend(id, &subject.spend(number, number)));
        assert_eq!(spent, SpendReply::Done, "{id:?} cannot be confirmed");
    }
    for (number, id) in (0..).zip(&ids) {
        let entry = found(&store, id);
        assert_eq!(entry.generation, number, "{id:?} is taken for another id");
        let before = entry.account.throttle.failures();
        let charged = permitted(&store, id, &subject.free(true));
        assert_eq!(charged.generation, number, "{id:?} is taken for another id by a charge");
        assert_eq!(
            charged.account.throttle.failures(),
            before + 1,
            "a charge of {id:?} is not counted"
        );
    }
    for id in &ids {
        let own = ids.iter().filter(|other| other.account() == id.account()).count();
        let failures = throttle(&store, id).failures();
        assert_eq!(
            Ok(failures),
            u32::try_from(own),
            "the account of {id:?} shares its failures with another"
        );
    }
    for (place, id) in ids.iter().enumerate() {
        assert!(done("remove", store.remove(id)), "{id:?} was removed together with another id");
        if let Some(next) = ids.get(place.saturating_add(1)) {
            assert!(done("find", store.find(next)).is_some(), "{next:?} was removed with {id:?}");
        }
    }
}

/// Lists page by page from an id on, until an id of another law comes.
fn paged<T: Clone>(
    before: &T,
    most: usize,
    list: impl Fn(&T, usize) -> Vec<T>,
    owns: impl Fn(&T) -> bool,
) -> Vec<T> {
    let mut listed = Vec::new();
    loop {
        let page = list(listed.last().unwrap_or(before), most);
        assert!(page.len() <= most, "more ids are listed than asked for");
        let own: Vec<_> = page.iter().filter(|id| owns(id)).cloned().collect();
        let ends = own.is_empty() || own.len() < page.len();
        listed.extend(own);
        assert!(listed.len() <= 1000, "ids are listed more than once");
        if ends {
            return listed;
        }
    }
}

/// Ids are listed by account and name, byte for byte, from any id on. So are the credentials of an account,
/// and the accounts with recovery codes.
pub fn ids_in_order<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let mut ids = ids(&subject);
    for id in &ids {
        inserted(&store, id, &subject.totp(1));
    }
    ids.sort();
    let before = subject.id("");
    let list = |after: &CredentialId, most| done("list", store.list(Some(after), most));
    assert!(list(&before, 0).is_empty(), "more ids are listed than asked for");
    for most in [1, 7, ids.len()] {
        let listed = paged(&before, most, list, |id| subject.owns(id));
        assert!(
            listed == ids,
            "ids are not listed each once and byte for byte in order, {most} at a time: {listed:?}"
        );
    }
    // From an id that does not exist, and from the beginning.
    assert_eq!(list(&subject.named("x", "y/"), 1), [subject.named("x", "y/z")], "wrong first id");
    let first = done("list", store.list(None, 1));
    assert!(first.first().is_some_and(|first| ids.first() >= Some(first)), "wrong first id of all");

    let mut accounts: Vec<_> = ids.iter().map(|id| id.account().clone()).collect();
    accounts.dedup();
    for account in &accounts {
        let stored = done("credentials", store.credentials(account));
        let own = ids.iter().filter(|id| id.account() == account);
        assert!(stored.iter().map(|(id, _)| id).eq(own), "{account} has other credentials");
        done("store_recovery", store.store_recovery(account, &subject.recovery(account).1));
    }
    let before = before.account();
    let list = |after: &AccountId, most| done("list", store.list_recovery(Some(after), most));
    assert!(list(before, 0).is_empty(), "more accounts are listed than asked for");
    let owns = |account: &AccountId| subject.owns(&account.clone().into());
    for most in [7, accounts.len()] {
        let listed = paged(before, most, list, owns);
        assert!(listed == accounts, "accounts are not listed in order: {listed:?}");
    }
}
