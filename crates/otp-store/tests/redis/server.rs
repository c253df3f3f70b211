//! Starts a server for a test: `redis-server`, or the program in `OTP_TEST_REDIS_SERVER`.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use otp_store::{EngineErrorKind, Error, Redis, RedisOptions};
use redis::AsyncConnectionConfig;
use redis::aio::MultiplexedConnection;
use tempfile::TempDir;
use tokio::time::Instant;

/// A server that stops when it is dropped, and its folder.
pub(crate) struct Server {
    folder: TempDir,
    settings: String,
    port: u16,
    process: Child,
}

/// A timeout that no call reaches, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(20);

/// The settings that the store requires.
pub(crate) const SAFE: &str = "--appendonly yes --appendfsync always";

impl Server {
    /// Starts a server with settings as in a command line. It accepts connections, and may still be
    /// loading.
    pub(crate) fn start(settings: &str) -> Self {
        let (folder, settings) = (tempfile::tempdir().unwrap(), settings.to_owned());
        loop {
            let port = free_port();
            let mut process = run(&folder, port, &settings);
            // Another program may have taken the port, even another server of a test.
            while process.try_wait().unwrap().is_none() {
                if listens(port, process.id(), &settings) {
                    return Self { folder, settings, port, process };
                }
                std::thread::sleep(PAUSE);
            }
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Returns options with a timeout for a busy machine.
    pub(crate) fn options(&self) -> RedisOptions {
        Redis::options(&self.url()).unwrap().with_timeout(PATIENCE)
    }

    /// Creates a store as soon as the server replies.
    pub(crate) async fn create(&self) -> Result<Redis, Error> {
        until(async || self.options().create().await).await
    }

    pub(crate) async fn open(&self) -> Redis {
        self.create().await.unwrap()
    }

    /// Kills it without warning: `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn restart(&mut self) {
        self.kill();
        self.process = run(&self.folder, self.port, &self.settings);
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &process]).status().unwrap().success());
    }

    pub(crate) async fn command(&self, arguments: &[&str]) -> redis::RedisResult<redis::Value> {
        let mut connection = connection(&self.url()).await?;
        redis::Cmd::new().arg(arguments).query_async(&mut connection).await
    }

    /// Returns the number of clients' connections.
    pub(crate) async fn clients(&self) -> usize {
        let list = self.command(&["CLIENT", "LIST", "TYPE", "normal"]).await.unwrap();
        redis::from_redis_value::<String>(list).unwrap().lines().count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Connects a client beside the store, with a timeout for a busy machine.
pub(crate) async fn connection(url: &str) -> redis::RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(None);
    let client = redis::Client::open(url)?;
    client.get_multiplexed_async_connection_with_config(&config.set_response_timeout(None)).await
}

/// Returns whether a process listens on the port. A password is its last setting.
fn listens(port: u16, process: u32, settings: &str) -> bool {
    let login = settings.split_once("--requirepass ").map(|(_, password)| format!(":{password}@"));
    let url = format!("redis://{}127.0.0.1:{port}", login.unwrap_or_default());
    let ask = || -> redis::RedisResult<String> {
        let mut connection = redis::Client::open(url)?.get_connection_with_timeout(PATIENCE)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        redis::cmd("INFO").arg("server").query(&mut connection)
    };
    ask().is_ok_and(|reply| reply.contains(&format!("process_id:{process}\r\n")))
}

/// Returns a port that no other test of this process gets. It lies below those that Linux gives to
/// clients, so a server that restarts finds it free.
pub(crate) fn free_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    // Processes begin at different places.
    let first = std::process::id().wrapping_mul(97);
    let mut ports = core::iter::repeat_with(|| {
        let place = first.wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed));
        u16::try_from(10_000 + place % 20_000).unwrap()
    });
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

fn run(folder: &TempDir, port: u16, settings: &str) -> Child {
    let program = std::env::var("OTP_TEST_REDIS_SERVER").unwrap_or("redis-server".to_owned());
    let mut command = Command::new(program);
    command.args(["--bind", "127.0.0.1", "--save", "", "--port", &port.to_string(), "--dir"]);
    command.arg(folder.path()).args(settings.split(' '));
    let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    started.expect("install redis-server (Debian: package redis-server)")
}

/// Retries while the server is starting.
pub(crate) async fn until<T>(
    mut attempt: impl AsyncFnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    use EngineErrorKind::{Busy, Interrupted, Unreachable};

    let end = Instant::now() + PATIENCE;
    loop {
        let outcome = attempt().await;
        let Err(Error::Engine(error)) = &outcome else { return outcome };
        let starts = matches!(error.kind(), Unreachable | Interrupted | Busy);
        if !starts || Instant::now() > end {
            return outcome;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
