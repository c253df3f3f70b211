use anyhow::{Context, Result, ensure};

use crate::command::Command;
use crate::workspace::Workspace;

/// What a code may cost beyond its two compressions: writing two messages, truncating, reducing to
/// digits and wiping.
///
/// SHA-512 has eight words of eight bytes, of which a register holds two. Copying its states,
/// turning a digest round and wiping both take 58 instructions where SHA-1 takes 37; clearing its
/// block, truncating and making room in registers take 11 more.
const MOST: [(&str, u64); 3] = [("SHA1", 100), ("SHA256", 100), ("SHA512", 127)];
const TIMES: u64 = 1000;
/// How many instructions verifying may take more or less if there is no such account: the two ways
/// differ in a few branches.
const APART: u64 = 64;

/// Counts the instructions of a code, and those of its two compressions alone, by valgrind; and
/// those of verifying for an account that is there and for one that is not.
///
/// Valgrind does not know the processors' own instructions for hashing, so this is the portable
/// code.
pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<()> {
    Command::cargo("build --release --locked -p timing").run()?;
    codes(&program(workspace, "instructions")?)?;
    accounts(&program(workspace, "timing")?)
}

fn codes(program: &str) -> Result<()> {
    let (mut over, mut slowest, mut quickest) = (Vec::new(), 0, u64::MAX);
    for (hash, most) in MOST {
        let each = |what: &str| each(program, &format!("{what} {hash}"));
        let (code, bare) = (each("code")?, each("bare")?);
        let more = beyond(code, bare)?;
        println!(
            "{hash}: {code} instructions a code, {bare} of them two compressions: {more} more"
        );
        if more > most {
            over.push(format!("{hash} takes {more}, not {most}"));
        }
        quickest = quickest.min(bare);
        slowest = slowest.max(code);
    }
    // As if the slowest hash were to cost what the quickest does.
    let more = beyond(slowest, quickest)?;
    println!("control: {more} more than two compressions of another hash");
    ensure!(MOST.iter().all(|(_, most)| more > *most), "the control shows nothing");
    ensure!(over.is_empty(), "too much beyond the compressions: {}", over.join("; "));
    Ok(())
}

/// What a code takes beyond its compressions, which it cannot do without.
fn beyond(code: u64, bare: u64) -> Result<u64> {
    code.checked_sub(bare).with_context(|| {
        format!("{code} instructions a code are fewer than its compressions' {bare}")
    })
}

/// On the memory store: the time of a database is not ours.
fn accounts(program: &str) -> Result<()> {
    for (there, absent) in [("there", "absent"), ("there-longer", "absent-longer")] {
        let (known, unknown) = (each(program, there)?, each(program, absent)?);
        println!("account: {known} instructions {there}, {unknown} {absent}");
        ensure!(known.abs_diff(unknown) <= APART, "that tells whether there is such an account");
    }
    let (known, refused) = (each(program, "there")?, each(program, "absent-careless")?);
    println!("control, account: {known} instructions there, {refused} absent and refused at once");
    ensure!(known.abs_diff(refused) > APART, "the control shows nothing");
    Ok(())
}

/// The path of a program that was built.
fn program(workspace: &Workspace, name: &str) -> Result<String> {
    let program = workspace.target.join("release").join(name);
    Ok(program.to_str().context("a path that is no text")?.to_owned())
}

/// The instructions of one time, whatever begins and ends the program left out.
fn each(program: &str, what: &str) -> Result<u64> {
    let (few, many) = (count(program, what, TIMES)?, count(program, what, 2 * TIMES)?);
    Ok((many - few) / TIMES)
}

fn count(program: &str, what: &str, times: u64) -> Result<u64> {
    let command = Command::new("valgrind")
        .words("--tool=callgrind --callgrind-out-file=/dev/null")
        .arg(program)
        .words(&format!("{what} {times}"));
    let output = command.ask("")?;
    let text = String::from_utf8(output.stderr)?;
    ensure!(output.status.success(), "valgrind failed\n{text}");
    collected(&text).with_context(|| format!("valgrind counts nothing\n{text}"))
}

/// The number after `Collected :`.
fn collected(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("Collected")?;
    rest.trim_start_matches([' ', ':']).split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{beyond, collected};

    #[test]
    fn a_code_takes_no_less_than_its_compressions() {
        assert_eq!(beyond(1100, 1000).unwrap(), 100);
        assert!(beyond(999, 1000).is_err());
    }

    #[test]
    fn the_count_is_read_and_its_lack_is_noticed() {
        assert_eq!(collected("==1== Events    : Ir\n==1== Collected : 1234\n==1=="), Some(1234));
        assert_eq!(collected("==1== no such tool"), None);
        assert_eq!(collected("==1== Collected :\n"), None);
    }
}
