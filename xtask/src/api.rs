//! What each library of the heart shows to others, checked in, so that a change of it shows in review.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::command::Command;
use crate::root::root;
use crate::workspace::{HEART, Workspace};

/// Whose types may stand in a public signature; serde's own traits only in `otp-serde`.
const OURS: [&str; 7] = ["core", "alloc", "std", "u8", "u64", "otp_core", "otp_uri"];
const MORE: [(&str, &[&str]); 2] =
    [("otp-context", &["otp_context"]), ("otp-serde", &["otp_context", "otp_serde", "serde_core"])];

/// Writes the listings; fails if that changes one, or if one names a foreign type.
pub(crate) fn run(_: &Workspace, words: &[String]) -> Result<()> {
    ensure!(words.is_empty(), "it takes no arguments");
    let mut found = Vec::new();
    let mut changed = Vec::new();
    for name in HEART {
        let line = format!("+nightly public-api -p {name} --all-features -sss");
        let listing = Command::cargo(&line).read()?;
        let file = format!("docs/api/{name}.txt");
        let old = fs::read_to_string(root().join(&file)).unwrap_or_default();
        if old != listing {
            fs::write(root().join(&file), &listing)
                .with_context(|| format!("cannot write {file}"))?;
            changed.push(file);
        }
        found.extend(foreign(name, &listing));
    }
    ensure!(
        found.is_empty(),
        "types of other projects in public signatures:\n{}",
        found.join("\n")
    );
    ensure!(changed.is_empty(), "written: {}; review and commit them", changed.join(", "));
    Ok(())
}

/// The lines that name a crate of another project.
fn foreign(name: &str, listing: &str) -> Vec<String> {
    let more = MORE.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, more)| more);
    let is_ours = |root: &str| OURS.contains(&root) || more.contains(&root);
    let lines = listing.lines().filter(|line| roots(line).any(|root| !is_ours(root)));
    lines.map(|line| format!("{name}: {line}")).collect()
}

/// The first segments of the paths in a line, but for types and parameters (`Self::A`, `T::B`).
fn roots(line: &str) -> impl Iterator<Item = &str> {
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    line.split(move |it| !is_word(it) && it != ':').filter_map(|path| {
        let (root, _) = path.split_once("::")?;
        root.starts_with(|first: char| first.is_lowercase()).then_some(root)
    })
}

#[cfg(test)]
mod tests {
    use super::foreign;

    #[test]
    fn a_type_of_another_project_is_found() {
        let of = |line: &str| foreign("otp-uri", line).len();
        assert_eq!(of("pub fn otp_uri::f(&[otp_core::Code; 2]) -> core::option::Option<u8>"), 0);
        assert_eq!(of("pub fn u8::from(otp_core::Digits) -> Self"), 0);
        assert_eq!(of("impl<T: otp_core::A> Iterator for otp_uri::B<T> where T::C: D"), 0);
        assert_eq!(of("pub fn otp_uri::f(&[url::Url; 2])"), 1);
        assert_eq!(of("pub use otp_uri::Url as <<url::Url>>"), 1);
        assert_eq!(of("impl serde_core::ser::Serialize for otp_uri::B"), 1);
        assert!(
            foreign("otp-serde", "fn otp_serde::f<S: serde_core::ser::Serializer>()").is_empty()
        );
    }
}
