use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use otp_context::wallet::passlib::PasslibWallet;
use otp_context::wallet::{ApplicationSecret, Secrets};
use otp_context::{Record, StoredKey};
use otp_core::{Algorithm, Digits, Period, Secret, Totp, UnixTime};
use otp_serde::passlib::{self, PasslibRecord};
use otp_uri::Kind;
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::random::Random;
use crate::workspace::Workspace;

/// The one release there is to agree with, and what it encrypts with.
const PACKAGES: &str = "passlib==1.7.4 cryptography";
const SCRIPT: &str = include_str!("passlib.py");
/// When codes are made: the first second, an early one, now and then, and beyond 32 bits.
const TIMES: [u64; 5] = [0, 59, 1_111_111_109, 1_700_000_000, 20_000_000_000];
/// Names that JSON and Python may write in more than one way.
const NAMES: [&str; 9] = [
    "",
    "alice@example.com",
    "Alice Smith",
    "quote\" back\\slash /",
    "tab\tline\nnul\0del\u{7f}",
    "Ünïcode",
    "漢字",
    "العربية",
    "🔑 key",
];

/// A credential, both as it is and as passlib has it.
struct Trial {
    algorithm: Algorithm,
    digits: Digits,
    period: Period,
    account: &'static str,
    issuer: &'static str,
    secret: Secret,
}

/// Exchanges random credentials with passlib, plain and encrypted, in both directions.
pub(crate) fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<()> {
    let cases = arguments.option("--cases")?.unwrap_or(300_usize);
    let seed = arguments.option("--seed")?.unwrap_or_else(Random::seed);
    arguments.end()?;
    let python = python(workspace)?;

    println!("cargo xtask passlib --cases {cases} --seed {seed}");
    let mut random = Random::new(seed);
    let (cost, text) = (random.below(9), hex(&random.bytes(16)));
    let secret = ApplicationSecret::new(text.clone())?;
    let secrets = Secrets::new().with("2026-11".parse()?, secret)?;
    let wallet = PasslibWallet::new(secrets)?.with_cost(u8::try_from(cost)?)?;
    let mut trials = || (0..cases).map(|_| Trial::random(&mut random)).collect::<Result<Vec<_>>>();
    let (ours, theirs) = (trials()?, trials()?);
    ensure!(!ours.is_empty(), "no cases");

    // Each of ours twice: plain, then encrypted.
    let mut written = Vec::new();
    for trial in &ours {
        written.push(passlib::reveal_json(&trial.record(None)?)?.to_string());
        let key = wallet.seal(&trial.secret, |salt| {
            salt.copy_from_slice(&random.bytes(salt.len() as u64));
            Ok(())
        })?;
        let record = trial.record(Some(StoredKey::Passlib(key)))?;
        written.push(passlib::to_json(&record)?.to_string());
    }
    let asked = json!({
        "wallet": { "2026-11": text },
        "cost": cost,
        "times": TIMES,
        "read": written,
        "make": theirs.iter().map(Trial::arguments).collect::<Vec<_>>(),
    });
    let output = Command::new(&python).arg("-c").arg(SCRIPT).ask(&asked.to_string())?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "passlib: {complaint}");
    let mut answer: Value = serde_json::from_slice(&output.stdout)?;

    compare(&wallet, &ours, &written, &theirs, &answer)?;
    println!("{cases} credentials read by passlib, {cases} read from it, plain and encrypted");

    // A check that cannot fail proves nothing: each of these changes must be noticed.
    for (pointer, value) in [
        ("/read/0/codes/3", "000 000"),
        ("/read/1/codes/3", "000 000"),
        ("/read/0/json", "{}"),
        ("/made/0/codes/3", "000 000"),
        ("/made/0/plain", r#"{"key":"JBSWY3DPEHPK3PXP","type":"totp","v":1}"#),
    ] {
        let right = answer.pointer_mut(pointer).context("there is no such answer")?;
        let right = std::mem::replace(right, Value::from(value));
        let noticed = compare(&wallet, &ours, &written, &theirs, &answer).is_err();
        ensure!(noticed, "a wrong {pointer} is not noticed");
        if let Some(place) = answer.pointer_mut(pointer) {
            *place = right;
        }
    }
    compare(&wallet, &ours, &written, &theirs, &answer)
}

/// Refuses an answer of passlib's that is not ours.
fn compare(
    wallet: &PasslibWallet,
    ours: &[Trial],
    written: &[String],
    theirs: &[Trial],
    answer: &Value,
) -> Result<()> {
    let list =
        |name: &str| answer.get(name).and_then(Value::as_array).context("passlib gave no list");
    let (read, made) = (list("read")?, list("made")?);
    ensure!(read.len() == written.len() && made.len() == theirs.len(), "passlib left some out");
    let twice = ours.iter().flat_map(|trial| [trial, trial]);
    for ((trial, text), read) in twice.zip(written).zip(read) {
        ensure!(
            read.get("codes") == Some(&json!(trial.codes()?)),
            "passlib makes other codes of {text}"
        );
        let again = read.get("json").and_then(Value::as_str).unwrap_or_default();
        ensure!(again == text, "passlib writes {text} as {again}");
        let unchanged = read.get("changed") == Some(&Value::Bool(false));
        ensure!(unchanged, "passlib would write {text} anew");
    }
    for (trial, made) in theirs.iter().zip(made) {
        ensure!(
            made.get("codes") == Some(&json!(trial.codes()?)),
            "passlib makes other codes of its own"
        );
        for form in ["plain", "encrypted"] {
            let text = made.get(form).and_then(Value::as_str);
            let text = text.context("passlib gave no text")?;
            let record = serde_json::from_str::<PasslibRecord>(text)
                .with_context(|| format!("cannot read {text}"))?
                .0;
            let again = passlib::reveal_json(&record)?.to_string();
            ensure!(again == text, "passlib writes {text}, we write {again}");
            let read = Trial::of(&record, wallet)?;
            ensure!(read.codes()? == trial.codes()?, "we make other codes of {text}");
            let names = (record.account(), record.issuer());
            ensure!(names == (name(trial.account), name(trial.issuer)), "other names in {text}");
        }
    }
    Ok(())
}

impl Trial {
    fn random(random: &mut Random) -> Result<Self> {
        let length = 1 + random.below(130);
        let odd = 1 + random.sized(20);
        Ok(Self {
            algorithm: random.pick(Algorithm::ALL, Algorithm::Sha1),
            digits: Digits::new(6 + u8::try_from(random.below(5))?)?,
            period: Period::from_secs(random.pick(&[30, 60, odd], 30))?,
            account: random.pick(&NAMES, ""),
            issuer: random.pick(&NAMES, ""),
            secret: Secret::new(random.bytes(length))?,
        })
    }

    /// What passlib wrote, its key decrypted.
    fn of(record: &Record, wallet: &PasslibWallet) -> Result<Self> {
        let Kind::Totp { algorithm, digits, period } = record.kind() else {
            anyhow::bail!("passlib has nothing but TOTP");
        };
        let secret = match record.key() {
            StoredKey::Plain(secret) => Secret::new(secret.reveal())?,
            StoredKey::Passlib(key) => wallet.open(key)?.into_secret(),
            _ => anyhow::bail!("passlib has no such key"),
        };
        Ok(Self { algorithm, digits, period, account: "", issuer: "", secret })
    }

    /// The record to store, its key plain unless another is given.
    fn record(&self, key: Option<StoredKey>) -> Result<Record> {
        let Self { algorithm, digits, period, .. } = *self;
        let key = match key {
            Some(key) => key,
            None => StoredKey::Plain(Secret::new(self.secret.reveal())?),
        };
        Ok(Record::new(Kind::Totp { algorithm, digits, period }, key)
            .with_account(self.account)
            .with_issuer(self.issuer))
    }

    /// What passlib's constructor takes.
    fn arguments(&self) -> Value {
        json!({
            "key": self.secret.reveal_hex().as_str(),
            "alg": self.algorithm.name().to_lowercase(),
            "digits": self.digits.get(),
            "period": self.period.as_secs(),
            "label": self.account,
            "issuer": self.issuer,
        })
    }

    fn codes(&self) -> Result<Vec<String>> {
        let totp = Totp::new(self.algorithm, self.secret.reveal())?
            .with_format(self.digits)
            .with_period(self.period);
        let code = |time| totp.generate(UnixTime::from_secs(time)).code().text();
        Ok(TIMES.into_iter().map(|time| code(time).as_str().to_owned()).collect())
    }
}

/// A Python that has passlib and nothing that overwrites it.
fn python(workspace: &Workspace) -> Result<String> {
    let environment: PathBuf = workspace.target.join("passlib-1.7.4");
    let python = environment.join("bin").join("python").to_string_lossy().into_owned();
    let installed = environment.join("installed");
    if !installed.is_file() {
        Command::new("python3").words("-m venv --clear").arg(&environment).run()?;
        Command::new(&python)
            .words("-m pip install --quiet --disable-pip-version-check")
            .words(PACKAGES)
            .run()?;
        std::fs::write(&installed, PACKAGES)?;
    }
    Ok(python)
}

fn name(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
