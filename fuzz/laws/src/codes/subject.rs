use otp_core::{
    Algorithm, Code, CodeFormat, Error, Hotp, HotpMatch, Rejected, Totp, TotpMatch, TotpToken,
    UnixTime, Window, hazmat,
};

pub(super) type Toy = fn(u64) -> [u8; 20];

/// What the laws are about; a control is another in one thing.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    pub(super) prepare: fn(Algorithm, &[u8]) -> Result<Hotp, Error>,
    pub(super) generate: fn(&Hotp, u64) -> Code,
    pub(super) verify: fn(&Hotp, Code, u64, Window) -> Result<HotpMatch, Rejected>,
    pub(super) resync: fn(&Hotp, &[Code; 2], u64, u16) -> Result<HotpMatch, Rejected>,
    pub(super) token: fn(&Totp, UnixTime) -> TotpToken,
    pub(super) verify_at: fn(&Totp, Code, UnixTime, Window, u64) -> Result<TotpMatch, Rejected>,
    pub(super) generate_by: fn(u64, CodeFormat, Toy) -> Code,
    pub(super) verify_by:
        fn(Code, CodeFormat, u64, u64, Window, Toy) -> Result<HotpMatch, Rejected>,
}

pub(super) const CORE: Subject = Subject {
    prepare: Hotp::new,
    generate: Hotp::generate,
    verify: Hotp::verify,
    resync: Hotp::resync,
    token: Totp::generate,
    verify_at: Totp::verify,
    generate_by,
    verify_by,
};

fn of(toy: Toy, message: [u8; 8]) -> Result<[u8; 20], ()> {
    Ok(toy(u64::from_be_bytes(message)))
}

fn generate_by(counter: u64, format: CodeFormat, toy: Toy) -> Code {
    let code = hazmat::generate(counter, format, |message| of(toy, message));
    code.expect("the MAC is long enough")
}

fn verify_by(
    code: Code,
    format: CodeFormat,
    expected: u64,
    floor: u64,
    window: Window,
    toy: Toy,
) -> Result<HotpMatch, Rejected> {
    let found = hazmat::verify(code, format, expected, floor, window, |message| of(toy, message));
    found.expect("the MAC is long enough")
}
