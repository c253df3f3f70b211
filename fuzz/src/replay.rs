//! Runs a law over files.

use std::fs;
use std::io;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Replays every file that the arguments name, and those in the folders that they name.
///
/// It fails if there is no file or a file breaks the law.
pub fn main(law: fn(&[u8])) -> ExitCode {
    let mut files = Vec::new();
    for argument in std::env::args_os().skip(1) {
        if let Err(error) = collect(Path::new(&argument), &mut files) {
            eprintln!("{}: {error}", argument.display());
            return ExitCode::FAILURE;
        }
    }
    match replay(law, &files) {
        Ok(0) => {
            eprintln!("nothing to replay: name files or folders");
            ExitCode::FAILURE
        }
        Ok(count) => {
            println!("{count} inputs keep the law");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
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

fn replay(law: fn(&[u8]), files: &[PathBuf]) -> Result<usize, String> {
    for file in files {
        let data = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        panic::catch_unwind(|| law(&data))
            .map_err(|_| format!("{} breaks the law", file.display()))?;
    }
    Ok(files.len())
}

#[cfg(test)]
mod tests {
    use super::replay;
    use std::path::PathBuf;

    #[test]
    fn a_broken_law_or_a_missing_file_is_an_error() {
        let here = [PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")];
        assert_eq!(replay(|_| (), &here), Ok(1));
        assert!(replay(|_| panic!("broken"), &here).is_err());
        assert!(replay(|_| (), &["no such file".into()]).is_err());
    }
}
