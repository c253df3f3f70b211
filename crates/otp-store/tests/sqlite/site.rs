use std::path::{Path, PathBuf};

use otp_context::OtpContext;
use otp_core::{Algorithm, Secret, Totp, UnixTime};
use otp_store::{CredentialId, Error, Sqlite, Verdict, Verifier, VerifierOptions};
use otp_uri::OtpKind;

pub(crate) const NOW: u64 = 1_700_000_010;
const KEY: &[u8; 20] = b"12345678901234567890";

/// A folder with a database in which alice's credential is confirmed.
pub(crate) struct Site {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl Site {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("otp.db");
        let verifier = verifier(Sqlite::create(&path).unwrap(), NOW);
        let credential = verifier.context().import(OtpKind::default(), Secret::new(KEY).unwrap());
        verifier.enroll(&alice(), &credential).unwrap();
        accepted(verifier.confirm(&alice(), &code(NOW)));
        Self { folder, path }
    }

    pub(crate) fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(ending);
        path.into()
    }
}

pub(crate) fn alice() -> CredentialId {
    CredentialId::new("alice").unwrap()
}

/// Returns the code that alice's phone shows.
pub(crate) fn code(now: u64) -> String {
    let phone = Totp::new(Algorithm::Sha1, KEY).unwrap();
    phone.generate(UnixTime::from_secs(now)).code().text().to_string()
}

pub(crate) fn verifier(store: Sqlite, now: u64) -> Verifier<Sqlite> {
    let context = OtpContext::new().with_clock(move || Ok(UnixTime::from_secs(now)));
    Verifier::new(store, context.with_plain_keys(), VerifierOptions::new()).unwrap()
}

/// Verifies alice's code of a time, through a path.
pub(crate) fn verify(path: &Path, now: u64) -> Result<Verdict, Error> {
    verifier(Sqlite::open(path)?, now).verify(&alice(), &code(now))
}

#[track_caller]
pub(crate) fn accepted(answer: Result<Verdict, Error>) {
    assert!(matches!(answer, Ok(Verdict::Accepted(_))), "{answer:?}");
}

#[track_caller]
pub(crate) fn replayed(answer: Result<Verdict, Error>) {
    use otp_core::Rejected::Replayed;
    use otp_store::Reason;

    let Ok(Verdict::Rejected(rejection)) = answer else { panic!("{answer:?}") };
    assert_eq!(rejection.reason(), Reason::Code(Replayed));
}
