use anyhow::{Result, bail, ensure};
use otp_store::{
    AccountId, Algorithm, ApplicationSecrets, Credential, CredentialId, Digits, Hotp, OtpContext,
    OtpKind, Secret, Store, ThrottlePolicy, UnixTime, Verdict, Verifier, VerifierOptions, Wallet,
};

/// The time of every attempt.
const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

/// Makes a context without a wallet. Keys are in plain text, so that a record can be copied.
fn plain_context() -> OtpContext {
    OtpContext::new().with_clock(|| Ok(NOW)).with_plain_keys()
}

/// Makes a verifier that encrypts keys. Without a limit, which could hide a race.
pub fn verifier<S: Store>(store: S) -> Result<Verifier<S>> {
    verifier_with(store, ThrottlePolicy::unlimited())
}

pub fn verifier_with<S: Store>(store: S, policy: ThrottlePolicy) -> Result<Verifier<S>> {
    let secrets = ApplicationSecrets::parse("1: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq")?;
    let context = plain_context().with_wallet(Wallet::new("1".parse()?, &secrets)?);
    Ok(Verifier::new(store, context, VerifierOptions::new().with_policy(policy))?)
}

/// Makes a verifier that leaves keys in plain text.
pub fn plain_verifier<S: Store>(store: S) -> Result<Verifier<S>> {
    let options = VerifierOptions::new().with_policy(ThrottlePolicy::unlimited());
    Ok(Verifier::new(store, plain_context(), options)?)
}

/// An account's authenticator. All processes know its key.
pub struct Phone {
    pub id: CredentialId,
    hotp: Hotp,
}

impl Phone {
    pub fn new(account: &str) -> Result<Self> {
        Self::named(account, "")
    }

    /// Makes one of several authenticators of an account.
    pub fn named(account: &str, name: &str) -> Result<Self> {
        let id = CredentialId::new(account)?.with_name(name)?;
        Ok(Self { hotp: Hotp::from_secret(Algorithm::Sha1, &secret(&id)?), id })
    }

    pub fn code(&self, counter: u64) -> String {
        self.hotp.generate(counter).text().to_string()
    }

    /// Returns a code that differs from those of the first counters.
    pub fn wrong(&self) -> String {
        let right: Vec<_> = (0..20).map(|counter| self.code(counter)).collect();
        let mut guesses = (0..).map(|guess| format!("{guess:06}"));
        guesses.find(|guess| !right.contains(guess)).unwrap_or_default()
    }

    fn credential(&self, context: &OtpContext) -> Result<Credential> {
        let account = self.id.account().as_str();
        let kind = OtpKind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter: 0 };
        Ok(context.import(kind, secret(&self.id)?).with_account(account))
    }

    /// Enrols and confirms by counter 0, in place of an earlier credential.
    pub fn enroll<S: Store>(&self, verifier: &Verifier<S>) -> Result<()> {
        let _ = verifier.store().remove(&self.id)?;
        verifier.enroll(&self.id, &self.credential(verifier.context())?)?;
        match verifier.confirm(&self.id, &self.code(0))? {
            Verdict::Accepted(_) => Ok(()),
            other => bail!("cannot enrol: {other:?}"),
        }
    }
}

/// Makes new recovery codes.
pub fn recovery_codes<S: Store>(
    verifier: &Verifier<S>,
    account: &AccountId,
) -> Result<Vec<String>> {
    let codes = verifier.replace_recovery_codes(account)?;
    Ok(codes.iter().map(|code| code.reveal().as_str().to_owned()).collect())
}

fn secret(id: &CredentialId) -> Result<Secret> {
    let text = format!("{}{}", id.account(), id.name());
    ensure!(text.len() >= 4, "account has fewer than 4 bytes");
    Ok(Secret::try_from(text.repeat(4).into_bytes())?)
}
