use std::path::PathBuf;

use clap::Args;
use otp_context::{KeyWeakness, Record, StoredKey};
use otp_core::{Secret, SecretText};
use otp_serde::Input;
use otp_uri::migration::Page;
use otp_uri::{Finding, OtpKind, ParsedUri};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::input::batches::Batches;
use crate::input::lines::Lines;
use crate::input::parse::{self, is_bare_steam};
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::parameters::Parameters;
use crate::output::position::Position;

/// Describe each line of stdin: a URI, an export or a record
#[derive(Args, Debug)]
pub(crate) struct Inspect {
    /// Refuse otpauth and steam URIs that break the specifications
    #[arg(long)]
    strict: bool,
    /// Show the keys, in hex
    #[arg(long)]
    reveal: bool,
    /// Read the lines from a file instead of stdin
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

/// A credential as `--json` shows it.
#[derive(Serialize)]
struct Entry<'a> {
    #[serde(flatten)]
    position: Position,
    form: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    issuer: Option<&'a str>,
    account: Option<&'a str>,
    /// The issuer in the label, if it differs from the issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    label_issuer: Option<&'a str>,
    #[serde(flatten)]
    parameters: Parameters,
    #[serde(flatten)]
    state: Option<State<'a>>,
    findings: Vec<&'static str>,
    #[serde(skip)]
    sentences: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "revealed")]
    secret_hex: Option<SecretText>,
}

/// Shows the text of a key.
fn revealed<S: Serializer>(text: &Option<SecretText>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_ref().map(SecretText::as_str).serialize(serializer)
}

/// The fields that only a record has.
#[derive(Serialize)]
struct State<'a> {
    /// `plain`, `encrypted` by passlib, or `sealed`.
    key: &'static str,
    /// The tag of the application secret that opens the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
    /// The lowest unspent counter.
    next: u64,
}

/// A page of an export without accounts.
#[derive(Serialize)]
struct Empty {
    #[serde(flatten)]
    position: Position,
    form: &'static str,
    findings: Vec<&'static str>,
}

const EXPORT: &str = "otpauth-migration";

impl Inspect {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let mut lines = Lines::open(self.from.as_deref())?;
        let mut batches = Batches::default();
        let mut answer = Answer::Yes;
        while output.is_open()
            && let Some(line) = lines.next()?
        {
            let position = Position::line(line.number);
            answer = answer.and(match line.text.and_then(|text| parse::any(text, self.strict)) {
                Ok(Input::Uri(parsed)) => {
                    let form = if is_bare_steam(&parsed) { "steam" } else { "otpauth" };
                    self.entry(position, form, &parsed).show(output)?
                }
                Ok(Input::Page(page)) => {
                    let answer = self.page(position.page(&page), &page, output)?;
                    batches.add(page);
                    answer
                }
                Ok(Input::Record(record)) => {
                    self.record(position, "record", &record).show(output)?
                }
                Ok(Input::PasslibRecord(record)) => {
                    self.record(position, "passlib", &record).show(output)?
                }
                Err(failure) => position.refuse(failure, output)?,
            });
        }
        Ok(answer.and(batches.show(output)?))
    }

    fn page(
        &self,
        position: Position,
        page: &Page,
        output: &mut Output,
    ) -> Result<Answer, Failure> {
        let mut answer = Answer::Yes;
        let mut empty = true;
        for (entry, account) in (1..).zip(page.accounts()) {
            empty = false;
            let position = position.entry(entry);
            answer = answer.and(match account {
                Ok(parsed) => {
                    let mut entry = self.entry(position, EXPORT, &parsed);
                    page.findings().iter().for_each(|finding| entry.add(finding));
                    entry.show(output)?
                }
                Err(error) => position.refuse(error.into(), output)?,
            });
        }
        if empty {
            let findings = page.findings().iter().map(Finding::code).collect();
            if output.is_json() {
                output.object(&Empty { position, form: EXPORT, findings })?;
            } else {
                output.text(&format!("{position}: {EXPORT}, no accounts"))?;
            }
        }
        Ok(answer)
    }

    fn entry<'a>(
        &self,
        position: Position,
        form: &'static str,
        parsed: &'a ParsedUri,
    ) -> Entry<'a> {
        let label = parsed.uri.label();
        let mut entry = Entry {
            issuer: label.issuer(),
            account: (form != "steam").then(|| label.account()),
            label_issuer: parsed.prefix.as_deref().filter(|name| label.issuer() != Some(name)),
            ..Entry::new(position, form, *parsed.uri.kind())
        };
        parsed.findings.iter().for_each(|finding| entry.add(finding));
        entry.judge(parsed.uri.secret(), self.reveal);
        entry
    }

    fn record<'a>(&self, position: Position, form: &'static str, record: &'a Record) -> Entry<'a> {
        let (key, tag) = match record.key() {
            StoredKey::Passlib(key) => ("encrypted", Some(key.tag())),
            StoredKey::Sealed(key) => ("sealed", Some(key.tag())),
            _ => ("plain", None),
        };
        let tag = tag.map(otp_context::wallet::Tag::as_str);
        let mut entry = Entry {
            issuer: record.issuer(),
            account: record.account(),
            state: Some(State { key, tag, next: record.next() }),
            ..Entry::new(position, form, record.kind())
        };
        if let StoredKey::Plain(secret) = record.key() {
            entry.judge(secret, self.reveal);
        }
        entry
    }
}

impl Entry<'_> {
    fn new(position: Position, form: &'static str, kind: OtpKind) -> Self {
        Self {
            position,
            form,
            kind: kind.name(),
            issuer: None,
            account: None,
            label_issuer: None,
            parameters: Parameters::of(kind),
            state: None,
            findings: Vec::new(),
            sentences: Vec::new(),
            secret_hex: None,
        }
    }

    fn add(&mut self, finding: Finding) {
        self.add_code(finding.code(), &finding.to_string());
    }

    /// Adds a code and a sentence, each at most once.
    fn add_code(&mut self, code: &'static str, sentence: &str) {
        if !self.findings.contains(&code) {
            self.findings.push(code);
        }
        if self.sentences.iter().all(|known| known != sentence) {
            self.sentences.push(sentence.to_owned());
        }
    }

    /// Adds what is weak about a key, and the key itself with `--reveal`.
    fn judge(&mut self, secret: &Secret, reveal: bool) {
        for weakness in KeyWeakness::of(secret.reveal()) {
            let code = match weakness {
                KeyWeakness::Short => "short_key",
                KeyWeakness::SharedBits => "shared_bits",
                _ => "weak_key",
            };
            self.add_code(code, &weakness.to_string());
        }
        if reveal {
            self.secret_hex = Some(secret.reveal_hex());
        }
    }

    fn show(&self, output: &mut Output) -> Result<Answer, Failure> {
        if output.is_json() {
            output.object(self)?;
        } else {
            output.text(&self.text())?;
        }
        Ok(Answer::Yes)
    }

    /// Returns the entry for people. Names are quoted, with control characters escaped.
    fn text(&self) -> Zeroizing<String> {
        // The text has its full size from the start: growing would leave copies of a secret behind.
        let room = self.secret_hex.as_ref().map_or(0, |hex| hex.as_str().len());
        let mut text = Zeroizing::new(String::with_capacity(room.saturating_add(64 * 1024)));
        text.push_str(&format!("{}: {} {}", self.position, self.form, self.kind));
        for (what, name) in [
            ("issuer", self.issuer),
            ("in the label", self.label_issuer),
            ("account", self.account),
        ] {
            if let Some(name) = name {
                text.push_str(&format!(", {what} {name:?}"));
            }
        }
        text.push_str(&format!(", {}", self.parameters));
        if let Some(State { key, tag, next }) = &self.state {
            text.push_str(&format!(", key {key}"));
            if let Some(tag) = tag {
                text.push_str(&format!(" under {tag}"));
            }
            text.push_str(&format!(", next {next}"));
        }
        for sentence in &self.sentences {
            text.push_str(&format!("\n  {sentence}"));
        }
        if let Some(hex) = &self.secret_hex {
            text.push_str("\n  secret ");
            text.push_str(hex.as_str());
        }
        text
    }
}
