use crate::invariants::Findings;
use crate::invariants::source::{names_crate, words};
use crate::invariants::tree::Tree;

/// The hash crates stay replaceable: in a crate, one file knows them.
pub(super) fn hashes(tree: &Tree) -> Findings {
    let named = |code: &str| ["sha1", "sha2"].iter().any(|name| names_crate(code, name));
    tree.crates().into_iter().flat_map(|member| beyond_the_first(tree, &[member], &named)).collect()
}

pub(super) fn clocks(tree: &Tree) -> Findings {
    let named = |code: &str| {
        words(code).any(|(_, word, _)| matches!(word, "SystemTime" | "Instant" | "UNIX_EPOCH"))
    };
    in_one_file_outside_the_core(tree, &named)
}

pub(super) fn entropy(tree: &Tree) -> Findings {
    in_one_file_outside_the_core(tree, &|code| names_crate(code, "getrandom"))
}

/// `lib.rs` brings the heap in, `secret.rs` uses it, and both only with the feature.
pub(super) fn heap(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    let mut users: Vec<_> = tree
        .sources("otp-core")
        .filter(|file| names_crate(&file.code(), "alloc"))
        .map(|file| file.path.as_str())
        .collect();
    let library = "crates/otp-core/src/lib.rs";
    users.retain(|path| *path != library);
    findings.extend(users.iter().skip(1).map(|path| format!("{path} uses the heap too")));
    let text = tree.file(library).map(|file| file.text.as_str()).unwrap_or_default();
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let behind = |item: &str| {
        lines.windows(2).any(|pair| matches!(pair, [above, line] if *line == item && *above == "#[cfg(feature = \"alloc\")]"))
    };
    let modules = users.iter().filter_map(|path| path.rsplit('/').next()?.strip_suffix(".rs"));
    let items = modules.map(|module| format!("mod {module};"));
    for item in
        items.chain(text.contains("extern crate alloc;").then(|| "extern crate alloc;".into()))
    {
        if !behind(&item) {
            findings.push(format!("{library}: `{item}` is not behind feature `alloc`"));
        }
    }
    findings
}

/// A derived wire form would go round the constructors.
pub(super) fn wire_forms(tree: &Tree) -> Findings {
    let members = tree.heart().into_iter().filter(|member| *member != "otp-serde");
    members
        .flat_map(|member| tree.sources(member))
        .filter(|file| {
            words(&file.code()).any(|(_, word, _)| {
                matches!(word, "Serialize" | "Deserialize" | "Serializer" | "Deserializer")
            })
        })
        .map(|file| format!("{} names serde", file.path))
        .collect()
}

fn in_one_file_outside_the_core(tree: &Tree, named: &dyn Fn(&str) -> bool) -> Findings {
    let mut findings = beyond_the_first(tree, &tree.heart(), named);
    let core = tree.sources("otp-core").filter(|file| named(&file.code()));
    findings.extend(core.map(|file| format!("{} does it, in otp-core", file.path)));
    findings
}

fn beyond_the_first(tree: &Tree, members: &[&str], named: &dyn Fn(&str) -> bool) -> Findings {
    let files = members.iter().flat_map(|member| tree.sources(member));
    let files: Vec<_> = files.filter(|file| named(&file.code())).collect();
    match files.as_slice() {
        [first, others @ ..] => {
            others.iter().map(|other| format!("{} beside {}", other.path, first.path)).collect()
        }
        [] => Findings::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{clocks, entropy, hashes, heap, wire_forms};
    use crate::invariants::tree::Tree;

    #[test]
    fn a_second_file_that_names_a_hash_crate_is_found() {
        let first = ("crates/a/src/x.rs", "use sha1::Sha1;");
        let tests = ("crates/a/tests/x.rs", "use sha1::Sha1;");
        let unit =
            ("crates/a/src/z.rs", "// sha1::x\n#[cfg(test)]\nmod tests { use sha2::Sha256; }");
        let other = ("crates/b/src/x.rs", "use sha2::Sha256;");
        assert!(hashes(&Tree::of(&[first, tests, unit, other])).is_empty());
        assert_eq!(hashes(&Tree::of(&[first, ("crates/a/src/y.rs", "sha2::x()")])).len(), 1);
    }

    #[test]
    fn a_second_clock_is_found_and_any_in_the_core() {
        let clock = "std::time::SystemTime::now()";
        let first = ("crates/otp-context/src/clock.rs", clock);
        assert!(clocks(&Tree::of(&[first, ("crates/otp-store/src/x.rs", clock)])).is_empty());
        assert_eq!(clocks(&Tree::of(&[first, ("crates/otp-uri/src/x.rs", clock)])).len(), 1);
        assert_eq!(clocks(&Tree::of(&[("crates/otp-core/src/x.rs", clock)])).len(), 1);
    }

    #[test]
    fn a_second_source_of_entropy_is_found_and_any_in_the_core() {
        let source = "getrandom::fill(buffer)";
        let first = ("crates/otp-context/src/entropy.rs", source);
        assert!(entropy(&Tree::of(&[first])).is_empty());
        assert_eq!(entropy(&Tree::of(&[first, ("crates/otp-uri/src/x.rs", source)])).len(), 1);
        assert_eq!(entropy(&Tree::of(&[("crates/otp-core/src/x.rs", source)])).len(), 1);
    }

    #[test]
    fn a_heap_without_its_feature_is_found() {
        let gate = "#[cfg(feature = \"alloc\")]\n";
        let library = format!("{gate}extern crate alloc;\n{gate}mod secret;\nmod code;\n");
        let secret = ("crates/otp-core/src/secret.rs", "use alloc::vec::Vec;");
        let code = ("crates/otp-core/src/code.rs", "use alloc::vec::Vec;");
        let tree = |library, more: &[_]| {
            Tree::of(&[&[("crates/otp-core/src/lib.rs", library), secret], more].concat())
        };
        assert!(heap(&tree(&library, &[])).is_empty());
        let open = library.replace(gate, "");
        assert_eq!(heap(&tree(&open, &[])).len(), 2);
        assert!(!heap(&tree(&library, &[code])).is_empty());
    }

    #[test]
    fn a_derived_wire_form_is_found() {
        let text = "#[derive(Debug, serde::Serialize)]\nstruct X;";
        assert_eq!(wire_forms(&Tree::of(&[("crates/otp-uri/src/x.rs", text)])).len(), 1);
        assert!(wire_forms(&Tree::of(&[("crates/otp-cli/src/x.rs", text)])).is_empty());
    }
}
