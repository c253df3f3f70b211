//! Encryption, without a fallback to plain text.

use otp_store::EngineErrorKind;

use crate::requests::kind;
use crate::server::{Database, connect, create, variable};

/// Counts the store's connections that are encrypted, and those that are not.
async fn encrypted(database: &Database) -> (i64, i64) {
    let ssl = |is: bool| format!("pid IN (SELECT pid FROM pg_stat_ssl WHERE ssl = {is})");
    (database.count(&ssl(true)).await, database.count(&ssl(false)).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_to_a_trusted_server_is_encrypted() {
    let database = Database::new("tls").await;
    let authority = variable("OTP_TEST_POSTGRES_CA");
    for mode in ["sslmode=require&", "sslmode=verify-ca&", "sslmode=verify-full&", ""] {
        let url = format!("{}?{mode}sslrootcert={authority}", database.url);
        let store = create(&url).await.unwrap();
        assert_eq!(encrypted(&database).await, (1, 0), "{mode}");
        drop(store);
        while encrypted(&database).await != (0, 0) {}
    }
    let url = format!("{}?sslrootcert={authority}&channel_binding=require", database.url);
    connect(&url).await.unwrap();
    // The control.
    let _plain = database.store().await;
    while encrypted(&database).await != (0, 1) {}
}

/// The operating system does not trust the certificate, it is for another name, or there is none.
#[tokio::test(flavor = "multi_thread")]
async fn server_without_a_trusted_certificate_is_refused() {
    let database = Database::new("untrusted").await;
    let authority = variable("OTP_TEST_POSTGRES_CA");
    let address = database.url.replace("@localhost", "@127.0.0.1");
    for url in [
        format!("{}?sslmode=require", database.url),
        format!("{address}?sslrootcert={authority}"),
        format!("{}?sslmode=require", variable("OTP_TEST_POSTGRES_STANDBY")),
    ] {
        assert_eq!(kind(connect(&url).await), EngineErrorKind::Insecure, "{url}");
    }
    assert_eq!(encrypted(&database).await, (0, 0));
}
