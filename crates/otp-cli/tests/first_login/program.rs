use otp_store::{CredentialId, OtpContext, VerifierOptions, Sqlite, Verdict, Verifier, Wallet};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `otp wallet init --wallet otp.wallet` makes this file. Its secrets seal the keys, so no key
    // can be read in the database alone.
    let wallet = Wallet::open("otp.wallet")?;
    let context = OtpContext::new().with_issuer("Example").with_wallet(wallet);
    let verifier = Verifier::new(Sqlite::create("otp.db")?, context, VerifierOptions::new())?;

    // Enrol: make a key and show it to the user's authenticator.
    let alice = CredentialId::new("user-4711")?;
    let credential = verifier.context().new_totp("alice@example.com")?;
    verifier.enroll(&alice, &credential)?;
    println!("{}", credential.key_uri()?);

    // The first code that it shows confirms the enrolment, and is spent by that.
    let app = credential.totp().ok_or("not TOTP")?;
    let now = verifier.context().now()?;
    let typed = app.generate(now).code().text().to_string();
    let Verdict::Accepted(_) = verifier.confirm(&alice, &typed)? else { unreachable!() };

    // Log in with the next one. A code lets a user in only if it is `Accepted`.
    let typed = app.generate(now.saturating_add(30)).code().text().to_string();
    match verifier.verify(&alice, &typed)? {
        Verdict::Accepted(accepted) => println!("welcome, step {}", accepted.counter()),
        Verdict::Rejected(_) => println!("code not accepted"),
        Verdict::Locked(_) => println!("too many attempts"),
    }

    // The same code again is a replay.
    let Verdict::Rejected(_) = verifier.verify(&alice, &typed)? else { unreachable!() };
    Ok(())
}
