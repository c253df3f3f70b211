/// One promise, and what shows it.
pub(super) struct Check {
    /// What is promised, in a few words.
    pub(super) promise: &'static str,
    /// The command, ready to paste.
    pub(super) command: &'static str,
    /// The control: what the same check must not let pass.
    pub(super) control: &'static str,
    /// The lines of its output that hold a figure have one of these in them.
    pub(super) figures: &'static [&'static str],
}

impl Check {
    /// The lines of its output that hold a figure. A command that is said aloud is none.
    pub(super) fn figures_in(&self, output: &str) -> Vec<String> {
        let has_one = |line: &&str| self.figures.iter().any(|figure| line.contains(figure));
        let lines = output.lines().filter(has_one).filter(|line| !line.starts_with('$'));
        lines.map(|line| line.trim_end().to_owned()).collect()
    }
}

/// Every check, one after the other; a new one is one more here.
pub(super) const CHECKS: &[Check] = &[
    Check {
        promise: "A code is accepted once, whatever the concurrency",
        command: "cargo test -p otp-store --test race",
        control: "reading, checking and then writing accepts it twice; counting later lets guesses pass",
        figures: &["test "],
    },
    Check {
        promise: "The same of a million submissions by eight processes, on SQLite",
        command: "cargo xtask stores --part race --store sqlite",
        control: "reading, checking and then writing accepts codes twice",
        figures: &["| race"],
    },
    Check {
        promise: "The same of a million submissions by eight processes, on PostgreSQL",
        command: "cargo xtask stores --part race --store postgres",
        control: "reading, checking and then writing accepts codes twice",
        figures: &["| race"],
    },
    Check {
        promise: "The same of a million submissions by eight processes, on Redis",
        command: "cargo xtask stores --part race --store redis",
        control: "reading, checking and then writing accepts codes twice",
        figures: &["| race"],
    },
    Check {
        promise: "What was accepted is never accepted again, whoever is killed",
        command: "cargo xtask stores --part kill",
        control: "answering before the commit is on disk",
        figures: &["| kill"],
    },
    Check {
        promise: "The same when PostgreSQL's standby takes over",
        command: "cargo xtask stores --part failover",
        control: "a primary that does not wait for its standby",
        figures: &["| fail-over"],
    },
    Check {
        promise: "The attempt limit holds under parallel guessing, for each store",
        command: "cargo xtask stores --part throttle",
        control: "reading, checking and then counting",
        figures: &["| throttle"],
    },
    Check {
        promise: "The same by a model that counts too; a guesser has the stated odds",
        command: "cargo test -p otp-context --test model --test throttle",
        control: "a limit that is checked first and counted after; no limit",
        figures: &["test "],
    },
    Check {
        promise: "No timing signal from comparing and verifying",
        command: "cargo xtask timing --samples 1000000",
        control: "comparing digit by digit, looking until found, refusing an unknown account at once",
        figures: &["|t|"],
    },
    Check {
        promise: "The same instructions for an account that is there and one that is not",
        command: "cargo xtask instructions",
        control: "refusing it at once",
        figures: &["account: "],
    },
    Check {
        promise: "No branch on a code of six digits, or of Steam Guard, on Cortex-M0 and Cortex-M4",
        command: "cargo xtask branches",
        control: "comparing digit by digit",
        figures: &[": compare"],
    },
    Check {
        promise: "The tests notice a wrong line of `otp-core`",
        command: "cargo xtask mutants otp-core",
        control: "the mutants themselves: a listed one that is caught fails too",
        figures: &[" mutants: "],
    },
    Check {
        promise: "The same of `otp-uri`",
        command: "cargo xtask mutants otp-uri",
        control: "the mutants themselves: a listed one that is caught fails too",
        figures: &[" mutants: "],
    },
    Check {
        promise: "The same of `otp-context`",
        command: "cargo xtask mutants otp-context",
        control: "the mutants themselves: a listed one that is caught fails too",
        figures: &[" mutants: "],
    },
    Check {
        promise: "The same of `otp-serde`",
        command: "cargo xtask mutants otp-serde",
        control: "the mutants themselves: a listed one that is caught fails too",
        figures: &[" mutants: "],
    },
    Check {
        promise: "The same of what decides in `otp-store`",
        command: "cargo xtask mutants otp-store",
        control: "the mutants themselves: a listed one that is caught fails too",
        figures: &[" mutants: "],
    },
    Check {
        promise: "Generating, verifying and parsing a code cannot panic",
        command: "cargo xtask no-panic",
        control: "an index that is not checked must not link",
        figures: &["without a panic it links"],
    },
    Check {
        promise: "The right answer, a million times",
        command: "cargo xtask accumulated",
        control: "one bit of one key flipped",
        figures: &["codes accumulate"],
    },
    Check {
        promise: "The lanes give the core's codes, optimised as users run them",
        command: "cargo test --release --locked -p otp-bulk",
        control: "the codes of another key",
        figures: &["test "],
    },
    Check {
        promise: "A dropped key, its texts and what it was read from are nowhere in memory; of a dropped generator nothing is on the heap",
        command: "cargo test -p otp-context --features passlib --test memory",
        control: "bytes that nobody wipes, a key that lives",
        figures: &[" times on "],
    },
    Check {
        promise: "No secret in any message, error or panic",
        command: "cargo test -p otp-context --features passlib --test canary",
        control: "a structure that derives Debug",
        figures: &["test "],
    },
    Check {
        promise: "A sealed key cannot be changed unnoticed",
        command: "cargo test -p otp-context --features passlib --test seal",
        control: "passlib's keys, which notice nothing",
        figures: &["test "],
    },
    Check {
        promise: "Hostile input costs bounded memory",
        command: "cargo test -p otp-context --features passlib --test bounds",
        control: "a reader that copies too much",
        figures: &["test "],
    },
    Check {
        promise: "The same for URIs and exports",
        command: "cargo test -p otp-uri --features migration --test bounds -- --nocapture",
        control: "a reader that copies too much",
        figures: &["allocations, "],
    },
    Check {
        promise: "The same for stored values",
        command: "cargo test -p otp-serde --features passlib --test stored hostile::",
        control: "a derived reader, which repeats its input; readers that believe a length or copy too much",
        figures: &["test "],
    },
    Check {
        promise: "Dependencies come from where they should, under listed licences",
        command: "cargo xtask deny --without-advisories",
        control: "the same licences, a crate and every source, banned",
        figures: &["licenses", "sources", "advisories"],
    },
    Check {
        promise: "The same, and no advisory is about one",
        command: "cargo xtask deny",
        control: "an advisory about a crate that is there",
        figures: &["advisories"],
    },
    Check {
        promise: "No lint finds anything, in any workspace but the firmware's",
        command: "cargo xtask clippy --all",
        control: "a lint that must find something",
        figures: &["$ cargo clippy", "control: "],
    },
    Check {
        promise: "Any store can prove itself",
        command: "cargo test -p otp-store --test conformance --test naive",
        control: "stores with a flaw each, of which every one breaks a law",
        figures: &["test result"],
    },
    Check {
        promise: "Each library builds with every set of its features, without a warning",
        command: "cargo xtask powerset",
        control: "a library with a warning in one of its sets",
        figures: &["sets of features", "control: "],
    },
    Check {
        promise: "The published crates build with the oldest dependencies that they allow, and the SQLite store's tests pass with them",
        command: "cargo xtask minimal",
        control: "a requirement that is too low",
        figures: &["oldest dependencies", "control: "],
    },
    Check {
        promise: "The heart's tests run its lines, 95 % of each crate at least",
        command: "cargo xtask coverage",
        control: "the same without a test",
        figures: &["lines are run"],
    },
    Check {
        promise: "No undefined behaviour in the heart's examples and the core's laws of few hashes, nor in the codes of the RFCs in the other byte order and on 32 bits",
        command: "cargo xtask miri",
        control: "a read behind the end",
        figures: &["test result", "control: "],
    },
    Check {
        promise: "The laws hold on arbitrary bytes",
        command: "cargo xtask fuzz --seconds 120",
        control: "for each target a variant that breaks its law: `cargo xtask fuzz --replay`",
        figures: &["Done "],
    },
];

#[cfg(test)]
mod tests {
    use super::CHECKS;

    #[test]
    fn figures_are_not_the_noise_around_them() {
        let output = "   Compiling x\n$ cargo test a ok\ntest a ... ok  \nnoise\n";
        assert_eq!(CHECKS[0].figures_in(output), ["test a ... ok"]);
    }
}
