use otp_context::recovery::{
    OpenedRecoveryKey, RecoveryCodeSize, RecoveryOwner, RecoverySet, RecoverySetId,
    SealedRecoveryKey,
};
use otp_context::wallet::{KeyOwner, Reseal, SealedKey, WalletError};
use otp_context::{EntropyError, Error, OtpContext, fill};
use otp_core::Secret;
use otp_uri::OtpKind;

use super::{STRONG, context, ours, source, wallet};

const ALICE: RecoveryOwner<'static> = RecoveryOwner::new("alice").with_namespace("shop");
const STANDARD: RecoveryCodeSize = RecoveryCodeSize::Standard;

fn set(context: &OtpContext) -> RecoverySet {
    context.new_recovery_codes(ALICE, STANDARD).unwrap().1
}

fn open<'a>(
    context: &OtpContext,
    set: &RecoverySet,
    owner: RecoveryOwner<'a>,
) -> Result<OpenedRecoveryKey<'a>, Error> {
    context.open_recovery_key(set.key(), owner, set.id())
}

fn refusal(key: &SealedRecoveryKey, owner: RecoveryOwner<'_>, id: RecoverySetId) -> Error {
    context().open_recovery_key(Some(key), owner, id).unwrap_err()
}

#[test]
fn each_code_has_its_digest_and_no_other() {
    for (context, size) in [
        (context(), STANDARD),
        (context(), RecoveryCodeSize::Long),
        (OtpContext::new(), RecoveryCodeSize::Long),
    ] {
        let (codes, set) = context.new_recovery_codes(ALICE, size).unwrap();
        assert_eq!(set.key().is_some(), context.has_wallet());
        let key = open(&context, &set, ALICE).unwrap();
        let digests: Vec<_> = codes.iter().map(|code| key.digest(code)).collect();
        assert_eq!((&digests[..], digests.len()), (&set.digests()[..], 10));
        for (place, digest) in digests.iter().enumerate() {
            assert_eq!(digests.iter().position(|other| other == digest), Some(place));
        }
        assert!(codes.iter().all(|code| code.size() == size));
        assert!(codes.iter().eq(&codes));
        let (others, _) = context.new_recovery_codes(ALICE, size).unwrap();
        assert!(others.iter().all(|code| !digests.contains(&key.digest(code))));
    }
}

#[test]
fn short_codes_need_a_wallet() {
    let error = OtpContext::new().new_recovery_codes(ALICE, STANDARD).unwrap_err();
    assert_eq!(error, Error::RecoveryCodeSize);
    assert_eq!(error.to_string(), "recovery codes must have 24 symbols without a wallet");
}

/// An attacker who writes to the database could otherwise insert digests of codes of their own.
#[test]
fn set_without_a_key_is_refused_once_there_is_a_wallet() {
    let (codes, set) = OtpContext::new().new_recovery_codes(ALICE, RecoveryCodeSize::Long).unwrap();
    assert_eq!(open(&context(), &set, ALICE).unwrap_err(), Error::NoRecoveryKey);
    let migrating = context().with_plain_keys();
    let key = open(&migrating, &set, ALICE).unwrap();
    assert!(set.digests().contains(&key.digest(codes.iter().next().unwrap())));
    assert_eq!(key.reseal(), None);
    assert_eq!(migrating.reseal_recovery_key(&key), Ok(None));
}

#[test]
fn sealed_key_needs_its_wallet() {
    let set = set(&context());
    assert_eq!(open(&OtpContext::new(), &set, ALICE).unwrap_err(), Error::NoWallet);
    let other = |text: &str, current| OtpContext::new().with_wallet(wallet(text, current));
    let wrong = other(&format!("2026: another{STRONG}"), "2026");
    assert_eq!(open(&wrong, &set, ALICE).unwrap_err(), Error::Wallet(WalletError::WrongSecret));
    let unknown = other(&format!("2025: old{STRONG}"), "2025");
    assert_eq!(open(&unknown, &set, ALICE).unwrap_err(), Error::Wallet(WalletError::UnknownTag));
}

#[test]
fn key_opens_for_its_account_and_set_alone() {
    let set = set(&context());
    let key = set.key().unwrap();
    let tampered = Error::Wallet(WalletError::Tampered);
    for owner in [
        RecoveryOwner::new("mallory").with_namespace("shop"),
        RecoveryOwner::new("alice").with_namespace("blog"),
        RecoveryOwner::new("alice"),
        RecoveryOwner::new("shop").with_namespace("alice"),
        // Equal characters, split elsewhere.
        RecoveryOwner::new("palice").with_namespace("sho"),
        RecoveryOwner::new("lice").with_namespace("shopa"),
    ] {
        assert_eq!(refusal(key, owner, set.id()), tampered);
    }
    for bit in 0..63 {
        let id = RecoverySetId::new(set.id().get() ^ 1 << bit).unwrap();
        assert_eq!(refusal(key, ALICE, id), tampered);
    }
}

/// How many of a sealed key's text with one bit flipped, or cut at either end, still open.
fn survivors(text: &str, opens: impl Fn(&str) -> bool) -> usize {
    assert!(opens(text), "the key itself must open");
    let flips = (0..text.len() * 8).filter(|bit| {
        let mut changed = text.as_bytes().to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        std::str::from_utf8(&changed).is_ok_and(&opens)
    });
    let cut = (0..text.len()).filter(|end| opens(&text[..*end]) || opens(&text[end + 1..]));
    flips.count() + cut.count()
}

#[test]
fn no_change_of_the_text_opens() {
    let (context, set) = (context(), set(&context()));
    let opens = |text: &str| {
        let key = text.parse::<SealedRecoveryKey>();
        key.is_ok_and(|key| context.open_recovery_key(Some(&key), ALICE, set.id()).is_ok())
    };
    let text = set.key().unwrap().to_string();
    assert_eq!(survivors(&text, opens), 0);
    for end in ["$", " ", "\n", "=", "A"] {
        assert!(!opens(&format!("{text}{end}")), "{end:?}");
    }
    // The control: a reader that forgives another case at the start.
    assert_eq!(survivors(&text, |text| opens(&text.replacen("$Otp", "$otp", 1))), 1);
}

/// The two kinds of keys are as long, and the wallet and its secret are the same.
#[test]
fn keys_of_credentials_and_of_recovery_codes_are_not_confused() {
    let (wallet, kind) = (ours(), OtpKind::default());
    let set = set(&context());
    let text = set.key().unwrap().to_string();
    assert_eq!(text.parse::<SealedKey>().unwrap_err(), WalletError::Form);
    let disguised = text.replacen("$otp-recovery$v=1", "$otp$v=2", 1).parse::<SealedKey>().unwrap();
    let id = set.id().get().to_string();
    for owner in [
        KeyOwner::new("alice", "").with_namespace("shop"),
        KeyOwner::new("alice", &id).with_namespace("shop"),
    ] {
        assert_eq!(wallet.unseal(&disguised, kind, owner).unwrap_err(), WalletError::Tampered);
    }

    let secret = Secret::new(&[7; 32]).unwrap();
    let owner = KeyOwner::new("alice", &id).with_namespace("shop");
    let text = wallet.seal(&secret, kind, owner, fill).unwrap().to_string();
    assert_eq!(text.parse::<SealedRecoveryKey>().unwrap_err(), WalletError::Form);
    let disguised = text.replacen("$otp$v=2", "$otp-recovery$v=1", 1).parse().unwrap();
    assert_eq!(refusal(&disguised, ALICE, set.id()), Error::Wallet(WalletError::Tampered));
}

#[test]
fn text_is_read_strictly() {
    let sealed = set(&context()).key().unwrap().to_string();
    let read = |text: &str| text.parse::<SealedRecoveryKey>().map(|key| key.to_string());
    assert_eq!(read(&sealed), Ok(sealed.clone()));
    for (part, other, error) in [
        ("v=1", "v=2", WalletError::Version),
        ("v=1", "v=01", WalletError::Version),
        ("v=1", "1", WalletError::Version),
        ("xc20p", "a256g", WalletError::Version),
        ("2026", "-2026", WalletError::Tag),
        ("2026", "", WalletError::Tag),
        ("$otp-recovery", "otp-recovery", WalletError::Form),
        ("$otp-recovery", "$otp", WalletError::Form),
        ("$otp-recovery", "$OTP-RECOVERY", WalletError::Form),
        ("$xc20p", "", WalletError::Version),
    ] {
        assert_eq!(read(&sealed.replacen(part, other, 1)), Err(error), "{part} {other}");
    }
    for text in ["", "$", "$otp-recovery", "$otp-recovery$", &"$".repeat(513)] {
        assert_eq!(read(text), Err(WalletError::Form), "{text}");
    }
    // A key of another length is none of ours.
    for length in [16, 31, 33] {
        let secret = Secret::new(&vec![7; length]).unwrap();
        let sealed = ours().seal(&secret, OtpKind::Steam, KeyOwner::new("a", "b"), fill).unwrap();
        let text = sealed.to_string().replacen("$otp$v=2", "$otp-recovery$v=1", 1);
        assert_eq!(read(&text), Err(WalletError::Form), "{length}");
    }
}

#[test]
fn rotation_re_encrypts_the_key_and_keeps_the_digests() {
    let old = OtpContext::new().with_wallet(wallet(&format!("2025: old{STRONG}"), "2025"));
    let (codes, set) = old.new_recovery_codes(ALICE, STANDARD).unwrap();
    let opened = open(&context(), &set, ALICE).unwrap();
    assert_eq!(opened.reseal(), Some(Reseal::Tag));
    let new = context().reseal_recovery_key(&opened).unwrap().unwrap();
    assert_eq!(new.tag().as_str(), "2026");

    let only = OtpContext::new().with_wallet(wallet(&format!("2026: {STRONG}"), "2026"));
    let opened = only.open_recovery_key(Some(&new), ALICE, set.id()).unwrap();
    assert_eq!(opened.reseal(), None);
    assert_eq!(only.reseal_recovery_key(&opened), Ok(None));
    assert!(codes.iter().map(|code| opened.digest(code)).eq(set.digests().iter().copied()));
}

#[test]
fn set_needs_all_of_its_entropy() {
    // The id, the key, the nonce, and ten codes.
    let needed = 8 + 32 + 24 + 10 * 10;
    for given in 0..=needed {
        let context = context().with_entropy(source(vec![0xff; given]));
        let made = context.new_recovery_codes(ALICE, STANDARD).map(|(_, set)| set.id().get());
        let unavailable = EntropyError::Unavailable;
        let expected = match given {
            40..64 => Err(Error::Wallet(WalletError::Entropy(unavailable))),
            _ if given < needed => Err(Error::Entropy(unavailable)),
            _ => Ok(u64::MAX >> 1),
        };
        assert_eq!(made, expected, "{given}");
    }
}

#[test]
fn ids_are_below_two_to_the_63() {
    assert_eq!(RecoverySetId::new(u64::MAX >> 1).map(RecoverySetId::get), Some(u64::MAX >> 1));
    assert_eq!(RecoverySetId::new(1 << 63), None);
    let id = RecoverySetId::generate(|bytes| {
        bytes.copy_from_slice(&[0x80, 1, 2, 3, 4, 5, 6, 7]);
        Ok(())
    });
    assert_eq!(id.map(RecoverySetId::get), Ok(0x0001_0203_0405_0607));
}
