//! Encrypted connections.

use std::path::Path;
use std::process::{Command, Stdio};

use otp_store::{EngineErrorKind, Error, Redis};

use crate::requests::kind;
use crate::server::{PATIENCE, SAFE, Server, free_port};

/// Creates a self-signed certificate for an address.
fn certificate(folder: &Path, name: &str, address: &str) -> Vec<u8> {
    let path = |end: &str| folder.join(format!("{name}.{end}")).display().to_string();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-addext", &format!("subjectAltName=IP:{address}")])
        .args(["-keyout", &path("key"), "-out", &path("crt")])
        .stderr(Stdio::null())
        .status();
    assert!(made.expect("install openssl").success());
    std::fs::read(path("crt")).unwrap()
}

async fn open(port: u16, pem: &[u8]) -> Result<Redis, Error> {
    let url = format!("rediss://127.0.0.1:{port}");
    Redis::options(&url)?.with_timeout(PATIENCE).with_root_certificates(pem)?.connect().await
}

#[tokio::test]
async fn server_is_trusted_only_by_its_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let right = certificate(folder.path(), "right", "127.0.0.1");
    let wrong = certificate(folder.path(), "wrong", "127.0.0.2");
    for (name, pem, trusted) in
        [("right", &right, true), ("wrong", &wrong, false), ("right", &wrong, false)]
    {
        let port = free_port();
        let path = |end: &str| folder.path().join(format!("{name}.{end}")).display().to_string();
        let server = Server::start(&format!(
            "{SAFE} --tls-port {port} --tls-cert-file {certificate} --tls-key-file {} \
             --tls-ca-cert-file {certificate} --tls-auth-clients no",
            path("key"),
            certificate = path("crt"),
        ));
        server.open().await;
        match open(port, pem).await {
            Ok(_) => assert!(trusted, "{name}"),
            refused => {
                assert_eq!(kind(refused), EngineErrorKind::Insecure, "{name}");
                assert!(!trusted, "{name}");
            }
        }
        // The system does not trust the certificate.
        let unknown = Redis::connect(&format!("rediss://127.0.0.1:{port}")).await;
        assert_eq!(kind(unknown), EngineErrorKind::Insecure);
        let absent = open(free_port(), pem).await;
        assert_eq!(kind(absent), EngineErrorKind::Unreachable);
        // TLS to a port without it, and plain text to a port with it.
        assert!(Redis::connect(&format!("redis://127.0.0.1:{port}")).await.is_err());
        assert!(Redis::connect(&server.url().replace("redis:", "rediss:")).await.is_err());
    }
}
