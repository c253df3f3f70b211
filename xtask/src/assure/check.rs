/// One promise, and what shows it.
pub(super) struct Check {
    /// What is promised, in a few words.
    pub(super) promise: &'static str,
    /// The command, ready to paste.
    pub(super) command: &'static str,
    /// The control: what the same check must not let pass.
    pub(super) control: &'static str,
    /// The lines of its output that hold a figure have this in them.
    pub(super) figures: &'static str,
}

impl Check {
    /// The lines of its output that hold a figure. A command that is said aloud is none.
    pub(super) fn figures_in(&self, output: &str) -> Vec<String> {
        let lines = output.lines().filter(|line| line.contains(self.figures));
        let lines = lines.filter(|line| !line.starts_with('$'));
        lines.map(|line| line.trim_end().to_owned()).collect()
    }
}

/// Every check, one after the other; a new one is one more here.
pub(super) const CHECKS: &[Check] = &[
    Check {
        promise: "G1 A code is accepted once, whatever the concurrency",
        command: "cargo test -p otp-store --test race",
        control: "reading, checking and then writing accepts it twice",
        figures: "test ",
    },
    Check {
        promise: "G1 The same of a million submissions by eight processes, for each store",
        command: "cargo xtask stores --part race",
        control: "reading, checking and then writing accepts codes twice",
        figures: "| race",
    },
    Check {
        promise: "G2 What was accepted is never accepted again, whoever is killed",
        command: "cargo xtask stores --part kill",
        control: "answering before the commit is on disk",
        figures: "| kill",
    },
    Check {
        promise: "G2 The same when PostgreSQL's standby takes over",
        command: "cargo xtask stores --part failover",
        control: "a primary that does not wait for its standby",
        figures: "| fail-over",
    },
    Check {
        promise: "G3 The attempt limit holds under parallel guessing, for each store",
        command: "cargo xtask stores --part throttle",
        control: "reading, checking and then counting",
        figures: "| throttle",
    },
    Check {
        promise: "G3 The same by a model that counts too; G11 a guesser has the stated odds",
        command: "cargo test -p otp-context --test model --test throttle",
        control: "a limit that is checked first and counted after; no limit",
        figures: "test ",
    },
    Check {
        promise: "G4 No timing signal from comparing and verifying",
        command: "cargo xtask timing --samples 1000000",
        control: "comparing digit by digit, and looking until found",
        figures: "|t|",
    },
    Check {
        promise: "G4 The same instructions for an account that is there and one that is not",
        command: "cargo xtask instructions",
        control: "refusing it at once",
        figures: "account: ",
    },
    Check {
        promise: "G4 No branch on a code on Cortex-M0 and Cortex-M4",
        command: "cargo xtask branches",
        control: "comparing digit by digit",
        figures: ": compare",
    },
    Check {
        promise: "G5 The tests notice a wrong line",
        command: "cargo xtask mutants",
        control: "the mutants themselves: a listed one that is caught fails too",
        figures: " mutants: ",
    },
    Check {
        promise: "G6 Generating, verifying and parsing a code cannot panic",
        command: "cargo xtask no-panic",
        control: "an index that is not checked must not link",
        figures: "without a panic it links",
    },
    Check {
        promise: "G7 The right answer, a million times",
        command: "cargo xtask accumulated",
        control: "one bit of one key flipped",
        figures: "codes accumulate",
    },
    Check {
        promise: "G8 A dropped key is nowhere in memory",
        command: "cargo test -p otp-context --features passlib --test memory",
        control: "bytes that nobody wipes, a key that lives",
        figures: " times on ",
    },
    Check {
        promise: "G8 No secret in any message, error or panic",
        command: "cargo test -p otp-context --features passlib --test canary",
        control: "a structure that derives Debug",
        figures: "test ",
    },
    Check {
        promise: "G9 A sealed key cannot be changed unnoticed",
        command: "cargo test -p otp-context --features passlib --test seal",
        control: "passlib's keys, which notice nothing",
        figures: "test ",
    },
    Check {
        promise: "G10 Hostile input costs bounded memory",
        command: "cargo test -p otp-context --features passlib --test bounds",
        control: "a reader that copies too much",
        figures: "test ",
    },
    Check {
        promise: "G10 The same for URIs and exports",
        command: "cargo test -p otp-uri --features migration --test bounds -- --nocapture",
        control: "a reader that copies too much",
        figures: "allocations, ",
    },
    Check {
        promise: "G10 The same for stored values",
        command: "cargo test -p otp-serde --features passlib --test hostile",
        control: "a document that claims more than it has",
        figures: "test ",
    },
    Check {
        promise: "G12 Dependencies are known, and their licences; without advisories where these can be had",
        command: "cargo xtask deny",
        control: "the same licences and a crate, banned",
        figures: "licenses",
    },
    Check {
        promise: "G13 Any store can prove itself",
        command: "cargo test -p otp-store --test conformance --test naive",
        control: "stores with a flaw each, of which every one breaks a law",
        figures: "test result",
    },
    Check {
        promise: "No undefined behaviour, in either byte order",
        command: "cargo xtask miri",
        control: "the interpreter's own",
        figures: "test result",
    },
    Check {
        promise: "The laws hold on arbitrary bytes",
        command: "cargo xtask fuzz --seconds 120",
        control: "each law, on a variant that breaks it: `cargo xtask fuzz --replay`",
        figures: "Done ",
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
