//! Events as records of the crate `tracing`.
#![cfg(test)]
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use otp_store::{CredentialId, Event, Memory, OtpContext, UnixTime, Verifier, VerifierOptions};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

/// Collects the records of one thread as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(format!("{} {}", metadata.level(), metadata.target()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!(" {}={value:?}", field.name()));
    }
}

#[test]
fn events_are_records_with_stable_fields() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let verifier = |trace: fn(Event)| {
        let context = OtpContext::new().with_plain_keys();
        let context = context.with_clock(|| Ok(UnixTime::from_secs(600)));
        let verifier = Verifier::new(Memory::new(10), context, VerifierOptions::new()).unwrap();
        verifier.with_events(trace)
    };
    let alice = CredentialId::new("alice").unwrap().with_name("phone").unwrap();

    let without = verifier(Event::trace);
    let credential = without.context().new_totp("alice").unwrap();
    without.import(&alice, &credential).unwrap();
    let right = credential.token().unwrap().code().text();
    drop(without.verify(&alice, right.as_str()).unwrap());
    for _ in 0..5 {
        drop(without.verify(&alice, right.as_str()).unwrap());
    }
    let expected = [
        "INFO otp_store event=\"enrolled\"",
        "INFO otp_store event=\"accepted\" failures=0",
        "INFO otp_store event=\"rejected\" reason=\"replayed\" failures=1",
        "INFO otp_store event=\"rejected\" reason=\"replayed\" failures=2",
        "INFO otp_store event=\"rejected\" reason=\"replayed\" failures=3",
        "WARN otp_store event=\"rejected\" reason=\"replayed\" failures=4 locked_until=630",
        "WARN otp_store event=\"locked\" failures=4 locked_until=630",
    ];
    assert_eq!(log.take(), expected);

    let with = verifier(Event::trace_with_account);
    with.import(&alice, &credential).unwrap();
    drop(with.verify_account(alice.account(), "no code").unwrap());
    let expected = [
        "INFO otp_store event=\"enrolled\" account=\"alice\" credential=\"phone\"",
        "INFO otp_store event=\"rejected\" account=\"alice\" reason=\"malformed\" failures=0",
    ];
    assert_eq!(log.take(), expected);
}
