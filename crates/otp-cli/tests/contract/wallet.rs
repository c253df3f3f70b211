//! Files of application secrets: `otp wallet init` and `add`, and which files are refused.

use std::fs;
use std::thread;

use serde_json::json;

use crate::database::{Database, accepted, code};
use crate::otp::{Run, otp};

fn wallet(database: &Database, arguments: &[&str]) -> Run {
    let path = database.wallet_path().display().to_string();
    otp("", &[&["wallet"], arguments, &["--json", "--wallet", &path]].concat())
}

#[test]
fn new_wallet_has_one_strong_secret() {
    let database = Database::new();
    let secrets = database.secrets();
    let [(tag, secret)] = &secrets[..] else { panic!("{} secrets", secrets.len()) };
    assert_eq!(tag, "first");
    // 43 letters and digits have 256 bits.
    assert_eq!(secret.len(), 43);
    assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_ne!(Database::new().secrets()[0].1, *secret);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        let mode = fs::metadata(database.wallet_path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn existing_wallet_is_not_replaced() {
    let database = Database::new();
    let before = fs::read(database.wallet_path()).unwrap();
    let run = wallet(&database, &["init"]);
    assert!(run.failure(3, "exists", "wallet").contains("otp wallet add"));
    assert_eq!(fs::read(database.wallet_path()).unwrap(), before);
    // One of many parallel commands wins, and leaves a single file.
    fs::remove_file(database.wallet_path()).unwrap();
    let statuses: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> =
            (0..8).map(|_| scope.spawn(|| wallet(&database, &["init"]).status)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 0).count(), 1, "{statuses:?}");
    assert_eq!(fs::read_dir(database.wallet_path().parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn secret_is_added_at_the_end() {
    let database = Database::new();
    assert_eq!(
        database.wallet(&["add", "--tag", "second"]),
        json!({"outcome": "added", "tag": "second"})
    );
    let tags = || database.secrets().into_iter().map(|(tag, _)| tag).collect::<Vec<_>>();
    assert_eq!(tags(), ["first", "second"]);
    let before = fs::read(database.wallet_path()).unwrap();
    let run = wallet(&database, &["add", "--tag", "first"]);
    run.failure(2, "invalid", "tag");
    assert_eq!(fs::read(database.wallet_path()).unwrap(), before);
}

/// The date comes first, so that tags are in order. Tags of the same day differ.
#[test]
fn default_tag_is_the_date_and_random_characters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet").display().to_string();
    let db = format!("sqlite:{}", folder.path().join("otp.db").display());
    let wallet = |command| {
        let run = otp("", &["wallet", command, "--json", "--wallet", &path]);
        assert_eq!(run.status, 0, "{run:?}");
        run.object()["tag"].as_str().unwrap().to_owned()
    };
    let tags = [wallet("init"), wallet("add"), wallet("add")];
    assert_eq!(otp("", &["enroll", "a", "--db", &db, "--wallet", &path]).status, 0);
    let status = otp("", &["status", "a", "--json", "--db", &db]).object();
    assert_eq!(status["tag"], tags[2]);
    for tag in &tags {
        let (date, marks) = tag.split_at(10);
        assert!(date.starts_with("20") && date.matches('-').count() == 2, "{tag}");
        let marks = marks.strip_prefix('-').unwrap();
        assert_eq!(marks.len(), 4, "{tag}");
        assert!(marks.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')), "{tag}");
    }
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
}

/// An incomplete copy would encrypt with a part of the last secret.
#[test]
fn wallet_with_a_cut_last_line_is_rejected() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    let whole = fs::read_to_string(database.wallet_path()).unwrap();
    let secret = database.secrets()[0].1.clone();
    for cut in [1, 2, 20] {
        fs::write(database.wallet_path(), whole.get(..whole.len() - cut).unwrap()).unwrap();
        for run in [
            database.verify("alice", &code(&uri, 1)),
            database.otp("", &["enroll", "bob"]),
            database.otp("", &["wallet", "rotate"]),
            wallet(&database, &["add"]),
        ] {
            let message = run.failure(3, "wallet", "wallet");
            assert!(message.contains("line 3 has no end"), "{message}");
            run.assert_silent_on(&[secret.get(..20).unwrap()]);
        }
    }
    for end in ["\n", "\r\n", "\r"] {
        fs::write(database.wallet_path(), format!("\u{feff}{}{end}", whole.trim_end())).unwrap();
        assert_eq!(database.verify("alice", &code(&uri, 0)).object()["reason"], "replayed");
    }
}

/// For a file of another program or a person, the command only warns.
#[test]
fn wallet_without_a_last_line_end_is_reported() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    let (tag, secret) = database.secrets().remove(0);
    fs::write(database.wallet_path(), format!("{tag}: {secret}")).unwrap();
    let run = database.verify("alice", &code(&uri, 1));
    assert_eq!((run.status, run.objects()[0]["outcome"].clone()), (0, json!("accepted")));
    assert!(run.stderr.contains("last line of the wallet has no line end"), "{}", run.stderr);
    run.assert_silent_on(&[&secret]);
    database.wallet(&["add", "--tag", "second"]);
    let after = database.secrets();
    assert_eq!((after.len(), &after[0]), (2, &(tag, secret)));
    accepted(&database.verify("alice", &code(&uri, 2)));
}

#[test]
fn secrets_added_in_parallel_are_all_kept() {
    let database = Database::new();
    thread::scope(|scope| {
        for number in 0..8 {
            let database = &database;
            scope.spawn(move || database.wallet(&["add", "--tag", &format!("t{number}")]));
        }
    });
    assert_eq!(database.secrets().len(), 9);
    database.confirmed("alice");
    // Only one of them is added under the same tag.
    let statuses: Vec<_> = thread::scope(|scope| {
        let add = || wallet(&database, &["add", "--tag", "same"]).status;
        let runs: Vec<_> = (0..8).map(|_| scope.spawn(add)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 0).count(), 1, "{statuses:?}");
}

#[test]
fn malformed_tags_are_rejected() {
    let database = Database::new();
    let long = "a".repeat(65);
    for tag in ["", "-x", ".x", "a b", "a:b", "a\nb", "ü", &long] {
        for command in ["init", "add"] {
            let run = wallet(&database, &[command, &format!("--tag={tag}")]);
            run.failure(2, "invalid", "tag");
        }
    }
}

#[test]
fn new_wallet_advises_to_keep_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet").display().to_string();
    for (command, outcome) in [("init", "created"), ("add", "added")] {
        let run = otp("", &["wallet", command, "--tag", command, "--wallet", &path]);
        assert_eq!(run.line(), format!("{outcome}: tag {command}"));
        assert!(run.stderr.contains("copy"), "{}", run.stderr);
        assert_eq!(run.stderr.contains(&path), command == "init", "{}", run.stderr);
    }
    let run = otp("", &["wallet", "init", "--json", "--wallet", "/nonexistent/wallet"]);
    let message = run.failure(3, "io", "wallet");
    assert!(message.contains("\"/nonexistent/wallet\": no such file or directory"), "{message}");
}

#[test]
fn database_has_only_the_sealed_key() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    let record: String =
        connection.query_row("SELECT record FROM credential", [], |row| row.get(0)).unwrap();
    assert!(record.contains("$otp$v=2$xc20p$first$"), "{record}");
    let secret = uri.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    let all: Vec<u8> = fs::read_dir(database.path().parent().unwrap())
        .unwrap()
        .flat_map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect();
    let found = |text: &str| all.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(!found(secret));
    // A control: the search finds a text that the file has.
    assert!(found("alice") && found(&record));
}

/// The message says what is wrong with a wallet, and repeats nothing of it.
#[test]
fn invalid_wallets_are_rejected() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    let secret = database.secrets()[0].1.clone();
    let others = "Iu6R0bJmGYdVTkBzhYdXKQaoZ1Bf8x5W";
    let verify = || database.verify("alice", &code(&uri, 1));
    for (text, part) in [
        (format!("second: {others}"), "no application secret for the tag"),
        (format!("first: {others}"), "another application secret under the tag"),
    ] {
        fs::write(database.wallet_path(), text + "\n").unwrap();
        let run = verify();
        let message = run.failure(3, "not_compared", "wallet");
        assert!(message.contains(part), "{message}");
        run.assert_silent_on(&[&secret, others]);
    }
    for (text, part) in [
        (format!("first {secret}"), "line 1 "),
        (format!("first: {secret}\nfirst: {others}"), "line 2 "),
        (format!("# x\r\rfirst: \"{secret}\""), "line 3 "),
        (format!("first: \u{200b}{secret}"), "line 1 "),
        (format!("first: {secret}\nsecond: {secret}"), "two tags"),
        ("first: hunter2hunter2".into(), "at least 16 bytes"),
        ("first:".into(), "line 1 "),
        (format!("fi rst: {secret}"), "line 1 "),
        ("# none".into(), "has no application secret"),
        (String::new(), "has no application secret"),
    ] {
        fs::write(database.wallet_path(), text + "\n").unwrap();
        let run = verify();
        let message = run.failure(3, "wallet", "wallet");
        assert!(message.contains(part), "{message}");
        run.assert_silent_on(&[&secret, others, "hunter2"]);
    }
    fs::write(database.wallet_path(), b"first: \xff").unwrap();
    let message = verify().failure(3, "wallet", "wallet");
    assert!(message.starts_with("wallet must be UTF-8 ("), "{message}");
    fs::remove_file(database.wallet_path()).unwrap();
    assert!(verify().failure(3, "io", "wallet").contains("restore its copy"));

    // With the right wallet only the attempts have changed that reached the key.
    database.wallet(&["init"]);
    fs::write(database.wallet_path(), format!("first: {secret}\n")).unwrap();
    database.keyless(&["unlock", "alice"]).object();
    accepted(&verify());
}

#[test]
#[cfg(unix)]
fn wallet_that_other_users_can_reach_is_rejected() {
    use std::os::unix::fs::PermissionsExt;

    let database = Database::new();
    let uri = database.confirmed("alice");
    let set = |mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(database.wallet_path(), permissions).unwrap();
    };
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o666] {
        set(mode);
        for run in [
            database.verify("alice", &code(&uri, 1)),
            database.otp("", &["enroll", "bob"]),
            database.otp("", &["wallet", "rotate"]),
            wallet(&database, &["add"]),
        ] {
            let message = run.failure(3, "wallet", "wallet");
            assert!(message.contains("0600"), "{message}");
        }
    }
    set(0o400);
    accepted(&database.verify("alice", &code(&uri, 1)));
    assert_eq!(database.secrets().len(), 1);
}

/// Anyone with write access to the folder could replace the wallet.
#[test]
#[cfg(unix)]
fn wallet_in_a_folder_that_others_can_write_to_is_rejected() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet").display().to_string();
    let set = |mode| {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    };
    let run = |command| otp("", &["wallet", command, "--json", "--wallet", &path]);
    assert_eq!(run("init").status, 0);
    for mode in [0o770, 0o757, 0o777, 0o1777] {
        set(mode);
        assert!(run("add").failure(3, "wallet", "wallet").contains("folder"), "{mode:o}");
        // No wallet is created there either.
        let other = format!("{path}-other");
        let init = otp("", &["wallet", "init", "--json", "--wallet", &other]);
        assert!(init.failure(3, "wallet", "wallet").contains("folder"), "{mode:o}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{mode:o}");
    }
    set(0o755);
    assert_eq!(run("add").status, 0);
}

/// A pipe of the shell is read as a wallet. A pipe without a writer is not waited for.
#[test]
#[cfg(unix)]
fn wallet_from_a_pipe_is_read_or_rejected() {
    use std::process::Command;

    let database = Database::new();
    let uri = database.confirmed("alice");
    let pipe = database.path().with_file_name("pipe");
    assert!(Command::new("mkfifo").arg("-m600").arg(&pipe).status().unwrap().success());
    let from = pipe.display().to_string();
    for arguments in [
        &["verify", "alice", "123456", "--json", "--db", &database.url(), "--wallet", &from][..],
        &["wallet", "add", "--json", "--wallet", &from],
    ] {
        let message = otp("", arguments).failure(3, "wallet", "wallet");
        assert!(message.contains("no writer"), "{message}");
    }
    // The command waits for a slow writer of the shell's pipe.
    let line = r#""$0" verify alice "$1" --db "$2" --wallet <(sleep 0.2; cat "$3")"#;
    let run = Command::new("bash")
        .args(["-c", line, env!("CARGO_BIN_EXE_otp"), &code(&uri, 1), &database.url()])
        .arg(database.wallet_path())
        .output()
        .unwrap();
    let said = String::from_utf8(run.stdout).unwrap() + &String::from_utf8(run.stderr).unwrap();
    assert!(run.status.success() && said.starts_with("accepted"), "{said}");
}

/// A sealed key that was moved to another row does not open.
#[test]
fn moved_key_is_rejected() {
    let database = Database::new();
    database.confirmed("alice");
    let uri = database.confirmed("mallory");
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    let swap = "UPDATE credential SET record =
                (SELECT record FROM credential WHERE account = 'mallory') WHERE account = 'alice'";
    connection.execute(swap, []).unwrap();
    let run = database.verify("alice", &code(&uri, 1));
    run.failure(3, "not_compared", "key");
    accepted(&database.verify("mallory", &code(&uri, 1)));
}

/// The README's program does this.
#[test]
fn library_opens_what_init_makes() {
    let database = Database::new();
    let wallet = otp_context::wallet::Wallet::open(database.wallet_path()).unwrap();
    assert_eq!(wallet.current().as_str(), "first");
    database.wallet(&["add", "--tag", "second"]);
    let wallet = otp_context::wallet::Wallet::open(database.wallet_path()).unwrap();
    assert_eq!((wallet.current().as_str(), wallet.tags().count()), ("second", 2));
}
