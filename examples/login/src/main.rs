//! Runs the service: `DATABASE_URL=postgres://… WALLET=otp.wallet cargo run -p login --features postgres`.
//! `otp wallet init --wallet otp.wallet` makes the wallet.

use std::env;
use std::error::Error;

use otp_store::{AsyncVerifier, OtpContext, Postgres, VerifierOptions, Wallet};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let wallet = Wallet::open(env::var("WALLET")?)?;
    let context = OtpContext::new().with_issuer("Example").with_wallet(wallet);
    let store = Postgres::create(&env::var("DATABASE_URL")?).await?;
    let verifier = AsyncVerifier::new(store, context, VerifierOptions::new())?;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    println!("http://{}", listener.local_addr()?);
    let end = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    axum::serve(listener, login::app(verifier)).with_graceful_shutdown(end).await?;
    Ok(())
}
