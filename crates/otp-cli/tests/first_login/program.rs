use otp_store::{
    CredentialId, OtpContext, Sqlite, Verdict, Verifier, VerifierOptions,
    Wallet,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wallet = Wallet::open("otp.wallet")?;
    let context = OtpContext::new().with_issuer("Example").with_wallet(wallet);
    let store = Sqlite::open("otp.db")?;
    let verifier = Verifier::new(store, context, VerifierOptions::new())?;
    let alice = CredentialId::new("user-4711")?;

    // Enrol: show the URI as a QR code. The app's first code confirms it.
    let credential = verifier.context().new_totp("alice@example.com")?;
    verifier.enroll(&alice, &credential)?;
    println!("{}", credential.key_uri()?);
    let verdict = verifier.confirm(&alice, &typed()?)?;
    let Verdict::Accepted(_) = verdict else { return Ok(()) };

    // Log in.
    match verifier.verify(&alice, &typed()?)? {
        Verdict::Accepted(_) => println!("welcome"),
        Verdict::Rejected(_) => println!("wrong code"),
        Verdict::Locked(throttle) => {
            let now = verifier.context().now()?;
            println!("wait: {:?}", throttle.retry_after(now));
        }
    }
    Ok(())
}

/// What the user typed into your form.
fn typed() -> std::io::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map(|_| line.trim().to_owned())
}
