//! A list of codes that fits a window.

use clap::builder::styling::{AnsiColor, Style};
use otp_core::{Totp, UnixTime};
use unicode_width::UnicodeWidthChar as _;

use crate::output::Output;

/// The cells of the bar of remaining time.
const BAR: usize = 10;
/// The columns of a space and the remaining seconds, at most 9999.
const SECONDS: usize = 7;
/// The fewest columns of names beside which the seconds, and then the bar, are shown.
const NAMES: [usize; 2] = [10, 20];
/// The seconds at the end of a code's time in which it is red.
const LATE: u64 = 5;

/// An account whose codes change with time.
pub(crate) struct Row {
    issuer: String,
    account: String,
    totp: Totp,
}

impl Row {
    /// Makes a row. Control characters of the names are escaped, and so are characters that change the
    /// direction of text.
    pub(crate) fn new(issuer: &str, account: &str, totp: Totp) -> Self {
        Self { issuer: escaped(issuer), account: escaped(account), totp }
    }
}

/// Returns a name as it can be shown in a window.
fn escaped(name: &str) -> String {
    let quoted = format!("{name:?}");
    let inner = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or_default().replace("\\\"", "\"").replace("\\\\", "\\")
}

/// The rows, and the width of their longest cells.
pub(crate) struct Board {
    rows: Vec<Row>,
    issuer: usize,
    account: usize,
    code: usize,
}

impl Board {
    pub(crate) fn new(rows: Vec<Row>) -> Self {
        let longest = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0);
        let issuer = longest(|row| width(&row.issuer));
        let account = longest(|row| width(&row.account));
        let code = longest(|row| usize::from(row.totp.format().length()).saturating_add(1));
        Self { issuer, account, code, rows }
    }

    /// Returns the codes of a time, one a line, for a reader without a window.
    pub(crate) fn text(&self, now: UnixTime) -> String {
        // Wide enough for everything, the bar apart.
        let columns = [self.issuer, self.account, self.code, SECONDS, NAMES[1]];
        let columns = columns.into_iter().fold(0, usize::saturating_add);
        let lines = self.rows.iter().map(|row| self.line(row, now, columns, false, None));
        lines.map(|line| line.trim_end().to_owned() + "\n").collect()
    }

    /// Returns a frame of the size of a window.
    pub(crate) fn frame(
        &self,
        now: UnixTime,
        (lines, columns): (usize, usize),
        output: &Output,
    ) -> String {
        // Text in the last column would begin a new line on some terminals.
        let columns = columns.saturating_sub(1);
        let room = lines.saturating_sub(1);
        let mut text = "\x1b[H".to_owned();
        for row in self.rows.iter().take(room) {
            text.push_str(&self.line(row, now, columns, true, Some(output)));
            text.push_str("\x1b[K\r\n");
        }
        let end = match self.rows.len().saturating_sub(room) {
            0 => "q or Ctrl-C ends".to_owned(),
            more => format!("{more} more in a larger window; q ends"),
        };
        let end = fitted(&end, columns);
        text.push_str(&output.styled(Style::new().dimmed(), end.trim_end()));
        text.push_str("\x1b[K\x1b[J");
        text
    }

    /// Returns a row. In a narrow window the bar goes first, then the seconds, then the end of names.
    fn line(
        &self,
        row: &Row,
        now: UnixTime,
        columns: usize,
        has_bar: bool,
        output: Option<&Output>,
    ) -> String {
        let room = columns.saturating_sub(self.code.saturating_add(2));
        let [few, more] = NAMES;
        let has_seconds = room >= few.saturating_add(SECONDS);
        let has_bar = has_bar && room >= more.saturating_add(SECONDS).saturating_add(BAR);
        let room = room.saturating_sub(if has_seconds { SECONDS } else { 0 });
        let room = room.saturating_sub(if has_bar { BAR.saturating_add(1) } else { 0 });
        let names = self.names(row, room);

        let token = row.totp.generate(now);
        let code = format!("{:>width$}", grouped(token.code().text().as_str()), width = self.code);
        let start = token.start().as_secs();
        let period = row.totp.period().as_secs();
        let left = start.saturating_add(period).saturating_sub(now.as_secs()).min(period);
        let is_late = left <= LATE;
        let style = if is_late { AnsiColor::Red.on_default() } else { Style::new() };
        let styled = |style, text: &str| {
            output.map_or_else(|| text.to_owned(), |output| output.styled(style, text))
        };
        let mut line = format!("{names}  {}", styled(style.bold(), &code));
        if has_bar {
            line.push_str(&format!(" {}", styled(style, &bar(left, period))));
        }
        if has_seconds {
            line.push_str(&format!(" {:>4} s", left.min(9999)));
        }
        if columns < self.code.saturating_add(2) {
            fitted(code.trim_start(), columns)
        } else {
            line
        }
    }

    /// Returns issuer and account in so many columns.
    fn names(&self, row: &Row, room: usize) -> String {
        let whole = self.issuer.saturating_add(self.account).saturating_add(2);
        // A longer issuer gets half of the room.
        let issuer = if whole <= room { self.issuer } else { self.issuer.min(room / 2) };
        let gap = if self.issuer == 0 { 0 } else { 2 };
        let rest = room.saturating_sub(issuer).saturating_sub(gap);
        let account = self.account.min(rest);
        let names =
            format!("{}{:gap$}{}", fitted(&row.issuer, issuer), "", fitted(&row.account, account));
        fitted(&names, room.min(whole))
    }
}

/// Returns a code in two groups.
fn grouped(code: &str) -> String {
    let half = if code.len() < 6 { 0 } else { code.len() / 2 };
    match code.split_at_checked(half) {
        Some((first, second)) if half > 0 => format!("{first} {second}"),
        _ => code.to_owned(),
    }
}

/// Returns a bar that shows how much of a period is left.
fn bar(left: u64, period: u64) -> String {
    let cells = u128::from(left).saturating_mul(10).div_ceil(u128::from(period.max(1)));
    let full = usize::try_from(cells).unwrap_or(BAR).min(BAR);
    "\u{2588}".repeat(full) + &"\u{2591}".repeat(BAR.saturating_sub(full))
}

/// Returns the columns that a text takes.
fn width(text: &str) -> usize {
    text.chars().map(|it| it.width().unwrap_or(0)).fold(0, usize::saturating_add)
}

/// Returns a text in exactly so many columns: filled, or cut with an ellipsis.
fn fitted(text: &str, columns: usize) -> String {
    let whole = width(text);
    if whole <= columns {
        return text.to_owned() + &" ".repeat(columns.saturating_sub(whole));
    }
    let (mut cut, mut used) = (String::new(), 0_usize);
    for character in text.chars() {
        let wide = used.saturating_add(character.width().unwrap_or(0));
        if wide >= columns {
            break;
        }
        used = wide;
        cut.push(character);
    }
    if columns > 0 {
        cut.push('\u{2026}');
    }
    // A wide character may leave a column free.
    cut + &" ".repeat(columns.saturating_sub(used).saturating_sub(1))
}

#[cfg(test)]
mod tests;
