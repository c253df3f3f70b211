use otp_store::{CredentialId, OtpContext, Sqlite, Verdict, Verifier, VerifierOptions, Wallet};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = OtpContext::new().with_issuer("Example").with_wallet(Wallet::open("otp.wallet")?);
    let verifier = Verifier::new(Sqlite::open("otp.db")?, context, VerifierOptions::new())?;
    let alice = CredentialId::new("user-4711")?;

    // Enrol: show the URI as a QR code. The first code from the app confirms it.
    let credential = verifier.context().new_totp("alice@example.com")?;
    verifier.enroll(&alice, &credential)?;
    println!("{}", credential.key_uri()?);
    let Verdict::Accepted(_) = verifier.confirm(&alice, &typed()?)? else { return Ok(()) };

    // Log in.
    match verifier.verify(&alice, &typed()?)? {
        Verdict::Accepted(_) => println!("welcome"),
        Verdict::Rejected(_) => println!("wrong code"),
        Verdict::Locked(it) => println!("wait: {:?}", it.retry_after(verifier.context().now()?)),
    }
    Ok(())
}

/// What the user typed into your form.
fn typed() -> std::io::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map(|_| line.trim().to_owned())
}
