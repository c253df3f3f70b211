//! What instructions that lead on do to what is known.

use anyhow::{Context, Result};

use super::listing::Instruction;
use super::place::{Known, Place};

/// What only compares.
const COMPARISONS: [&str; 4] = ["cmp", "cmn", "tst", "teq"];
/// What writes to its first operand without reading it.
const COPIES: [&str; 13] = [
    "mov", "movw", "mvn", "uxtb", "uxth", "sxtb", "sxth", "rev", "rev16", "rbit", "clz", "adr",
    "rrx",
];
/// What reads its first operand if there is only one other.
const COMBINATIONS: [&str; 22] = [
    "add", "addw", "sub", "subw", "rsb", "adc", "sbc", "and", "orr", "orn", "eor", "bic", "lsl",
    "lsr", "asr", "ror", "mul", "mla", "mls", "movt", "ubfx", "sbfx",
];
/// What always reads what it writes.
const CHANGES: [&str; 4] = ["bfi", "bfc", "umlal", "smlal"];
const DIVISIONS: [&str; 2] = ["udiv", "sdiv"];
/// What writes to its first two operands.
const WIDE: [&str; 4] = ["umull", "smull", "umlal", "smlal"];
/// What sets all flags; other computations keep some.
const ALL_FLAGS: [&str; 7] = ["cmp", "cmn", "add", "sub", "rsb", "adc", "sbc"];
const LOADS: [&str; 6] = ["ldr", "ldrb", "ldrh", "ldrsb", "ldrsh", "ldrd"];
const STORES: [&str; 4] = ["str", "strb", "strh", "strd"];
const SHIFTS: [&str; 4] = ["lsl", "lsr", "asr", "ror"];

/// Changes what is known; says what depends on a secret that must not.
pub(super) fn apply(
    place: &mut Place,
    name: &str,
    operands: &[&str],
) -> Result<Option<&'static str>> {
    match (name, operands) {
        ("push", [list]) => push(place, list),
        ("pop", [list]) => pop(place, list),
        ("nop", _) => {}
        (it, _) if it.starts_with("it") => {}
        (access, _) if LOADS.contains(&access) || STORES.contains(&access) => {
            if access_memory(place, access, operands)? {
                return Ok(Some("an address that is secret"));
            }
        }
        ("ldm" | "stm", [base, list]) => access_many(place, name == "ldm", base, list),
        _ => return Ok(compute(place, name, operands)),
    }
    Ok(None)
}

/// Whether it does nothing but compute, in a time that does not depend on what.
pub(super) fn is_computation(name: &str) -> bool {
    COMPARISONS.contains(&name)
        || computation(name).is_some_and(|(name, _)| !DIVISIONS.contains(&name))
}

/// The registers that an instruction writes to, but for an address that it moves.
pub(super) fn targets(instruction: &Instruction) -> Vec<String> {
    let (name, operands) = (instruction.name.as_str(), &instruction.operands);
    let plain = computation(name).map(|(plain, _)| plain);
    let count = match name {
        "pop" => return operands.first().map(|list| registers(list)).unwrap_or_default(),
        "ldm" => return operands.get(1).map(|list| registers(list)).unwrap_or_default(),
        "ldrd" => 2,
        _ if LOADS.contains(&name) => 1,
        _ if plain.is_some_and(|plain| WIDE.contains(&plain)) => 2,
        _ => usize::from(plain.is_some()),
    };
    operands.iter().take(count).cloned().collect()
}

/// What an instruction computes, and whether it sets flags.
fn computation(name: &str) -> Option<(&str, bool)> {
    let lists: [&[&str]; 5] = [&COPIES, &COMBINATIONS, &CHANGES, &DIVISIONS, &WIDE];
    let known = |name: &&str| lists.iter().any(|list| list.contains(name));
    let plain = Some(name).filter(known).map(|plain| (plain, false));
    plain.or_else(|| Some((name.strip_suffix('s').filter(known)?, true)))
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

fn pop(place: &mut Place, list: &str) {
    let mut address = place.get("sp");
    for register in &registers(list) {
        let value = place.load(address, 4);
        place.set(register, value);
        address = moved(address, 4);
    }
    place.set("sp", address);
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

/// Everything else: the first operand, or the first two, come of the others.
fn compute(place: &mut Place, name: &str, operands: &[&str]) -> Option<&'static str> {
    const UNKNOWN: Option<&str> = Some("this instruction is not known");
    let compares = COMPARISONS.contains(&name);
    let Some((plain, sets_flags)) = computation(name).or(compares.then_some((name, true))) else {
        return UNKNOWN;
    };
    let targets = if compares { 0 } else { 1 + usize::from(WIDE.contains(&plain)) };
    let Some((targets, sources)) = operands.split_at_checked(targets) else { return UNKNOWN };
    let reads_target = CHANGES.contains(&plain) || (sources.len() == 1 && !COPIES.contains(&plain));
    let reads_flags = ["adc", "sbc", "rrx"].contains(&plain);
    let secret_of = |operand: &&str| {
        let register = SHIFTS.iter().fold(*operand, |it, shift| it.trim_start_matches(shift));
        !register.starts_with('#') && place.get(register).secret
    };
    let secret = sources.iter().any(secret_of)
        || (reads_flags && place.flags)
        || (reads_target && targets.iter().any(secret_of));
    let sign = if plain.starts_with("sub") { -1 } else { 1 };
    let stack = match (plain, targets, sources) {
        ("mov", _, [source]) => place.get(source).stack,
        ("add" | "addw" | "sub" | "subw", [source], [by])
        | ("add" | "addw" | "sub" | "subw", _, [source, by]) => {
            immediate(by).and_then(|by| moved(place.get(source), sign * by).stack)
        }
        _ => None,
    };
    if sets_flags {
        place.flags = secret || (place.flags && !ALL_FLAGS.contains(&plain));
    }
    for target in targets {
        place.set(target, Known { secret, stack });
    }
    (secret && DIVISIONS.contains(&plain)).then_some("a division takes as long as its operands are")
}
