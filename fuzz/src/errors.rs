//! What every error text has in common.

/// An error is short, and repeats nothing as long as a key.
pub(crate) fn keep_quiet(input: &[u8], error: &str) {
    assert!(error.len() < 300, "an error of {} bytes", error.len());
    for run in input.split(|byte| !byte.is_ascii_alphanumeric()) {
        // No word of ours is that long, and no number: those of `u64` have 20 digits.
        let repeated =
            run.len() > 20 && error.as_bytes().windows(run.len()).any(|part| part == run);
        assert!(!repeated, "an error repeats what was read: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::keep_quiet;

    #[test]
    fn numbers_are_no_keys() {
        keep_quiet(b"counter=18446744073709551615", "must be at most 18446744073709551615");
    }

    #[test]
    #[should_panic(expected = "repeats what was read")]
    fn an_error_that_shows_the_key_is_loud() {
        let key = "GEZDGNBVGY3TQOJQGEZDGNBVGY";
        keep_quiet(format!("secret={key}").as_bytes(), &format!("bad secret {key}"));
    }
}
