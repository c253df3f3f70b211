use otp_context::{Credential, KeyWeakness};

/// Returns what is weak about a key, if anything. The key is stored nevertheless.
pub(crate) fn of(credential: &Credential) -> Option<String> {
    let weaknesses = credential.weaknesses().map(|weakness| match weakness {
        KeyWeakness::Short => "is short, of fewer than 16 bytes",
        KeyWeakness::SharedBits => "comes from a generator of passlib, with few random bits",
        _ => "is weak",
    });
    let weaknesses: Vec<_> = weaknesses.collect();
    let all = weaknesses.join(" and ");
    (!weaknesses.is_empty())
        .then(|| format!("this key {all}; enrol the account again, with a new key"))
}
