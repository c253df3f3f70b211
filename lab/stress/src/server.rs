use std::fs::{self, File};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

/// How long a server may take to start or stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server process, which is killed when the value is dropped.
pub struct Server {
    command: Command,
    log: PathBuf,
    pub port: u16,
    child: Child,
}

impl Server {
    /// Starts a program that listens on a port of this machine, and waits until it is ready.
    pub fn start(mut command: Command, log: PathBuf, port: u16) -> Result<Self> {
        println!("$ {command:?}");
        let output = File::create(&log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let child = command.spawn().with_context(|| format!("cannot run {command:?}"))?;
        let mut server = Self { command, log, port, child };
        server.wait()?;
        Ok(server)
    }

    /// Sends SIGKILL to the server and all its children.
    pub fn kill(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_some() {
            // Another process may have its number by now.
            return Ok(());
        }
        let parent = self.child.id();
        // Otherwise it could start others when the first of its children dies.
        kill_process(Pid::from_child(&self.child), Signal::STOP)?;
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
        let children = children.unwrap_or_default();
        let children: Vec<i32> = children.split_whitespace().flat_map(str::parse).collect();
        for child in children.iter().copied().filter_map(Pid::from_raw) {
            // It may have ended by itself.
            let _ = kill_process(child, Signal::KILL);
        }
        self.child.kill()?;
        self.child.wait()?;
        let began = Instant::now();
        while children.iter().copied().any(is_alive) {
            ensure!(began.elapsed() < PATIENCE, "a killed process lives on");
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Starts it again after a kill.
    pub fn restart(&mut self) -> Result<()> {
        // What it said before is not what it says now.
        File::options().write(true).open(&self.log)?.set_len(0)?;
        self.child = self.command.spawn()?;
        self.wait()
    }

    /// Waits for the line by which both kinds of servers tell that they reply.
    fn wait(&mut self) -> Result<()> {
        let began = Instant::now();
        loop {
            let log = fs::read_to_string(&self.log)?;
            if log.contains("eady to accept") {
                return Ok(());
            }
            let lives = self.child.try_wait()?.is_none() && began.elapsed() < PATIENCE;
            ensure!(lives, "{:?} does not start:\n{log}", self.command);
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It would be gone with its folder anyway; what it would save is not needed.
        let _ = self.kill();
    }
}

fn is_alive(process: i32) -> bool {
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
