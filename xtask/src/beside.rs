use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::command::Command;
use crate::root::root;
use crate::workspace::Workspace;

/// Crates that programs have beside `otp-store`, as their manifests name them. Each brings a SQLite,
/// and a program links one alone. Cargo counts optional dependencies, too, so sqlx for PostgreSQL
/// chooses a SQLite.
const NEIGHBOURS: [(&str, &str); 6] = [
    ("sqlx-0.8", r#"sqlx = { version = "0.8", features = ["sqlite"] }"#),
    ("sqlx-0.9", r#"sqlx = { version = "0.9", features = ["sqlite"] }"#),
    ("sqlx-postgres", r#"sqlx = { version = "0.8", features = ["postgres"] }"#),
    ("diesel-2", r#"diesel = { version = "2", features = ["sqlite"] }"#),
    ("sea-orm-1", r#"sea-orm = { version = "1", features = ["sqlx-sqlite"] }"#),
    ("sea-orm-2", r#"sea-orm = { version = "2", features = ["sqlx-sqlite"] }"#),
];
/// What each program's SQLite comes from.
const LINKED: &str = "libsqlite3-sys";
/// The SQLite that no version of sqlx 0.8 takes.
const CONTROL: &str = "rusqlite = \"=0.43.0\"";

/// Resolves the dependencies of programs that use `otp-store` beside other crates for databases. It
/// builds nothing.
pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<()> {
    let folder = workspace.target.join("beside");
    let _ = fs::remove_dir_all(&folder);
    let resolve = |folder: &Path| {
        let command = Command::cargo("generate-lockfile --quiet --manifest-path");
        command.arg(folder.join("Cargo.toml"))
    };
    for (name, dependency) in NEIGHBOURS {
        let program = program(&folder.join(name), dependency)?;
        resolve(&program).run().with_context(|| format!("no otp-store beside {name}"))?;
        let lock = fs::read_to_string(program.join("Cargo.lock")).context("no Cargo.lock")?;
        let version = |package| version(&lock, package).with_context(|| format!("no {package}"));
        println!("{name}: rusqlite {}, {LINKED} {}", version("rusqlite")?, version(LINKED)?);
    }
    let [(_, oldest), ..] = NEIGHBOURS;
    resolve(&program(&folder.join("control"), &format!("{oldest}\n{CONTROL}"))?).fail(LINKED)?;
    println!("control: beside sqlx 0.8 {CONTROL} is refused");
    Ok(())
}

/// Writes a program without a line of code.
fn program(folder: &Path, dependencies: &str) -> Result<PathBuf> {
    let store = root().join("crates/otp-store");
    let store = store.to_str().context("the path of the workspace is not UTF-8")?;
    let manifest = format!(
        "[package]\nname = \"program\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\notp-store = {{ path = {store:?} }}\n{dependencies}\n"
    );
    let source = folder.join("src");
    fs::create_dir_all(&source).with_context(|| format!("cannot make {}", source.display()))?;
    fs::write(source.join("lib.rs"), "").context("cannot write lib.rs")?;
    fs::write(folder.join("Cargo.toml"), manifest).context("cannot write Cargo.toml")?;
    Ok(folder.to_owned())
}

/// The version of a package in a `Cargo.lock`.
fn version<'l>(lock: &'l str, package: &str) -> Option<&'l str> {
    let (_, rest) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    rest.split('"').next()
}
