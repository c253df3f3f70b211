use std::fs;

/// How often another thread took the processor from this thread, where the system counts it.
pub(crate) fn interruptions() -> Option<u64> {
    counted(&fs::read_to_string("/proc/thread-self/status").ok()?)
}

fn counted(status: &str) -> Option<u64> {
    let count = status.lines().find_map(|line| line.strip_prefix("nonvoluntary_ctxt_switches:"));
    count?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn only_what_others_do_is_counted() {
        let status = "Name:\tx\nvoluntary_ctxt_switches:\t7\nnonvoluntary_ctxt_switches:\t19\n";
        assert_eq!(counted(status), Some(19));
        assert_eq!(counted("Name:\tx\nvoluntary_ctxt_switches:\t7\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_counts_them() {
        assert!(super::interruptions().is_some());
    }
}
