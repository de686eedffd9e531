//! Memory of each process, from `/proc/<pid>/status` (proc(5)).

use super::numbers::Memory;
use std::collections::BTreeMap;

/// Every process of the stack; one that cannot be read is left out.
pub(super) fn of_all(processes: &[(&'static str, u32)]) -> BTreeMap<String, Memory> {
    processes
        .iter()
        .filter_map(|(name, pid)| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            Some(((*name).to_owned(), parse(&status)?))
        })
        .collect()
}

fn parse(status: &str) -> Option<Memory> {
    let kb = |field: &str| {
        let rest = status.lines().find_map(|line| line.strip_prefix(field))?;
        rest.split_whitespace().next()?.parse().ok()
    };
    Some(Memory {
        resident_kb: kb("VmRSS:")?,
        peak_kb: kb("VmHWM:")?,
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn resident_and_peak_are_read() {
        let memory = parse("Name:\tx\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\n").unwrap();
        assert_eq!((memory.resident_kb, memory.peak_kb), (10_240, 20_480));
        assert!(parse("Name:\tkthread\n").is_none());
    }
}
