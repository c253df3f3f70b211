use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use super::listing::{Function, Instruction, Listing};
use super::place::{Known, Place};

/// Conditions, as suffixes of instructions.
const CONDITIONS: [&str; 16] = [
    "eq", "ne", "cs", "hs", "cc", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le",
];
/// What only compares.
const COMPARISONS: [&str; 4] = ["cmp", "cmn", "tst", "teq"];
/// How many calls within calls are followed.
const DEEPEST: usize = 16;

/// The places where what a function does depends on its first two arguments.
///
/// Follows every way through the function and what it calls, with what is known of each register and
/// each byte of the stack. What is not known to be public counts as secret.
pub(super) fn leaks(listing: &Listing, function: &str) -> Result<Vec<String>> {
    let mut reading = Reading { listing, leaks: BTreeSet::new() };
    reading.call(function, Place::entry(), 0)?;
    Ok(reading.leaks.into_iter().collect())
}

struct Reading<'l> {
    listing: &'l Listing,
    leaks: BTreeSet<String>,
}

/// Where an instruction leads.
enum Next {
    On,
    Either(u32),
    To(u32),
    Return,
}

impl Reading<'_> {
    /// What is known once a call has returned.
    fn call(&mut self, name: &str, entry: Place, depth: usize) -> Result<Place> {
        ensure!(depth < DEEPEST, "{name}: too many calls within calls");
        let code = self.listing.0.get(name).with_context(|| format!("there is no {name}"))?;
        let first = *code.keys().next().with_context(|| format!("{name} is empty"))?;
        let mut seen = BTreeMap::from([(first, entry)]);
        let (mut waiting, mut returned) = (vec![first], None::<Place>);
        while let Some(address) = waiting.pop() {
            let instruction =
                code.get(&address).with_context(|| format!("{name}: {address:#x}"))?;
            let mut place = seen.get(&address).context("seen before")?.clone();
            let next = self.step(name, address, code, instruction, &mut place, depth)?;
            let on = code.range(address + 1..).next().map(|(address, _)| *address);
            let places = match next {
                Next::On => vec![on.with_context(|| format!("{name} runs out"))?],
                Next::To(target) => vec![target],
                Next::Either(target) => {
                    vec![target, on.with_context(|| format!("{name} runs out"))?]
                }
                Next::Return => {
                    returned = Some(returned.map_or(place.clone(), |other| other.join(&place)));
                    continue;
                }
            };
            for target in places {
                let joined = seen.get(&target).map_or(place.clone(), |known| known.join(&place));
                if seen.get(&target) != Some(&joined) {
                    seen.insert(target, joined);
                    waiting.push(target);
                }
            }
        }
        returned.with_context(|| format!("{name} never returns"))
    }

    fn tell(&mut self, function: &str, address: u32, instruction: &Instruction, what: &str) {
        let Instruction { name, operands, .. } = instruction;
        self.leaks
            .insert(format!("{function}+{address:#x}: {name} {}: {what}", operands.join(", ")));
    }

    fn step(
        &mut self,
        function: &str,
        address: u32,
        code: &Function,
        instruction: &Instruction,
        place: &mut Place,
        depth: usize,
    ) -> Result<Next> {
        let mut tell = |what: &str| self.tell(function, address, instruction, what);
        let conditional = is_conditional(code, address);
        let name =
            if conditional { without_condition(&instruction.name) } else { &*instruction.name };
        let operands: Vec<&str> = instruction.operands.iter().map(String::as_str).collect();
        let before = place.clone();
        match (name, operands.as_slice()) {
            ("bl" | "b", _) if instruction.callee.is_some() => {
                let callee = instruction.callee.clone().unwrap_or_default();
                *place = self.call(&callee, before, depth + 1)?;
                return Ok(if name == "b" { Next::Return } else { Next::On });
            }
            ("b", [target]) => return Ok(Next::To(address_of(target)?)),
            ("cbz" | "cbnz", [register, target]) => {
                if place.get(register).secret {
                    tell("a branch on a secret");
                }
                return Ok(Next::Either(address_of(target)?));
            }
            (branch, [target]) if is_branch(branch) => {
                if place.flags {
                    tell("a branch on a secret");
                }
                return Ok(Next::Either(address_of(target)?));
            }
            ("bx", ["lr"]) => return Ok(Next::Return),
            ("bx" | "blx" | "tbb" | "tbh", _) => {
                tell("nobody can tell where this leads");
                return Ok(Next::Return);
            }
            ("push", [list]) => push(place, list),
            ("pop", [list]) => {
                if pop(place, list) {
                    return Ok(Next::Return);
                }
            }
            ("udiv" | "sdiv", [.., one, other])
                if place.get(one).secret || place.get(other).secret =>
            {
                tell("a division takes as long as its operands are");
            }
            ("nop" | "it" | "itt" | "itte" | "ite" | "ittt" | "itee" | "itet" | "itttt", _) => {}
            (access, _) if access.starts_with("ldr") || access.starts_with("str") => {
                if access_memory(place, access, &operands)? {
                    tell("an address that is secret");
                }
            }
            (access, [base, list]) if access.starts_with("ldm") || access.starts_with("stm") => {
                access_many(place, access.starts_with("ldm"), base, list);
            }
            _ => compute(place, name, &operands),
        }
        if conditional {
            if before.flags && !is_computation(name) {
                self.tell(function, address, instruction, "skipped or not by a secret");
            }
            let flags = before.flags;
            *place = place.join(&before);
            if flags && let Some(register) = operands.first() {
                place.set(register, Known { secret: true, ..place.get(register) });
            }
        }
        Ok(Next::On)
    }
}

fn is_branch(name: &str) -> bool {
    name.strip_prefix('b').is_some_and(|rest| CONDITIONS.contains(&rest))
}

/// Whether an instruction is one of those that an `it` before it makes conditional.
fn is_conditional(code: &Function, address: u32) -> bool {
    let before = code.range(..address).rev().take(4).enumerate();
    before.into_iter().any(|(distance, (_, other))| {
        let reach = other
            .name
            .strip_prefix('i')
            .filter(|rest| rest.bytes().all(|it| it == b't' || it == b'e'));
        reach.is_some_and(|rest| rest.starts_with('t') && distance < rest.len())
    })
}

fn without_condition(name: &str) -> &str {
    CONDITIONS.iter().find_map(|condition| name.strip_suffix(condition)).unwrap_or(name)
}

fn is_computation(name: &str) -> bool {
    !["ldr", "str", "ldm", "stm", "push", "pop", "b", "udiv", "sdiv"]
        .iter()
        .any(|other| name.starts_with(other) && !name.starts_with("bic"))
}

fn address_of(operand: &str) -> Result<u32> {
    let digits = operand.trim_start_matches("0x");
    u32::from_str_radix(digits, 16).with_context(|| format!("what place is {operand}?"))
}

fn immediate(operand: &str) -> Option<i32> {
    let text = operand.strip_prefix('#')?;
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let value = match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok()?,
        None => text.parse().ok()?,
    };
    i32::try_from(value).ok().map(|value| sign * value)
}

/// The registers of `{r4-r6,lr}`.
fn registers(list: &str) -> Vec<String> {
    let inner = list.trim_matches(['{', '}']);
    let number = |register: &str| register.strip_prefix('r')?.parse::<u32>().ok();
    let one = |part: &str| match part.split_once('-').map(|(a, b)| (number(a), number(b))) {
        Some((Some(first), Some(last))) => (first..=last).map(|it| format!("r{it}")).collect(),
        _ => vec![part.to_owned()],
    };
    inner.split(',').flat_map(one).collect()
}

fn moved(known: Known, by: i32) -> Known {
    Known { stack: known.stack.map(|stack| stack + by), ..known }
}

fn push(place: &mut Place, list: &str) {
    let list = registers(list);
    let bytes = i32::try_from(list.len() * 4).unwrap_or_default();
    let mut address = moved(place.get("sp"), -bytes);
    place.set("sp", address);
    for register in list {
        let value = place.get(&register);
        place.store(address, 4, value);
        address = moved(address, 4);
    }
}

/// Whether it returns.
fn pop(place: &mut Place, list: &str) -> bool {
    let mut address = place.get("sp");
    let list = registers(list);
    for register in &list {
        let value = place.load(address, 4);
        place.set(register, value);
        address = moved(address, 4);
    }
    place.set("sp", address);
    list.iter().any(|register| register == "pc")
}

fn access_many(place: &mut Place, load: bool, base: &str, list: &str) {
    let register = base.trim_end_matches('!');
    let mut address = place.get(register);
    for each in registers(list) {
        if load {
            let value = place.load(address, 4);
            place.set(&each, value);
        } else {
            let value = place.get(&each);
            place.store(address, 4, value);
        }
        address = moved(address, 4);
    }
    if base.ends_with('!') {
        place.set(register, address);
    }
}

/// Loads or stores one or two registers; whether the address is secret.
fn access_memory(place: &mut Place, name: &str, operands: &[&str]) -> Result<bool> {
    let at = operands.iter().position(|it| it.starts_with('[')).context("an access to nowhere")?;
    let (values, rest) = operands.split_at(at);
    let (inside, after) = rest.split_first().context("an access to nowhere")?;
    let writes_back = inside.ends_with('!');
    let parts: Vec<&str> =
        inside.trim_end_matches('!').trim_matches(['[', ']']).split(',').collect();
    let (base, offsets) = parts.split_first().context("an address of nothing")?;
    let load = name.starts_with("ldr");
    if *base == "pc" {
        for value in values {
            place.set(value, Known::PUBLIC);
        }
        return Ok(false);
    }
    let base_known = place.get(base);
    let mut address = base_known;
    let mut secret = base_known.secret;
    for offset in offsets {
        match immediate(offset) {
            Some(by) => address = moved(address, by),
            None if offset.starts_with("lsl") => {}
            None => {
                secret |= place.get(offset).secret;
                address.stack = None;
            }
        }
    }
    let bytes = match name.get(3..).unwrap_or_default() {
        "b" | "sb" => 1,
        "h" | "sh" => 2,
        _ => 4,
    };
    for value in values {
        if load {
            let known = place.load(address, bytes);
            place.set(value, known);
        } else {
            let known = place.get(value);
            place.store(address, bytes, known);
        }
        address = moved(address, 4);
    }
    if writes_back {
        let by = offsets.first().and_then(|offset| immediate(offset)).context("what offset?")?;
        place.set(base, moved(base_known, by));
    }
    if let Some(by) = after.first().and_then(|offset| immediate(offset)) {
        place.set(base, moved(base_known, by));
    }
    Ok(secret)
}

/// Everything else: the first operand comes of the others.
fn compute(place: &mut Place, name: &str, operands: &[&str]) {
    let Some((target, sources)) = operands.split_first() else { return };
    let reads_flags = ["adc", "sbc"].iter().any(|carry| name.starts_with(carry));
    let shifts = ["lsl", "lsr", "asr", "ror"];
    let secret_of = |part: &&str| {
        !part.starts_with('#')
            && place.get(shifts.iter().fold(*part, |it, s| it.trim_start_matches(s))).secret
    };
    let secret = sources.iter().any(secret_of) || (reads_flags && place.flags);
    if COMPARISONS.contains(&name) {
        place.flags = secret || place.get(target).secret;
        return;
    }
    let plain = name.trim_end_matches('s');
    let copies = ["mov", "movw", "mvn", "uxtb", "uxth", "sxtb", "sxth", "rev", "clz"];
    let two = sources.len() == 1 && !copies.contains(&plain);
    let mut known = Known { secret: secret || (two && place.get(target).secret), stack: None };
    let sign = if plain.starts_with("sub") { -1 } else { 1 };
    known.stack = match (plain, sources) {
        ("mov", [source]) => place.get(source).stack,
        ("add" | "addw" | "sub" | "subw", [by]) => {
            immediate(by).and_then(|by| moved(place.get(target), sign * by).stack)
        }
        ("add" | "addw" | "sub" | "subw", [source, by]) => {
            immediate(by).and_then(|by| moved(place.get(source), sign * by).stack)
        }
        _ => None,
    };
    if name.ends_with('s') {
        place.flags = known.secret;
    }
    if ["umull", "smull", "umlal", "smlal"].contains(&plain)
        && let Some(high) = sources.first()
    {
        place.set(high, known);
    }
    place.set(target, known);
}

#[cfg(test)]
mod tests {
    use super::{Listing, leaks};

    fn told(code: &str) -> usize {
        let lines = code.split(';').enumerate();
        let lines = lines.map(|(place, line)| format!("  {:x}: {}\n", place * 2, line.trim()));
        let text = format!("00000000 <f>:\n{}", lines.collect::<String>());
        leaks(&Listing::parse(&text), "f").unwrap().len()
    }

    #[test]
    fn what_depends_on_a_secret_is_told() {
        for code in [
            "cmp r0, r1; beq 0x6; nop; bx lr",
            "eors r0, r1; bne 0x4; bx lr",
            "movs r2, #0x1; ands r2, r0; cbz r2, 0x6; bx lr",
            "push {r0, lr}; ldr r2, [sp]; cmp r2, #0x0; beq 0x8; pop {r0, pc}",
            "ldrb r2, [r3, r0]; bx lr",
            "udiv r2, r0, r3; bx lr",
            "cmp r0, #0x0; it ne; strne r3, [sp]; bx lr",
            "ldr r2, [r4]; cmp r2, #0x0; beq 0x6; bx lr",
            "cmp r0, r1; adcs r2, r3; bne 0x6; bx lr",
            "cmp r0, r1; it eq; moveq r2, #0x1; cmp r2, #0x0; beq 0xa; bx lr",
        ] {
            assert_eq!(told(code), 1, "{code}");
        }
    }

    #[test]
    fn what_does_not_is_not() {
        for code in [
            "movs r2, #0xc; lsls r0, r1; subs r2, #0x1; bne 0x2; bx lr",
            "push {r4, lr}; movs r4, #0x7; str r4, [sp, #-0x4]!; ldr r2, [sp], #4; cmp r2, #0x7; \
             beq 0xc; pop {r4, pc}",
            "eors r0, r1; rsbs r1, r0, #0; orrs r0, r1; lsrs r0, r0, #0x1f; bx lr",
            "cmp r0, r1; it eq; moveq r0, #0x1; bx lr",
            "cmp r3, #0x0; beq 0x4; bx lr",
        ] {
            assert_eq!(told(code), 0, "{code}");
        }
    }
}
