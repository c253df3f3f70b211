use anyhow::Result;

use crate::process::{Folder, Server, free_port};

/// A Redis server.
pub struct Redis {
    pub server: Server,
    folder: Folder,
}

impl Redis {
    /// Starts a server that keeps acknowledged changes, or one that only saves a snapshot now and
    /// then.
    pub fn start(durable: bool) -> Result<Self> {
        let (folder, port) = (Folder::new("redis")?, free_port()?);
        let keep = if durable { "yes" } else { "no" };
        let line = format!(
            "--bind 127.0.0.1 --port {port} --dir {} --appendonly {keep} --appendfsync always",
            folder.file("")?
        );
        let mut words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        words.extend(["--save".to_owned(), String::new()]);
        let server = Server::start("redis-server", words, &folder.path().join("log"), port)?;
        Ok(Self { server, folder })
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.server.port())
    }

    pub fn log(&self) -> Result<String> {
        self.folder.file("codes")
    }
}
