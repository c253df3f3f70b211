//! What must hold of the sources. Each check has a test that shows that it can fail.

mod crates;
mod files;
mod names;
mod readme;
mod signatures;
mod source;
mod tree;

use anyhow::{Result, ensure};

use crate::arguments::Arguments;
use crate::invariants::tree::Tree;
use crate::workspace::Workspace;

/// What a check found: one line for each place that is wrong.
type Findings = Vec<String>;

type Check = fn(&Tree, &Workspace) -> Result<Findings>;

/// The name of each check, what must hold, and how to see it.
const CHECKS: &[(&str, &str, Check)] = &[
    ("layers", "a crate depends only on crates of lower layers", |_, workspace| {
        Ok(crates::layers(workspace))
    }),
    ("core-dependencies", "otp-core needs at most 12 crates, and none for I/O or text", |_, _| {
        crates::core_dependencies()
    }),
    ("no-heap", "otp-core and otp-context without `alloc` need no crate's heap", |_, _| {
        crates::heap()
    }),
    ("one-hash-file", "one file of a crate names a hash crate", |tree, _| Ok(names::hashes(tree))),
    ("one-clock-file", "one file of the heart reads a clock, none of otp-core", |tree, _| {
        Ok(names::clocks(tree))
    }),
    ("one-entropy-file", "one file of the heart asks for entropy, none of otp-core", |tree, _| {
        Ok(names::entropy(tree))
    }),
    (
        "heap-behind-alloc",
        "otp-core uses its heap in one file, behind feature `alloc`",
        |tree, _| Ok(names::heap(tree)),
    ),
    ("no-serde", "nothing in the heart but otp-serde derives a wire form", |tree, _| {
        Ok(names::wire_forms(tree))
    }),
    ("own-signatures", "no public item of the heart names another project's type", |tree, w| {
        Ok(signatures::foreign(tree, w))
    }),
    ("no-unsafe", "each library of the heart forbids unsafe code", |tree, _| {
        Ok(files::unsafe_code(tree))
    }),
    ("file-length", "no source file has more than 400 lines", |tree, _| Ok(files::lengths(tree))),
    ("file-names", "each source file is named after what it holds", |tree, _| {
        Ok(files::names(tree))
    }),
    ("links", "every link in a document leads to a file", |tree, _| Ok(readme::links(tree))),
    (
        "readme",
        "every path and command that README.md and security.md name exists",
        |tree, workspace| Ok(readme::names(tree, workspace)),
    ),
];

pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    let tree = Tree::read()?;
    let mut broken = Vec::new();
    for (name, rule, check) in CHECKS {
        let findings = check(&tree, workspace)?;
        println!("{} {name}: {rule}", if findings.is_empty() { "ok    " } else { "BROKEN" });
        for finding in &findings {
            println!("         {finding}");
        }
        if !findings.is_empty() {
            broken.push(*name);
        }
    }
    ensure!(broken.is_empty(), "broken: {}", broken.join(", "));
    Ok(())
}
