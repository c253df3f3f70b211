//! What must hold of the crates and their sources, and no lint of clippy looks at: clippy.toml of each
//! crate of the heart forbids clocks, entropy and hashes but where they belong.

mod crates;
mod sources;

use anyhow::{Result, ensure};

use crate::invariants::sources::Sources;
use crate::workspace::Workspace;

/// What a check found: one line for each place that is wrong.
type Findings = Vec<String>;

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<()> {
    let tree = Sources::read()?;
    let checks = [
        ("a crate depends only on crates of lower layers", crates::layers(workspace)),
        ("only otp-serde of the heart depends on serde", crates::serde(workspace)),
        ("otp-core needs few crates, and none for I/O or text", crates::core_dependencies()?),
        ("without `alloc` no crate brings a heap", crates::heap()?),
        ("one file of a crate names a hash crate", tree.hashes()),
        ("one file of otp-core uses its heap", tree.heap()),
        ("each library of the heart forbids unsafe code", tree.unsafe_code()),
        ("no source file has more than 400 lines", tree.lengths()),
        ("each source file is named after what it holds", tree.empty_names()),
        ("every step that a document names exists", tree.steps()),
    ];
    let mut broken = 0;
    for (rule, findings) in checks {
        println!("{} {rule}", if findings.is_empty() { "ok    " } else { "BROKEN" });
        for finding in &findings {
            println!("         {finding}");
        }
        broken += findings.len();
    }
    ensure!(broken == 0, "{broken} places are wrong");
    Ok(())
}
