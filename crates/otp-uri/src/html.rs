//! Ampersands that pages and programs have escaped for HTML or JSON.

/// Returns the text after `amp;`, which follows an ampersand.
pub(crate) fn after_name(text: &str) -> Option<&str> {
    let (name, rest) = text.split_at_checked("amp;".len())?;
    name.eq_ignore_ascii_case("amp;").then_some(rest)
}

/// Returns the text after `&#38;`, `&#x26;` or `\u0026`, whose hash sign or backslash was read
/// already.
pub(crate) fn after_number<'t>(sign: char, before: &str, text: &'t str) -> Option<&'t str> {
    match sign {
        '#' if before.ends_with('&') => {
            let (number, rest) = text.split_once(';')?;
            let digits = number.trim_start_matches('0');
            let is_ampersand = digits == "38"
                || number
                    .strip_prefix(['x', 'X'])
                    .is_some_and(|hex| hex.trim_start_matches('0') == "26");
            is_ampersand.then_some(rest)
        }
        '\\' => text.strip_prefix("u0026"),
        _ => None,
    }
}
