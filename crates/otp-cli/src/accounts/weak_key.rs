use otp_context::{Credential, KeyWeakness};

/// Says what is wrong with a key that is kept all the same.
pub(crate) fn of(credential: &Credential) -> Option<String> {
    let weaknesses = credential.weaknesses().map(|weakness| match weakness {
        KeyWeakness::Short => "is short, of fewer than 16 bytes",
        KeyWeakness::SharedBits => "was made by a generator of passlib's, with few random bits",
        _ => "is weak",
    });
    let weaknesses: Vec<_> = weaknesses.collect();
    let all = weaknesses.join(" and ");
    (!weaknesses.is_empty())
        .then(|| format!("this key {all}; enrol the account again, with a new key"))
}
