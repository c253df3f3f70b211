use crate::COMMANDS;
use crate::invariants::Findings;
use crate::invariants::tree::Tree;
use crate::workspace::Workspace;

/// Links within the project that lead nowhere, in any document.
pub(super) fn links(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    for document in tree.ending(".md") {
        for target in document.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || target.contains(':') || target.contains(char::is_whitespace) {
                continue;
            }
            if !tree.has(&resolved(&document.path, path)) {
                findings.push(format!("{}: {target}", document.path));
            }
        }
    }
    findings
}

/// Documents whose tables of promises name commands.
const PROMISING: [&str; 2] = ["README.md", "docs/security.md"];

/// Paths, cargo's packages and their tests, and commands that those documents name.
pub(super) fn names(tree: &Tree, workspace: &Workspace) -> Findings {
    PROMISING.iter().flat_map(|path| names_in(path, tree, workspace)).collect()
}

fn names_in(path: &str, tree: &Tree, workspace: &Workspace) -> Findings {
    let Some(document) = tree.file(path) else {
        return vec![format!("there is no {path}")];
    };
    let mut findings = Findings::new();
    for (line, rust) in shown(&document.text) {
        let words: Vec<_> = line.split_whitespace().collect();
        if !rust {
            findings.extend(words.iter().filter_map(|word| missing_path(tree, path, word)));
        }
        let package = words.iter().skip_while(|word| !["-p", "--package"].contains(word)).nth(1);
        for pair in words.windows(2) {
            let wrong = match pair {
                ["-p" | "--package", name] => workspace.member(name).is_none(),
                ["--test", name] => package.is_none_or(|package| {
                    let test = format!("crates/{package}/tests/{name}");
                    !tree.has(&format!("{test}.rs")) && !tree.has(&format!("{test}/main.rs"))
                }),
                ["xtask", name] => !COMMANDS.iter().any(|(known, ..)| known == name),
                _ => false,
            };
            if wrong {
                findings.push(format!("{path}: `{}` does not exist", pair.join(" ")));
            }
        }
    }
    findings
}

/// The lines of code blocks, and code within running text; whether it is Rust.
fn shown(markdown: &str) -> Vec<(&str, bool)> {
    let (mut shown, mut block) = (Vec::new(), None);
    for line in markdown.lines() {
        match (line.trim_start().strip_prefix("```"), block) {
            (Some(language), None) => block = Some(language),
            (Some(_), Some(_)) => block = None,
            (None, Some(language)) => shown.push((line, language.starts_with("rust"))),
            (None, None) => {
                let spans = line.split('`').skip(1).step_by(2);
                shown.extend(spans.map(|span| (span, span.contains("::"))));
            }
        }
    }
    shown
}

/// A word that has the form of a path here, if nothing is there.
fn missing_path(tree: &Tree, document: &str, word: &str) -> Option<String> {
    const ENDINGS: [&str; 6] = [".md", ".rs", ".toml", ".json", ".lock", ".sh"];
    let plain = word.chars().all(|it| it.is_ascii_alphanumeric() || "-_./".contains(it));
    let inside = word.split_once('/').is_some_and(|(first, _)| tree.has(first));
    let path = plain && (inside || ENDINGS.iter().any(|ending| word.ends_with(ending)));
    let name = word.trim_start_matches("./");
    (path && !tree.has(name)).then(|| format!("{document}: there is no {word}"))
}

/// A relative path, seen from a document.
fn resolved(document: &str, path: &str) -> String {
    let mut parts: Vec<_> = document.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::{links, names};
    use crate::invariants::tree::Tree;
    use crate::workspace::{Member, Workspace};

    #[test]
    fn a_link_to_nothing_is_found() {
        let tree = |text| Tree::of(&[("docs/a.md", text), ("README.md", ""), ("docs/b.md", "")]);
        for text in
            ["[b](b.md#part)", "[r](../README.md)", "[x](https://example.com)", "[h](#here)"]
        {
            assert!(links(&tree(text)).is_empty(), "{text}");
        }
        assert_eq!(links(&tree("[c](c.md)")).len(), 1);
    }

    #[test]
    fn a_path_or_command_that_does_not_exist_is_found() {
        let member =
            Member { name: "otp-cli".to_owned(), rust_version: None, dependencies: Vec::new() };
        let workspace = Workspace { target: "target".into(), members: vec![member] };
        let wrong = |text| {
            let of = |readme, security| {
                let test = ("crates/otp-cli/tests/laws/main.rs", "");
                let others = [("docs/a.md", ""), ("Cargo.toml", ""), test];
                let documents = [("README.md", readme), ("docs/security.md", security)];
                names(&Tree::of(&[&documents[..], &others].concat()), &workspace).len()
            };
            assert_eq!(of(text, ""), of("", text));
            of(text, "")
        };
        for text in [
            "`docs/a.md` and `docs/`, `Cargo.toml`, `cargo xtask ci`",
            "`cargo test -p otp-cli --test laws`",
            "```sh\ncargo run -p otp-cli -- demo\n```",
            "```rust\nlet x = a/b.rs;\n```",
            "`https://example.com/a.md` or `alice@example.com/x`",
        ] {
            assert_eq!(wrong(text), 0, "{text}");
        }
        for text in [
            "`docs/b.md`",
            "`SECURITY.md`",
            "`cargo xtask everything`",
            "```sh\ncargo run -p otp-cil -- demo\n```",
            "`cargo test -p otp-cli --test everything`",
        ] {
            assert_eq!(wrong(text), 1, "{text}");
        }
        assert_eq!(names(&Tree::of(&[]), &workspace).len(), 2);
    }
}
