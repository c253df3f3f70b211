use core::net::IpAddr;
use core::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::tls::Tls;
use crate::Error;

/// How often to probe an idle connection, so that a dead one is found before it is needed.
const PROBE: Duration = Duration::from_secs(60);

/// The parameters that a URL may have.
const KNOWN: [&str; 18] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "sslnegotiation",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
];

/// The hosts of a database, and how to connect to them.
pub(super) struct Target {
    /// A configuration for each host.
    pub(super) hosts: Vec<Config>,
    /// `None` for plain text.
    pub(super) tls: Option<Tls>,
}

/// The parameters of a URL that the driver does not support, and the rest of the URL.
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
        // The parser's errors may repeat parts of the URL.
        let parsed = format!("{base}?{}", parameters.others).parse();
        let mut config: Config = parsed.map_err(|_| Error::Url("syntax"))?;
        let count = config.get_hosts().len().max(config.get_hostaddrs().len());
        let fits = |others: usize| matches!(others, 0 | 1) || others == count;
        let (hosts, addresses) = (config.get_hosts().len(), config.get_hostaddrs().len());
        if count == 0 || hosts.min(addresses) != 0 && hosts != addresses {
            return Err(Error::Url("host"));
        }
        if !fits(config.get_ports().len()) {
            return Err(Error::Url("port"));
        }
        let encrypted = parameters.encrypted(is_local(&config))?;
        config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
        let tls = match encrypted {
            true => Some(Tls::new(parameters.sslrootcert, config.get_ssl_negotiation())?),
            false => None,
        };
        patience(&mut config, count, &parameters.others, timeout);
        Ok(Self { hosts: (0..count).map(|place| only(&config, place)).collect(), tls })
    }
}

/// Returns the configuration for one of the hosts.
fn only(all: &Config, place: usize) -> Config {
    let mut one = Config::new();
    all.get_user().map(|user| one.user(user));
    all.get_password().map(|password| one.password(password));
    all.get_dbname().map(|name| one.dbname(name));
    all.get_options().map(|options| one.options(options));
    all.get_application_name().map(|name| one.application_name(name));
    all.get_connect_timeout().map(|timeout| one.connect_timeout(*timeout));
    all.get_tcp_user_timeout().map(|timeout| one.tcp_user_timeout(*timeout));
    all.get_keepalives_interval().map(|interval| one.keepalives_interval(interval));
    all.get_keepalives_retries().map(|retries| one.keepalives_retries(retries));
    one.ssl_mode(all.get_ssl_mode()).ssl_negotiation(all.get_ssl_negotiation());
    one.keepalives(all.get_keepalives()).keepalives_idle(all.get_keepalives_idle());
    one.channel_binding(all.get_channel_binding());
    match all.get_hosts().get(place) {
        Some(Host::Tcp(name)) => _ = one.host(name),
        #[cfg(unix)]
        Some(Host::Unix(path)) => _ = one.host_path(path),
        None => {}
    }
    all.get_hostaddrs().get(place).map(|address| one.hostaddr(*address));
    all.get_ports().get(place).or(all.get_ports().first()).map(|port| one.port(*port));
    one
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
                None => {
                    let name = pair.split_once('=').map_or(pair, |(name, _)| name);
                    let known = KNOWN.iter().find(|known| **known == name);
                    let known = known.ok_or(Error::Url("unknown parameter"))?;
                    let alone: Result<Config, _> = format!("postgres://localhost?{pair}").parse();
                    alone.map_err(|_| Error::Url(known))?;
                    if !parameters.others.is_empty() {
                        parameters.others.push('&');
                    }
                    parameters.others.push_str(pair);
                }
            }
        }
        Ok(parameters)
    }

    /// Returns whether to encrypt. `allow` and `prefer` would fall back to plain text whenever the
    /// server, or an attacker in between, asks for it.
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

/// Returns whether all traffic stays on this machine.
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

/// Sets the timeouts that the URL does not set, so that every wait ends.
fn patience(config: &mut Config, hosts: usize, others: &str, timeout: Duration) {
    if config.get_application_name().is_none() {
        config.application_name("otp-store");
    }
    if config.get_connect_timeout().is_none() {
        // Dead hosts leave time for the one that works. A name may have two addresses.
        let shares = u32::try_from(hosts).unwrap_or(u32::MAX).saturating_add(1);
        config.connect_timeout(timeout.checked_div(shares).unwrap_or(timeout));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(timeout);
    }
    if !others.contains("keepalives_idle=") {
        config.keepalives_idle(PROBE);
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
    fn invalid_url_names_its_part_and_nothing_else() {
        for (url, part) in [
            ("", "scheme"),
            ("host=localhost password=canary", "scheme"),
            ("mysql://canary@localhost", "scheme"),
            ("postgres://canary@localhost:port/db", "syntax"),
            ("postgres://localhost/db?canary=1", "unknown parameter"),
            ("postgres://localhost/db?canary", "unknown parameter"),
            ("postgres://localhost/db?sslcert=canary", "unknown parameter"),
            ("postgres://localhost/db?connect_timeout=canary", "connect_timeout"),
            ("postgres://localhost/db?hostaddr=canary", "hostaddr"),
            ("postgres://localhost,localhost:1/db?hostaddr=127.0.0.1", "host"),
            ("postgres://a,b,c/db?port=1,2", "port"),
            ("postgres:///canary", "host"),
            ("postgres://localhost?sslmode=canary", "sslmode"),
            ("postgres://localhost?sslmode=prefer", "sslmode"),
            ("postgres://localhost?sslmode=allow", "sslmode"),
            ("postgres://localhost?sslmode=disable&sslmode=require", "sslmode"),
            ("postgres://localhost?sslmode=disable&sslrootcert=canary", "sslrootcert"),
        ] {
            let Err(error) = parse(url) else { panic!("{url}") };
            assert!(matches!(error, Error::Url(named) if named == part), "{url}: {error:?}");
            let text = error.to_string();
            assert!(text.starts_with(&format!("database URL is not valid: {part}")), "{text}");
            assert_eq!(
                text.contains("require, verify-ca or verify-full"),
                part == "sslmode",
                "{text}"
            );
            assert!(!format!("{error:?}").contains("canary"));
        }
    }

    #[test]
    fn plain_text_is_default_only_on_this_machine() {
        for plain in [
            "postgres://localhost/otp",
            "postgresql://otp:pw@127.0.0.1:5433/otp",
            "postgres://[::1]/otp",
            "postgres:///otp?host=/run/postgresql",
            "postgres://db/otp?sslmode=disable",
        ] {
            let target = parse(plain).unwrap();
            assert_eq!(target.hosts[0].get_ssl_mode(), SslMode::Disable, "{plain}");
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
                    assert_eq!(target.hosts[0].get_ssl_mode(), SslMode::Require, "{encrypted}");
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
            let one = parse(url).unwrap().hosts[0].get_connect_timeout().copied().unwrap();
            assert_eq!(one, Duration::from_secs(5) / (hosts + 1), "{url}");
        }
        let named = parse("postgres://127.0.0.1,127.0.0.2/otp?connect_timeout=4").unwrap();
        assert_eq!(named.hosts[0].get_connect_timeout(), Some(&Duration::from_secs(4)));
    }

    #[cfg(feature = "tls")]
    #[test]
    fn unreadable_root_certificates_are_an_error() {
        let empty = tempfile::NamedTempFile::new().unwrap();
        for path in ["/nowhere/at/all.pem", empty.path().to_str().unwrap()] {
            let url = format!("postgres://db/otp?sslrootcert={path}");
            assert!(matches!(parse(&url), Err(Error::Url("sslrootcert"))));
        }
    }
}
