//! Just enough of Rust's grammar to tell code from what is written about it.

use core::iter::Peekable;
use core::str::Chars;

/// The code of a source file: comments and the contents of literals are gone, lines stay.
pub(super) fn code(text: &str) -> String {
    let mut rest = text.chars().peekable();
    let (mut code, mut before) = (String::with_capacity(text.len()), ' ');
    while let Some(character) = rest.next() {
        match (character, rest.peek()) {
            ('/', Some('/')) => skip_line(&mut rest),
            ('/', Some('*')) => skip_comment(&mut rest, &mut code),
            ('"', _) => {
                code.push_str("\"\"");
                skip_text(&mut rest, &mut code);
            }
            ('r', Some('#' | '"')) if !is_word(before) || before == 'b' => {
                skip_raw(&mut rest, &mut code);
            }
            ('\'', _) => skip_character(&mut rest, &mut code),
            _ => code.push(character),
        }
        before = character;
    }
    code
}

fn skip_line(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|character| *character != '\n').is_some() {}
}

fn skip_comment(rest: &mut Peekable<Chars<'_>>, code: &mut String) {
    let (mut depth, mut last) = (0_u32, '/');
    for character in rest.by_ref() {
        match (last, character) {
            ('/', '*') => (depth, last) = (depth + 1, ' '),
            ('*', '/') => (depth, last) = (depth.saturating_sub(1), ' '),
            _ => last = character,
        }
        if character == '\n' {
            code.push('\n');
        }
        if depth == 0 {
            return;
        }
    }
}

fn skip_text(rest: &mut Peekable<Chars<'_>>, code: &mut String) {
    while let Some(character) = rest.next() {
        match character {
            '\\' if rest.next() == Some('\n') => code.push('\n'),
            '"' => return,
            '\n' => code.push('\n'),
            _ => {}
        }
    }
}

/// A raw literal, or a raw identifier after all.
fn skip_raw(rest: &mut Peekable<Chars<'_>>, code: &mut String) {
    let mut hashes = 0;
    while rest.next_if_eq(&'#').is_some() {
        hashes += 1;
    }
    if rest.next_if_eq(&'"').is_none() {
        return;
    }
    code.push_str("\"\"");
    let mut closing = None;
    for character in rest.by_ref() {
        closing = match (character, closing) {
            ('"', _) => Some(0),
            ('#', Some(seen)) => Some(seen + 1),
            _ => None,
        };
        if character == '\n' {
            code.push('\n');
        }
        if closing == Some(hashes) {
            return;
        }
    }
}

/// A character literal; a lifetime stays as it is.
fn skip_character(rest: &mut Peekable<Chars<'_>>, code: &mut String) {
    let mut ahead = rest.clone();
    match (ahead.next(), ahead.next()) {
        (Some('\\'), _) => {
            rest.next();
            rest.next();
            while rest.next().is_some_and(|character| character != '\'') {}
            code.push_str("''");
        }
        (Some(_), Some('\'')) => {
            rest.next();
            rest.next();
            code.push_str("''");
        }
        _ => code.push('\''),
    }
}

/// The code without what is compiled for tests only; it ends the item it stands before.
pub(super) fn without_tests(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some((before, after)) = rest.split_once("#[cfg(test)]") {
        kept.push_str(before);
        rest = after_item(after);
    }
    kept + rest
}

/// What follows an item: after its braces close, or its semicolon.
fn after_item(code: &str) -> &str {
    let mut depth = 0_u32;
    for (place, character) in code.char_indices() {
        match character {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(character, '}' | ';') {
            return code.get(place + 1..).unwrap_or_default();
        }
    }
    ""
}

pub(super) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The words of some code, with what stands before and after each.
pub(super) fn words(code: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut from = 0;
    core::iter::from_fn(move || {
        let rest = code.get(from..)?;
        let start = from + rest.find(is_word)?;
        let tail = code.get(start..)?;
        let end = start + tail.find(|character| !is_word(character)).unwrap_or(tail.len());
        from = end;
        Some((code.get(..start)?, code.get(start..end)?, code.get(end..)?))
    })
}

/// Whether some code names a crate: as the first part of a path, or where it is brought in.
pub(super) fn names_crate(code: &str, name: &str) -> bool {
    words(code).any(|(before, word, after)| {
        let before = before.trim_end();
        let parent = before.strip_suffix("::").is_some_and(|path| path.ends_with(is_word));
        let brought = ["use", "extern crate"].iter().any(|keyword| before.ends_with(keyword));
        word == name && !parent && (after.trim_start().starts_with("::") || brought)
    })
}

#[cfg(test)]
mod tests {
    use super::{code, names_crate, without_tests};

    #[test]
    fn comments_and_literals_are_no_code() {
        assert_eq!(code("a // b\n/* c /* d */ \n e */ f"), "a \n\n f");
        assert_eq!(
            code(r##"x("a\"b", r#"c"d"#, 'e', '\'', b"f", 'g)"##).replace(' ', ""),
            "x(\"\",\"\",'','',b\"\",'g)"
        );
        assert_eq!(code("\"two\nlines\" end"), "\"\"\n end");
    }

    #[test]
    fn tests_are_no_code() {
        let text = "a;\n#[cfg(test)]\nmod tests { fn f() { g(); } }\nb;\n#[cfg(test)]\nuse c;\nd;";
        let left: String = without_tests(text).split_whitespace().collect();
        assert_eq!(left, "a;b;d;");
    }

    #[test]
    fn a_crate_is_named_by_path_or_by_use() {
        for text in ["sha1::compress()", "use sha1::{A, B};", "use sha1;", "::sha1::x()"] {
            assert!(names_crate(text, "sha1"), "{text}");
        }
        for text in ["compress::sha1(x)", "crate::sha1::x()", "let sha1 = 5;", "mysha1::x()"] {
            assert!(!names_crate(text, "sha1"), "{text}");
        }
    }
}
