//! `cargo run` in this folder: <http://localhost:8080>.

use std::env;
use std::error::Error;
use std::path::PathBuf;

use tokio::net::TcpListener;
use tokio::runtime::Builder;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::var_os("LOGIN_DATA").map_or_else(|| "login-data".into(), PathBuf::from);
    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse());
    let port: u16 = port.map_err(|_| "PORT is not the number of a port")?;
    // A store on a server has a runtime of its own, which may neither start nor end within this one.
    let app = login::open(&folder, env::var("DATABASE_URL").ok().as_deref())?;
    // A password hash takes 19 MiB. So 16 requests run at once, and the others wait.
    let runtime = Builder::new_multi_thread().enable_all().max_blocking_threads(16).build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.map_err(|error| format!("port {port}: {error}"))?;
        println!("http://localhost:{}", listener.local_addr()?.port());
        Ok(axum::serve(listener, login::router(app.clone())).await?)
    })
}
