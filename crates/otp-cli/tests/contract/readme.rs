//! The tables of README.md agree with the answers of the command.

use std::collections::{BTreeMap, BTreeSet};

use crate::database::{Database, code, wrong};
use crate::otp::{Run, SECRET, otp};

const README: &str = include_str!("../../README.md");

type Names = BTreeSet<String>;

/// Returns the words in backticks, without options.
fn words(text: &str) -> Names {
    let spans = text.split('`').skip(1).step_by(2);
    spans.filter(|span| !span.starts_with("--")).map(str::to_owned).collect()
}

/// Returns the first two columns of a table.
fn table(heading: &str) -> Vec<(Names, Names)> {
    let (_, rest) = README.split_once(heading).expect("the table is there");
    let rows = rest.lines().skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.split('|').skip(1).map(words);
        (cells.next().unwrap(), cells.next().unwrap())
    })
    .collect()
}

fn first_column(heading: &str) -> Names {
    table(heading).into_iter().flat_map(|(first, _)| first).collect()
}

/// Returns the string literals in a function of a source file.
fn texts(source: &str, function: &str) -> Names {
    let (_, rest) = source.split_once(function).expect("the function is there");
    let (body, _) = rest.split_once("\n    }\n").expect("it has an end");
    body.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn readme_lists_every_error_and_reason() {
    let function = "const fn name(self)";
    let mut errors = texts(include_str!("../../src/failure.rs"), function);
    errors.extend(texts(include_str!("../../../otp-uri/src/error.rs"), function));
    assert_eq!(first_column("\n| `error` | Exit status |\n"), errors);
    let mut reasons = texts(include_str!("../../../otp-store/src/verdict.rs"), function);
    reasons.extend(texts(include_str!("../../../otp-core/src/error.rs"), "const fn reason(&self)"));
    assert_eq!(first_column("\n| `reason` | A code is refused because |\n"), reasons);
}

/// The fields in the answers of each command, without those of failures.
#[derive(Default)]
struct Seen(BTreeMap<&'static str, Names>);

impl Seen {
    fn see(&mut self, command: &'static str, run: &Run) {
        assert_eq!(run.stderr, "");
        let fields = run.objects().into_iter().flat_map(|object| {
            let fields = object.as_object().unwrap().clone();
            if fields.contains_key("error") {
                Names::new()
            } else {
                fields.into_iter().map(|(name, _)| name).collect()
            }
        });
        self.0.entry(command).or_default().extend(fields);
    }
}

#[test]
fn readme_lists_every_field() {
    let mut seen = Seen::default();
    stateless(&mut seen);
    stateful(&mut seen);

    let mut told = BTreeMap::new();
    for (commands, fields) in table("\n| Command | Fields | |\n") {
        for command in commands {
            told.insert(command, fields.clone());
        }
    }
    // The fields of `new`, and more.
    let new = told["new"].clone();
    let enroll = told.get_mut("enroll").unwrap();
    assert!(enroll.remove("new"));
    enroll.extend(new);
    let seen: BTreeMap<_, _> =
        seen.0.into_iter().map(|(name, fields)| (name.to_owned(), fields)).collect();
    assert_eq!(told, seen);
}

fn stateless(seen: &mut Seen) {
    let json = |stdin: &str, arguments: &[&str]| otp(stdin, &[arguments, &["--json"]].concat());
    let totp = format!("otpauth://totp/B:a?secret={SECRET}&issuer=A");
    let hotp = format!("otpauth://hotp/a?secret={SECRET}&counter=0");
    for kind in ["totp", "hotp"] {
        seen.see("new", &json("", &["new", "--account", "a", "--qr", "--type", kind]));
    }
    for uri in [&totp, &hotp] {
        seen.see("code", &json(uri, &["code"]));
        seen.see("inspect", &json(uri, &["inspect", "--reveal"]));
    }
    // The right code, a wrong code, and the code of counter 8.
    for code in ["755224", "755225", "399871"] {
        seen.see("match", &json(&hotp, &["match", code]));
    }
    seen.see("qr", &json(&totp, &["qr"]));
    // Several URIs with findings, and a line that is not a URI.
    let several = format!("x\n{totp}&y=1\n{totp}&y=1");
    for (command, arguments) in
        [("code", &["code"][..]), ("match", &["match", "123456"]), ("qr", &["qr"])]
    {
        seen.see(command, &json(&several, arguments));
    }
    seen.see("convert", &json(&several, &["convert", "--to", "uri"]));
    seen.see("demo", &json("", &["demo"]));
    seen.see("selftest", &json("", &["selftest"]));

    let many = format!("{totp}\n").repeat(11);
    let pages = otp(&many, &["convert", "--to", "migration"]).stdout;
    let page = pages.lines().next().unwrap();
    seen.see("inspect", &json(page, &["inspect"]));
    seen.see("convert", &json(page, &["convert", "--to", "uri"]));
    seen.see("convert", &json(&hotp, &["convert", "--to", "passlib"]));
    seen.see("convert", &json(&hotp, &["convert", "--to", "migration", "--qr"]));
    let record = r#"{"enckey":{"c":13,"k":"MHCTEGSNPFN5CGBJ","s":"6D7N7W53O7HHS37NLUFQ","t":"1","v":1},"type":"totp","v":1}"#;
    seen.see("inspect", &json(record, &["inspect"]));
}

fn stateful(seen: &mut Seen) {
    let database = Database::new();
    database.confirmed("alice");
    let phone = ["--name", "phone"];
    for kind in ["totp", "hotp"] {
        let enroll = [&["enroll", "alice", "--qr", "--type", kind], &phone[..]].concat();
        seen.see("enroll", &database.otp("", &enroll));
        let status = [&["status", "alice"], &phone[..]].concat();
        seen.see("status", &database.keyless(&status));
    }
    seen.see("list", &database.keyless(&["list"]));
    seen.see("db init", &database.keyless(&["db", "init"]));
    seen.see("db migrate", &database.keyless(&["db", "migrate"]));
    seen.see("db check", &database.keyless(&["db", "check"]));
    seen.see("drift", &database.keyless(&["drift", "alice", "--name", "phone", "--reset"]));
    let backup = database.path().with_extension("backup").display().to_string();
    seen.see("backup", &database.keyless(&["backup", &backup]));
    seen.see("unlock --all", &database.keyless(&["unlock", "--all", "--yes"]));

    let bob = database.enroll("bob");
    let accepted = ["enroll", "bob", "--confirm", &code(&bob, 0)];
    seen.see("enroll --confirm", &database.otp("", &accepted));
    seen.see("resync", &database.otp("", &["resync", "bob", &code(&bob, 1), &code(&bob, 2)]));
    seen.see("verify", &database.verify("bob", &code(&bob, 3)));
    let odd = format!("password\notpauth://totp/a?secret={SECRET}&x=y");
    seen.see("enroll", &database.otp(&odd, &["enroll", "dave", "--from", "-"]));
    let carol = database.enroll("carol");
    let guess = wrong(&carol);
    let refused = [
        ("enroll --confirm", vec!["enroll", "carol", "--confirm", &guess]),
        ("resync", vec!["resync", "bob", &guess, &guess]),
        ("verify", vec!["verify", "bob", &guess]),
    ];
    for (command, arguments) in &refused {
        seen.see(command, &database.otp("", arguments));
    }
    database.lock(7);
    for (command, arguments) in &refused {
        seen.see(command, &database.otp("", arguments));
    }
    seen.see("status", &database.keyless(&["status", "bob"]));
    for (name, command) in [("wallet rotate", "rotate"), ("wallet check", "check")] {
        seen.see(name, &database.otp("", &["wallet", command]));
        // No key opens, so there is advice.
        seen.see(name, &database.otp("", &["wallet", command, "--namespace", "x"]));
    }
    for command in ["unlock", "remove"] {
        seen.see(command, &database.keyless(&[&[command, "alice"], &phone[..]].concat()));
    }

    let path = database.wallet_path().display().to_string();
    std::fs::remove_file(&path).unwrap();
    for (name, command) in [("wallet init", "init"), ("wallet add", "add")] {
        seen.see(name, &otp("", &["wallet", command, "--json", "--wallet", &path]));
    }
}
