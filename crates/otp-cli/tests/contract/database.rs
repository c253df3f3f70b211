//! A database with its wallet, and the codes of its accounts.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::otp::{Run, otp};

/// A database and a wallet in a temporary folder.
pub(crate) struct Database {
    folder: TempDir,
}

impl Database {
    pub(crate) fn new() -> Self {
        let database = Self { folder: tempfile::tempdir().unwrap() };
        database.wallet(&["init", "--tag", "first"]);
        database
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("otp.db")
    }

    pub(crate) fn wallet_path(&self) -> PathBuf {
        self.folder.path().join("wallet")
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }

    /// Runs a command that needs the keys.
    pub(crate) fn otp(&self, stdin: &str, arguments: &[&str]) -> Run {
        let (db, wallet) = (self.url(), self.wallet_path().display().to_string());
        otp(stdin, &[arguments, &["--json", "--db", &db, "--wallet", &wallet]].concat())
    }

    /// Runs a command that needs no keys.
    pub(crate) fn keyless(&self, arguments: &[&str]) -> Run {
        otp("", &[arguments, &["--json", "--db", &self.url()]].concat())
    }

    /// Runs `otp wallet init` or `add`.
    pub(crate) fn wallet(&self, arguments: &[&str]) -> Value {
        let path = self.wallet_path().display().to_string();
        let run = otp("", &[&["wallet"], arguments, &["--json", "--wallet", &path]].concat());
        assert_eq!(run.status, 0, "{run:?}");
        run.object()
    }

    /// Returns the application secrets and their tags.
    pub(crate) fn secrets(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.wallet_path()).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines
            .map(|line| {
                let (tag, secret) = line.split_once(": ").unwrap();
                (tag.to_owned(), secret.to_owned())
            })
            .collect()
    }

    /// Enrols an account with a counter, which needs no clock, and returns its URI.
    pub(crate) fn enroll(&self, account: &str) -> String {
        let run = self.otp("", &["enroll", account, "--type", "hotp"]);
        assert_eq!(run.status, 0, "{run:?}");
        let object = run.object();
        assert_eq!((&object["outcome"], &object["account"]), (&"pending".into(), &account.into()));
        object["uri"].as_str().unwrap().to_owned()
    }

    /// Enrols an account and confirms it with the code of counter 0.
    pub(crate) fn confirmed(&self, account: &str) -> String {
        let uri = self.enroll(account);
        let object = accepted(&self.otp("", &["enroll", account, "--confirm", &code(&uri, 0)]));
        assert_eq!(object["counter"], 0);
        uri
    }

    pub(crate) fn verify(&self, account: &str, code: &str) -> Run {
        self.otp("", &["verify", account, code])
    }

    /// Returns the status of an account.
    pub(crate) fn status(&self, account: &str) -> Value {
        let run = self.keyless(&["status", account]);
        assert_eq!(run.status, 0, "{run:?}");
        run.object()
    }
}

pub(crate) fn code(uri: &str, counter: u64) -> String {
    otp(uri, &["code", "--counter", &counter.to_string()]).line().to_owned()
}

pub(crate) fn accepted(run: &Run) -> Value {
    assert_eq!(run.status, 0, "{run:?}");
    let object = run.object();
    assert_eq!(object["outcome"], "accepted");
    object
}
