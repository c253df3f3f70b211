use std::hint::black_box;

use data_encoding::BASE64URL_NOPAD;
use otp_context::recovery::{RecoveryCode, RecoveryCodeSize, RecoveryOwner};
use otp_context::wallet::passlib::PasslibWallet;
use otp_context::wallet::{ApplicationSecret, ApplicationSecrets, KeyOwner, Wallet};
use otp_context::{OtpContext, fill};
use otp_core::hazmat::{self, Midstates};
use otp_core::{Algorithm, Hotp, Secret, Totp, UnixTime};
use otp_uri::migration::{self, Account, Page};
use otp_uri::{KeyUri, Label, OtpKind};
use zeroize::Zeroizing;

use crate::needle::{Canary, LENGTH, Needle};
use crate::search::{Search, found};

const ALICE: KeyOwner<'static> = KeyOwner::new("alice", "phone");

/// What is done with a key, and what to look for afterwards.
type Trial = (&'static str, fn(&Canary), fn(&Canary) -> Vec<Needle>);

/// Careless ones, which must be found.
const CONTROLS: [Trial; 3] = [
    ("control: bytes that are not wiped", careless_bytes, Canary::needles),
    ("control: text that is not wiped", careless_text, Canary::needles),
    ("control: a recovery code in a string", careless_code, Canary::recovery_needles),
];

/// In those of recovery codes, the end of the canary is the entropy of the codes, and of their key.
const TRIALS: [Trial; 15] = [
    ("a key", |canary| drop(black_box(canary.secret())), Canary::needles),
    ("a key as text", text, Canary::needles),
    ("a key read from text", read, Canary::needles),
    ("generators", generators, Canary::needles),
    ("a URI", |canary| drop(black_box(key_uri(canary))), Canary::needles),
    ("a URI, written and read", uri_text, Canary::needles),
    ("an export, written and read", export, Canary::needles),
    ("an export that is refused", refused_export, Canary::needles),
    ("a credential and its record", credential, Canary::needles),
    ("a sealed key, opened", sealed, Canary::needles),
    ("a key encrypted by passlib, opened", passlib, Canary::needles),
    ("application secrets and their wallet", wallet, Canary::needles),
    ("a credential that panics", panics, Canary::needles),
    ("recovery codes and their key", recovery_codes, Canary::recovery_needles),
    ("a recovery code, shown and read", recovery_code, Canary::recovery_needles),
];

fn careless_bytes(canary: &Canary) {
    let secret = canary.secret();
    drop(black_box(secret.reveal().to_vec()));
}

fn careless_text(canary: &Canary) {
    let secret = canary.secret();
    drop(black_box(secret.reveal_base32().as_str().to_owned()));
}

fn text(canary: &Canary) {
    let secret = canary.secret();
    black_box(secret.reveal_base32());
    black_box(secret.reveal_hex());
    black_box(secret.reveal_base32().grouped(4, "-"));
}

fn read(canary: &Canary) {
    let text = canary.secret().reveal_base32();
    black_box(Secret::from_base32(text.as_str()).unwrap());
    // A text that is refused at its end leaves nothing either.
    let hex = canary.secret().reveal_hex();
    black_box(Secret::from_hex(hex.as_str()).unwrap());
    let short = hex.as_str().split_at(hex.as_str().len() - 1).0;
    assert!(Secret::from_hex(short).is_err());
}

fn generators(canary: &Canary) {
    for algorithm in Algorithm::ALL {
        let totp = Box::new(Totp::from_secret(*algorithm, &canary.secret()));
        let token = totp.generate(UnixTime::from_secs(7));
        let hit = totp.verify(token.code(), token.start(), otp_core::Window::ONE, 0);
        drop(black_box(hit.unwrap()));
    }
}

fn key_uri(canary: &Canary) -> KeyUri {
    let label = Label::new("alice").unwrap().with_issuer("ACME Co").unwrap();
    KeyUri::new(label, canary.secret(), OtpKind::default()).unwrap()
}

/// Written, read tolerantly and strictly, and refused; the text is ours to wipe.
fn uri_text(canary: &Canary) {
    let written = key_uri(canary).reveal();
    black_box(KeyUri::parse(written.as_str()).unwrap());
    black_box(KeyUri::parse_strict(written.as_str()).unwrap());
    black_box(OtpContext::new().from_uri(written.as_str()).unwrap());
    // Growing would leave copies.
    let mut text = Zeroizing::new(String::with_capacity(1024));
    text.push_str(written.as_str());
    text.push_str("&digits=5");
    assert!(KeyUri::parse(&text).is_err());
}

fn export(canary: &Canary) {
    let uri = key_uri(canary);
    let pages = migration::write(&[Account::new(&uri).unwrap()], 7);
    let page = Page::parse(pages[0].reveal()).unwrap();
    assert_eq!(black_box(page.accounts().next().unwrap().unwrap()).uri, uri);
}

/// The account ends after its key, or the page after the account, in the middle of a number.
fn refused_export(canary: &Canary) {
    let key = u8::try_from(LENGTH).unwrap();
    for (head, is_page) in [([0x0a, key + 3, 0x0a, key], true), ([0x0a, key + 2, 0x0a, key], false)]
    {
        let mut bytes = Zeroizing::new([0; LENGTH + 5]);
        bytes[..4].copy_from_slice(&head);
        canary.write(&mut bytes[4..LENGTH + 4]);
        bytes[LENGTH + 4] = 0xff;
        let mut text = Zeroizing::new(String::with_capacity(1024));
        text.push_str("otpauth-migration://offline?data=");
        BASE64URL_NOPAD.encode_append(&bytes[..], &mut text);
        match Page::parse(&text) {
            Ok(page) => assert!(is_page && page.accounts().next().unwrap().is_err()),
            Err(_) => assert!(!is_page),
        }
    }
}

fn credential(canary: &Canary) {
    let context = OtpContext::new();
    let mut credential = context.import(OtpKind::default(), canary.secret()).with_account("a");
    let token = credential.token().unwrap();
    drop(black_box(
        credential.consume(token.code().text().as_str(), otp_context::Tolerance::new()).unwrap(),
    ));
    black_box(credential.key_uri().unwrap());
    let record = credential.to_plain_record().unwrap();
    black_box(context.open(&record, ALICE).unwrap());
}

fn sealing() -> Wallet {
    let secrets = ApplicationSecrets::parse("1: not the one that is looked for").unwrap();
    Wallet::new("1".parse().unwrap(), &secrets).unwrap()
}

fn sealed(canary: &Canary) {
    let wallet = sealing();
    let sealed = wallet.seal(&canary.secret(), OtpKind::default(), ALICE, fill).unwrap();
    drop(black_box(wallet.unseal(&sealed, OtpKind::default(), ALICE).unwrap()));
    assert!(wallet.unseal(&sealed, OtpKind::Steam, ALICE).is_err());
}

fn passlib(canary: &Canary) {
    let secrets = ApplicationSecrets::parse("1: sixteen bytes ok").unwrap();
    let wallet = PasslibWallet::new(secrets).unwrap().with_cost(1).unwrap();
    let sealed = wallet.seal(&canary.secret(), fill).unwrap();
    drop(black_box(wallet.open(&sealed).unwrap()));
}

/// Here the canary is the application secret, the first of several.
fn wallet(canary: &Canary) {
    let mut bytes = vec![0; LENGTH];
    canary.write(&mut bytes);
    let mut secrets = ApplicationSecrets::new();
    for tag in 1..=9 {
        let secret = ApplicationSecret::new(bytes).unwrap();
        secrets = secrets.with(tag.to_string().parse().unwrap(), secret).unwrap();
        bytes = vec![tag; LENGTH];
    }
    let wallet = Wallet::new("1".parse().unwrap(), &secrets).unwrap();
    let key = Secret::new(&[7; 20]).unwrap();
    let sealed = wallet.seal(&key, OtpKind::default(), ALICE, fill).unwrap();
    drop(black_box(wallet.unseal(&sealed, OtpKind::default(), ALICE).unwrap()));
    black_box(PasslibWallet::new(secrets).unwrap().with_cost(1).unwrap().seal(&key, fill).unwrap());
}

const LONG: RecoveryCodeSize = RecoveryCodeSize::Long;

fn recovery_codes(canary: &Canary) {
    let context = OtpContext::new().with_wallet(sealing()).with_entropy(canary.entropy());
    let owner = RecoveryOwner::new("alice");
    let (codes, set) = context.new_recovery_codes(owner, LONG).unwrap();
    let key = context.open_recovery_key(set.key(), owner, set.id()).unwrap();
    assert_eq!(key.digest(codes.iter().next().unwrap()), set.digests()[0]);
    // On the heap, where nothing else overwrites them.
    drop(black_box(codes.iter().map(RecoveryCode::reveal).collect::<Vec<_>>()));
    drop(black_box((codes, key)));
}

fn recovery_code(canary: &Canary) {
    let code = RecoveryCode::generate(LONG, canary.entropy()).unwrap();
    let text = code.reveal();
    assert_eq!(black_box(RecoveryCode::parse(text.as_str())), Ok(code));
    // A text that is refused at its end leaves nothing either.
    let short = text.as_str().split_at(28).0;
    assert!(RecoveryCode::parse(short).is_err());
}

fn careless_code(canary: &Canary) {
    let code = RecoveryCode::generate(LONG, canary.entropy()).unwrap();
    drop(black_box(code.reveal().as_str().to_owned()));
}

fn panics(canary: &Canary) {
    std::panic::set_hook(Box::new(|_| ()));
    let caught = std::panic::catch_unwind(|| {
        let credential = OtpContext::new().import(OtpKind::default(), canary.secret());
        assert!(credential.account().is_some(), "{credential:?}");
    });
    let _ = std::panic::take_hook();
    assert!(caught.is_err());
}

/// The prepared states of each hash, as they lie in memory, computed apart from the trial.
fn midstates(canary: &Canary) -> Vec<Needle> {
    fn needle<W: Copy, const N: usize>(words: &[W], bytes: fn(W) -> [u8; N]) -> Needle {
        Needle::of(words.iter().copied().flat_map(bytes).skip(8))
    }
    let of = |algorithm| match hazmat::midstates(&Hotp::from_secret(algorithm, &canary.secret())) {
        Midstates::Sha1 { inner, outer } => [inner, outer].map(|it| needle(it, u32::to_ne_bytes)),
        Midstates::Sha256 { inner, outer } => [inner, outer].map(|it| needle(it, u32::to_ne_bytes)),
        Midstates::Sha512 { inner, outer } => [inner, outer].map(|it| needle(it, u64::to_ne_bytes)),
        _ => panic!("another hash"),
    };
    Algorithm::ALL.iter().flat_map(|algorithm| of(*algorithm)).collect()
}

pub(crate) fn main() {
    let (mut failed, mut search) = (Vec::with_capacity(16), Search::new());
    for (place, (name, act, needles)) in CONTROLS.into_iter().chain(TRIALS).enumerate() {
        let canary = Canary::new();
        let needles = needles(&canary);
        act(&canary);
        let (heap, stack) = found(&needles, &mut search);
        println!("{name}: {heap} times on the heap, {stack} times on the stack");
        if (heap + stack > 0) != (place < CONTROLS.len()) {
            failed.push(name);
        }
    }
    // A prepared key is a value that moves, and Rust's moves leave what they move behind: on the
    // heap none of it may be left.
    let canary = Canary::new();
    let needles = midstates(&canary);
    generators(&canary);
    let (heap, stack) = found(&needles, &mut search);
    println!("prepared keys: {heap} times on the heap, {stack} times on the stack");
    if heap > 0 {
        failed.push("prepared keys");
    }
    let kept = Box::new(Totp::from_secret(Algorithm::Sha1, &canary.secret()));
    let (heap, _) = found(&needles, &mut search);
    println!("control: a prepared key that lives: {heap} times on the heap");
    drop(black_box(kept));
    if heap == 0 {
        failed.push("control: a prepared key that lives");
    }
    assert!(failed.is_empty(), "{failed:?}");
}
