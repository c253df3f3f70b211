//! How the project writes: doc comments that begin with "The same", and sentences that are too long to
//! read once. `spelling` refuses words that hide the actor.

use anyhow::{Result, bail, ensure};

use crate::tracked;
use crate::workspace::Workspace;

/// The most words of a sentence in README and guides.
const LONGEST: usize = 30;

/// A paragraph of prose, and the line where it begins.
type Passage = (usize, String);

/// Checks the words, or with `--sample N --seed N` prints passages to read aloud.
pub(crate) fn run(_: &Workspace, words: &[String]) -> Result<()> {
    let mut files = tracked::files("*.rs *.md *.toml *.sql *.lua *.py *.mjs")?;
    files.retain(|(path, _)| !path.starts_with("docs/api/"));
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => check(&files),
        ["--sample", number, "--seed", seed] => {
            sample(&files, number.parse()?, seed.parse()?);
            Ok(())
        }
        _ => bail!("usage: cargo xtask words [--sample N --seed N]"),
    }
}

fn check(files: &[(String, String)]) -> Result<()> {
    let mut wrong = Vec::new();
    for (path, text) in files {
        let same = passages(path, text).into_iter().filter(|it| it.1.starts_with("The same"));
        wrong.extend(same.map(|it| format!("{path}:{}: begins with \"The same\"", it.0)));
        if path == "README.md" || path.ends_with("/README.md") || path.starts_with("docs/guide/") {
            for (line, text) in passages(path, text) {
                let long = sentences(&text).filter(|words| *words > LONGEST);
                wrong.extend(long.map(|words| format!("{path}:{line}: {words} words")));
            }
        }
    }
    wrong.iter().for_each(|place| println!("{place}"));
    ensure!(wrong.is_empty(), "{} places are not plain", wrong.len());
    Ok(())
}

/// The paragraphs of a document, or of the comments of a source, without blocks of code.
fn passages(path: &str, text: &str) -> Vec<Passage> {
    let (mut all, mut inside, mut open) = (Vec::<Passage>::new(), false, false);
    for (place, line) in text.lines().enumerate() {
        let line = line.trim();
        let prose = match path.rsplit_once('.').map(|(_, end)| end) {
            Some("md") => Some(line),
            Some("rs" | "mjs") => line.strip_prefix("//"),
            Some("sql" | "lua") => line.strip_prefix("--"),
            _ => line.strip_prefix('#'),
        };
        let prose = prose.map(|it| it.trim_start_matches(['/', '!']).trim());
        if prose.is_some_and(|it| it.starts_with("```")) {
            (inside, open) = (!inside, false);
            continue;
        }
        let Some(prose) = prose.filter(|it| !it.is_empty() && !inside) else {
            open = false;
            continue;
        };
        let numbered = prose.split_once(". ").is_some_and(|(it, _)| it.parse::<u8>().is_ok());
        let begins = numbered || prose.starts_with(['|', '#', '-', '*', '>', '<', '[']);
        match all.last_mut().filter(|_| open && !begins) {
            Some((_, text)) => text.extend([" ", prose]),
            None => all.push((place + 1, prose.to_owned())),
        }
        open = true;
    }
    all
}

/// The number of words of each sentence. The cells of a table are sentences.
fn sentences(text: &str) -> impl Iterator<Item = usize> {
    let ends = |it: &str| it.ends_with(['.', ':', '?', '!']) || it == "|";
    let mut counts = vec![0];
    for word in text.split_whitespace() {
        if let Some(last) = counts.last_mut() {
            *last += usize::from(word.chars().any(char::is_alphanumeric));
        }
        if ends(word.trim_end_matches([')', '*', '"', '`'])) {
            counts.push(0);
        }
    }
    counts.into_iter()
}

fn sample(files: &[(String, String)], number: usize, seed: u64) {
    let all: Vec<_> = files
        .iter()
        .flat_map(|(path, text)| passages(path, text).into_iter().map(move |it| (path, it)))
        .filter(|(_, it)| it.1.split_whitespace().count() > 5)
        .collect();
    let mut state = seed | 1;
    for _ in 0..number {
        // A linear congruential generator: the sample has to be repeatable, and nothing more.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(seed);
        let place = usize::try_from(state >> 33).unwrap_or_default() % all.len().max(1);
        if let Some((path, (line, text))) = all.get(place) {
            println!("{path}:{line}\n    {text}\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{passages, sentences};

    #[test]
    fn comments_are_prose_and_examples_are_not() {
        let text =
            "/// The same\n/// text.\n///\n/// ```\n/// let a = 1;\n/// ```\nlet b = 2; // end";
        let found = passages("a.rs", text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0], (1, "The same text.".to_owned()));
        let found =
            passages("a.md", "# Title\n1. One\n2. Two\ngoes on\n\n| a | b |\n```sh\nls\n```\n");
        let texts: Vec<_> = found.iter().map(|it| it.1.as_str()).collect();
        assert_eq!(texts, ["# Title", "1. One", "2. Two goes on", "| a | b |"]);
    }

    #[test]
    fn a_sentence_ends_at_a_stop() {
        let words = |text| sentences(text).max();
        assert_eq!(words("One two three. Four (five). Six"), Some(3));
        assert_eq!(words("| one two | three |"), Some(2));
        assert_eq!(words(&"word ".repeat(31)), Some(31));
    }
}
