use alloc::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::{EngineError, EngineErrorKind, Error};

/// The root certificates to trust: the given ones, or otherwise the system's (or those that the
/// variables `SSL_CERT_FILE` and `SSL_CERT_DIR` name).
#[derive(Clone, Debug, Default)]
pub(crate) struct Roots(Option<Arc<RootCertStore>>);

impl Roots {
    /// Trusts only the certificates of a PEM text.
    pub(crate) fn of_pem(pem: &[u8]) -> Result<Self, Error> {
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| Error::Certificate)?;
            store.add(certificate).map_err(|_| Error::Certificate)?;
        }
        if store.is_empty() { Err(Error::Certificate) } else { Ok(Self(Some(Arc::new(store)))) }
    }

    /// Returns the configuration of a client. It names its provider of cryptography, since a
    /// program may link several and rustls then refuses to choose.
    pub(crate) fn client(&self) -> Result<ClientConfig, Error> {
        let store = match &self.0 {
            Some(store) => Arc::clone(store),
            None => Arc::new(system()),
        };
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| EngineError::new(EngineErrorKind::Insecure, error))?;
        Ok(config.with_root_certificates(store).with_no_client_auth())
    }
}

/// Returns the certificates of the system that can be read. Without any, no server is trusted.
fn system() -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    store
}
