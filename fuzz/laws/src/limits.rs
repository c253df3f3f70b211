//! The seeds that are as long as can be read, and those that are too long.

use std::fs;
use std::path::PathBuf;

/// What `cargo xtask fuzz` lets an input grow to; a longer seed would be cut.
const MOST: usize = 2 * otp_uri::MAX_LENGTH;

/// Returns the folder of a target's seeds. The tests of other crates look for it from their own folder.
pub(crate) fn seeds(target: &str) -> PathBuf {
    let corpora = ["..", "../../fuzz"];
    let corpora =
        corpora.map(|it| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(it).join("corpus"));
    let corpus = corpora.into_iter().find(|folder| folder.is_dir());
    corpus.expect("a folder of inputs").join(target).join("seeds")
}

/// Reads each seed `*-longest`, and none of its neighbours `*-too-long`.
pub(crate) fn are_met(target: &str, reads: fn(&[u8]) -> bool) {
    let folder = seeds(target);
    let seed = |name: &str| {
        let data = fs::read(folder.join(name)).unwrap();
        assert!(data.len() <= MOST, "{name} is longer than any input");
        data
    };
    let mut pairs = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(limit) = name.strip_suffix("-longest") {
            assert!(reads(&seed(&name)), "{target}: {name} is not read");
            let longer = format!("{limit}-too-long");
            assert!(!reads(&seed(&longer)), "{target}: {longer} is read");
            pairs += 1;
        }
    }
    assert!(pairs > 0, "{target} has no such seeds");
}
