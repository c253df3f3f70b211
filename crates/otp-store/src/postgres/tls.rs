//! Encrypted connections, to servers whose certificate is valid for their name.

use tokio_postgres::config::SslNegotiation;

#[cfg(feature = "tls")]
pub(super) use self::rustls::Tls;
use crate::Error;

/// Has no value without feature `tls`.
#[cfg(not(feature = "tls"))]
pub(super) enum Tls {}

#[cfg(not(feature = "tls"))]
impl Tls {
    pub(super) fn new(_roots: Option<&str>, _negotiation: SslNegotiation) -> Result<Self, Error> {
        Err(Error::Url("tls"))
    }
}

#[cfg(feature = "tls")]
mod rustls {
    use std::fs;

    use percent_encoding::percent_decode_str;
    use tokio_postgres_rustls::MakeRustlsConnect;

    use super::{Error, SslNegotiation};
    use crate::tls::Roots;

    pub(crate) struct Tls(pub(crate) MakeRustlsConnect);

    impl Tls {
        /// Trusts the root certificates of a PEM file, or those of the operating system.
        pub(crate) fn new(roots: Option<&str>, negotiation: SslNegotiation) -> Result<Self, Error> {
            let roots = match roots {
                None | Some("system") => Roots::default(),
                Some(path) => {
                    let path = percent_decode_str(path).decode_utf8_lossy();
                    let pem = fs::read(path.as_ref()).map_err(|_| Error::Url("sslrootcert"))?;
                    Roots::of_pem(&pem).map_err(|_| Error::Url("sslrootcert"))?
                }
            };
            let mut config = roots.client()?;
            if negotiation == SslNegotiation::Direct {
                config.alpn_protocols = vec![b"postgresql".to_vec()];
            }
            Ok(Self(MakeRustlsConnect::new(config)))
        }
    }
}
