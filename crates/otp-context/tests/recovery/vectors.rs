use otp_context::OtpContext;
use otp_context::recovery::{
    RecoveryCode, RecoveryCodeSize, RecoveryDigest, RecoveryOwner, RecoverySetId,
};
use otp_core::Secret;
use serde_json::Value;

use super::{ours, source, wallet};

fn bytes(hex: &Value) -> Vec<u8> {
    hex.as_str().map_or_else(Vec::new, |hex| Secret::from_hex(hex).unwrap().reveal().to_vec())
}

/// The digest of a code in a set that was made with this key, if there is one.
fn digest(
    key: &[u8],
    owner: RecoveryOwner<'_>,
    set: RecoverySetId,
    code: &RecoveryCode,
) -> RecoveryDigest {
    let mut entropy = set.get().to_be_bytes().to_vec();
    entropy.extend(key);
    // The nonce, and ten codes.
    entropy.resize(entropy.len() + 24 + 10 * 15, 0);
    let context = OtpContext::new().with_entropy(source(entropy));
    let context = if key.is_empty() { context } else { context.with_wallet(ours()) };
    let (_, made) = context.new_recovery_codes(owner, RecoveryCodeSize::Long).unwrap();
    assert_eq!((made.id(), made.key().is_some()), (set, !key.is_empty()));
    context.open_recovery_key(made.key(), owner, set).unwrap().digest(code)
}

/// How a digest is computed.
type Digest<'a> =
    dyn Fn(&[u8], RecoveryOwner<'_>, RecoverySetId, &RecoveryCode) -> RecoveryDigest + 'a;

/// The ids of vectors that the implementation does not give.
fn wrong(digest: &Digest<'_>) -> Vec<String> {
    let file = include_str!("../../../../vectors/recovery-codes.json");
    let all: Value = serde_json::from_str(file).unwrap();
    let rows = all["digests"].as_array().unwrap();
    assert_eq!(rows.len(), 24);
    let wrong = rows.iter().filter(|row| {
        let text = |name: &str| row[name].as_str().unwrap();
        let owner = RecoveryOwner::new(text("account")).with_namespace(text("namespace"));
        let set = RecoverySetId::new(row["set"].as_u64().unwrap()).unwrap();
        let code = RecoveryCode::parse(text("code")).unwrap();
        assert_eq!(code.reveal().as_str(), text("code"));
        digest(&bytes(&row["key_hex"]), owner, set, &code).as_bytes()[..]
            != bytes(&row["digest_hex"])
    });
    wrong.map(|row| row["id"].to_string()).collect()
}

#[test]
fn digests_are_those_of_another_implementation() {
    assert_eq!(wrong(&digest), Vec::<String>::new());
    // The controls: each part that is left out is noticed.
    let nowhere = RecoverySetId::new(1).unwrap();
    let zeros = RecoveryCode::parse("0000-0000-0000-0000").unwrap();
    let forgetful: [&Digest<'_>; 5] = [
        &|_, owner, set, code| digest(&[7; 32], owner, set, code),
        &|key, owner, set, code| digest(key, RecoveryOwner::new(owner.account()), set, code),
        &|key, owner, set, code| {
            digest(key, RecoveryOwner::new("").with_namespace(owner.namespace()), set, code)
        },
        &|key, owner, _, code| digest(key, owner, nowhere, code),
        &|key, owner, set, _| digest(key, owner, set, &zeros),
    ];
    for digest in forgetful {
        assert!(!wrong(digest).is_empty());
    }
}

#[test]
fn sealed_form_is_that_of_another_implementation() {
    let all: Value = serde_json::from_str(include_str!("../sealed-keys.json")).unwrap();
    let rows = all["recovery"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let text = |name: &str| row[name].as_str().unwrap();
        let owner = RecoveryOwner::new(text("account")).with_namespace(text("namespace"));
        let mut entropy = row["set"].as_u64().unwrap().to_be_bytes().to_vec();
        entropy.extend(bytes(&row["key_hex"]));
        entropy.extend(bytes(&row["nonce_hex"]));
        entropy.extend([0; 100]);
        let context = OtpContext::new()
            .with_wallet(wallet(&format!("{}: {}", text("tag"), text("secret")), text("tag")))
            .with_entropy(source(entropy));
        let (_, set) = context.new_recovery_codes(owner, RecoveryCodeSize::Standard).unwrap();
        assert_eq!(set.key().unwrap().to_string(), text("sealed"));
        let read = text("sealed").parse().unwrap();
        let opened = context.open_recovery_key(Some(&read), owner, set.id()).unwrap();
        assert_eq!((opened.reseal(), read.tag().as_str()), (None, text("tag")));
    }
}
