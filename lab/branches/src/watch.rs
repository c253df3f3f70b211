use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// An instruction that was executed.
pub struct Step {
    pub counter: u32,
    pub text: String,
    /// The values of the registers that its address is made of, and the flags if they decide whether it
    /// has access.
    pub addresses: Vec<String>,
}

/// The names that a disassembler gives to some registers.
const NAMES: [(&str, &str); 7] = [
    ("sb", "R09"),
    ("sl", "R10"),
    ("fp", "R11"),
    ("ip", "R12"),
    ("sp", "R13"),
    ("lr", "R14"),
    ("pc", "R15"),
];
const ACCESSES: [&str; 10] =
    ["ldr", "ldrb", "ldrh", "ldrsb", "ldrsh", "ldrd", "str", "strb", "strh", "strd"];

/// Runs an image in an emulator, and returns the steps of each call between two marks.
pub fn watch(machine: &str, image: &Path) -> Result<Vec<Vec<Step>>> {
    let line = "-nographic -monitor none -serial null \
        -semihosting-config enable=on,target=native \
        -d in_asm,exec,cpu,nochain -D /dev/stdout -M";
    let mut emulator = Command::new("qemu-system-arm");
    emulator.args(one_at_a_time()?).args(line.split_whitespace()).arg(machine).arg("-kernel");
    let mut child = emulator.arg(image).stdout(Stdio::piped()).spawn()?;
    let log = BufReader::new(child.stdout.take().context("no log")?);
    let calls = read(log)?;
    ensure!(child.wait()?.success(), "{emulator:?} failed");
    Ok(calls)
}

/// How the emulator is told to log each instruction and not each block of them.
fn one_at_a_time() -> Result<&'static [&'static str]> {
    let help = Command::new("qemu-system-arm").arg("--help").output()?;
    let old = String::from_utf8(help.stdout)?.contains("\n-singlestep");
    Ok(if old { &["-singlestep"] } else { &["-accel", "tcg,one-insn-per-tb=on"] })
}

/// Reads texts of instructions (`0x00000664:  bd80  pop  {r7, pc}`), each before the first time that it is
/// executed, places (`Trace 0: 0x7f9a10004f80 [00800408/00000664/…] name`), and then the registers
/// (`R00=00000000 R01=00000001 …` and `XPSR=01000000 …`) as they were before.
fn read(log: impl BufRead) -> Result<Vec<Vec<Step>>> {
    let (mut texts, mut registers) = (BTreeMap::new(), BTreeMap::new());
    let (mut calls, mut marks, mut in_mark, mut counter) = (Vec::new(), 0, false, 0);
    for line in log.lines() {
        let line = line?;
        if let Some((place, text)) = line.strip_prefix("0x").and_then(|line| line.split_once(':')) {
            texts.insert(u32::from_str_radix(place, 16)?, instruction(text));
        } else if let Some((_, place)) = line.split_once(" [").filter(|_| line.starts_with("Trace"))
        {
            let word = place.split('/').nth(1).context("no program counter")?;
            counter = u32::from_str_radix(word, 16)?;
            let begins = line.contains("5board4mark") && !in_mark;
            in_mark = line.contains("5board4mark");
            marks += usize::from(begins);
            if begins && marks % 2 == 1 {
                calls.push(Vec::new());
            }
        } else if line.contains('=') {
            let words = line.split(' ').filter_map(|word| word.split_once('='));
            registers.extend(words.map(|(name, value)| (name.to_owned(), value.to_owned())));
            // The last line of them.
            if line.starts_with("XPSR=") && marks % 2 == 1 && !in_mark {
                let text: &String = texts.get(&counter).context("an instruction without text")?;
                let addresses = addresses(text, &registers)?;
                let step = Step { counter, text: text.clone(), addresses };
                calls.last_mut().context("no call")?.push(step);
            }
        }
    }
    Ok(calls)
}

/// Leaves out the code of an instruction, in one or two halves.
fn instruction(text: &str) -> String {
    let is_code = |word: &&str| word.len() == 4 && u16::from_str_radix(word, 16).is_ok();
    let words: Vec<&str> = text.split_whitespace().collect();
    let codes = words.iter().take(2).take_while(|word| is_code(word)).count();
    words[codes..].join(" ")
}

fn addresses(text: &str, registers: &BTreeMap<String, String>) -> Result<Vec<String>> {
    let (name, operands) = text.split_once(' ').unwrap_or((text, ""));
    let name = name.trim_end_matches(".w");
    let made_of = match operands.split_once('[') {
        Some((_, inside)) => inside.split(']').next().unwrap_or_default(),
        None if name.starts_with("ldm") || name.starts_with("stm") => {
            operands.split(['!', ',']).next().unwrap_or_default()
        }
        None => return Ok(Vec::new()),
    };
    // In a block of conditional instructions its name has a condition, too.
    let conditional = operands.contains('[') && !ACCESSES.contains(&name);
    let mut names: Vec<String> = conditional.then(|| "XPSR".to_owned()).into_iter().collect();
    for word in made_of.split([',', ' ']) {
        let number = word.strip_prefix('r').and_then(|number| number.parse::<u32>().ok());
        names.extend(number.map(|number| format!("R{number:02}")));
        names
            .extend(NAMES.iter().find(|(short, _)| *short == word).map(|(_, name)| (*name).into()));
    }
    let value = |name: String| registers.get(&name).cloned().context(name);
    names.into_iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn log_is_read_between_marks() {
        let mark = "Trace 0: 0x7f [0/00000008/10] _ZN5board4mark17hE\nXPSR=0\n";
        let log = format!(
            "0x00000000:  f8cd 801c  strne.w    r8, [sp, r3, lsl #2]\n\
             0x00000004:  bd80       pop      {{r7, pc}}\n\
             {mark}Trace 0: 0x7f [0/00000000/10] f\nR02=2 R03=3\nR13=13\nXPSR=41 -Z-- T\n\
             Trace 0: 0x7f [0/00000004/10] f\nXPSR=1\n{mark}Trace 0: 0x7f [0/00000004/10] g\n"
        );
        let calls = read(log.as_bytes()).unwrap();
        let [store, pop] = &calls[0][..] else { panic!("{} steps", calls[0].len()) };
        assert_eq!((store.counter, &store.text[..]), (0, "strne.w r8, [sp, r3, lsl #2]"));
        assert_eq!(store.addresses, ["41", "13", "3"]);
        assert_eq!((pop.text.as_str(), pop.addresses.len(), calls.len()), ("pop {r7, pc}", 0, 1));
    }
}
