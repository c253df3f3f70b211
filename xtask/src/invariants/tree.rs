use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::invariants::source;
use crate::workspace::{HEART, root};

/// What is built or found and belongs to nobody.
const LEFT_OUT: [&str; 2] = [".git", "target"];
/// What fuzzing finds.
const FOUND: [&str; 2] = ["fuzz/artifacts", "fuzz/coverage"];

/// The files of the project; of those that are no source or document, the path alone.
pub(super) struct Tree(Vec<File>);

pub(super) struct File {
    /// From the root, with slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl Tree {
    pub(super) fn read() -> Result<Self> {
        let mut files = Vec::new();
        collect(root(), "", &mut files)?;
        Ok(Self(files))
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file =
            |(path, text): &(&str, &str)| File { path: (*path).into(), text: (*text).into() };
        Self(files.iter().map(file).collect())
    }

    /// Whether there is such a file or folder.
    pub(super) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        self.0.iter().any(|file| file.path == path || file.path.starts_with(&folder))
    }

    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.0.iter().find(|file| file.path == path)
    }

    pub(super) fn ending<'t>(&'t self, ending: &'t str) -> impl Iterator<Item = &'t File> {
        self.0.iter().filter(move |file| file.path.ends_with(ending))
    }

    /// The names of the crates, in order.
    pub(super) fn crates(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.0.iter().filter_map(File::member).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The crates of the heart that exist.
    pub(super) fn heart(&self) -> Vec<&str> {
        self.crates().into_iter().filter(|name| HEART.contains(name)).collect()
    }

    /// The library's or program's own files of a crate: no tests, benches or examples.
    pub(super) fn sources<'t>(&'t self, member: &'t str) -> impl Iterator<Item = &'t File> {
        let folder = format!("crates/{member}/src/");
        self.ending(".rs").filter(move |file| file.path.starts_with(&folder))
    }
}

impl File {
    /// The crate that it is part of.
    pub(super) fn member(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split_once('/').map(|(name, _)| name)
    }

    /// Its code alone: no comments, no literals, no tests.
    pub(super) fn code(&self) -> String {
        source::without_tests(&source::code(&self.text))
    }
}

fn collect(folder: &Path, within: &str, files: &mut Vec<File>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {within}"))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        let path = if within.is_empty() { name } else { format!("{within}/{name}") };
        if FOUND.contains(&path.as_str()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, files)?;
            continue;
        }
        let text = if path.ends_with(".rs") || path.ends_with(".md") {
            fs::read_to_string(entry.path()).with_context(|| format!("cannot read {path}"))?
        } else {
            String::new()
        };
        files.push(File { path, text });
    }
    Ok(())
}
