//! What passlib 1.7.4 was recorded to do.
//!
//! It scans from the lowest counter and stops, and never looks below the last counter, so some
//! outcomes differ on purpose; each difference is spelled out.

use otp_core::{Period, Rejected, Totp, UnixTime, Window};
use serde::Deserialize;
use serde_json::Value;

use crate::data;

#[derive(Deserialize)]
struct Recorded {
    totp: Vec<Object>,
    match_small_times: Vec<Match>,
    match_collisions: Vec<Collision>,
}

#[derive(Deserialize)]
struct Object {
    id: String,
    key_hex: String,
    alg: String,
    digits: u8,
    period: u64,
    tokens: Vec<Token>,
    matches: Vec<Match>,
}

#[derive(Deserialize)]
struct Token {
    time: u64,
    token: String,
    counter: u64,
    start_time: u64,
    expire_time: u64,
}

#[derive(Deserialize)]
struct Match {
    key_hex: Option<String>,
    token: Value,
    time: i64,
    window: i64,
    #[serde(default)]
    skew: i64,
    last_counter: Option<i64>,
    result: Value,
}

#[derive(Deserialize)]
struct Collision {
    key_hex: String,
    token: String,
    first: u64,
    second: u64,
    time: u64,
    window: u64,
    results: Vec<CollisionResult>,
}

#[derive(Deserialize)]
struct CollisionResult {
    last_counter: Option<u64>,
    result: Value,
}

#[test]
fn tokens() {
    let recorded: Recorded = data::read("passlib-1.7.4.json");
    let mut seen = 0;
    for object in recorded.totp {
        let totp = totp(&object.key_hex, &object.alg, object.digits, object.period);
        for token in object.tokens {
            let ours = totp.generate(UnixTime::from_secs(token.time));
            assert_eq!(ours.code().text().as_str(), token.token, "{}", object.id);
            assert_eq!(ours.counter(), token.counter);
            assert_eq!(ours.start().as_secs(), token.start_time);
            assert_eq!(ours.expires().as_secs(), token.expire_time);
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

fn totp(key_hex: &str, algorithm: &str, digits: u8, period: u64) -> Totp {
    Totp::new(data::algorithm(algorithm), &data::bytes(key_hex))
        .unwrap()
        .with_format(data::decimal(digits))
        .with_period(Period::from_secs(period).unwrap())
}

#[test]
fn matches() {
    let recorded: Recorded = data::read("passlib-1.7.4.json");
    let mut seen = 0;
    for object in &recorded.totp {
        let totp = totp(&object.key_hex, &object.alg, object.digits, object.period);
        seen += object.matches.iter().filter(|recorded| agrees(&totp, recorded)).count();
    }
    for recorded in &recorded.match_small_times {
        let totp = totp(recorded.key_hex.as_ref().unwrap(), "sha1", 6, 30);
        seen += usize::from(agrees(&totp, recorded));
    }
    assert!(seen > 100, "{seen}");
}

/// Compares one recorded match, and says whether there was something to compare.
fn agrees(totp: &Totp, recorded: &Match) -> bool {
    let period = totp.period().as_secs() as i64;
    let Some(token) = recorded.token.as_str() else { return false };
    let client = recorded.time + recorded.skew;
    // Negative times and windows cannot be said here.
    if recorded.time < 0 || client < 0 || recorded.window < 0 {
        return false;
    }
    let Ok(code) = totp.parse(token) else {
        let error = &recorded.result["err"];
        assert!(error == "MalformedTokenError" || error == "TypeError", "{token:?}: {error}");
        return true;
    };

    // passlib's window is in seconds and counts from the client's time.
    let expected = client / period;
    let behind = expected - (client - recorded.window).div_euclid(period).max(0);
    let ahead = (client + recorded.window).div_euclid(period) - expected;
    let (Ok(behind), Ok(ahead)) = (u8::try_from(behind), u8::try_from(ahead)) else {
        return false;
    };
    let floor = recorded.last_counter.map_or(0, |last| u64::try_from(last + 1).unwrap_or(0));
    let ours =
        totp.verify(code, UnixTime::from_secs(client as u64), Window::new(behind, ahead), floor);
    match ours {
        Ok(hit) => {
            let theirs = &recorded.result["ok"];
            assert_eq!(hit.counter(), theirs["counter"]);
            assert_eq!(hit.expires().as_secs(), theirs["expire_time"]);
            // It tells the drift from the time without the skew.
            let unskewed = recorded.time / period;
            assert_eq!(unskewed, theirs["expected_counter"]);
            assert_eq!(hit.counter() as i64 - unskewed, theirs["skipped"]);
            // Ours rounds the window to steps and remembers no less long.
            if recorded.window % period == 0 && behind as i64 * period == recorded.window {
                assert_eq!(hit.remember_until().as_secs(), theirs["cache_time"]);
            }
        }
        Err(Rejected::Replayed) => {
            // Theirs knows a replay only of the last counter; an older one is a mismatch there.
            let error = &recorded.result["err"];
            assert!(error == "UsedTokenError" || error == "InvalidTokenError", "{error}");
        }
        Err(reason) => {
            assert_eq!(recorded.result["err"], "InvalidTokenError", "{reason:?}");
        }
    }
    true
}

#[test]
fn collisions() {
    let recorded: Recorded = data::read("passlib-1.7.4.json");
    assert_eq!(recorded.match_collisions.len(), 3);
    for collision in recorded.match_collisions {
        let totp = totp(&collision.key_hex, "sha1", 6, 30);
        let code = totp.parse(&collision.token).unwrap();
        for counter in [collision.first, collision.second] {
            assert_eq!(totp.hotp().generate(counter), code);
        }

        let time = UnixTime::from_secs(collision.time);
        let expected = totp.counter_at(time);
        let steps = (collision.window / 30) as u8;
        let window = Window::new(steps, steps);
        for result in collision.results {
            let floor = result.last_counter.map_or(0, |last| last + 1);
            let ours = totp.verify(code, time, window, floor);
            let theirs = result.result["ok"]["counter"].as_u64();
            if floor <= collision.second {
                // Theirs would spend the first and take the same text again for the second.
                let hit = ours.unwrap();
                assert_eq!(hit.counter(), collision.second);
                let unspent = [collision.first, collision.second].into_iter();
                let nearest = unspent
                    .filter(|counter| *counter >= floor)
                    .min_by_key(|counter| counter.abs_diff(expected))
                    .unwrap();
                assert_eq!(i64::from(hit.drift()), nearest as i64 - expected as i64);
                match theirs {
                    Some(counter) if floor <= collision.first => {
                        assert_eq!(counter, collision.first);
                    }
                    Some(counter) => assert_eq!(counter, collision.second),
                    // Theirs stops at the spent first and refuses the fresh second.
                    None => {
                        assert_eq!(result.result["err"], "UsedTokenError");
                        assert_eq!(floor, collision.first + 1);
                    }
                }
            } else {
                assert_eq!(ours, Err(Rejected::Replayed));
                let error = &result.result["err"];
                assert!(error == "UsedTokenError" || error == "InvalidTokenError");
            }
        }
    }
}

#[derive(Deserialize)]
struct Tokens {
    normalize_token: Vec<Normalize>,
}

#[derive(Deserialize)]
struct Normalize {
    digits: u8,
    input: Value,
    normalize: Value,
}

#[test]
fn typed_tokens() {
    let recorded: Tokens = data::read("passlib-1.7.4.json");
    let mut seen = 0;
    for row in recorded.normalize_token {
        // Numbers are no text: theirs pads them with zeros, and takes negative ones too.
        let Some(text) = row.input.as_str() else { continue };
        let ours = data::decimal(row.digits).parse(text);
        seen += 1;
        match text {
            // Theirs passes over equals signs, and takes digits of any script only to fall over
            // them when it compares.
            "12=3456" | "１２３４５６" => {
                assert!(row.normalize["ok"].is_string() && ours.is_err());
            }
            _ => match ours {
                Ok(code) => assert_eq!(row.normalize["ok"], code.text().as_str()),
                Err(_) => assert_eq!(row.normalize["err"], "MalformedTokenError"),
            },
        }
    }
    assert!(seen >= 10, "{seen}");
}
