use anyhow::Result;

use crate::invariants::Findings;
use crate::steps::{CI, FULL};
use crate::tracked;
use crate::workspace::HEART;

const MOST_LINES: usize = 400;
/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 7] = ["utils", "util", "common", "types", "prelude", "helpers", "misc"];

/// The path of each source and document, and its text.
pub(super) struct Sources(Vec<(String, String)>);

impl Sources {
    pub(super) fn read() -> Result<Self> {
        tracked::files("*.rs *.md").map(Self)
    }

    fn rust(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter().filter(|(path, _)| path.ends_with(".rs"))
    }

    /// The files of each crate that name something in their code, but for the first.
    fn beyond_the_first(&self, of: &str, names: &[&str]) -> Findings {
        let (mut found, mut last) = (Findings::new(), "");
        for (path, text) in self.rust().filter(|(path, _)| path.starts_with(of)) {
            let Some((member, _)) = path.split_once("/src/") else { continue };
            let code = text.lines().take_while(|line| *line != "#[cfg(test)]");
            let mut code = code.filter(|line| !line.trim_start().starts_with("//"));
            if !code.any(|line| names.iter().any(|name| has_path(line, name))) {
                continue;
            }
            if member == last {
                found.push(path.clone());
            }
            last = member;
        }
        found
    }

    pub(super) fn hashes(&self) -> Findings {
        self.beyond_the_first("crates/", &["sha1::", "sha2::"])
    }

    pub(super) fn heap(&self) -> Findings {
        self.beyond_the_first("crates/otp-core/", &["alloc::"])
    }

    pub(super) fn unsafe_code(&self) -> Findings {
        let forbids = |path: &String| {
            let file = self.0.iter().find(|(known, _)| known == path);
            file.is_some_and(|(_, text)| text.lines().any(|it| it == "#![forbid(unsafe_code)]"))
        };
        let libraries = HEART.iter().map(|name| format!("crates/{name}/src/lib.rs"));
        libraries.filter(|path| !forbids(path)).collect()
    }

    pub(super) fn lengths(&self) -> Findings {
        let long = self.rust().map(|(path, text)| (path, text.lines().count()));
        let long = long.filter(|(_, lines)| *lines > MOST_LINES);
        long.map(|(path, lines)| format!("{path} has {lines}")).collect()
    }

    pub(super) fn empty_names(&self) -> Findings {
        let says_nothing = |path: &str| {
            path.trim_end_matches(".rs").split('/').any(|part| EMPTY_NAMES.contains(&part))
        };
        self.rust().map(|(path, _)| path).filter(|path| says_nothing(path)).cloned().collect()
    }

    pub(super) fn steps(&self) -> Findings {
        let mut found = Findings::new();
        for (path, text) in self.0.iter().filter(|(path, _)| path.ends_with(".md")) {
            for rest in text.split("cargo xtask ").skip(1) {
                let is_name = |it: char| it.is_ascii_lowercase() || it == '-';
                let name = rest.split(|it| !is_name(it)).next().unwrap_or_default();
                let known = CI.iter().chain(FULL).any(|step| step.name == name);
                if !known && !["ci", "full", ""].contains(&name) {
                    found.push(format!("{path}: cargo xtask {name}"));
                }
            }
        }
        found
    }
}

/// Whether a line has a path that begins with this.
fn has_path(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(place, _)| {
        let before = line.get(..place).unwrap_or_default();
        !before.ends_with(|it: char| it.is_alphanumeric() || it == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::Sources;

    fn of(files: &[(&str, &str)]) -> Sources {
        Sources(files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect())
    }

    #[test]
    fn a_second_file_that_names_a_hash_crate_is_found() {
        let first = ("crates/a/src/x.rs", "use sha1::Sha1;");
        let tests = ("crates/a/tests/x.rs", "use sha1::Sha1;");
        let unit = ("crates/a/src/z.rs", "// sha1::x\n#[cfg(test)]\nmod tests { use sha2::S; }");
        let other = ("crates/b/src/x.rs", "use sha2::Sha256;");
        assert!(of(&[first, tests, unit, other]).hashes().is_empty());
        assert_eq!(of(&[first, ("crates/a/src/y.rs", "let it = sha2::x();")]).hashes().len(), 1);
    }

    #[test]
    fn a_second_file_that_uses_the_heap_is_found() {
        let file = |name| (name, "use alloc::vec::Vec;");
        let first = file("crates/otp-core/src/secret.rs");
        assert!(of(&[first, ("crates/otp-core/src/x.rs", "dealloc::x()")]).heap().is_empty());
        assert_eq!(of(&[first, file("crates/otp-core/src/x.rs")]).heap().len(), 1);
    }

    #[test]
    fn a_library_that_does_not_forbid_unsafe_code_is_found() {
        let core = of(&[("crates/otp-core/src/lib.rs", "#![forbid(unsafe_code)]\n")]).unsafe_code();
        assert_eq!(core.len(), 3);
        assert!(core.iter().all(|path| !path.contains("otp-core")));
    }

    #[test]
    fn a_long_file_and_a_name_that_says_nothing_are_found() {
        assert!(of(&[("xtask/src/a.rs", &"x\n".repeat(400))]).lengths().is_empty());
        assert_eq!(of(&[("xtask/src/a.rs", &"x\n".repeat(401))]).lengths().len(), 1);
        assert!(of(&[("crates/otp-core/src/totp.rs", "")]).empty_names().is_empty());
        assert_eq!(of(&[("crates/a/tests/common/mod.rs", "")]).empty_names().len(), 1);
    }

    #[test]
    fn a_step_that_there_is_not_is_found() {
        assert!(of(&[("a.md", "`cargo xtask ci`, `cargo xtask stores race`")]).steps().is_empty());
        assert_eq!(of(&[("a.md", "`cargo xtask none`")]).steps().len(), 1);
    }
}
