use core::sync::atomic::{AtomicU32, Ordering};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// How long a server may take to start or stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server process, which is killed when the value is dropped.
pub struct Server {
    program: String,
    words: Vec<String>,
    log: PathBuf,
    port: u16,
    child: Child,
}

impl Server {
    /// Starts a program that will listen on a port of this machine.
    pub fn start(program: &str, words: Vec<String>, log: &Path, port: u16) -> Result<Self> {
        println!("$ {program} {}", words.join(" "));
        let child = spawn(program, &words, log)?;
        let mut server = Self { program: program.to_owned(), words, log: log.into(), port, child };
        server.wait()?;
        Ok(server)
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Sends SIGKILL to the server and all its children.
    pub fn kill(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_some() {
            // Another process may have its number by now.
            return Ok(());
        }
        let parent = self.child.id();
        // Otherwise it could start others when the first of its children dies.
        kill(parent, "STOP")?;
        let all: Vec<_> = [parent].into_iter().chain(descendants(parent)).collect();
        for process in &all {
            // It may have ended by itself.
            let _ = kill(*process, "KILL");
        }
        self.child.wait()?;
        let began = Instant::now();
        while all.iter().any(|process| is_alive(*process)) {
            ensure!(began.elapsed() < PATIENCE, "a killed process lives on");
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Starts it again after a kill.
    pub fn restart(&mut self) -> Result<()> {
        self.child = spawn(&self.program, &self.words, &self.log)?;
        self.wait()
    }

    fn wait(&mut self) -> Result<()> {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if let Some(status) = self.child.try_wait()? {
                let log = fs::read_to_string(&self.log).unwrap_or_default();
                bail!("`{}` ended: {status}\n{log}", self.program);
            }
            ensure!(began.elapsed() < PATIENCE, "`{}` does not start", self.program);
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It would be gone with its folder anyway; what it would save is not needed.
        let _ = self.kill();
    }
}

fn spawn(program: &str, words: &[String], log: &Path) -> Result<Child> {
    let log = fs::OpenOptions::new().append(true).create(true).open(log)?;
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    command.spawn().with_context(|| format!("cannot run `{program}`"))
}

/// Sends a signal to a process.
pub fn kill(process: u32, signal: &str) -> Result<()> {
    let process = process.to_string();
    let mut command = Command::new("kill");
    command.args(["-s", signal, &process]).stderr(Stdio::null());
    ensure!(command.status()?.success(), "cannot send {signal} to {process}");
    Ok(())
}

fn descendants(process: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    let children = children.unwrap_or_default();
    let mut all = Vec::new();
    for child in children.split_whitespace().flat_map(str::parse) {
        all.extend(descendants(child));
        all.push(child);
    }
    all
}

fn is_alive(process: u32) -> bool {
    // A process that ended and was not waited for holds nothing any more.
    let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    state.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// A port that is free at the moment. It lies below those that Linux gives to clients, so a server that
/// restarts finds it free.
pub fn free_port() -> Result<u16> {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    // Processes begin at different places.
    let first = std::process::id().wrapping_mul(97);
    loop {
        let place = first.wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(10_000 + place % 20_000)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
}

pub fn is_root() -> Result<bool> {
    Ok(Command::new("id").arg("-u").output()?.stdout == b"0\n")
}

/// A folder that is deleted with its contents.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Result<Self> {
        let name = format!("otp-stores-{name}-{}-{}", std::process::id(), free_port()?);
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).context("a temporary folder")?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the path of a file in the folder, as text.
    pub fn file(&self, name: &str) -> Result<String> {
        Ok(self.0.join(name).to_str().context("a path is not UTF-8")?.to_owned())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
