//! The tables of README.md agree with the answers of the command.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::cases::pages;

const README: &str = include_str!("../../README.md");

type Names = BTreeSet<String>;

/// Returns the words in backticks, without options.
fn words(text: &str) -> Names {
    let spans = text.split('`').skip(1).step_by(2);
    spans.filter(|span| !span.starts_with("--")).map(str::to_owned).collect()
}

/// Returns the first two columns of a table.
fn table(heading: &str) -> Vec<(Names, Names)> {
    let (_, rest) = README.split_once(heading).expect("the table is there");
    let rows = rest.lines().skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.split('|').skip(1).map(words);
        (cells.next().unwrap(), cells.next().unwrap())
    })
    .collect()
}

fn first_column(heading: &str) -> Names {
    table(heading).into_iter().flat_map(|(first, _)| first).collect()
}

/// Returns the string literals in a function of a source file.
fn texts(source: &str, function: &str) -> Names {
    let (_, rest) = source.split_once(function).expect("the function is there");
    let (body, _) = rest.split_once("\n    }\n").expect("it has an end");
    body.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn readme_lists_every_error_and_reason() {
    let function = "const fn name(self)";
    let mut errors = texts(include_str!("../../src/failure.rs"), function);
    errors.extend(texts(include_str!("../../../otp-uri/src/error.rs"), function));
    assert_eq!(first_column("\n| `error` | Exit status |\n"), errors);
    let mut reasons = texts(include_str!("../../../otp-store/src/verdict.rs"), function);
    reasons.extend(texts(include_str!("../../../otp-core/src/error.rs"), "const fn reason(&self)"));
    assert_eq!(first_column("\n| `reason` | A code is refused because |\n"), reasons);
}

#[test]
fn readme_lists_every_field() {
    let mut told = BTreeMap::new();
    for (commands, fields) in table("\n| Command | Fields | |\n") {
        for command in commands {
            told.insert(command, fields.clone());
        }
    }
    // The fields of `new`, and more.
    let new = told["new"].clone();
    let enroll = told.get_mut("enroll").unwrap();
    assert!(enroll.remove("new"));
    enroll.extend(new);
    assert_eq!(told, answers());
}

/// Returns the fields in the answers of the cases by command, without those of failures.
fn answers() -> BTreeMap<String, Names> {
    let mut seen = BTreeMap::<_, Names>::new();
    for page in pages() {
        let page = fs::read_to_string(page).unwrap();
        for case in page.split("\n$ ").skip(1) {
            let Some(command) = command(case) else { continue };
            for line in case.lines().filter(|line| line.starts_with("{\"")) {
                let object: Value = serde_json::from_str(&line.replace("[..]", "0")).unwrap();
                if object["error"].is_null() {
                    let fields = object.as_object().unwrap().keys().cloned();
                    seen.entry(command.clone()).or_default().extend(fields);
                }
            }
        }
    }
    seen
}

/// Returns the command that a case runs with `--json`, if it is the only one.
fn command(case: &str) -> Option<String> {
    let (first, rest) = case.split_once('\n')?;
    let more = rest.lines().take_while(|line| line.starts_with('>'));
    let parts = [first].into_iter().chain(more).flat_map(|line| line.split([';', '|']));
    let mut commands = parts.filter(|part| part.contains(" --json"));
    let (only, None) = (commands.next()?, commands.next()) else { return None };
    let (_, words) = only.split_once("otp ").filter(|(_, words)| !words.starts_with('$'))?;
    let words: Vec<_> = words.split(' ').collect();
    let two = ["wallet", "db", "recovery"].contains(&words[0]).then(|| words[1]);
    let option = ["--confirm", "--all"].into_iter().find(|option| words.contains(option));
    let name = [Some(words[0]), two, option].into_iter().flatten();
    Some(name.collect::<Vec<_>>().join(" "))
}
