//! Where the database and the wallet are: options, environment, defaults.

use std::fs;
use std::path::Path;

use crate::database::Database;
use crate::otp::{Run, command, otp, run};

/// What is wrong with a place, whichever command is asked.
fn refused(db: &str) -> Run {
    let run = otp("", &["list", "--json", "--db", db]);
    assert_eq!(run.status, 2, "{run:?}");
    run
}

#[test]
fn databases_that_are_none() {
    for db in ["", "otp.db", "sqlite:", "sqlite://otp.db", "mysql://host/otp", "redis:host", ":"] {
        let message = refused(db).failure(2, "invalid", "db");
        assert!(message.starts_with("db must be sqlite:PATH"), "{message}");
    }
}

#[test]
fn a_password_is_no_argument() {
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
fn the_environment_may_name_both() {
    let database = Database::new();
    let mut enroll = command(&["enroll", "alice", "--json"]);
    enroll.env("OTP_DB", database.url()).env("OTP_WALLET", database.wallet_path());
    assert_eq!(run(enroll, b"").object()["outcome"], "pending");
    assert_eq!(with_variable(&database.url()).object()["account"], "alice");
    // An option goes before.
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
fn servers_want_their_feature() {
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

/// A file that cannot be looked for may be there, so nobody is told to make one.
#[test]
#[cfg(unix)]
fn what_cannot_be_reached_is_not_called_missing() {
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

    // What is missing is called so.
    let gone = format!("{db}.gone");
    assert!(
        verify(&gone, &wallet)
            .failure(3, "io", "db")
            .contains("otp enroll creates it, or otp db init")
    );
    let gone = format!("{wallet}.gone");
    let message = verify(&db, &gone).failure(3, "io", "wallet");
    assert!(message.contains(&format!("{gone:?}; restore its copy")), "{message}");
}

/// Without a word of what is in the way, no wallet is made beside a database that may be there.
#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn no_wallet_is_made_beside_what_cannot_be_reached() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("otp")).unwrap();
    let file = home.path().join("otp/otp.db");
    std::os::unix::fs::symlink(&file, &file).unwrap();
    let run = at_home(home.path(), "XDG_DATA_HOME", &["enroll", "alice", "--json"]);
    run.failure(3, "io", "db");
    assert!(!home.path().join("otp/wallet").exists());
}

/// Keys are never stored unsealed because nobody said how to seal them.
#[test]
fn a_database_of_ones_own_wants_a_wallet_of_ones_own() {
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

/// Runs the command with a home of its own.
#[cfg(all(unix, not(target_os = "macos")))]
fn at_home(home: &Path, variable: &str, arguments: &[&str]) -> Run {
    let mut command = command(arguments);
    command.env(variable, home);
    run(command, b"")
}

#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn without_options_both_are_in_the_data_directory() {
    use std::os::unix::fs::PermissionsExt;

    for (variable, path) in [("HOME", ".local/share/otp"), ("XDG_DATA_HOME", "otp")] {
        let home = tempfile::tempdir().unwrap();
        let run = at_home(home.path(), variable, &["enroll", "alice"]);
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.stderr.contains("--confirm"));
        let folder = home.path().join(path);
        let wallet = format!("Without the wallet {:?} no key", folder.join("wallet").display());
        assert!(run.stderr.contains(&wallet) && run.stderr.contains("copy"), "{}", run.stderr);
        // Whoever has been told is not told again.
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

/// Whoever reads JSON is told, too: without a copy of it all keys are lost.
#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn no_wallet_is_made_in_silence() {
    let home = tempfile::tempdir().unwrap();
    let enroll = |account| at_home(home.path(), "XDG_DATA_HOME", &["enroll", account, "--json"]);
    let run = enroll("alice");
    assert_eq!((run.status, run.objects().len()), (0, 1));
    let wallet = home.path().join("otp/wallet").display().to_string();
    assert!(run.stderr.starts_with(&format!("Without the wallet {wallet:?} no key")), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1);
    assert_eq!(enroll("bob").object()["outcome"], "pending");
}

/// One that was forgotten is made, and one that was lost is not.
#[test]
fn a_wallet_is_missing_before_there_are_keys() {
    let database = Database::new();
    fs::remove_file(database.wallet_path()).unwrap();
    let message = database.otp("", &["enroll", "alice"]).failure(3, "io", "wallet");
    assert!(message.ends_with("otp wallet init makes one"), "{message}");
}

#[test]
fn a_missing_folder_is_named() {
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
fn the_default_database_is_one_that_enroll_creates() {
    let home = tempfile::tempdir().unwrap();
    let run = at_home(home.path(), "XDG_DATA_HOME", &["status", "alice", "--json"]);
    let file = home.path().join("otp/otp.db").display().to_string();
    let message = format!("db: there is no file {file:?}; otp enroll creates it, or otp db init");
    assert_eq!(run.failure(3, "io", "db"), message);
}

/// Another wallet would hide that the one of the database is lost.
#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn a_lost_wallet_is_not_made_anew() {
    let home = tempfile::tempdir().unwrap();
    let otp = |arguments: &[&str]| at_home(home.path(), "XDG_DATA_HOME", arguments);
    assert_eq!(otp(&["enroll", "alice"]).status, 0);
    fs::remove_file(home.path().join("otp/wallet")).unwrap();
    let run = otp(&["enroll", "bob", "--json"]);
    assert!(run.failure(3, "io", "wallet").contains("restore its copy"));
    assert!(!home.path().join("otp/wallet").exists());
    // Who wants to, can.
    assert_eq!(otp(&["wallet", "init"]).status, 0);
    assert_eq!(otp(&["enroll", "bob"]).status, 0);
}

#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn the_first_of_many_makes_the_wallet() {
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
fn nobody_has_a_home() {
    for arguments in [&["list"][..], &["enroll", "alice"], &["wallet", "init"]] {
        let mut command = command(&[arguments, &["--json"]].concat());
        command.env("HOME", "/dev/null").env("LOCALAPPDATA", "relative");
        let run = run(command, b"");
        assert_eq!((run.status, run.object()["error"].as_str()), (3, Some("io")), "{run:?}");
    }
}

/// A path is a path, also one that SQLite would take for a URI: that would be a file whose mode
/// nobody has looked at.
#[test]
#[cfg(unix)]
fn a_path_is_no_uri() {
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
