use std::collections::BTreeSet;

use anyhow::Result;

use crate::command::Command;
use crate::invariants::Findings;
use crate::workspace::{HEART, Workspace};

/// From the bottom up; a crate that is not here may not exist yet.
const LAYERS: [&[&str]; 6] = [
    &["otp-core", "otp-flash"],
    &["otp-uri", "otp-bulk"],
    &["otp-context"],
    &["otp-serde", "otp-import", "otp-arbitrary"],
    &["otp-store"],
    &["otp-cli"],
];

const MOST_CRATES: usize = 12;
/// What would bring I/O, entropy, text formats or a second HMAC into the core.
const NOT_IN_CORE: [&str; 4] = ["hmac", "url", "serde", "getrandom"];

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|crates| crates.contains(&name))
}

pub(super) fn layers(workspace: &Workspace) -> Findings {
    let mut findings = Findings::new();
    for member in workspace.members.iter().filter(|member| member.name.starts_with("otp-")) {
        let Some(own) = layer(&member.name) else {
            findings.push(format!("{} has no layer", member.name));
            continue;
        };
        let up = member.dependencies.iter().filter(|name| layer(name).is_some_and(|it| it >= own));
        findings.extend(up.map(|name| format!("{} depends on {name}", member.name)));
    }
    findings
}

/// A derived wire form would go round the constructors.
pub(super) fn serde(workspace: &Workspace) -> Findings {
    let heart = |name: &str| HEART.contains(&name) && name != "otp-serde";
    let members = workspace.members.iter().filter(|member| heart(&member.name));
    members
        .flat_map(|member| member.dependencies.iter().map(|name| (&member.name, name)))
        .filter(|(_, name)| name.starts_with("serde"))
        .map(|(member, name)| format!("{member} depends on {name}"))
        .collect()
}

pub(super) fn core_dependencies() -> Result<Findings> {
    let line = "tree --locked -p otp-core --all-features -e normal --prefix none --no-dedupe";
    Ok(too_many(&Command::cargo(line).read()?))
}

fn too_many(tree: &str) -> Findings {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let names: BTreeSet<_> = names.filter(|name| *name != "otp-core").collect();
    let mut findings = Findings::new();
    if names.is_empty() {
        findings.push("cargo tree names no crate at all".to_owned());
    }
    if names.len() > MOST_CRATES {
        let list = names.iter().copied().collect::<Vec<_>>().join(", ");
        findings.push(format!("otp-core needs {}: {list}", names.len()));
    }
    let wrong = names.iter().filter(|name| NOT_IN_CORE.iter().any(|not| name.starts_with(not)));
    findings.extend(wrong.map(|name| format!("otp-core needs {name}")));
    findings
}

pub(super) fn heap() -> Result<Findings> {
    let mut findings = Findings::new();
    for member in ["otp-core", "otp-context"] {
        let tree = Command::cargo(&format!("tree --locked -p {member} --no-default-features"))
            .words("--features sha1,sha256,sha512 -e normal,features --prefix none --no-dedupe")
            .words("--target thumbv6m-none-eabi")
            .read()?;
        findings.extend(with_heap(&tree));
    }
    Ok(findings)
}

fn with_heap(tree: &str) -> Findings {
    // Even without a heap it has features of its own.
    if !tree.contains(" feature \"") {
        return vec!["cargo tree names no feature at all".to_owned()];
    }
    let features = tree.lines().filter(|line| {
        ["feature \"alloc\"", "feature \"std\""].iter().any(|feature| line.contains(feature))
    });
    features.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{layers, serde, too_many, with_heap};
    use crate::workspace::{Member, Workspace};

    fn workspace(name: &str, dependency: &str) -> Workspace {
        let member = Member { name: name.to_owned(), dependencies: vec![dependency.to_owned()] };
        Workspace { target: "target".into(), members: vec![member] }
    }

    #[test]
    fn an_arrow_that_goes_up_is_found() {
        assert!(layers(&workspace("otp-uri", "otp-core")).is_empty());
        assert_eq!(layers(&workspace("otp-core", "otp-uri")).len(), 1);
        assert_eq!(layers(&workspace("otp-uri", "otp-bulk")).len(), 1);
        assert_eq!(layers(&workspace("otp-new", "otp-core")).len(), 1);
    }

    #[test]
    fn serde_where_it_does_not_belong_is_found() {
        assert!(serde(&workspace("otp-serde", "serde")).is_empty());
        assert_eq!(serde(&workspace("otp-uri", "serde_core")).len(), 1);
    }

    #[test]
    fn a_dependency_too_many_or_of_the_wrong_kind_is_found() {
        let twelve: String = (0..12).map(|number| format!("c{number} v1.0.0\n")).collect();
        let core = "otp-core v0.1.0 (here)\n".to_owned();
        assert!(too_many(&(core.clone() + &twelve)).is_empty());
        assert_eq!(too_many(&(core.clone() + &twelve + "c12 v1.0.0")).len(), 1);
        assert_eq!(too_many(&(core.clone() + "hmac v0.13.0")).len(), 1);
        assert_eq!(too_many(&(core.clone() + "serde_core v1.0.0")).len(), 1);
        assert_eq!(too_many(&core).len(), 1);
    }

    #[test]
    fn a_dependency_with_a_heap_is_found() {
        assert!(with_heap("zeroize v1.9.2\nsubtle feature \"default\"\n").is_empty());
        assert_eq!(with_heap("zeroize feature \"alloc\"\n").len(), 1);
        assert_eq!(with_heap("subtle feature \"std\"\n").len(), 1);
        assert_eq!(with_heap("zeroize v1.9.2\n").len(), 1);
    }
}
