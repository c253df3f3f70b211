use crate::invariants::Findings;
use crate::invariants::source::{is_word, names_crate, words};
use crate::invariants::tree::Tree;
use crate::workspace::Workspace;

/// Another project's type in a public signature would make each of its majors one of ours.
pub(super) fn foreign(tree: &Tree, workspace: &Workspace) -> Findings {
    let mut findings = Findings::new();
    for member in tree.heart() {
        let needed = workspace.member(member).map(|member| member.dependencies.as_slice());
        // Speaking serde is what otp-serde is for.
        let own = |name: &str| {
            name.starts_with("otp-") || (member == "otp-serde" && name.starts_with("serde"))
        };
        let crates: Vec<_> = needed
            .unwrap_or_default()
            .iter()
            .filter(|name| !own(name))
            .map(|name| name.replace('-', "_"))
            .collect();
        let public = public_types(tree, member);
        for file in tree.sources(member) {
            let code = file.code();
            let brought = brought_in(&code, &crates);
            // What a file keeps to itself may have the name of something public elsewhere.
            let private: Vec<_> = types(&code, false).collect();
            let mut public = public.clone();
            public.retain(|name| !private.contains(name));
            for piece in public_pieces(&code, &public) {
                let named = crates.iter().any(|name| names_crate(&piece, name))
                    || words(&piece).any(|(_, word, _)| brought.iter().any(|name| name == word));
                if named {
                    let line = piece.split_whitespace().collect::<Vec<_>>().join(" ");
                    findings.push(format!("{}: {line}", file.path));
                }
            }
        }
    }
    findings
}

/// The names that a file's `use` brings in from other projects.
fn brought_in(code: &str, crates: &[String]) -> Vec<String> {
    let uses = words(code).filter(|(_, word, _)| *word == "use").filter_map(|(_, _, after)| {
        let path = after.split(';').next()?;
        let first = words(path).next()?.1;
        crates.iter().any(|name| name == first).then_some(path)
    });
    let names = uses
        .flat_map(|path| words(path).filter(|(_, _, after)| !after.trim_start().starts_with("::")));
    names
        .map(|(_, word, _)| word.to_owned())
        .filter(|word| !["as", "self", "_"].contains(&word.as_str()))
        .collect()
}

fn public_types(tree: &Tree, member: &str) -> Vec<String> {
    tree.sources(member).flat_map(|file| types(&file.code(), true).collect::<Vec<_>>()).collect()
}

/// The names of the types that some code declares, public or not.
fn types(code: &str, public: bool) -> impl Iterator<Item = String> {
    let kinds = words(code).filter(move |(before, word, _)| {
        ["struct", "enum", "union"].contains(word) && before.trim_end().ends_with("pub") == public
    });
    kinds.filter_map(|(_, _, after)| Some(words(after).next()?.1.to_owned()))
}

/// The parts of some code that others can see: signatures, public fields and variants,
/// re-exports, and the traits of public types.
fn public_pieces(code: &str, public: &[String]) -> Vec<String> {
    let mut pieces = Vec::new();
    for (before, word, after) in words(code) {
        let rest = after.trim_start();
        match word {
            // `pub(crate)` and the like are private.
            "pub" if !rest.starts_with('(') => pieces.push(signature(rest).to_owned()),
            "impl" if begins_item(before) => {
                let header = up_to(after, &['{']);
                if let Some((traits, of)) = header.split_once(" for ")
                    && words(of).any(|(_, name, _)| public.iter().any(|known| known == name))
                {
                    pieces.push(traits.to_owned());
                }
            }
            "derive" if before.ends_with("#[") || before.ends_with(", ") => {
                let (traits, item) = after.split_once(")]").unwrap_or_default();
                if past_attributes(item).starts_with("pub ") {
                    pieces.push(traits.to_owned());
                }
            }
            _ => {}
        }
    }
    pieces
}

/// What follows `pub`, as far as it is public.
fn signature(rest: &str) -> &str {
    let mut keywords = words(rest).map(|(_, word, _)| word);
    match (keywords.next().unwrap_or_default(), keywords.next().unwrap_or_default()) {
        ("fn", _) | ("const" | "async" | "unsafe" | "extern", "fn") => up_to(rest, &['{', ';']),
        ("const" | "static", _) => up_to(rest, &['=', ';']),
        ("struct" | "union", _) => up_to(rest, &['{', '(', ';']),
        ("enum" | "trait", _) => with_braces(rest),
        ("mod", _) => "",
        ("use" | "type", _) => up_to(rest, &[';']),
        // A field.
        _ => up_to(rest, &[';', '}', ',', '\n']),
    }
}

/// As far as an end that stands in no brackets, or to the bracket that closes what is around.
fn up_to<'c>(code: &'c str, ends: &[char]) -> &'c str {
    let (mut depth, mut before) = (0_u32, ' ');
    for (place, character) in code.char_indices() {
        let closes = match character {
            // The end of an arrow.
            '>' => before != '-',
            _ => [')', ']'].contains(&character),
        };
        if depth == 0 && (closes || ends.contains(&character)) {
            return code.get(..place).unwrap_or(code);
        }
        depth += u32::from(['(', '[', '<'].contains(&character));
        depth -= u32::from(closes);
        before = character;
    }
    code
}

fn with_braces(code: &str) -> &str {
    let mut depth = 0_u32;
    for (place, character) in code.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if character == '}' && depth == 0 {
            return code.get(..place).unwrap_or(code);
        }
    }
    code
}

/// Whether an `impl` after this is a block and not a type.
fn begins_item(before: &str) -> bool {
    before.trim_end().chars().next_back().is_none_or(|last| "};]".contains(last))
        && !before.ends_with(is_word)
}

fn past_attributes(mut code: &str) -> &str {
    while let Some(attribute) = code.trim_start().strip_prefix("#[") {
        code = attribute.split_once("]\n").map_or("", |(_, after)| after);
    }
    code.trim_start()
}

#[cfg(test)]
mod tests {
    use super::foreign;
    use crate::invariants::tree::Tree;
    use crate::workspace::{Member, Workspace};

    fn workspace() -> Workspace {
        let member = Member {
            name: "otp-core".to_owned(),
            rust_version: None,
            dependencies: vec!["sha1".to_owned(), "data-encoding".to_owned()],
        };
        Workspace { target: "target".into(), members: vec![member] }
    }

    fn findings(code: &str) -> usize {
        foreign(&Tree::of(&[("crates/otp-core/src/x.rs", code)]), &workspace()).len()
    }

    #[test]
    fn a_foreign_type_that_others_see_is_found() {
        for code in [
            "pub fn f(x: sha1::Sha1) {}",
            "use sha1::{A, Sha1};\npub const fn f() -> Sha1 { g() }",
            "use data_encoding::Encoding as E;\npub static X: E = g();",
            "pub use sha1::Sha1;",
            "pub use data_encoding;",
            "pub type T = Option<sha1::Sha1>;",
            "pub struct S<T: sha1::Digest>(T);",
            "pub struct S {\n    pub x: sha1::Sha1,\n}",
            "pub struct S(pub sha1::Sha1);",
            "pub enum E { A, B(sha1::Sha1) }",
            "pub trait T { fn f(&self) -> sha1::Sha1; }",
            "pub struct S;\nimpl From<sha1::Error> for S {}",
            // Behind what looks like an end, in brackets.
            "pub fn f(a: [u8; 4], b: sha1::Sha1) {}",
            "pub fn f() -> [sha1::Sha1; { N }] {}",
            "pub const X: ([u8; 4], sha1::Sha1) = g();",
            "pub static X: &dyn Iterator<Item = sha1::Sha1> = g();",
            "pub type T = ([u8; 4], sha1::Sha1);",
            "pub struct S<F: Fn() -> u8, T: sha1::Digest>(F, T);",
            "pub struct S {\n    pub x: ([u8; 4], sha1::Sha1),\n}",
            "pub struct S {\n    pub x: Option<\n        sha1::Sha1,\n    >,\n}",
            "pub struct S(pub [u8; 4], pub sha1::Sha1);",
            "#[derive(Debug, sha1::Wipe)]\n#[must_use]\npub struct S;",
        ] {
            assert_eq!(findings(code), 1, "{code}");
        }
    }

    #[test]
    fn a_private_type_may_share_the_name_of_a_public_one() {
        let tree = Tree::of(&[
            ("crates/otp-core/src/x.rs", "pub struct S;"),
            ("crates/otp-core/src/y.rs", "pub(super) struct S;\nimpl sha1::Digest for S {}"),
        ]);
        assert!(foreign(&tree, &workspace()).is_empty());
    }

    #[test]
    fn what_nobody_sees_is_let_be() {
        for code in [
            "pub(crate) fn f(x: sha1::Sha1) {}",
            "fn f(x: sha1::Sha1) {}",
            "pub fn f() { sha1::compress() }",
            "pub struct S(sha1::Sha1);",
            "pub struct S {\n    x: sha1::Sha1,\n}",
            "use sha1::Sha1;\npub const X: u8 = sha1::X;",
            "struct S;\nimpl sha1::Digest for S {}",
            "pub struct S;\nimpl Drop for S { fn drop(&mut self) { sha1::wipe() } }",
            "/// sha1::Sha1\npub fn f() {}",
            "pub fn f(a: [u8; 4]) { sha1::compress() }",
            "pub fn f() -> impl Fn() -> u8 { sha1::compress() }",
            "pub const X: [u8; 4] = sha1::X;",
            "pub struct S(pub [u8; 4], sha1::Sha1);",
            "pub struct S {\n    pub x: [u8; 4],\n    y: sha1::Sha1,\n}",
        ] {
            assert_eq!(findings(code), 0, "{code}");
        }
    }
}
