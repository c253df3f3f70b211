use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;

use crate::needle::Needle;

/// Looks through memory. It takes room for that beforehand: what it took later could be the very
/// part that it should look at.
pub(crate) struct Search {
    memory: File,
    maps: String,
    window: Vec<u8>,
}

impl Search {
    pub(crate) fn new() -> Self {
        let memory = File::open("/proc/self/mem").unwrap();
        Self { memory, maps: String::with_capacity(1 << 18), window: vec![0; 1 << 20] }
    }
}

/// How often one of the needles is in memory, the stack aside or on it.
pub(crate) fn found(needles: &[Needle], search: &mut Search) -> (usize, usize) {
    let Search { memory, maps, window } = search;
    let (mut heap, mut stack) = (0, 0);
    // Kept out of itself: what is looked through goes here.
    let own = window.as_ptr().addr()..window.as_ptr().addr() + window.len();
    maps.clear();
    File::open("/proc/self/maps").unwrap().read_to_string(maps).unwrap();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        let name = words.nth(3).unwrap_or_default();
        if !rights.starts_with("rw") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let address = |text| usize::from_str_radix(text, 16).unwrap();
        let (mut start, end) = (address(start), address(end));
        while start < end {
            let length = window.len().min(end - start);
            let Ok(read) = memory.read_at(&mut window[..length], start as u64) else { break };
            for needle in needles {
                let places = window[..read].windows(needle.len()).enumerate();
                let is_hit = |(place, bytes): &(usize, &[u8])| {
                    !own.contains(&(start + place)) && needle.is_at(bytes)
                };
                let hits = places.filter(is_hit).count();
                if name == "[stack]" { stack += hits } else { heap += hits }
            }
            if read < length || start + read == end {
                break;
            }
            // A needle may lie across the edge.
            start += read - 256;
        }
    }
    window.fill(0);
    (heap, stack)
}
