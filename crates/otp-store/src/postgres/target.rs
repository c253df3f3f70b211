use core::net::IpAddr;
use core::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::tls::Tls;
use crate::Error;

/// How often an idle connection is probed, so that a dead one is known before it is needed.
const PROBE: Duration = Duration::from_secs(60);

/// Where a database is and how to talk to it.
pub(super) struct Target {
    pub(super) config: Config,
    /// `None` is plain text.
    pub(super) tls: Option<Tls>,
}

/// The parameters of a URL that the driver does not know, and the rest of it.
#[derive(Debug, Default)]
struct Parameters<'a> {
    sslmode: Option<&'a str>,
    sslrootcert: Option<&'a str>,
    others: String,
}

impl Target {
    pub(super) fn parse(url: &str, timeout: Duration) -> Result<Self, Error> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(Error::Url("scheme"));
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let parameters = Parameters::split(query)?;
        // The parser's own errors may repeat parts of the URL.
        let parsed = format!("{base}?{}", parameters.others).parse();
        let mut config: Config = parsed.map_err(|_| Error::Url("syntax"))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(Error::Url("host"));
        }
        let encrypted = parameters.encrypted(is_local(&config))?;
        config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
        let tls = match encrypted {
            true => Some(Tls::new(parameters.sslrootcert, config.get_ssl_negotiation())?),
            false => None,
        };
        patience(&mut config, &parameters.others, timeout);
        Ok(Self { config, tls })
    }
}

impl<'a> Parameters<'a> {
    fn split(query: &'a str) -> Result<Self, Error> {
        let mut parameters = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let slot = match pair.split_once('=') {
                Some(("sslmode", value)) => Some((&mut parameters.sslmode, "sslmode", value)),
                Some(("sslrootcert", value)) => {
                    Some((&mut parameters.sslrootcert, "sslrootcert", value))
                }
                _ => None,
            };
            match slot {
                Some((slot, part, value)) => {
                    if slot.replace(value).is_some() {
                        return Err(Error::Url(part));
                    }
                }
                None if parameters.others.is_empty() => parameters.others.push_str(pair),
                None => {
                    parameters.others.push('&');
                    parameters.others.push_str(pair);
                }
            }
        }
        Ok(parameters)
    }

    /// Whether to encrypt. `allow` and `prefer` would be plain whenever the server, or somebody
    /// in between, says so.
    fn encrypted(&self, local: bool) -> Result<bool, Error> {
        match (self.sslmode, self.sslrootcert) {
            (Some("require" | "verify-ca" | "verify-full"), _) => Ok(true),
            (Some("disable"), None) => Ok(false),
            (Some("disable"), Some(_)) => Err(Error::Url("sslrootcert")),
            (Some(_), _) => Err(Error::Url("sslmode")),
            (None, root) => Ok(root.is_some() || !local),
        }
    }
}

/// Whether no byte leaves this machine.
fn is_local(config: &Config) -> bool {
    let address = |address: &IpAddr| address.is_loopback();
    if !config.get_hostaddrs().is_empty() {
        return config.get_hostaddrs().iter().all(address);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip| address(&ip)),
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

/// Sets what the URL does not, so that nothing is waited for without end.
fn patience(config: &mut Config, others: &str, timeout: Duration) {
    if config.get_application_name().is_none() {
        config.application_name("otp-store");
    }
    let hosts = config.get_hosts().len().max(config.get_hostaddrs().len());
    if config.get_connect_timeout().is_none() {
        // Dead hosts leave a share to the one that lives. A name may have two addresses.
        let shares = u32::try_from(hosts).unwrap_or(u32::MAX).saturating_add(1);
        config.connect_timeout(timeout.checked_div(shares).unwrap_or(timeout));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(timeout);
    }
    if !others.contains("keepalives_idle=") {
        config.keepalives_idle(PROBE);
    }
    // Of several hosts, the one that is the primary.
    if hosts > 1 && config.get_target_session_attrs() == TargetSessionAttrs::Any {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use core::time::Duration;

    use tokio_postgres::config::SslMode;

    use super::Target;
    use crate::Error;

    fn parse(url: &str) -> Result<Target, Error> {
        Target::parse(url, Duration::from_secs(5))
    }

    #[test]
    fn a_url_that_is_not_valid_names_its_part_and_nothing_else() {
        for (url, part) in [
            ("", "scheme"),
            ("host=localhost password=canary", "scheme"),
            ("mysql://canary@localhost", "scheme"),
            ("postgres://canary@localhost:port/db", "syntax"),
            ("postgres://localhost/db?canary=1", "syntax"),
            ("postgres://localhost/db?sslcert=canary", "syntax"),
            ("postgres:///canary", "host"),
            ("postgres://localhost?sslmode=canary", "sslmode"),
            ("postgres://localhost?sslmode=prefer", "sslmode"),
            ("postgres://localhost?sslmode=allow", "sslmode"),
            ("postgres://localhost?sslmode=disable&sslmode=require", "sslmode"),
            ("postgres://localhost?sslmode=disable&sslrootcert=canary", "sslrootcert"),
        ] {
            let Err(error) = parse(url) else { panic!("{url}") };
            assert!(matches!(error, Error::Url(named) if named == part), "{url}: {error:?}");
            assert_eq!(error.to_string(), format!("database URL is not valid: {part}"));
            assert!(!format!("{error:?}").contains("canary"));
        }
    }

    #[test]
    fn only_what_stays_on_this_machine_is_plain_without_being_asked() {
        for plain in [
            "postgres://localhost/otp",
            "postgresql://otp:pw@127.0.0.1:5433/otp",
            "postgres://[::1]/otp",
            "postgres:///otp?host=/run/postgresql",
            "postgres://db/otp?sslmode=disable",
        ] {
            let target = parse(plain).unwrap();
            assert_eq!(target.config.get_ssl_mode(), SslMode::Disable, "{plain}");
            assert!(target.tls.is_none());
        }
        for encrypted in [
            "postgres://db/otp",
            "postgres://localhost,db/otp",
            "postgres://localhost/otp?hostaddr=192.0.2.1",
            "postgres://localhost/otp?sslmode=require",
            "postgres://localhost/otp?sslmode=verify-ca",
            "postgres://localhost/otp?sslmode=verify-full&application_name=x",
        ] {
            match parse(encrypted) {
                Ok(target) if cfg!(feature = "tls") => {
                    assert_eq!(target.config.get_ssl_mode(), SslMode::Require, "{encrypted}");
                    assert!(target.tls.is_some());
                }
                Err(Error::Url(part)) if !cfg!(feature = "tls") => assert!(part.contains("tls")),
                other => panic!("{encrypted}: {:?}", other.err()),
            }
        }
    }

    #[test]
    fn dead_hosts_leave_time_for_the_last() {
        for (url, hosts) in [
            ("postgres://localhost/otp", 1),
            ("postgres://127.0.0.1,127.0.0.2/otp", 2),
            ("postgres:///otp?hostaddr=127.0.0.1,127.0.0.2,127.0.0.3", 3),
        ] {
            let one = parse(url).unwrap().config.get_connect_timeout().copied().unwrap();
            assert_eq!(one, Duration::from_secs(5) / (hosts + 1), "{url}");
        }
        let named = parse("postgres://127.0.0.1,127.0.0.2/otp?connect_timeout=4").unwrap();
        assert_eq!(named.config.get_connect_timeout(), Some(&Duration::from_secs(4)));
    }

    #[cfg(feature = "tls")]
    #[test]
    fn roots_that_cannot_be_read_are_an_error() {
        let empty = tempfile::NamedTempFile::new().unwrap();
        for path in ["/nowhere/at/all.pem", empty.path().to_str().unwrap()] {
            let url = format!("postgres://db/otp?sslrootcert={path}");
            assert!(matches!(parse(&url), Err(Error::Url("sslrootcert"))));
        }
    }
}
