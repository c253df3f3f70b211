use super::needs::{PEERS, TARGETS, WORDS};
use crate::step::Line::Run;
use crate::step::{Step, Work};
use crate::{invariants, readme, words};

/// What is quick, and guards the rest.
pub(crate) const CI: &[Step] = &[
    Step {
        name: "fmt",
        purpose: "formatting of every workspace; `firmware` checks its own",
        needs: &[],
        work: Work::Lines(&[
            Run("cargo fmt --all --check"),
            Run(
                "for it in fuzz lab/bench-peers; do cargo fmt --manifest-path $it/Cargo.toml --check; done",
            ),
        ]),
    },
    Step {
        name: "words",
        purpose: "plain words; `--sample N --seed N` prints passages to read aloud",
        needs: &[],
        work: Work::Program(words::run),
    },
    Step {
        name: "spelling",
        purpose: "spelling, and links between documents",
        needs: &[WORDS],
        work: Work::Lines(&[
            Run("target/tools/bin/typos"),
            Run(
                "target/tools/bin/lychee --quiet --offline --include-fragments $(git ls-files '*.md' ':!crates/*/guide/*')",
            ),
        ]),
    },
    Step {
        name: "invariants",
        purpose: "layers, dependencies and what must hold of the sources",
        needs: &[],
        work: Work::Program(invariants::run),
    },
    Step {
        name: "test",
        purpose: "all tests",
        needs: &[],
        work: Work::Lines(&[Run("cargo test --workspace --locked")]),
    },
    Step {
        name: "clippy",
        purpose: "lints; a warning is an error",
        needs: &[],
        work: Work::Lines(&[Run(
            "cargo clippy --workspace --all-targets --all-features --locked -- -D warnings",
        )]),
    },
    Step {
        name: "docs",
        purpose: "documentation with all, default and no features; a warning is an error",
        needs: &[],
        work: Work::Lines(&[
            Run(
                "for it in --all-features ''; do RUSTDOCFLAGS='-D warnings' cargo doc --workspace $it --no-deps --locked; done",
            ),
            Run(
                "for it in core uri context serde bulk store flash; do RUSTDOCFLAGS='-D warnings' cargo doc -p otp-$it --no-default-features --no-deps --locked; done",
            ),
        ]),
    },
    Step {
        name: "targets",
        purpose: "builds for machines without an operating system",
        needs: &[TARGETS],
        work: Work::Lines(&[
            Run(
                "for it in thumbv6m-none-eabi riscv32imc-unknown-none-elf wasm32-unknown-unknown; do cargo build --locked -p otp-core --target $it --no-default-features --features sha1,sha256,sha512; done",
            ),
            Run("cargo build --locked -p otp-flash --target thumbv6m-none-eabi"),
            Run(
                "cargo build --locked -p otp-context --target thumbv7em-none-eabihf --no-default-features --features alloc,sha1,sha256,sha512",
            ),
        ]),
    },
    Step {
        name: "readme",
        purpose: "the commands that README.md and the guides show",
        needs: &[],
        work: Work::Program(readme::run),
    },
    Step {
        name: "interop",
        purpose: "50 random cases of each other project",
        needs: &[PEERS],
        work: Work::Lines(&[
            Run("cargo build --locked -p otp-cli"),
            Run("target/interop/bin/pytest -q -p no:cacheprovider interop --cases 50"),
        ]),
    },
    Step {
        name: "stores-short",
        purpose: "stores on servers that it starts: tests, races and a kill",
        needs: &[],
        work: Work::Lines(&[
            Run("cargo test --locked -p stress --features servers"),
            Run("cargo build --locked -p stress --features servers"),
            Run("target/debug/stores short"),
        ]),
    },
];
