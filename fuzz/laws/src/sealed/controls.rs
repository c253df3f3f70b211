//! For each law a wallet that breaks it.

use otp_context::wallet::{KeyOwner, SealedKey, WalletError};
use otp_core::Secret;
use otp_uri::OtpKind;

use super::{Subject, USER, WALLET, against, check, open, wallet};

const KEY: &[u8] = b"12345678901234567890";

fn input(what: u8, place: u8) -> Vec<u8> {
    [&[1, what, place, 1][..], &[7; 24], KEY].concat()
}

/// A text that is read.
fn text() -> Vec<u8> {
    let sealed = wallet().seal(&Secret::new(KEY).unwrap(), OtpKind::default(), USER, |_| Ok(()));
    [&[0], sealed.unwrap().to_string().as_bytes()].concat()
}

/// Everything that can be changed, in one way.
fn fails(what: u8, subject: &Subject) {
    (0..=255).for_each(|place| against(&input(what, place), subject));
}

/// Opens what it should, and of what was changed gives the key as it was.
const FORGIVING: Subject = Subject {
    open: |wallet, sealed, kind, owner| {
        open(wallet, sealed, kind, owner).or_else(|_| Ok(Secret::new(KEY).unwrap()))
    },
    ..WALLET
};

#[test]
fn the_wallet_keeps_the_law() {
    for what in 0..4 {
        fails(what, &WALLET);
    }
    for text in ["", "\0", "\0$otp$v=2$xc20p$a$a$a", "\0$otp$v=3$xc20p$a$a$a", "\x01\0\0\0"] {
        check(text.as_bytes());
    }
    check(&text());
}

#[test]
#[should_panic(expected = "there is another text of it")]
fn a_writer_of_white_space_does_not() {
    let write = |sealed: &SealedKey| format!("{sealed} ");
    against(&text(), &Subject { write, ..WALLET });
}

#[test]
#[should_panic(expected = "its text is read otherwise")]
fn a_writer_of_another_tag_does_not() {
    let write = |sealed: &SealedKey| sealed.to_string().replace("2026", "2025");
    against(&input(0, 0), &Subject { write, ..WALLET });
}

#[test]
#[should_panic(expected = "what is sealed does not open")]
fn a_wallet_that_opens_nothing_does_not() {
    let open = |_: &_, _: &_, _, _: KeyOwner<'_>| Err(WalletError::Tampered);
    against(&input(0, 0), &Subject { open, ..WALLET });
}

#[test]
#[should_panic(expected = "a changed one opens: text")]
fn a_wallet_that_does_not_notice_another_character_does_not() {
    fails(0, &FORGIVING);
}

#[test]
#[should_panic(expected = "a changed one opens: length")]
fn a_wallet_that_does_not_notice_another_length_does_not() {
    fails(1, &FORGIVING);
}

#[test]
#[should_panic(expected = "a changed one opens: user")]
fn a_wallet_that_forgets_the_user_does_not() {
    let forgetful =
        |wallet: &_, sealed: &_, kind, _: KeyOwner<'_>| open(wallet, sealed, kind, USER);
    against(&input(2, 0), &Subject { open: forgetful, ..WALLET });
}

#[test]
#[should_panic(expected = "a changed one opens: namespace")]
fn a_wallet_that_forgets_the_namespace_does_not() {
    let forgetful = |wallet: &_, sealed: &_, kind, owner: KeyOwner<'_>| {
        let shop = owner == USER.with_namespace("shop");
        open(wallet, sealed, kind, if shop { USER } else { owner })
    };
    against(&input(2, 0), &Subject { open: forgetful, ..WALLET });
}

#[test]
#[should_panic(expected = "a changed one opens: kind")]
fn a_wallet_that_forgets_the_kind_does_not() {
    let forgetful = |wallet: &_, sealed: &_, _, owner: KeyOwner<'_>| {
        open(wallet, sealed, OtpKind::default(), owner)
    };
    against(&input(3, 0), &Subject { open: forgetful, ..WALLET });
}
