use crate::invariants::Findings;
use crate::invariants::source;
use crate::invariants::tree::Tree;

const MOST_LINES: usize = 400;
/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 7] = ["utils", "util", "common", "types", "prelude", "helpers", "misc"];

pub(super) fn unsafe_code(tree: &Tree) -> Findings {
    let libraries = tree.heart().into_iter().map(|member| format!("crates/{member}/src/lib.rs"));
    libraries
        .filter(|path| {
            let code = tree.file(path).map(|file| source::code(&file.text)).unwrap_or_default();
            !code.contains("#![forbid(unsafe_code)]")
        })
        .map(|path| format!("{path} does not forbid it"))
        .collect()
}

pub(super) fn lengths(tree: &Tree) -> Findings {
    let long = tree.ending(".rs").map(|file| (&file.path, file.text.lines().count()));
    long.filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(path, lines)| format!("{path} has {lines}"))
        .collect()
}

pub(super) fn names(tree: &Tree) -> Findings {
    tree.ending(".rs")
        .filter(|file| {
            let mut parts = file.path.trim_end_matches(".rs").split('/');
            parts.any(|part| EMPTY_NAMES.contains(&part))
        })
        .map(|file| file.path.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{lengths, names, unsafe_code};
    use crate::invariants::tree::Tree;

    #[test]
    fn a_library_that_does_not_forbid_unsafe_code_is_found() {
        let path = "crates/otp-core/src/lib.rs";
        assert!(unsafe_code(&Tree::of(&[(path, "#![forbid(unsafe_code)]")])).is_empty());
        assert_eq!(unsafe_code(&Tree::of(&[(path, "// #![forbid(unsafe_code)]")])).len(), 1);
        assert_eq!(unsafe_code(&Tree::of(&[("crates/otp-uri/Cargo.toml", "")])).len(), 1);
    }

    #[test]
    fn a_long_file_is_found() {
        assert!(lengths(&Tree::of(&[("xtask/src/a.rs", &"x\n".repeat(400))])).is_empty());
        assert_eq!(lengths(&Tree::of(&[("xtask/src/a.rs", &"x\n".repeat(401))])).len(), 1);
    }

    #[test]
    fn a_name_that_says_nothing_is_found() {
        assert!(names(&Tree::of(&[("crates/otp-core/src/totp.rs", "")])).is_empty());
        assert_eq!(names(&Tree::of(&[("crates/otp-core/src/utils.rs", "")])).len(), 1);
        assert_eq!(names(&Tree::of(&[("crates/otp-core/tests/common/mod.rs", "")])).len(), 1);
    }
}
