//! `otp convert`: each form to each other form.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::otp::{Run, SECRET, otp};

/// A file of application secrets.
pub(crate) struct Wallet {
    _folder: TempDir,
    pub(crate) path: String,
}

impl Wallet {
    pub(crate) fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet");
        fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap().to_owned();
        let wallet = Self { _folder: folder, path };
        wallet.set_mode(0o600);
        wallet
    }

    fn set_mode(&self, mode: u32) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&self.path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
}

const SECRETS: &str = "1: a secret of the application\n2: a newer one of it\n";

pub(crate) fn convert(input: &str, to: &str, options: &[&str]) -> Run {
    otp(input, &[&["convert", "--to", to], options].concat())
}

fn uris() -> String {
    [
        format!("otpauth://totp/ACME%20Co:alice@example.com?secret={SECRET}&issuer=ACME%20Co"),
        format!("otpauth://hotp/bob?secret={SECRET}&algorithm=SHA256&digits=8&counter=77"),
        format!("otpauth://totp/%C3%A9%F0%9F%A6%80?secret={SECRET}&algorithm=SHA512"),
    ]
    .join("\n")
}

/// Returns the values of a field, one for each line of output.
pub(crate) fn fields(run: &Run, name: &str) -> Vec<Value> {
    run.objects().iter().map(|object| object[name].clone()).collect()
}

#[test]
fn every_form_converts_to_every_other() {
    let wallet = Wallet::new(SECRETS);
    let forms: [(&str, &[&str]); 4] = [
        ("uri", &[]),
        ("migration", &[]),
        ("passlib", &[]),
        ("passlib", &["--wallet", &wallet.path]),
    ];
    for (first, options) in forms {
        let written = convert(&uris(), first, options);
        assert_eq!((written.status, written.stderr.as_str()), (0, ""), "{first}");
        if !options.is_empty() {
            written.assert_silent_on(&[SECRET]);
        }
        for (second, _) in forms {
            let written = convert(&written.stdout, second, options);
            assert_eq!(written.status, 0, "{first} {second} {written:?}");
            let back = convert(&written.stdout, "uri", options);
            assert_eq!(back.stdout.trim_end(), uris(), "{first} {second}");
        }
    }
}

#[test]
fn objects_have_the_line_of_the_input() {
    let run = convert(&format!("\n{}", uris()), "uri", &["--json"]);
    assert_eq!((run.status, fields(&run, "line")), (0, vec![json!(2), json!(3), json!(4)]));
    let first = uris().lines().next().unwrap().to_owned();
    assert_eq!(run.objects()[0], json!({"line": 2, "uri": first}));

    let pages = convert(&uris(), "migration", &["--json"]);
    assert_eq!(fields(&pages, "line"), [Value::Null]);
    let run = convert(pages.object()["uri"].as_str().unwrap(), "uri", &["--json"]);
    assert_eq!(fields(&run, "entry"), [1, 2, 3]);
}

#[test]
fn records_equal_those_of_passlib() {
    let records = [
        format!(
            r#"{{"issuer":"ACME Co","key":"{SECRET}","label":"alice@example.com","type":"totp","v":1}}"#
        ),
        format!(
            r#"{{"alg":"sha256","counter":77,"digits":8,"key":"{SECRET}","label":"bob","type":"hotp","v":1}}"#
        ),
        format!(
            r#"{{"alg":"sha512","key":"{SECRET}","label":"\u00e9\ud83e\udd80","type":"totp","v":1}}"#
        ),
    ];
    assert_eq!(convert(&uris(), "passlib", &[]).stdout.trim_end(), records.join("\n"));
    let run = convert(&uris(), "passlib", &["--json"]);
    assert_eq!(fields(&run, "record"), records);
    // Spent codes stay spent.
    let record =
        format!(r#"{{"key":"{SECRET}","label":"a","last_counter":9,"type":"totp","v":1}}"#);
    assert_eq!(convert(&record, "passlib", &[]).line(), record);
}

#[test]
fn export_has_ten_accounts_a_page() {
    let account = |number: u32| format!("otpauth://totp/account{number:02}?secret={SECRET}");
    let accounts: Vec<String> = (0..25).map(account).collect();
    let pages = convert(&accounts.join("\n"), "migration", &[]);
    assert_eq!((pages.status, pages.stdout.lines().count()), (0, 3));
    let run = otp(&pages.stdout, &["inspect", "--json"]);
    assert_eq!(fields(&run, "batch_index"), [[0; 10], [1; 10], [2; 10]].concat()[..25]);
    assert_eq!(fields(&run, "batch_size"), [3; 25]);
    assert_eq!(convert(&pages.stdout, "uri", &[]).stdout.trim_end(), accounts.join("\n"));

    // Parameters that a page loses are reported.
    let (first, _) = pages.stdout.split_once('\n').unwrap();
    let run = convert(first, "uri", &["--json"]);
    assert_eq!((run.status, run.objects().len()), (1, 11));
    assert_eq!(run.objects()[10]["missing"], json!([1, 2]));
    assert!(convert(first, "uri", &[]).stderr.contains("2 of 3 pages missing"));
}

/// The input after the accounts is too long.
#[test]
fn accounts_that_were_read_are_written() {
    let input = uris() + &"\n".repeat(16 * 1024 * 1024);
    for to in ["uri", "migration", "passlib"] {
        let run = convert(&input, to, &["--json"]);
        assert_eq!(run.status, 2, "{to}");
        let objects = run.objects();
        let (failure, written) = objects.split_last().unwrap();
        assert_eq!((&failure["error"], &failure["part"]), (&"too_long".into(), &"input".into()));
        let field = if to == "passlib" { "record" } else { "uri" };
        let written: Vec<_> = written.iter().map(|it| it[field].as_str().unwrap()).collect();
        assert_eq!(convert(&written.join("\n"), "uri", &[]).stdout.trim_end(), uris(), "{to}");
    }
}

#[test]
fn inexpressible_account_is_refused_and_the_next_is_converted() {
    let input = [
        format!("otpauth://totp/a?secret={SECRET}&digits=7"),
        format!("otpauth://totp/b?secret={SECRET}"),
        format!("otpauth://totp/c?secret={SECRET}&period=60"),
        format!("otpauth://steam/d?secret={SECRET}"),
        format!("otpauth://hotp/e?secret={SECRET}&counter=9223372036854775808"),
        format!("otpauth://totp/:f%3Ag?secret={SECRET}"),
        format!(r#"{{"key":"{SECRET}","type":"totp","v":1}}"#),
        "motp://a".to_owned(),
        format!("otpauth://totp/?secret={SECRET}"),
    ]
    .join("\n");
    let refused = |to: &str| -> Vec<(u64, String)> {
        let run = convert(&input, to, &["--json"]);
        assert_eq!(run.status, 1, "{to}");
        let objects = run.objects();
        let refused = objects.iter().filter(|object| object["error"].is_string());
        let part = |object: &Value| object["part"].as_str().unwrap().to_owned();
        refused.map(|object| (object["line"].as_u64().unwrap(), part(object))).collect()
    };
    let of = |parts: &[(u64, &str)]| -> Vec<(u64, String)> {
        parts.iter().map(|(line, part)| (*line, (*part).to_owned())).collect()
    };
    assert_eq!(refused("uri"), of(&[(7, "account"), (8, "scheme"), (9, "account")]));
    assert_eq!(
        refused("migration"),
        of(&[
            (1, "digits"),
            (3, "period"),
            (4, "type"),
            (5, "counter"),
            (7, "account"),
            (8, "scheme"),
            (9, "account")
        ])
    );
    assert_eq!(refused("passlib"), of(&[(4, "type"), (6, "label"), (8, "scheme")]));

    // Stdout has only converted lines.
    let run = convert(&input, "migration", &[]);
    assert_eq!((run.status, run.stdout.lines().count()), (1, 1));
    assert_eq!(run.stderr.lines().count(), 7);
    assert!(run.stderr.starts_with("otp: line 1: an export cannot express the digits\n"));
    assert_eq!(otp(&run.stdout, &["inspect", "--json"]).objects().len(), 2);
}

#[test]
fn encrypted_key_needs_its_wallet() {
    let wallet = Wallet::new(SECRETS);
    let encrypted = convert(&uris(), "passlib", &["--wallet", &wallet.path]).stdout;
    let other = Wallet::new("3: of another application");
    for options in [&["--json"][..], &["--json", "--wallet", &other.path]] {
        for to in ["uri", "migration", "passlib"] {
            let run = convert(&encrypted, to, options);
            assert_eq!((run.status, fields(&run, "part")), (1, vec![json!("wallet"); 3]), "{to}");
            run.assert_silent_on(&["of another", SECRET]);
        }
    }
    // Two encryptions of a key differ only in their salts.
    assert_ne!(convert(&uris(), "passlib", &["--wallet", &wallet.path]).stdout, encrypted);
    // The newest tag encrypts; older ones still open.
    let tags = fields(&otp(&encrypted, &["inspect", "--json"]), "tag");
    assert_eq!(tags, ["2", "2", "2"]);
    // A wrong secret cannot be detected, and the command says so.
    let wrong = Wallet::new("2: of another application");
    let run = convert(&encrypted, "uri", &["--wallet", &wrong.path]);
    assert_eq!(run.status, 0);
    assert!(run.stderr.contains("passlib's encryption has no checksum"), "{}", run.stderr);
    run.assert_silent_on(&[SECRET]);
}

/// A key that passlib's own tests encrypt.
#[test]
fn keys_that_passlib_encrypted_are_opened() {
    let wallet = Wallet::new("1: abcdef\n");
    let record = r#"{"enckey":{"c":13,"k":"MHCTEGSNPFN5CGBJ","s":"6D7N7W53O7HHS37NLUFQ","t":"1","v":1},"label":"a","type":"totp","v":1}"#;
    let uri = convert(record, "uri", &["--json", "--wallet", &wallet.path]).object();
    let object = otp(uri["uri"].as_str().unwrap(), &["inspect", "--json", "--reveal"]).object();
    assert_eq!(object["secret_hex"], "e01c630c2184b076ce99");
    // passlib also reads application secrets as JSON.
    for text in [r#"{"1":"abcdef"}"#, "\n {\"0\": \"an older one\",\n \"1\": \"abcdef\"}\n"] {
        let wallet = Wallet::new(text);
        let run = convert(record, "uri", &["--json", "--wallet", &wallet.path]);
        assert_eq!(run.object(), uri);
    }
}

#[test]
fn invalid_wallets_are_rejected() {
    let uri = uris();
    let refused = |wallet: &Wallet| {
        let run = convert(&uri, "passlib", &["--json", "--wallet", &wallet.path]);
        run.assert_silent_on(&["abcdef", SECRET]);
        run.failure(3, "wallet", "wallet")
    };
    for text in ["", "abcdef", "1: abcdef\n1: abcdefg", "-: abcdef", "1:"] {
        refused(&Wallet::new(text));
    }
    for text in ["{}", "{", r#"{"1":abcdef}"#, r#"{"1":["abcdef"]}"#, r#"{"abcdef x":"y"}"#] {
        refused(&Wallet::new(text));
    }
    assert!(refused(&Wallet::new(r#"{"1":"abcdef"}{"#)).ends_with("is not valid JSON"));
    assert_eq!(
        convert(&uri, "uri", &["--json", "--wallet", "/nonexistent"]).failure(3, "io", "wallet"),
        "wallet: no such file or directory"
    );
    if cfg!(unix) {
        for text in ["1: abcdef", r#"{"1":"abcdef"}"#] {
            let wallet = Wallet::new(text);
            wallet.set_mode(0o644);
            let message = refused(&wallet);
            assert!(message.ends_with("must have mode 0600 or 0400"), "{message}");
        }
    }
}

#[test]
fn unknown_form_is_rejected() {
    for (options, error) in
        [(&["--to", "pskc"][..], "invalid"), (&["--to"], "usage"), (&[], "usage")]
    {
        let run = otp(uris(), &[&["convert", "--json"], options].concat());
        run.failure(2, error, "to");
    }
}
