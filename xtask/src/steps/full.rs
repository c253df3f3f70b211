use super::needs::{
    BROWSER, COVERAGE, DENY, EMULATORS, FUZZ, HACK, LLVM_TOOLS, MINIMAL, MIRI, MUTANTS, NIGHTLY,
    PEERS, PUBLIC_API, TARGETS, VALGRIND, WINDOWS,
};
use crate::step::Line::{Fail, Run};
use crate::step::{Line, Step, Work};
use crate::{api, beside, firmware, fuzz, instructions, mutants};

/// What takes long, needs a nightly toolchain or an idle machine, or first installs a program for
/// minutes.
pub(crate) const FULL: &[Step] = &[
    Step {
        name: "features",
        purpose: "the heart's tests with every feature and without",
        needs: &[],
        work: Work::Lines(&[
            Run(
                "cargo test -p otp-core -p otp-uri -p otp-context -p otp-serde --all-features --locked",
            ),
            Run(
                "cargo test --locked -p otp-uri --no-default-features --features sha256,migration --test without_sha1 | tee /dev/stderr | grep 'ok. [1-9]' >/dev/null",
            ),
        ]),
    },
    Step {
        name: "release",
        purpose: "the tests of core and lanes, optimised as users run them",
        needs: &[],
        work: Work::Lines(&[Run("cargo test --release --locked -p otp-core -p otp-bulk")]),
    },
    Step {
        name: "conformance",
        purpose: "other projects' crates beside the vectors of this one",
        needs: &[],
        work: Work::Lines(&[Run(
            "cargo test --locked --manifest-path examples/conformance/Cargo.toml --target-dir target/peers",
        )]),
    },
    Step {
        name: "clippy-all",
        purpose: "lints of every other workspace; `firmware` has its own",
        needs: &[],
        work: Work::Lines(&[
            Run(
                "for it in fuzz lab/bench-peers; do cargo clippy --locked --manifest-path $it/Cargo.toml --all-targets --target-dir target -- -D warnings; done",
            ),
            Fail(
                "cargo clippy --locked -p undefined -- -D warnings -W clippy::print_stdout",
                "clippy::print-stdout",
            ),
        ]),
    },
    Step {
        name: "targets-all",
        purpose: "the heart for small machines, with each of its hashes",
        needs: &[TARGETS],
        work: Work::Lines(&[
            Run(
                "export RUSTFLAGS='-D warnings'; for target in thumbv6m-none-eabi thumbv7em-none-eabihf riscv32imc-unknown-none-elf wasm32-unknown-unknown; do for set in '' sha1 sha256 sha512 sha1,sha256,sha512 alloc,sha1,sha256,sha512; do cargo build --locked -p otp-core --target $target --no-default-features --features \"$set\"; done; cargo build --locked -p otp-context --target $target --no-default-features --features sha1; done",
            ),
            Run(
                "export RUSTFLAGS='-D warnings'; for target in thumbv7em-none-eabihf wasm32-unknown-unknown; do cargo build --locked -p otp-uri --target $target --no-default-features --features sha1,sha256,sha512; for it in otp-context otp-serde; do cargo build --locked -p $it --target $target --no-default-features --features alloc,sha1,sha256,sha512; done; done",
            ),
            // On the smallest a crate with a heap must not build, or README says too little.
            Fail(
                "cargo build --locked -p otp-uri --target thumbv6m-none-eabi --no-default-features --features sha1",
                "`fetch_add`",
            ),
        ]),
    },
    Step {
        name: "windows",
        purpose: "the command for Windows, compiled and not run",
        needs: &[WINDOWS],
        work: Work::Lines(&[Run(
            "RUSTFLAGS='-D warnings' cargo check --locked -p otp-cli --features postgres,redis --target x86_64-pc-windows-gnu",
        )]),
    },
    Step {
        name: "powerset",
        purpose: "each library with its features one by one, and in pairs",
        needs: &[HACK],
        work: Work::Lines(&[Run(
            "RUSTFLAGS='-D warnings' cargo hack check --feature-powerset --depth 2 --no-dev-deps --workspace --exclude otp-cli --ignore-private",
        )]),
    },
    Step {
        name: "msrv",
        purpose: "each crate with the oldest Rust that it declares",
        needs: &[HACK],
        work: Work::Lines(&[Run(
            "cargo hack check --rust-version --ignore-private --workspace --all-features --locked",
        )]),
    },
    Step {
        name: "minimal",
        purpose: "the oldest dependencies that the manifests allow",
        needs: &[NIGHTLY, HACK, MINIMAL],
        work: Work::Lines(&[
            Run("cargo minimal-versions check --direct --workspace --all-features"),
            Run("cargo minimal-versions test --direct -p otp-store --lib --tests"),
        ]),
    },
    Step {
        name: "deny",
        purpose: "licences, sources and versions of what is depended on; advisories are not looked at",
        needs: &[DENY],
        work: Work::Lines(&[
            Run("cargo deny --locked check bans licenses sources"),
            Run(
                "for it in examples/firmware fuzz lab/bench-peers; do cargo deny --manifest-path $it/Cargo.toml --config $PWD/deny.toml --locked check sources; done",
            ),
        ]),
    },
    Step {
        name: "api",
        purpose: "what the heart shows to others, as docs/api has it, and no foreign type in it",
        needs: &[NIGHTLY, PUBLIC_API],
        work: Work::Program(api::run),
    },
    Step {
        name: "beside",
        purpose: "otp-store in programs with other crates that bring a SQLite",
        needs: &[],
        work: Work::Program(beside::run),
    },
    Step {
        name: "firmware",
        purpose: "images for small processors, in emulators",
        needs: &[EMULATORS],
        work: Work::Program(firmware::run),
    },
    Step {
        name: "no-panic",
        purpose: "functions that link only if they cannot panic",
        needs: &[],
        work: Work::Lines(&[
            Run("cargo build --locked --release -p no-panic-proof --features proof"),
            // Of SHA-512 the portable code; in its own folder, since the flag is one of all crates.
            Run(
                "RUSTFLAGS='--cfg sha2_backend=\"soft\"' cargo build --locked --release -p no-panic-proof --features proof,sha512 --target-dir target/portable",
            ),
            Fail(
                "cargo build --locked --release -p no-panic-proof --features panics",
                "detected panic in function `careless`",
            ),
        ]),
    },
    Step {
        name: "branches",
        purpose: "whether comparing codes takes the same instructions for all",
        needs: &[EMULATORS, TARGETS],
        work: Work::Lines(&[Run("cargo run --locked -p branches")]),
    },
    Step {
        name: "timing",
        purpose: "whether time tells anything about a code",
        needs: &[],
        work: Work::Lines(&[Run("cargo run --locked --release -p timing")]),
    },
    Step {
        name: "instructions",
        purpose: "what a code costs, and an account that is not there",
        needs: &[VALGRIND],
        work: Work::Program(instructions::run),
    },
    Step {
        name: "interop-long",
        purpose: "a thousand random cases of each other project, and a million codes by Python",
        needs: &[PEERS],
        work: Work::Lines(&[
            Run("cargo build --locked -p otp-cli"),
            Run("target/interop/bin/pytest -q -p no:cacheprovider interop --cases 1000"),
        ]),
    },
    Step {
        name: "browser",
        purpose: "examples/login in Chromium, on SQLite and PostgreSQL; SCREENSHOTS=overwrite makes the guide's pictures",
        needs: &[BROWSER],
        work: Work::Lines(&[
            Run("cargo build --locked -p login --features postgres"),
            Run(
                "target/browser/bin/pytest -q -p no:cacheprovider --tb=short examples/login/browser",
            ),
        ]),
    },
    Step {
        name: "stores",
        purpose: "stores on servers that it starts; `[STORE] [PART]` of one of them",
        needs: &[],
        work: Work::Lines(&[
            Run("cargo test --locked -p stress --features servers"),
            Run("cargo build --release --locked -p stress --features servers"),
            Run("target/release/stores"),
        ]),
    },
    Step {
        name: "fuzz",
        purpose: "laws on arbitrary bytes, a minute each; `TARGET [SECONDS]` one of them",
        needs: &[NIGHTLY, FUZZ],
        work: Work::Program(fuzz::run),
    },
    Step {
        name: "miri",
        purpose: "undefined behaviour, in either byte order and on 32 bits",
        needs: &[NIGHTLY, MIRI],
        work: Work::Lines(MIRI_LINES),
    },
    Step {
        name: "mutants",
        purpose: "wrong lines, which tests must notice; `PACKAGE` those of one",
        needs: &[MUTANTS],
        work: Work::Program(mutants::run),
    },
    Step {
        name: "coverage",
        purpose: "lines of the heart that its tests run, 95 % of each crate at least",
        needs: &[NIGHTLY, LLVM_TOOLS, COVERAGE],
        // A function that is inlined into another crate would count as not run.
        work: Work::Lines(&[Run(
            "for it in otp-core otp-uri otp-context otp-serde; do RUSTFLAGS=-Zcross-crate-inline-threshold=never cargo +nightly llvm-cov --locked -p $it --all-features --lib --tests --summary-only --fail-under-lines 95; done",
        )]),
    },
    Step {
        name: "bench",
        purpose: "what codes cost, here and in other crates",
        needs: &[],
        work: Work::Lines(&[
            Run(
                "for it in time allocations 'time --features totp-rfc'; do cargo run --release --locked --manifest-path lab/bench-peers/Cargo.toml --bin $it; done",
            ),
            Run("cargo bench --locked -p otp-core -p otp-bulk --bench code --bench engines"),
            Run("cargo bench --locked -p otp-context --bench seal --features passlib"),
        ]),
    },
];

/// Interpreting is a thousand times slower than running: properties are tried twice, and documents'
/// examples that go through a thousand counters are left out.
macro_rules! miri {
    ($environment:literal, $line:literal) => {
        concat!(
            "MIRIFLAGS=-Zmiri-disable-isolation PROPTEST_CASES=2 CARGO_TARGET_DIR=target/miri ",
            $environment,
            "cargo +nightly miri ",
            $line
        )
    };
}

// Something that the benchmarks need is in C: it is compiled by what is here, and never run.
const MIRI_LINES: &[Line] = &[
    Fail(miri!("", "run --locked -p undefined"), "Undefined Behavior"),
    Run(miri!(
        "",
        "test --locked -p otp-core -p otp-uri -p otp-context -p otp-serde --doc -- --skip resync --skip policy"
    )),
    Run(miri!(
        "",
        "test --locked -p otp-core --test laws -- code::e verify::code_of parameters::digits parameters::period vectors::rfc"
    )),
    Run(miri!(
        "CC_s390x_unknown_linux_gnu=gcc CFLAGS_s390x_unknown_linux_gnu=-ffreestanding AR_s390x_unknown_linux_gnu=ar ",
        "test --locked --target s390x-unknown-linux-gnu -p otp-core --doc -- --skip resync"
    )),
    Run(miri!(
        "CC_s390x_unknown_linux_gnu=gcc CFLAGS_s390x_unknown_linux_gnu=-ffreestanding AR_s390x_unknown_linux_gnu=ar ",
        "test --locked --target s390x-unknown-linux-gnu -p otp-core --test laws -- vectors::rfc"
    )),
    Run(miri!(
        "CC_i686_unknown_linux_gnu=gcc CFLAGS_i686_unknown_linux_gnu=-ffreestanding AR_i686_unknown_linux_gnu=ar ",
        "test --locked --target i686-unknown-linux-gnu -p otp-core --test laws -- vectors::rfc"
    )),
];
