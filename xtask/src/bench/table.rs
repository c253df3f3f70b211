use core::fmt::Write;

use crate::bench::row::Row;

/// What a table tells beside the time.
#[derive(Clone, Copy)]
pub(crate) enum Table {
    /// How many times as long it takes as the base, and how often it asks for memory.
    Time,
    /// How many times as fast as the base it is.
    Speed,
}

impl Table {
    /// A group as Markdown: a line for each case, a column for each hash.
    pub(crate) fn of(self, group: &str, rows: &[Row], counts: &[Row]) -> String {
        let rows: Vec<_> = rows.iter().filter(|row| row.group == group).collect();
        let counts: Vec<_> = counts.iter().filter(|row| row.group == group).collect();
        let (mut cases, mut hashes) = (Vec::new(), Vec::new());
        for row in &rows {
            if !cases.contains(&&row.case) {
                cases.push(&row.case);
            }
            if !hashes.contains(&&row.hash) {
                hashes.push(&row.hash);
            }
        }
        let mut text = String::from("| |");
        for hash in &hashes {
            let _ = write!(text, " {} |", if hash.is_empty() { "time" } else { hash.as_str() });
        }
        let last = if counts.is_empty() { "" } else { " allocations |" };
        let _ = writeln!(text, "{last}");
        let columns = hashes.len() + usize::from(!counts.is_empty());
        let _ = writeln!(text, "|---|{}", "---:|".repeat(columns));
        for case in cases {
            let _ = write!(text, "| {case} |");
            for hash in &hashes {
                let row = rows.iter().find(|row| row.case == *case && row.hash == **hash);
                let cell = row.map(|row| self.cell(row)).unwrap_or_default();
                let _ = write!(text, " {cell} |");
            }
            let count = counts.iter().find(|row| row.case == *case);
            let count = count.map(|row| format!(" {} |", row.allocations)).unwrap_or_default();
            let _ = writeln!(text, "{count}");
        }
        text
    }

    fn cell(self, row: &Row) -> String {
        let time = time(row.median);
        match self {
            Self::Time => format!("{time}, {:.2}×", row.ratio),
            Self::Speed => format!("{time}, {:.1}×", row.ratio.recip()),
        }
    }
}

/// Nanoseconds or microseconds, three digits at least.
fn time(nanoseconds: f64) -> String {
    if nanoseconds < 100.0 {
        format!("{nanoseconds:.1} ns")
    } else if nanoseconds < 10_000.0 {
        format!("{nanoseconds:.0} ns")
    } else {
        format!("{:.1} µs", nanoseconds / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Table, time};
    use crate::bench::row::Row;

    fn row(hash: &str, case: &str, median: f64, ratio: f64, allocations: u64) -> Row {
        let (group, hash, case) = ("g".to_owned(), hash.to_owned(), case.to_owned());
        Row { group, hash, case, median, ratio, allocations }
    }

    #[test]
    fn a_table_has_a_line_for_each_case_and_a_column_for_each_hash() {
        let rows = [
            row("SHA1", "ours", 90.0, 1.0, 0),
            row("SHA1", "theirs", 180.0, 2.0, 0),
            row("SHA256", "ours", 100.0, 1.0, 0),
        ];
        let counts = [row("SHA1", "theirs", 0.0, 0.0, 3)];
        let expected = "| | SHA1 | SHA256 | allocations |\n|---|---:|---:|---:|\n\
            | ours | 90.0 ns, 1.00× | 100 ns, 1.00× |\n\
            | theirs | 180 ns, 2.00× |  | 3 |\n";
        assert_eq!(Table::Time.of("g", &rows, &counts), expected);
        assert!(Table::Speed.of("g", &rows, &[]).contains("| theirs | 180 ns, 0.5× |  |\n"));
        assert_eq!(Table::Speed.of("h", &rows, &[]), "| |\n|---|\n");
    }

    #[test]
    fn times_are_readable() {
        assert_eq!([time(14.44), time(231.9), time(12_345.0)], ["14.4 ns", "232 ns", "12.3 µs"]);
    }
}
