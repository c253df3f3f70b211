use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{self, Stdio};

use anyhow::{Context, Result, ensure};

use super::image::Image;

/// A processor, by its target and by the machine that has it.
pub(super) struct Board {
    pub(super) target: &'static str,
    pub(super) name: &'static str,
    /// Its column of the budgets.
    pub(super) place: usize,
    emulator: &'static str,
    machine: &'static str,
}

pub(super) const BOARDS: [Board; 3] = [
    Board {
        target: "thumbv6m-none-eabi",
        name: "M0",
        place: 0,
        emulator: "qemu-system-arm",
        machine: "-M microbit",
    },
    Board {
        target: "thumbv7em-none-eabihf",
        name: "M4",
        place: 1,
        emulator: "qemu-system-arm",
        machine: "-M mps2-an386",
    },
    Board {
        target: "riscv32imc-unknown-none-elf",
        name: "RV32",
        place: 2,
        emulator: "qemu-system-riscv32",
        machine: "-M virt -cpu rv32 -bios none",
    },
];

/// What a run of an image took.
#[derive(Default)]
pub(super) struct Run {
    /// Bytes of stack at the most.
    pub(super) stack: u64,
    /// Instructions between the two marks, and the call of the second one.
    pub(super) instructions: u64,
}

/// Runs an image and reads the emulator's log of every instruction.
pub(super) fn run(board: &Board, path: &Path, image: &Image) -> Result<Run> {
    let mark = &image.mark;
    let mut child = process::Command::new(board.emulator)
        .args(board.machine.split_whitespace())
        .args("-nographic -monitor none -serial null".split_whitespace())
        .args("-semihosting-config enable=on,target=native".split_whitespace())
        .args(one_at_a_time(board.emulator)?)
        .args("-d exec,cpu,nochain -D /dev/stdout -kernel".split_whitespace())
        .arg(path)
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", board.emulator))?;
    let log = child.stdout.take().context("no log")?;
    let (mut run, mut lowest, mut highest) = (Run::default(), u64::MAX, 0);
    let (mut marks, mut in_mark) = (0, false);
    let (mut log, mut line) = (BufReader::with_capacity(1 << 16, log), String::new());
    // Tens of megabytes: each line reuses one buffer.
    while log.read_line(&mut line)? > 0 {
        if let Some(counter) = program_counter(&line) {
            let begins = counter == mark.start;
            in_mark = begins || (in_mark && mark.contains(&counter));
            marks += u32::from(begins);
            run.instructions += u64::from(marks == 1 && !in_mark);
        } else if let Some(pointer) = stack_pointer(&line) {
            (lowest, highest) = (lowest.min(pointer), highest.max(pointer));
        }
        line.clear();
    }
    let status = child.wait()?;
    ensure!(status.success(), "{} failed: {status}", path.display());
    ensure!(marks == 2, "{} passed {marks} marks", path.display());
    run.stack = highest.checked_sub(lowest).context("no stack pointer in the log")?;
    Ok(run)
}

/// How the emulator is told to log each instruction and not each block of them.
fn one_at_a_time(emulator: &str) -> Result<&'static [&'static str]> {
    let output = process::Command::new(emulator).arg("--version").output()?;
    let text = String::from_utf8(output.stdout)?;
    let mut numbers = text
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
        .context("the emulator has no version")?
        .split('.')
        .map_while(|number| number.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    Ok(if version >= (8, 1) { &["-accel", "tcg,one-insn-per-tb=on"] } else { &["-singlestep"] })
}

/// `Trace 0: 0x7f3a60000100 [00800400/000000c0/00000510/ff000201] Reset`: the second word.
fn program_counter(line: &str) -> Option<u64> {
    let (_, words) = line.strip_prefix("Trace ")?.split_once('[')?;
    hexadecimal(words.split('/').nth(1)?)
}

/// `R12=00000000 R13=20004000 …` or ` x0/zero  00000000 … x2/sp    80050000 …`: none before it is
/// set.
fn stack_pointer(line: &str) -> Option<u64> {
    let value = if line.starts_with("R12=") {
        line.split_once("R13=")?.1
    } else if line.starts_with(" x0/zero") {
        line.split_once("x2/sp")?.1
    } else {
        return None;
    };
    hexadecimal(value.split_whitespace().next()?).filter(|value| *value > 0)
}

fn hexadecimal(word: &str) -> Option<u64> {
    u64::from_str_radix(word, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::{program_counter, stack_pointer};

    #[test]
    fn the_logs_of_both_emulators_are_read() {
        let trace = "Trace 0: 0x7f3a60000100 [00800400/000000c0/00000510/ff000201] Reset\n";
        assert_eq!(program_counter(trace), Some(0xc0));
        assert_eq!(stack_pointer(trace), None);

        let arm = "R12=00000000 R13=20003ff8 R14=ffffffff R15=000000c0\n";
        assert_eq!(stack_pointer(arm), Some(0x2000_3ff8));
        let riscv = " x0/zero  00000000 x1/ra    00000000 x2/sp    80050000 x3/gp    00000000\n";
        assert_eq!(stack_pointer(riscv), Some(0x8005_0000));
        // Not set yet.
        assert_eq!(stack_pointer(&riscv.replace("80050000", "00000000")), None);
        assert_eq!(program_counter(arm), None);
    }
}
