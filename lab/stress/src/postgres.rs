//! Clusters of PostgreSQL with TLS, and with standbys where they are asked for.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::getuid;

use crate::command::{read, run};
use crate::database::Database;
use crate::place::Place;
use crate::server::{Server, free_port};

const USER: &str = "otp";
/// The password of a server that lives as long as this program, on this machine only.
const PASSWORD: &str = "for-tests-alone";
/// The owner of this folder of Debian runs the servers where this user is root.
const HOME: &str = "/var/lib/postgresql";

/// Finds the programs of PostgreSQL, the newest if Debian has several.
pub fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let folders = versions.map(|version| version.path().join("bin"));
    folders.filter(|folder| folder.join("initdb").exists()).max()
}

pub fn start() -> Result<Place> {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    if getuid().is_root() {
        let home = fs::metadata(HOME)?;
        chown(path, Some(home.uid()), Some(home.gid()))?;
    }
    certificates(path)?;
    let password = path.join("password");
    fs::write(&password, PASSWORD)?;
    let mut initdb = program("initdb")?;
    initdb.args(["-U", USER, "--auth=scram-sha-256", "--encoding=UTF8"]);
    // The store lists ids byte for byte, whatever the collation of the database is.
    initdb.args(["--locale=C", "--locale-provider=icu", "--icu-locale=und", "-D"]);
    read(initdb.arg(path.join("primary")).arg("--pwfile").arg(password))?;
    let [key, certificate] = ["server.key", "server.crt"].map(|name| path.join(name));
    let tls = [
        "ssl=on".to_owned(),
        format!("ssl_key_file={}", key.display()),
        format!("ssl_cert_file={}", certificate.display()),
    ];
    let server = serve(path, "primary", &tls)?;
    Ok(Place { database: Database::Postgres(url(&server)), servers: vec![server], folder })
}

/// Starts a server that follows the first one.
pub fn add_follower(place: &mut Place, name: &str) -> Result<()> {
    let path = place.folder.path();
    let mut backup = program("pg_basebackup")?;
    backup.args(["-X", "stream", "-R", "-d", &url(&place.servers[0]), "-D"]);
    run(backup.arg(path.join(name)))?;
    let follower = serve(path, name, &["ssl=off".to_owned()])?;
    place.servers.push(follower);
    Ok(())
}

/// Makes the primary wait until its standby has each commit.
pub fn wait_for_standby(place: &Place) -> Result<()> {
    let url = url(&place.servers[0]);
    ask(&url, "ALTER SYSTEM SET synchronous_standby_names = '*'")?;
    ask(&url, "SELECT pg_reload_conf()")?;
    for _ in 0..600 {
        if ask(&url, "SELECT sync_state FROM pg_stat_replication")?.trim() == "sync" {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(100));
    }
    bail!("the standby does not follow")
}

/// Kills the primary, and promotes its standby.
pub fn fail_over(place: &mut Place) -> Result<()> {
    place.servers.remove(0).kill()?;
    let standby = place.servers.first().context("there is no standby")?;
    place.database = Database::Postgres(url(standby));
    promote(standby)
}

fn promote(server: &Server) -> Result<()> {
    let promoted = ask(&url(server), "SELECT pg_promote()")?;
    ensure!(promoted.trim() == "t", "the standby is not promoted");
    Ok(())
}

/// Adds a standby, and one that is promoted so that both servers are writable. Returns the variables
/// that the tests read.
pub fn variables(place: &mut Place) -> Result<Vec<(&'static str, String)>> {
    add_follower(place, "standby")?;
    add_follower(place, "promoted")?;
    promote(&place.servers[2])?;
    let [primary, standby, promoted] = [0, 1, 2].map(|number| url(&place.servers[number]));
    Ok(vec![
        ("OTP_TEST_POSTGRES", primary),
        ("OTP_TEST_POSTGRES_STANDBY", standby),
        ("OTP_TEST_POSTGRES_PROMOTED", promoted),
        ("OTP_TEST_POSTGRES_CA", place.folder.path().join("authority.crt").display().to_string()),
    ])
}

/// Makes another database on a server.
pub fn database(url: &str, name: &str) -> Result<Database> {
    ask(url, &format!("CREATE DATABASE {name}"))?;
    let (server, _) = url.rsplit_once('/').context("a URL without a database")?;
    Ok(Database::Postgres(format!("{server}/{name}")))
}

fn ask(url: &str, statement: &str) -> Result<String> {
    read(program("psql")?.args(["-qAtc", statement, url]))
}

fn url(server: &Server) -> String {
    format!("postgres://{USER}:{PASSWORD}@localhost:{}/postgres", server.port)
}

fn program(name: &str) -> Result<Command> {
    let path = programs().context("PostgreSQL is not installed")?.join(name);
    unprivileged(Command::new(path))
}

/// PostgreSQL refuses to run as root.
fn unprivileged(mut command: Command) -> Result<Command> {
    if getuid().is_root() {
        let home = fs::metadata(HOME)?;
        command.uid(home.uid()).gid(home.gid()).current_dir("/");
    }
    Ok(command)
}

fn serve(folder: &Path, data: &str, settings: &[String]) -> Result<Server> {
    let port = free_port()?;
    let mut postgres = program("postgres")?;
    postgres.args(["-p", &port.to_string(), "-D"]).arg(folder.join(data));
    let common = "listen_addresses=localhost max_connections=300 wal_level=logical \
        unix_socket_directories=";
    for setting in common.split_whitespace().chain(settings.iter().map(String::as_str)) {
        postgres.args(["-c", setting]);
    }
    Server::start(postgres, folder.join(format!("{data}.log")), port)
}

/// Makes a certificate authority, and a certificate for this machine.
fn certificates(folder: &Path) -> Result<()> {
    let new = "req -x509 -days 2 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1";
    let authority = "-subj /CN=authority -keyout authority.key -out authority.crt";
    let server = "-CA authority.crt -CAkey authority.key -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -addext basicConstraints=CA:FALSE \
        -keyout server.key -out server.crt";
    for certificate in [authority, server] {
        let mut openssl = unprivileged(Command::new("openssl"))?;
        openssl.args(new.split(' ')).args(certificate.split_whitespace());
        read(openssl.current_dir(folder))?;
    }
    Ok(())
}
