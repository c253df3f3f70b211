use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use otp_context::OtpContext;
use otp_core::Rejected::Replayed;
use otp_core::{Algorithm, Secret, Totp, UnixTime};
use otp_store::{CredentialId, Error, Reason, Sqlite, Store, Verdict, Verifier, VerifierOptions};
use otp_uri::OtpKind;
use rusqlite::Connection;
use tempfile::TempDir;

pub(crate) const NOW: u64 = 1_700_000_010;
const KEY: &[u8; 20] = b"12345678901234567890";

/// Returns an empty folder, and a path in it.
pub(crate) fn empty() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("otp.db");
    (folder, path)
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

pub(crate) fn only_owner(path: &Path) {
    set_mode(path, 0o600);
}

/// A folder with a database in which alice's credential is confirmed.
pub(crate) struct Site {
    pub(crate) folder: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) alice: CredentialId,
}

impl Site {
    pub(crate) fn new() -> Self {
        let (folder, path) = empty();
        let verifier = verifier(Sqlite::create(&path).unwrap(), NOW);
        let credential = verifier.context().import(OtpKind::default(), Secret::new(KEY).unwrap());
        verifier.enroll(&alice(), &credential).unwrap();
        accepted(verifier.confirm(&alice(), &code(NOW)));
        Self { folder, path, alice: alice() }
    }

    /// Opens the database for a service at a time.
    pub(crate) fn service(&self, now: u64) -> Verifier<Sqlite> {
        verifier(Sqlite::open(&self.path).unwrap(), now)
    }

    pub(crate) fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(ending);
        path.into()
    }

    /// Changes the file as another program could, which checks nothing.
    pub(crate) fn change(&self, change: &str) {
        let all = "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF";
        let connection = Connection::open(&self.path).unwrap();
        connection.execute_batch(&format!("{all}; {change}")).unwrap();
    }
}

/// Returns the number that another program selects through a path.
pub(crate) fn number(path: &Path, query: &str) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection.query_row(&format!("SELECT {query}"), [], |row| row.get(0)).unwrap()
}

pub(crate) fn alice() -> CredentialId {
    CredentialId::new("alice").unwrap()
}

/// Returns the code that alice's phone shows.
pub(crate) fn code(now: u64) -> String {
    let phone = Totp::new(Algorithm::Sha1, KEY).unwrap();
    phone.generate(UnixTime::from_secs(now)).code().text().to_string()
}

pub(crate) fn verifier<S: Store>(store: S, now: u64) -> Verifier<S> {
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
    let Ok(Verdict::Rejected(rejection)) = answer else { panic!("{answer:?}") };
    assert_eq!(rejection.reason(), Reason::Code(Replayed));
}
