//! A database of an older version stays readable.

use otp_store::{Blocking, Error};
use tokio::runtime::Runtime;

use crate::accounts;
use crate::server::connection;
use crate::site::{Keys, url};

const SCHEMA_1: &str = include_str!("../data/schema-1/redis.txt");

/// Splits a line as `redis-cli` does.
fn words(line: &str) -> Vec<Vec<u8>> {
    let (mut words, mut rest) = (Vec::new(), line);
    while !rest.is_empty() {
        let (word, left) = match rest.as_bytes()[0] {
            mark @ (b'"' | b'\'') => rest[1..].split_once(char::from(mark)).unwrap(),
            _ => rest.split_once(' ').map_or((rest, ""), |(word, left)| (word, left)),
        };
        words.push(if rest.starts_with('"') { unescaped(word) } else { word.as_bytes().to_vec() });
        rest = left.trim_start();
    }
    words
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(&part.as_bytes()[2..]);
    }
    bytes
}

/// Creates the keys of the fixture under another prefix.
async fn replay(keys: &Keys) {
    let mut client = connection(&url()).await.unwrap();
    for line in SCHEMA_1.lines() {
        let mut words = words(line);
        let key = words[1].strip_prefix(b"otp:").unwrap();
        words[1] = [keys.prefix.as_bytes(), key].concat();
        redis::Cmd::new().arg(words).exec_async(&mut client).await.unwrap();
    }
}

#[test]
fn redis_schema_1_verifies_as_described() {
    let (keys, runtime) = (Keys::new(), Runtime::new().unwrap());
    runtime.block_on(replay(&keys));
    for refused in runtime.block_on(keys.refusals()) {
        assert!(matches!(refused, Error::Outdated { found: 1, needed: 3 }), "{refused:?}");
    }
    runtime.block_on(keys.options().migrate()).unwrap();
    accounts::verify_as_described(Blocking::open(keys.connect()).unwrap());
    let index = runtime.block_on(async { keys.connect().await?.check_index().await });
    assert_eq!(index.unwrap(), []);
}
