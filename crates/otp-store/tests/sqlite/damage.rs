//! A credential whose account row was deleted by hand.

use otp_store::{CredentialId, Error, Sqlite, Store as _, conformance};
use rusqlite::Connection;

use crate::site::{NOW, Site, alice, code, verifier};

fn damage(site: &Site, id: &CredentialId) {
    let connection = Connection::open(&site.path).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    connection.execute("DELETE FROM throttle WHERE account = ?1", [id.account().as_str()]).unwrap();
}

#[test]
fn sqlite_missing_account_row_is_reported() {
    let site = Site::new();
    conformance::damage_is_said(|| Sqlite::open(&site.path).unwrap(), |id| damage(&site, id));
}

#[test]
fn sqlite_verifier_reports_a_missing_account_row() {
    let site = Site::new();
    let verifier = verifier(Sqlite::open(&site.path).unwrap(), NOW + 60);
    damage(&site, &alice());
    let damaged = |answer| assert!(matches!(answer, Err(Error::Corrupt("throttle"))));
    damaged(verifier.status(&alice()).map(drop));
    damaged(verifier.reseal(&alice()).map(drop));
    damaged(verifier.unlock(alice().account()));
    let answer = verifier.verify(&alice(), &code(NOW + 60));
    assert!(matches!(answer, Err(Error::NotCompared(_))));
    // The remedy: the credential can be removed.
    assert!(verifier.store().remove(&alice()).unwrap());
}
