use std::str::FromStr;

use anyhow::{Context, Result, bail};

/// The words after a command's name, taken out one after the other.
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    pub(crate) const fn new(words: Vec<String>) -> Self {
        Self(words)
    }

    /// Whether a flag is there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let count = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() < count
    }

    /// The value after an option; the first one, if it is there more than once.
    pub(crate) fn option<T: FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        let Some(place) = self.0.iter().position(|word| word == name) else { return Ok(None) };
        self.0.remove(place);
        if place == self.0.len() {
            bail!("{name} needs a value");
        }
        let value = self.0.remove(place).parse().ok().with_context(|| format!("{name}: what?"))?;
        Ok(Some(value))
    }

    /// The next word that is no option.
    pub(crate) fn word(&mut self) -> Option<String> {
        let place = self.0.iter().position(|word| !word.starts_with('-'))?;
        Some(self.0.remove(place))
    }

    /// Everything that is left.
    pub(crate) fn rest(self) -> Vec<String> {
        self.0
    }

    /// Refuses what nobody asked for.
    pub(crate) fn end(self) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some(word) => bail!("what is {word}?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;

    fn words(text: &str) -> Arguments {
        Arguments::new(text.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn options_flags_and_words_come_in_any_order() {
        let mut arguments = words("--seconds 5 codes --replay");
        assert!(arguments.flag("--replay"));
        assert_eq!(arguments.option("--seconds").unwrap(), Some(5));
        assert_eq!(arguments.word().as_deref(), Some("codes"));
        arguments.end().unwrap();
    }

    #[test]
    fn what_is_left_or_missing_is_refused() {
        assert!(words("--replya").end().is_err());
        assert!(words("--seconds").option::<u32>("--seconds").is_err());
        assert!(words("--seconds soon").option::<u32>("--seconds").is_err());
    }
}
