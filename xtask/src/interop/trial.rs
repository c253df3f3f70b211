use anyhow::{Context, Result, bail, ensure};
use otp_core::{Algorithm, Digits, Period, Secret, UnixTime};
use otp_uri::{Generator, KeyUri, Kind, Label};
use serde_json::{Value, json};

use super::peer::Peer;
use crate::random::Random;

/// Pieces of names: what means something in a URI, what looks like it, and what is not ASCII.
const PIECES: [&str; 31] = [
    ":", "%", "%3A", "%2e", "%20", "+", "&", "&amp;", "#", "/", "?", "@", "=", ";", ".", "..", " ",
    "\\", "\"", "'", "\0", "\u{7f}", "\u{a0}", "\u{202e}", "אב", "e\u{301}", "é", "漢字", "🔑",
    "alice", "ACME Co",
];
/// The first second of the year 10000, where PyOTP stops.
const END_OF_TIME: u64 = 253_402_300_800;

/// A credential, and when its codes are asked for: times, or counters.
pub(super) struct Trial {
    pub(super) uri: KeyUri,
    pub(super) moments: Vec<u64>,
}

impl Trial {
    /// A credential within a peer's bounds, of those that pass.
    pub(super) fn random(
        random: &mut Random,
        peer: &Peer,
        passes: fn(&KeyUri) -> bool,
    ) -> Result<Self> {
        for _ in 0..1000 {
            let trial = Self::any(random, peer)?;
            if passes(&trial.uri) {
                return Ok(trial);
            }
        }
        bail!("{} takes next to nothing", peer.name)
    }

    fn any(random: &mut Random, peer: &Peer) -> Result<Self> {
        let mut label = loop {
            // A name of white space is none.
            if let Ok(label) = Label::new(&name(random)) {
                break label;
            }
        };
        if random.below(3) != 0 {
            let named = label.clone().with_issuer(&name(random));
            label = named.unwrap_or(label);
        }
        let length = peer.shortest_key + random.below(130);
        let secret = Secret::new(random.bytes(length))?;
        let algorithm = random.pick(Algorithm::ALL, Algorithm::Sha1);
        let digits = Digits::new(6 + u8::try_from(random.below(5))?)?;
        let (kind, moments) = if random.below(2) == 0 {
            let counter = random.sized(64).min(peer.largest);
            let moments = vec![counter, counter / 2, random.sized(64).min(peer.largest)];
            (Kind::Hotp { algorithm, digits, counter }, moments)
        } else {
            let odd = random.sized(64).clamp(1, peer.longest_period);
            let period = Period::from_secs(random.pick(&[30, 60, odd], odd))?;
            let moments = vec![59, 1_111_111_109, random.sized(38).min(END_OF_TIME - 1)];
            (Kind::Totp { algorithm, digits, period }, moments)
        };
        Ok(Self { uri: KeyUri::new(label, secret, kind)?, moments })
    }

    /// The question whether a peer reads what we write.
    pub(super) fn to_read(&self) -> Value {
        json!({ "read": self.uri.to_string(), "moments": self.moments })
    }

    /// The question what a peer writes.
    pub(super) fn to_write(&self) -> Result<Value> {
        Ok(json!({ "write": self.credential()?, "moments": self.moments }))
    }

    /// What a peer should have read.
    pub(super) fn credential(&self) -> Result<Value> {
        let label = self.uri.label();
        let (digits, moving, value) = match *self.uri.kind() {
            Kind::Totp { digits, period, .. } => (digits, "period", period.as_secs()),
            Kind::Hotp { digits, counter, .. } => (digits, "counter", counter),
            _ => bail!("neither TOTP nor HOTP"),
        };
        Ok(json!({
            "type": self.uri.kind().name(),
            "account": label.account(),
            "issuer": label.issuer(),
            "secret_hex": self.uri.secret().reveal_hex().as_str(),
            "algorithm": self.uri.kind().algorithm().name(),
            "digits": digits.get(),
            moving: value,
        }))
    }

    /// Refuses what a peer read otherwise.
    pub(super) fn check_read(&self, answer: &Value) -> Result<()> {
        let read =
            answer.get("read").with_context(|| format!("{} is not read: {answer}", self.uri))?;
        ensure!(*read == self.credential()?, "{} is read as {read}", self.uri);
        self.check_codes(answer)
    }

    /// Refuses what we read otherwise.
    pub(super) fn check_written(&self, answer: &Value) -> Result<()> {
        let text = answer.get("written").and_then(Value::as_str);
        let text = text.with_context(|| format!("{} is not written: {answer}", self.uri))?;
        let read = KeyUri::parse(text).with_context(|| format!("we do not read {text}"))?.uri;
        ensure!(read == self.uri, "{text} is read as {read}");
        if self.is_specified() {
            KeyUri::parse_strict(text).with_context(|| format!("we are too strict for {text}"))?;
        }
        self.check_codes(answer)
    }

    /// Whether the specifications have such a value: no colon in a name, at most eight digits.
    fn is_specified(&self) -> bool {
        let (label, digits) = (self.uri.label(), self.uri.kind().format().length());
        let colon = |name: &str| name.contains(':');
        !colon(label.account()) && !label.issuer().is_some_and(colon) && digits <= 8
    }

    fn check_codes(&self, answer: &Value) -> Result<()> {
        let generator = self.uri.generator();
        let code = |moment: &u64| match &generator {
            Generator::Totp(totp) => totp.generate(UnixTime::from_secs(*moment)).code().text(),
            Generator::Hotp(hotp) => hotp.generate(*moment).text(),
        };
        let ours: Vec<_> = self.moments.iter().map(|it| code(it).as_str().to_owned()).collect();
        let theirs = answer.get("codes").unwrap_or(&Value::Null);
        ensure!(*theirs == json!(ours), "{} makes {theirs}, not {}", self.uri, json!(ours));
        Ok(())
    }
}

fn name(random: &mut Random) -> String {
    let mut name = String::new();
    for _ in 0..=random.below(8) {
        match random.below(4) {
            // Any character there is; what is none adds nothing.
            0 => name.extend(u32::try_from(random.below(0x11_0000)).ok().and_then(char::from_u32)),
            _ => name.push_str(random.pick(&PIECES, "")),
        }
    }
    name
}
