//! A key that was dropped is nowhere in the process's memory any more.
//!
//! This is a program of its own and not a test among others: what it looks through is all memory that
//! can be written to, the heap and the stack, freed parts included. Linux shows that as a file.
#![allow(
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

#[cfg(not(target_os = "linux"))]
fn main() {
    panic!("only Linux shows a process its memory as a file, so nothing is looked at");
}

#[cfg(target_os = "linux")]
fn main() {
    canary::main();
}

#[cfg(target_os = "linux")]
mod canary {
    use std::fs::File;
    use std::hint::black_box;
    use std::io::Read as _;
    use std::os::unix::fs::FileExt as _;

    use data_encoding::BASE64URL_NOPAD;
    use otp_context::wallet::passlib::PasslibWallet;
    use otp_context::wallet::{ApplicationSecret, ApplicationSecrets, KeyOwner, Wallet};
    use otp_context::{OtpContext, fill};
    use otp_core::hazmat::{self, Midstates};
    use otp_core::{Algorithm, Hotp, Secret, Totp, UnixTime};
    use otp_uri::migration::{self, Account, Page};
    use otp_uri::{KeyUri, Label, OtpKind};
    use zeroize::Zeroizing;

    /// An allocator writes into the first bytes of what is freed; the rest is looked for.
    const LENGTH: usize = 64;
    const HEAD: usize = 32;
    /// What hides the needle itself.
    const MASK: u8 = 0xa5;
    const ALICE: KeyOwner<'static> = KeyOwner::new("alice", "phone");

    /// Bytes to look for, never in memory as they are.
    struct Needle(Vec<u8>);

    impl Needle {
        fn of(bytes: impl IntoIterator<Item = u8>) -> Self {
            Self(bytes.into_iter().map(|byte| byte ^ MASK).collect())
        }

        fn is_at(&self, place: &[u8]) -> bool {
            place.len() == self.0.len()
                && place.iter().zip(&self.0).all(|(byte, masked)| byte ^ MASK == *masked)
        }
    }

    /// A random key, masked.
    struct Canary([u8; LENGTH]);

    impl Canary {
        fn new() -> Self {
            let mut masked = [0; LENGTH];
            fill(&mut masked).unwrap();
            Self(masked)
        }

        /// The key, written in place.
        fn secret(&self) -> Secret {
            Secret::fill_with(LENGTH, |buffer| {
                self.write(buffer);
                Ok::<_, otp_core::Error>(())
            })
            .unwrap()
        }

        fn write(&self, buffer: &mut [u8]) {
            for (slot, masked) in buffer.iter_mut().zip(self.0) {
                *slot = masked ^ MASK;
            }
        }

        fn needle(&self) -> Needle {
            Needle(self.0[HEAD..].to_vec())
        }

        /// The end of the key as text, without the text ever being in memory as a whole. So many
        /// bytes of the key are not looked at: other bytes may be before them in a message.
        fn text(&self, bits: usize, alphabet: &[u8], skip: usize) -> Needle {
            let bit = |place: usize| {
                let byte = self.0[skip + place / 8] ^ MASK;
                usize::from(byte >> (7 - place % 8) & 1)
            };
            let letters = (LENGTH - skip) * 8 / bits;
            let letter = |place: usize| {
                alphabet[(0..bits).fold(0, |value, at| value * 2 + bit(place * bits + at))]
            };
            Needle::of((letters - 40..letters).map(letter))
        }

        fn needles(&self) -> Vec<Needle> {
            let base64 = |skip| self.text(6, BASE64, skip);
            let texts = [self.text(5, BASE32, 0), self.text(4, HEX, 0)];
            [self.needle()].into_iter().chain(texts).chain((0..3).map(base64)).collect()
        }
    }

    const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const HEX: &[u8; 16] = b"0123456789abcdef";
    const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// Looks through memory. It takes room for that beforehand: what it took later could be the very
    /// part that it should look at.
    struct Search {
        memory: File,
        maps: String,
        window: Vec<u8>,
    }

    impl Search {
        fn new() -> Self {
            let memory = File::open("/proc/self/mem").unwrap();
            Self { memory, maps: String::with_capacity(1 << 18), window: vec![0; 1 << 20] }
        }
    }

    /// How often one of the needles is in memory, the stack aside or on it.
    fn found(needles: &[Needle], search: &mut Search) -> (usize, usize) {
        let Search { memory, maps, window } = search;
        let (mut heap, mut stack) = (0, 0);
        // Kept out of itself: what is looked through goes here.
        let own = window.as_ptr().addr()..window.as_ptr().addr() + window.len();
        maps.clear();
        File::open("/proc/self/maps").unwrap().read_to_string(maps).unwrap();
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (range, rights) = (words.next().unwrap(), words.next().unwrap());
            let name = words.nth(3).unwrap_or_default();
            if !rights.starts_with("rw") {
                continue;
            }
            let (start, end) = range.split_once('-').unwrap();
            let address = |text| usize::from_str_radix(text, 16).unwrap();
            let (mut start, end) = (address(start), address(end));
            while start < end {
                let length = window.len().min(end - start);
                let Ok(read) = memory.read_at(&mut window[..length], start as u64) else { break };
                for needle in needles {
                    let hits = window[..read].windows(needle.0.len()).enumerate();
                    let hits = hits.filter(|(place, bytes)| {
                        !own.contains(&(start + place)) && needle.is_at(bytes)
                    });
                    let hits = hits.count();
                    if name == "[stack]" { stack += hits } else { heap += hits }
                }
                if read < length || start + read == end {
                    break;
                }
                // A needle may lie across the edge.
                start += read - 256;
            }
        }
        window.fill(0);
        (heap, stack)
    }

    /// What is done with a key, and what may be left of it.
    struct Trial {
        name: &'static str,
        act: fn(&Canary),
        /// Whether it is a careless one, which must be found: the control.
        careless: bool,
    }

    const TRIALS: [Trial; 15] = [
        Trial { name: "control: bytes that are not wiped", act: careless_bytes, careless: true },
        Trial { name: "control: text that is not wiped", act: careless_text, careless: true },
        Trial { name: "a key", act: |canary| drop(black_box(canary.secret())), careless: false },
        Trial { name: "a key as text", act: text, careless: false },
        Trial { name: "a key read from text", act: read, careless: false },
        Trial { name: "generators", act: generators, careless: false },
        Trial { name: "a URI", act: uri, careless: false },
        Trial { name: "a URI, written and read", act: uri_text, careless: false },
        Trial { name: "an export, written and read", act: export, careless: false },
        Trial { name: "an export that is refused", act: refused_export, careless: false },
        Trial { name: "a credential and its record", act: credential, careless: false },
        Trial { name: "a sealed key, opened", act: sealed, careless: false },
        Trial { name: "a key encrypted by passlib, opened", act: passlib, careless: false },
        Trial { name: "application secrets and their wallet", act: wallet, careless: false },
        Trial { name: "a credential that panics", act: panics, careless: false },
    ];

    fn careless_bytes(canary: &Canary) {
        let secret = canary.secret();
        drop(black_box(secret.reveal().to_vec()));
    }

    fn careless_text(canary: &Canary) {
        let secret = canary.secret();
        drop(black_box(secret.reveal_base32().as_str().to_owned()));
    }

    fn text(canary: &Canary) {
        let secret = canary.secret();
        black_box(secret.reveal_base32());
        black_box(secret.reveal_hex());
        black_box(secret.reveal_base32().grouped(4, "-"));
    }

    fn read(canary: &Canary) {
        let text = canary.secret().reveal_base32();
        black_box(Secret::from_base32(text.as_str()).unwrap());
        // A text that is refused at its end leaves nothing either.
        let hex = canary.secret().reveal_hex();
        black_box(Secret::from_hex(hex.as_str()).unwrap());
        let short = hex.as_str().split_at(hex.as_str().len() - 1).0;
        assert!(Secret::from_hex(short).is_err());
    }

    fn generators(canary: &Canary) {
        for algorithm in Algorithm::ALL {
            let totp = Box::new(Totp::from_secret(*algorithm, &canary.secret()));
            let token = totp.generate(UnixTime::from_secs(7));
            let hit = totp.verify(token.code(), token.start(), otp_core::Window::ONE, 0);
            drop(black_box(hit.unwrap()));
        }
    }

    fn uri(canary: &Canary) {
        let label = Label::new("alice").unwrap();
        black_box(KeyUri::new(label, canary.secret(), OtpKind::default()).unwrap());
    }

    /// Written, read tolerantly and strictly, and refused; the text is ours to wipe.
    fn uri_text(canary: &Canary) {
        let label = Label::new("alice").unwrap().with_issuer("ACME Co").unwrap();
        let uri = KeyUri::new(label, canary.secret(), OtpKind::default()).unwrap();
        let written = uri.reveal();
        black_box(KeyUri::parse(written.as_str()).unwrap());
        black_box(KeyUri::parse_strict(written.as_str()).unwrap());
        black_box(OtpContext::new().from_uri(written.as_str()).unwrap());
        // Growing would leave copies.
        let mut text = Zeroizing::new(String::with_capacity(1024));
        text.push_str(written.as_str());
        text.push_str("&digits=5");
        assert!(KeyUri::parse(&text).is_err());
    }

    fn export(canary: &Canary) {
        let label = Label::new("alice").unwrap().with_issuer("ACME Co").unwrap();
        let uri = KeyUri::new(label, canary.secret(), OtpKind::default()).unwrap();
        let pages = migration::write(&[Account::new(&uri).unwrap()], 7);
        let page = Page::parse(pages[0].reveal()).unwrap();
        assert_eq!(black_box(page.accounts().next().unwrap().unwrap()).uri, uri);
    }

    /// The account ends after its key, or the page after the account, in the middle of a number.
    fn refused_export(canary: &Canary) {
        let key = u8::try_from(LENGTH).unwrap();
        for (head, is_page) in
            [([0x0a, key + 3, 0x0a, key], true), ([0x0a, key + 2, 0x0a, key], false)]
        {
            let mut bytes = Zeroizing::new([0; LENGTH + 5]);
            bytes[..4].copy_from_slice(&head);
            canary.write(&mut bytes[4..LENGTH + 4]);
            bytes[LENGTH + 4] = 0xff;
            let mut text = Zeroizing::new(String::with_capacity(1024));
            text.push_str("otpauth-migration://offline?data=");
            BASE64URL_NOPAD.encode_append(&bytes[..], &mut text);
            match Page::parse(&text) {
                Ok(page) => assert!(is_page && page.accounts().next().unwrap().is_err()),
                Err(_) => assert!(!is_page),
            }
        }
    }

    fn credential(canary: &Canary) {
        let context = OtpContext::new();
        let mut credential = context.import(OtpKind::default(), canary.secret()).with_account("a");
        let token = credential.token().unwrap();
        drop(black_box(
            credential
                .consume(token.code().text().as_str(), otp_context::Tolerance::new())
                .unwrap(),
        ));
        black_box(credential.key_uri().unwrap());
        let record = credential.to_plain_record().unwrap();
        black_box(context.open(&record, ALICE).unwrap());
    }

    fn sealing() -> Wallet {
        let secrets = ApplicationSecrets::parse("1: not the one that is looked for").unwrap();
        Wallet::new("1".parse().unwrap(), &secrets).unwrap()
    }

    fn sealed(canary: &Canary) {
        let wallet = sealing();
        let sealed = wallet.seal(&canary.secret(), OtpKind::default(), ALICE, fill).unwrap();
        drop(black_box(wallet.unseal(&sealed, OtpKind::default(), ALICE).unwrap()));
        assert!(wallet.unseal(&sealed, OtpKind::Steam, ALICE).is_err());
    }

    fn passlib(canary: &Canary) {
        let secrets = ApplicationSecrets::parse("1: sixteen bytes ok").unwrap();
        let wallet = PasslibWallet::new(secrets).unwrap().with_cost(1).unwrap();
        let sealed = wallet.seal(&canary.secret(), fill).unwrap();
        drop(black_box(wallet.open(&sealed).unwrap()));
    }

    /// Here the canary is the application secret, the first of several.
    fn wallet(canary: &Canary) {
        let mut bytes = vec![0; LENGTH];
        canary.write(&mut bytes);
        let mut secrets = ApplicationSecrets::new();
        for tag in 1..=9 {
            let secret = ApplicationSecret::new(bytes).unwrap();
            secrets = secrets.with(tag.to_string().parse().unwrap(), secret).unwrap();
            bytes = vec![tag; LENGTH];
        }
        let wallet = Wallet::new("1".parse().unwrap(), &secrets).unwrap();
        let key = Secret::new(&[7; 20]).unwrap();
        let sealed = wallet.seal(&key, OtpKind::default(), ALICE, fill).unwrap();
        drop(black_box(wallet.unseal(&sealed, OtpKind::default(), ALICE).unwrap()));
        black_box(
            PasslibWallet::new(secrets).unwrap().with_cost(1).unwrap().seal(&key, fill).unwrap(),
        );
    }

    fn panics(canary: &Canary) {
        std::panic::set_hook(Box::new(|_| ()));
        let caught = std::panic::catch_unwind(|| {
            let credential = OtpContext::new().import(OtpKind::default(), canary.secret());
            assert!(credential.account().is_some(), "{credential:?}");
        });
        let _ = std::panic::take_hook();
        assert!(caught.is_err());
    }

    /// The prepared states of each hash, as they lie in memory, computed apart from the trial.
    fn midstates(canary: &Canary) -> Vec<Needle> {
        fn bytes<const N: usize, const M: usize>(words: [[u8; N]; M]) -> Needle {
            Needle::of(words.into_iter().flatten().skip(8))
        }
        let of = |algorithm| {
            let hotp = Box::new(Hotp::from_secret(algorithm, &canary.secret()));
            match hazmat::midstates(&hotp) {
                Midstates::Sha1 { inner, outer } => {
                    [bytes(inner.map(u32::to_ne_bytes)), bytes(outer.map(u32::to_ne_bytes))]
                }
                Midstates::Sha256 { inner, outer } => {
                    [bytes(inner.map(u32::to_ne_bytes)), bytes(outer.map(u32::to_ne_bytes))]
                }
                Midstates::Sha512 { inner, outer } => {
                    [bytes(inner.map(u64::to_ne_bytes)), bytes(outer.map(u64::to_ne_bytes))]
                }
                _ => panic!("another hash"),
            }
        };
        Algorithm::ALL.iter().flat_map(|algorithm| of(*algorithm)).collect()
    }

    pub(super) fn main() {
        let (mut failed, mut search) = (Vec::with_capacity(16), Search::new());
        for trial in &TRIALS {
            let canary = Canary::new();
            let needles = canary.needles();
            (trial.act)(&canary);
            let (heap, stack) = found(&needles, &mut search);
            println!("{}: {heap} times on the heap, {stack} times on the stack", trial.name);
            if (heap + stack > 0) != trial.careless {
                failed.push(trial.name);
            }
        }
        // A prepared key is a value that moves, and Rust's moves leave what they move behind: on the
        // heap none of it may be left.
        let canary = Canary::new();
        let needles = midstates(&canary);
        generators(&canary);
        let (heap, stack) = found(&needles, &mut search);
        println!("prepared keys: {heap} times on the heap, {stack} times on the stack");
        if heap > 0 {
            failed.push("prepared keys");
        }
        let kept = Box::new(Totp::from_secret(Algorithm::Sha1, &canary.secret()));
        let (heap, _) = found(&needles, &mut search);
        println!("control: a prepared key that lives: {heap} times on the heap");
        drop(black_box(kept));
        if heap == 0 {
            failed.push("control: a prepared key that lives");
        }
        assert!(failed.is_empty(), "{failed:?}");
    }
}
