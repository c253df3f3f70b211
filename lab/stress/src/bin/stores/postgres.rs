use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::command::Command;
use crate::process::{Folder, Server, free_port, is_root};

const USER: &str = "otp";
/// The password of a server that lives as long as this program, on this machine only.
const PASSWORD: &str = "for-tests-alone";

/// A PostgreSQL server with TLS, and optional standbys.
pub struct Postgres {
    pub server: Server,
    standby: Option<Server>,
    promoted: Option<Server>,
    folder: Folder,
}

/// Finds the programs of PostgreSQL, the newest if Debian has several.
pub fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.retain(|folder| folder.join("initdb").exists());
    folders.sort();
    folders.pop()
}

impl Postgres {
    pub fn start() -> Result<Self> {
        let folder = Folder::new("postgres")?;
        fs::write(folder.path().join("password"), PASSWORD)?;
        certificates(&folder)?;
        if is_root()? {
            // PostgreSQL refuses to run as root.
            Command::new("chown").words("-R postgres:postgres").arg(folder.path()).run()?;
        }
        let data = folder.file("primary")?;
        program("initdb")?
            // The store lists ids byte for byte, whatever the collation of the database is.
            .words(&format!("-U {USER} --auth=scram-sha-256 --encoding=UTF8 -D {data}"))
            .words("--locale=C --locale-provider=icu --icu-locale=und")
            .arg(format!("--pwfile={}", folder.file("password")?))
            .read()?;
        let key = ["server.key", "server.crt"].map(|name| folder.file(name));
        let [key, certificate] = key;
        let tls = format!("-c ssl=on -c ssl_key_file={} -c ssl_cert_file={}", key?, certificate?);
        let server = start(&folder, "primary", &tls)?;
        Ok(Self { server, standby: None, promoted: None, folder })
    }

    /// Adds a standby.
    pub fn with_standby(self) -> Result<Self> {
        let standby = Some(self.follower("standby")?);
        Ok(Self { standby, ..self })
    }

    /// Adds a standby and promotes it, so that both servers are writable.
    pub fn with_promoted(self) -> Result<Self> {
        let promoted = self.follower("promoted")?;
        promote(&promoted)?;
        Ok(Self { promoted: Some(promoted), ..self })
    }

    fn follower(&self, name: &str) -> Result<Server> {
        let (folder, port) = (&self.folder, self.server.port());
        program("pg_basebackup")?
            .words(&format!("-h localhost -p {port} -U {USER} -X stream -R"))
            .arg("-D")
            .arg(folder.file(name)?)
            .env("PGPASSWORD", PASSWORD)
            .run()?;
        start(folder, name, "-c ssl=off")
    }

    /// Makes the primary wait until its standby has each commit.
    pub fn wait_for_standby(&self) -> Result<()> {
        self.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")?;
        self.ask("SELECT pg_reload_conf()")?;
        for _ in 0..600 {
            if self.ask("SELECT sync_state FROM pg_stat_replication")?.trim() == "sync" {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        bail!("the standby does not follow")
    }

    /// Kills the primary, and promotes its standby.
    pub fn fail_over(&mut self) -> Result<()> {
        self.server.kill()?;
        self.server = self.standby.take().context("there is no standby")?;
        promote(&self.server)
    }

    fn ask(&self, statement: &str) -> Result<String> {
        ask(&self.server, statement)
    }

    pub fn url(&self) -> String {
        url(&self.server)
    }

    /// Returns the variables that the tests read.
    pub fn variables(&self) -> Result<Vec<(&'static str, String)>> {
        let standby = self.standby.as_ref().context("there is no standby")?;
        let promoted = self.promoted.as_ref().context("no server was promoted")?;
        Ok(vec![
            ("OTP_TEST_POSTGRES", self.url()),
            ("OTP_TEST_POSTGRES_STANDBY", url(standby)),
            ("OTP_TEST_POSTGRES_PROMOTED", url(promoted)),
            ("OTP_TEST_POSTGRES_CA", self.folder.file("authority.crt")?),
        ])
    }

    pub fn log(&self) -> Result<String> {
        self.folder.file("codes")
    }

    /// Makes another database, and returns its URL.
    pub fn database(&self, name: &str) -> Result<String> {
        let url = self.url();
        self.ask(&format!("CREATE DATABASE {name}"))?;
        let (server, _) = url.rsplit_once('/').context("a URL without a database")?;
        Ok(format!("{server}/{name}"))
    }
}

fn promote(server: &Server) -> Result<()> {
    ensure!(ask(server, "SELECT pg_promote()")?.trim() == "t", "the standby is not promoted");
    Ok(())
}

fn ask(server: &Server, statement: &str) -> Result<String> {
    program("psql")?.arg("-qAtc").arg(statement).arg(url(server)).read()
}

fn url(server: &Server) -> String {
    format!("postgres://{USER}:{PASSWORD}@localhost:{}/postgres", server.port())
}

/// One of its programs, run by a user that is not root.
fn program(name: &str) -> Result<Command> {
    let path = programs().context("PostgreSQL is not installed")?.join(name);
    Ok(if is_root()? { unprivileged().arg(path) } else { Command::new(&path.to_string_lossy()) })
}

const UNPRIVILEGED: &str = "--reuid=postgres --regid=postgres --clear-groups";

fn unprivileged() -> Command {
    Command::new("setpriv").words(UNPRIVILEGED).directory(Path::new("/"))
}

fn start(folder: &Folder, data: &str, settings: &str) -> Result<Server> {
    let port = free_port()?;
    let postgres = programs().context("PostgreSQL is not installed")?.join("postgres");
    let postgres = postgres.to_str().context("a path is not UTF-8")?.to_owned();
    let line = format!(
        "-D {} -p {port} -c listen_addresses=localhost -c max_connections=300 -c wal_level=logical
         -c unix_socket_directories= {settings}",
        folder.file(data)?
    );
    let mut words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
    let log = folder.path().join(format!("{data}.log"));
    let server = if is_root()? {
        words.splice(..0, UNPRIVILEGED.split_whitespace().map(str::to_owned).chain([postgres]));
        Server::start("setpriv", words, &log, port)?
    } else {
        Server::start(&postgres, words, &log, port)?
    };
    // It listens before it replies.
    for _ in 0..600 {
        let ready = program("pg_isready")?.words(&format!("-q -h localhost -p {port}")).ask("")?;
        if ready.status.success() {
            return Ok(server);
        }
        thread::sleep(Duration::from_millis(100));
    }
    bail!("PostgreSQL does not reply")
}

/// Makes a certificate authority, and a certificate for this machine.
fn certificates(folder: &Folder) -> Result<()> {
    let openssl =
        |line: &str| Command::new("openssl").words(line).directory(folder.path()).read().map(drop);
    let new = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(&format!(
        "{new} -x509 -days 2 -subj /CN=authority -keyout authority.key -out authority.crt"
    ))?;
    fs::write(folder.path().join("names"), "subjectAltName=DNS:localhost")?;
    openssl(&format!("{new} -subj /CN=localhost -keyout server.key -out server.csr"))?;
    openssl(
        "x509 -req -days 2 -in server.csr -CA authority.crt -CAkey authority.key -CAcreateserial
         -extfile names -out server.crt",
    )?;
    Command::new("chmod").words("600 server.key").directory(folder.path()).run()
}
