//! Encrypted connections, to servers whose certificate is valid for their name.

use tokio_postgres::config::SslNegotiation;

#[cfg(feature = "tls")]
pub(super) use self::rustls::Tls;
use crate::{EngineError, EngineErrorKind, Error};

/// Without feature `tls` there is none.
#[cfg(not(feature = "tls"))]
pub(super) enum Tls {}

#[cfg(not(feature = "tls"))]
impl Tls {
    pub(super) fn new(_roots: Option<&str>, _negotiation: SslNegotiation) -> Result<Self, Error> {
        let why = "encryption needs feature tls of otp-store";
        Err(EngineError::new(EngineErrorKind::Insecure, why).into())
    }
}

#[cfg(feature = "tls")]
mod rustls {
    use alloc::sync::Arc;
    use std::path::Path;

    use percent_encoding::percent_decode_str;
    use rustls::crypto::ring;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::{self, PemObject};
    use rustls::{ClientConfig, RootCertStore};
    use rustls_platform_verifier::BuilderVerifierExt;
    use tokio_postgres_rustls::MakeRustlsConnect;

    use super::{EngineError, EngineErrorKind, Error, SslNegotiation};

    pub(crate) struct Tls(pub(crate) MakeRustlsConnect);

    impl Tls {
        /// With the roots of a PEM file, or those that the operating system trusts.
        pub(crate) fn new(roots: Option<&str>, negotiation: SslNegotiation) -> Result<Self, Error> {
            // A provider of our own: that of the process may be another, or missing.
            let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(insecure)?;
            let builder = match roots {
                None | Some("system") => builder.with_platform_verifier().map_err(insecure)?,
                Some(path) => {
                    let path = percent_decode_str(path).decode_utf8_lossy();
                    let roots = read(path.as_ref().as_ref());
                    let roots = roots.ok_or(Error::Url("sslrootcert"))?;
                    builder.with_root_certificates(roots)
                }
            };
            let mut config = builder.with_no_client_auth();
            if negotiation == SslNegotiation::Direct {
                config.alpn_protocols = vec![b"postgresql".to_vec()];
            }
            Ok(Self(MakeRustlsConnect::new(config)))
        }
    }

    fn read(path: &Path) -> Option<RootCertStore> {
        let certificates: Result<Vec<_>, pem::Error> =
            CertificateDer::pem_file_iter(path).ok()?.collect();
        let mut roots = RootCertStore::empty();
        for certificate in certificates.ok()? {
            roots.add(certificate).ok()?;
        }
        (!roots.is_empty()).then_some(roots)
    }

    fn insecure(error: rustls::Error) -> Error {
        EngineError::new(EngineErrorKind::Insecure, error).into()
    }
}
