//! `cargo run` in this folder: <http://localhost:8080>.

use std::env;
use std::error::Error;
use std::path::PathBuf;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::var_os("LOGIN_DATA").map_or_else(|| "login-data".into(), PathBuf::from);
    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse::<u16>())?;
    // A store on a server has a runtime of its own, which may neither start nor end within this one.
    let app = login::open(&folder, env::var("DATABASE_URL").ok().as_deref())?;
    Runtime::new()?.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        println!("http://localhost:{}", listener.local_addr()?.port());
        Ok(axum::serve(listener, login::router(app.clone())).await?)
    })
}
