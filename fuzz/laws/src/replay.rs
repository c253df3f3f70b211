//! Runs a law over files.

use std::fs;
use std::io;
use std::panic;
use std::path::{Path, PathBuf};

use crate::Law;

/// Replays every named file, and every file in a named folder. Returns their number.
///
/// # Errors
///
/// There is no file, a file cannot be read, or a file breaks the law.
pub fn replay(law: Law, paths: &[PathBuf]) -> Result<usize, String> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    for file in &files {
        let data = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        panic::catch_unwind(|| law(&data))
            .map_err(|_| format!("{} breaks the law", file.display()))?;
    }
    if files.is_empty() { Err("nothing to replay".to_owned()) } else { Ok(files.len()) }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else {
        files.push(path.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::replay;
    use crate::{LAWS, limits, migration};
    use otp_core::CodeFormat;
    use otp_uri::KeyUri;
    use otp_uri::migration::Page;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn fuzz() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    #[test]
    fn every_seed_keeps_its_law() {
        for (name, law) in LAWS {
            let count = replay(*law, &[fuzz().join("corpus").join(name).join("seeds")]);
            assert!(count.is_ok(), "{name}: {count:?}");
        }
    }

    #[test]
    fn seeds_meet_the_limits() {
        fn text(data: &[u8]) -> &str {
            core::str::from_utf8(data).unwrap()
        }
        limits::are_met("code_text", |data| CodeFormat::default().parse(text(&data[1..])).is_ok());
        limits::are_met("uri", |data| KeyUri::parse(text(data)).is_ok());
        limits::are_met("migration", |data| {
            let pages = migration::pages(data);
            !pages.is_empty() && pages.iter().flat_map(Page::accounts).all(|it| it.is_ok())
        });
    }

    #[test]
    fn every_target_has_a_law_here() {
        let mut targets = Vec::new();
        for file in fs::read_dir(fuzz().join("fuzz_targets")).unwrap() {
            targets.push(file.unwrap().path().file_stem().unwrap().to_owned());
        }
        targets.sort();
        assert_eq!(targets, LAWS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }

    #[test]
    fn broken_law_or_missing_file_is_an_error() {
        let here = [Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")];
        assert_eq!(replay(|_| (), &here), Ok(1));
        assert!(replay(|_| panic!("broken"), &here).is_err());
        assert!(replay(|_| (), &["no such file".into()]).is_err());
        assert!(replay(|_| (), &[]).is_err());
    }
}
