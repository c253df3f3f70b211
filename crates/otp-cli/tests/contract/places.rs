//! The locations of the database and the wallet: options, environment, defaults.

use std::fs;
use std::path::Path;

use crate::database::Database;
use crate::otp::{Run, command, otp, run};

/// Runs a command that refuses the location, and returns its failure.
fn refused(db: &str) -> Run {
    let run = otp("", &["list", "--json", "--db", db]);
    assert_eq!(run.status, 2, "{run:?}");
    run
}

#[test]
fn malformed_database_urls_are_rejected() {
    for db in ["", "otp.db", "sqlite:", "sqlite://otp.db", "mysql://host/otp", "redis:host", ":"] {
        let message = refused(db).failure(2, "invalid", "db");
        assert!(message.starts_with("db must be sqlite:PATH"), "{message}");
    }
}

#[test]
fn password_in_an_argument_is_rejected() {
    for db in [
        "postgres://user:hunter2@host/otp",
        "postgresql://host/otp?password=hunter2",
        "redis://:hunter2@host",
        "rediss://user:hunter2@host/1",
    ] {
        let run = refused(db);
        let message = run.failure(2, "invalid", "db");
        for word in ["OTP_DB", "PGPASSWORD", "REDISCLI_AUTH"] {
            assert!(message.contains(word), "{message}");
        }
        run.assert_silent_on(&["hunter2"]);
    }
}

/// Runs `otp list` on the database that the environment names.
fn with_variable(db: &str) -> Run {
    let mut list = command(&["list", "--json"]);
    list.env("OTP_DB", db);
    run(list, b"")
}

#[test]
fn environment_names_database_and_wallet() {
    let database = Database::new();
    let mut enroll = command(&["enroll", "alice", "--json"]);
    enroll.env("OTP_DB", database.url()).env("OTP_WALLET", database.wallet_path());
    assert_eq!(run(enroll, b"").object()["outcome"], "pending");
    assert_eq!(with_variable(&database.url()).object()["account"], "alice");
    // An option overrides the environment.
    let mut list = command(&["list", "--json", "--db", &database.url()]);
    list.env("OTP_DB", "sqlite:/nonexistent");
    assert_eq!(run(list, b"").object()["account"], "alice");
    with_variable("sqlite:/nonexistent").failure(3, "io", "db");
    let run = with_variable("hunter2://user:hunter2@host");
    assert!(run.failure(2, "invalid", "OTP_DB").starts_with("OTP_DB must be sqlite:PATH"));
    run.assert_silent_on(&["hunter2"]);
}

#[test]
#[cfg(not(any(feature = "postgres", feature = "redis")))]
fn server_without_its_feature_is_rejected() {
    for (db, feature) in [
        ("postgres://user@host/otp", "postgres"),
        ("postgresql://host", "postgres"),
        ("redis://host", "redis"),
        ("rediss://host:6379/1", "redis"),
    ] {
        let message = refused(db).failure(2, "usage", "db");
        assert!(message.ends_with(&format!("build it with --features {feature}")), "{message}");
    }
    let run = with_variable("redis://user:hunter2@host");
    run.failure(2, "usage", "db");
    run.assert_silent_on(&["hunter2"]);
}

/// An unreachable file may exist, so the message does not advise to create it.
#[test]
#[cfg(unix)]
fn unreachable_file_is_not_called_missing() {
    let database = Database::new();
    database.enroll("alice");
    let (file, wallet) = (database.path(), database.wallet_path());
    let below = |path: &Path| path.join("below").display().to_string();
    let (hidden_db, hidden_wallet) = (format!("sqlite:{}", below(&file)), below(&wallet));
    let (db, wallet) = (database.url(), wallet.display().to_string());
    let verify = |db: &str, wallet: &str| {
        otp("", &["verify", "alice", "123456", "--json", "--db", db, "--wallet", wallet])
    };
    let message = verify(&hidden_db, &wallet).failure(3, "io", "db");
    assert_eq!(message, format!("db: {:?}: not a directory", below(&file)));
    let add = otp("", &["wallet", "add", "--json", "--wallet", &hidden_wallet]);
    for run in [verify(&db, &hidden_wallet), add] {
        let message = run.failure(3, "io", "wallet");
        assert!(
            message.contains("not a directory") && message.contains(&hidden_wallet),
            "{message}"
        );
    }

    // A missing file is called missing.
    let gone = format!("{db}.gone");
    assert!(verify(&gone, &wallet).failure(3, "io", "db").contains("otp db init creates it"));
    let gone = format!("{wallet}.gone");
    let message = verify(&db, &gone).failure(3, "io", "wallet");
    assert!(message.contains(&format!("{gone:?}; restore its copy")), "{message}");
}

/// A database that cannot be reached may exist, so no wallet is created beside it.
#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn no_wallet_is_created_beside_an_unreachable_database() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("otp")).unwrap();
    let file = home.path().join("otp/otp.db");
    std::os::unix::fs::symlink(&file, &file).unwrap();
    let run = at_home(home.path(), "XDG_DATA_HOME", &["enroll", "alice", "--json"]);
    run.failure(3, "io", "db");
    assert!(!home.path().join("otp/wallet").exists());
}

/// Without a wallet, keys are never stored in plain text.
#[test]
fn given_database_without_a_wallet_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let db = format!("sqlite:{}", folder.path().join("otp.db").display());
    for arguments in [
        &["enroll", "alice"][..],
        &["enroll", "alice", "--confirm", "123456"],
        &["verify", "alice", "123456"],
        &["resync", "alice", "123456", "234567"],
        &["wallet", "rotate"],
    ] {
        let mut command = command(&[arguments, &["--json", "--db", &db]].concat());
        command.env("HOME", folder.path()).env("LOCALAPPDATA", folder.path());
        let message = run(command, b"").failure(2, "usage", "wallet");
        assert!(message.contains("--wallet") && message.contains("otp wallet init"), "{message}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Runs the command with another home directory.
#[cfg(all(unix, not(target_os = "macos")))]
fn at_home(home: &Path, variable: &str, arguments: &[&str]) -> Run {
    let mut command = command(arguments);
    command.env(variable, home);
    run(command, b"")
}

#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn defaults_are_in_the_data_directory() {
    use std::os::unix::fs::PermissionsExt;

    for (variable, path) in [("HOME", ".local/share/otp"), ("XDG_DATA_HOME", "otp")] {
        let home = tempfile::tempdir().unwrap();
        let run = at_home(home.path(), variable, &["enroll", "alice"]);
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.stderr.contains("--confirm"));
        let folder = home.path().join(path);
        let wallet = format!("Without the wallet {:?} no key", folder.join("wallet").display());
        assert!(run.stderr.contains(&wallet) && run.stderr.contains("copy"), "{}", run.stderr);
        // The advice is shown once.
        let run = at_home(home.path(), variable, &["enroll", "bob"]);
        assert!(run.status == 0 && !run.stderr.contains("copy"), "{run:?}");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        for file in ["otp.db", "wallet"] {
            assert_eq!(mode(&folder.join(file)), 0o600);
        }
        let run = at_home(home.path(), variable, &["verify", "alice", "123456", "--json"]);
        assert_eq!(run.object()["reason"], "unknown");
        let listed = "\"alice\" (not confirmed)\n\"bob\" (not confirmed)\n";
        assert_eq!(at_home(home.path(), variable, &["list"]).stdout, listed);
    }
}

/// The advice is shown with `--json`, too: without a copy of the wallet all keys are lost.
#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn new_wallet_is_reported_with_json_too() {
    let home = tempfile::tempdir().unwrap();
    let enroll = |account| at_home(home.path(), "XDG_DATA_HOME", &["enroll", account, "--json"]);
    let run = enroll("alice");
    assert_eq!((run.status, run.objects().len()), (0, 1));
    let wallet = home.path().join("otp/wallet").display().to_string();
    assert!(run.stderr.starts_with(&format!("Without the wallet {wallet:?} no key")), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1);
    assert_eq!(enroll("bob").object()["outcome"], "pending");
}

/// Without a database, a missing wallet may be created: no key needs it yet.
#[test]
fn missing_wallet_without_keys_advises_to_create_it() {
    let database = Database::new();
    fs::remove_file(database.wallet_path()).unwrap();
    let message = database.otp("", &["enroll", "alice"]).failure(3, "io", "wallet");
    assert!(message.ends_with("otp wallet init makes one"), "{message}");
}

#[test]
fn missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone").display().to_string();
    let wallet = Database::new().wallet_path().display().to_string();
    let (db, home) = (format!("sqlite:{gone}/otp.db"), "sqlite:~/otp/otp.db");
    for command in ["enroll", "status"] {
        let message = |db: &str| {
            let mut otp = crate::otp::command(&[command, "alice", "--json", "--db", db]);
            otp.env("OTP_WALLET", &wallet).current_dir(folder.path());
            run(otp, b"").failure(3, "io", "db")
        };
        assert_eq!(message(&db), format!("db: there is no folder {gone:?}"));
        let expected = "db: there is no folder \"~/otp\"; write $HOME instead of ~";
        assert_eq!(message(home), expected);
    }
}

#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn missing_default_database_advises_to_create_it() {
    let home = tempfile::tempdir().unwrap();
    let run = at_home(home.path(), "XDG_DATA_HOME", &["status", "alice", "--json"]);
    let file = home.path().join("otp/otp.db").display().to_string();
    let message = format!("db: there is no file {file:?}; otp enroll or otp db init creates it");
    assert_eq!(run.failure(3, "io", "db"), message);
}

/// A new wallet would hide that the wallet of the database is lost.
#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn lost_wallet_is_not_replaced() {
    let home = tempfile::tempdir().unwrap();
    let otp = |arguments: &[&str]| at_home(home.path(), "XDG_DATA_HOME", arguments);
    assert_eq!(otp(&["enroll", "alice"]).status, 0);
    fs::remove_file(home.path().join("otp/wallet")).unwrap();
    let run = otp(&["enroll", "bob", "--json"]);
    assert!(run.failure(3, "io", "wallet").contains("restore its copy"));
    assert!(!home.path().join("otp/wallet").exists());
    // A command that asks for a new wallet makes it.
    assert_eq!(otp(&["wallet", "init"]).status, 0);
    assert_eq!(otp(&["enroll", "bob"]).status, 0);
}

#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn parallel_enrolments_share_one_new_wallet() {
    let home = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..6)
            .map(|number| {
                let (home, account) = (home.path(), format!("user-{number}"));
                scope.spawn(move || at_home(home, "XDG_DATA_HOME", &["enroll", &account]))
            })
            .collect();
        for run in runs {
            let run = run.join().unwrap();
            assert_eq!(run.status, 0, "{run:?}");
        }
    });
    let run = at_home(home.path(), "XDG_DATA_HOME", &["wallet", "rotate", "--json"]);
    let object = run.object();
    assert_eq!((&object["refused"], &object["plain"]), (&0.into(), &0.into()));
    assert_eq!(at_home(home.path(), "XDG_DATA_HOME", &["list"]).stdout.lines().count(), 6);
}

#[test]
fn missing_home_directory_is_a_failure() {
    for arguments in [&["list"][..], &["enroll", "alice"], &["wallet", "init"]] {
        let mut command = command(&[arguments, &["--json"]].concat());
        command.env("HOME", "/dev/null").env("LOCALAPPDATA", "relative");
        let run = run(command, b"");
        assert_eq!((run.status, run.object()["error"].as_str()), (3, Some("io")), "{run:?}");
    }
}

/// A path stays a path, even if SQLite would read it as a URI: then the mode of the file would not be
/// checked.
#[test]
#[cfg(unix)]
fn path_like_a_uri_is_a_path() {
    let database = Database::new();
    let folder = tempfile::tempdir().unwrap();
    let wallet = database.wallet_path();
    for path in ["file:x.db?cache=private", ":memory:"] {
        let db = format!("sqlite:{path}");
        let mut enroll = command(&["enroll", "alice", "--json", "--db", &db]);
        enroll.env("OTP_WALLET", &wallet).current_dir(folder.path());
        assert_eq!(run(enroll, b"").object()["outcome"], "pending");
        assert!(fs::metadata(folder.path().join(path)).unwrap().len() > 0);
    }
    assert!(!folder.path().join("x.db").exists());
}
