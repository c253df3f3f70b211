//! Tokens of trusted browsers.
//!
//! A token is `1~TAG~TIME~EPOCH~FACTORS~MAC`: the tag of an application secret, the time in Unix seconds, the
//! account's trust epoch, a fingerprint of its factors, and a MAC over all of these, the namespace and the
//! account.

use core::fmt::Write as _;
use core::time::Duration;

use otp_context::wallet::{Tag, Wallet};
use otp_core::UnixTime;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::Protocol;
use crate::{AccountId, CredentialId, Distrust, Entry, Error, TrustToken, TrustVerdict, Trusted};

/// The longest token, in bytes.
const LONGEST: usize = 210;
/// The seconds that the clocks of two servers may differ by.
const SKEW: u64 = 900;

/// The parts of a token that its MAC authenticates.
struct Claims<'a> {
    tag: &'a Tag,
    time: UnixTime,
    epoch: u64,
    factors: &'a str,
}

impl Protocol {
    fn wallet(&self) -> Result<&Wallet, Error> {
        Ok(self.context.wallet().ok_or(otp_context::Error::NoWallet)?)
    }

    /// Makes a token for an account with these credentials.
    pub(crate) fn trust(
        &self,
        account: &AccountId,
        entries: &[(CredentialId, Entry)],
    ) -> Result<TrustToken, Error> {
        let (wallet, time) = (self.wallet()?, self.now()?);
        let (tag, epoch) = (wallet.current(), epoch(entries));
        let factors = self.factors(tag, entries)?;
        let claims = Claims { tag, time, epoch, factors: &factors };
        let mac = self.mac(account, &claims)?;
        let mut text = Zeroizing::new(String::with_capacity(LONGEST));
        let _ = write!(text, "1~{tag}~{}~{epoch}~{factors}~{}", time.as_secs(), hex(&mac));
        Ok(TrustToken(text))
    }

    /// Judges a token for an account with these credentials.
    pub(crate) fn trusted(
        &self,
        account: &AccountId,
        token: &str,
        max_age: Duration,
        entries: &[(CredentialId, Entry)],
    ) -> Result<TrustVerdict, Error> {
        let wallet = self.wallet()?;
        let distrusted = |why| Ok(TrustVerdict::Distrusted(why));
        let Some((tag, time, epoch_then, factors, mac)) = read(token) else {
            return distrusted(Distrust::Forged);
        };
        if !wallet.tags().any(|known| *known == tag) {
            return distrusted(Distrust::Expired);
        }
        let claims = Claims { tag: &tag, time, epoch: epoch_then, factors };
        let expected = hex(&self.mac(account, &claims)?);
        let now = self.now()?;
        let early = time > now.saturating_add(SKEW);
        if early || !bool::from(expected.as_bytes().ct_eq(mac.as_bytes())) {
            return distrusted(Distrust::Forged);
        }
        if now.seconds_since(time) > max_age.as_secs() {
            return distrusted(Distrust::Expired);
        }
        if epoch_then != epoch(entries) {
            return distrusted(Distrust::Revoked);
        }
        if factors != self.factors(&tag, entries)? {
            return distrusted(Distrust::FactorsChanged);
        }
        Ok(TrustVerdict::Trusted(Trusted { account: account.clone(), since: time }))
    }

    fn mac(&self, account: &AccountId, claims: &Claims<'_>) -> Result<[u8; 32], Error> {
        let Claims { tag, time, epoch, factors } = claims;
        let parts = [
            self.namespace.as_bytes(),
            account.as_str().as_bytes(),
            &time.as_secs().to_be_bytes(),
            &epoch.to_be_bytes(),
            factors.as_bytes(),
        ];
        Ok(self.wallet()?.mac(tag, "trust", &parts).map_err(otp_context::Error::from)?)
    }

    /// Returns a fingerprint of the account's confirmed credentials and its set of recovery codes. It
    /// stays when a key is re-encrypted.
    fn factors(&self, tag: &Tag, entries: &[(CredentialId, Entry)]) -> Result<String, Error> {
        let confirmed = entries.iter().filter(|(_, entry)| entry.confirmed);
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for (id, entry) in confirmed {
            parts.push(id.name().as_bytes().to_vec());
            parts.push(entry.generation.to_be_bytes().to_vec());
        }
        let set = entries.first().and_then(|(_, entry)| entry.account.recovery);
        parts.push(set.map(|set| set.get().to_be_bytes().to_vec()).unwrap_or_default());
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let mac = self.wallet()?.mac(tag, "factors", &parts).map_err(otp_context::Error::from)?;
        Ok(hex(mac.first_chunk::<16>().map_or(&mac[..], |half| &half[..])))
    }
}

fn epoch(entries: &[(CredentialId, Entry)]) -> u64 {
    entries.first().map(|(_, entry)| entry.account.trust_epoch).unwrap_or_default()
}

/// Splits a token. Its numbers must be canonical, so that one token has one text.
fn read(token: &str) -> Option<(Tag, UnixTime, u64, &str, &str)> {
    if token.len() > LONGEST {
        return None;
    }
    let number = |text: &str| text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    let mut parts = token.split('~');
    let mut next = || parts.next();
    let (version, tag, time, epoch) = (next()?, next()?, next()?, next()?);
    let (factors, mac, rest) = (next()?, next()?, next());
    if version != "1" || rest.is_some() {
        return None;
    }
    Some((tag.parse().ok()?, UnixTime::from_secs(number(time)?), number(epoch)?, factors, mac))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
