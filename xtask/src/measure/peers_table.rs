//! The section about other systems' evaluators.

use super::peers::{Allocated, Peers};
use super::section::PEERS;
use std::fmt::Write as _;

const MB: f64 = 1_000_000.0;
const LOADED: [usize; 2] = [1_000, 100_000];
const DRIFT: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];
/// Of the group `drift`; see bench/benches/peers.rs.
const SERIES: [&str; 3] = [
    "same flag",
    "same flag of a payload",
    "another flag each time",
];

/// Heading, how it was measured, three tables.
pub(super) fn markdown(peers: &Peers) -> String {
    let mut section = heading(peers);
    // Writing into a String cannot fail.
    let _ = answer(&mut section, peers)
        .and_then(|()| drift(&mut section, peers))
        .and_then(|()| load(&mut section, peers))
        .and_then(|()| memory(&mut section, peers));
    section
}

fn heading(peers: &Peers) -> String {
    let machine = &peers.machine;
    let versions = peers.versions.iter();
    let versions: Vec<String> = versions
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    format!(
        "{PEERS}\n\nWritten by `cargo xtask measure peers`. {} ({} cores, load {} at the start), \
         rustc {}, commit {}. {}.\n\n\
         The question: is the country one of three, and if so, which of two variants, half and \
         half? 1,024 callers take turns, each prepared in advance as the engine wants it; what an \
         answer allocates is in its time. Before any is timed, every engine must leave out all of \
         10,000 callers from elsewhere, deal 10,000 others half and half (± 1.65 points), and \
         those that hash as GrowthBook does must agree on each. Medians of two runs, one after \
         the other on a machine that others use too. The runs lie apart by noise alone, so smaller \
         differences between engines than that say nothing.\n",
        machine.cpu,
        machine.cores,
        peers.load,
        machine.rustc,
        machine.commit,
        versions.join(", "),
    )
}

fn answer(section: &mut String, peers: &Peers) -> std::fmt::Result {
    writeln!(
        section,
        "\n### One answer\n\n| engine | median ns, run 1 | run 2 | fastest sample ns |\n|---|---:|---:|---:|"
    )?;
    for (name, median) in by_median(peers, "answer", 1) {
        let all = peers.runs.iter();
        let times = all.filter_map(|run| run.get(&format!("answer/{name}/1")));
        let least = times.map(|times| times.least_ns);
        let least = least.fold(f64::INFINITY, f64::min);
        let [first, second] = median;
        writeln!(
            section,
            "| {name} | {first:.0} | {second:.0} | {least:.0} |"
        )?;
    }
    writeln!(
        section,
        "\nflagsmith answers for all flags at once. The client of growthbook-rust copies all \
         features for every answer. LaunchDarkly's flag is borrowed, where its SDK copies it. \
         eppo_core makes no event. Nexus flag and Nexus experiment take the country as a parsed \
         code, the others as text; a Nexus flag says its value and what decided, without an \
         exposure, so the experiment is the nearer counterpart."
    )
}

fn drift(section: &mut String, peers: &Peers) -> std::fmt::Result {
    writeln!(
        section,
        "\n### Among ever more flags\n\n\
         The same flag each time, callers changing; and another flag each time, which tells how far \
         away memory is.\n\n\
         | flags | Nexus flag, the same, ns, run 1 | run 2 | GrowthBook payload, the same, run 1 | run 2 | Nexus flag, another each time, run 1 | run 2 |\n|---:|---:|---:|---:|---:|---:|---:|"
    )?;
    for flags in DRIFT {
        let cells = SERIES.map(|series| {
            let [first, second] = medians(peers, &format!("drift/{series}/{flags}"));
            format!("{} | {}", shown(first, 0), shown(second, 0))
        });
        writeln!(section, "| {flags} | {} |", cells.join(" | "))?;
    }
    let of = |series: &str| {
        let best = |flags: usize| {
            let [first, second] = medians(peers, &format!("drift/{series}/{flags}"));
            first.min(second)
        };
        let grown = best(DRIFT[DRIFT.len() - 1]) / best(DRIFT[0]) - 1.0;
        format!("{:+.0} %", grown * 100.0)
    };
    writeln!(
        section,
        "\nFrom 100 to 1,000,000 flags, the faster run of each: Nexus flag {}, GrowthBook payload {} \
         (aim 10 % at most).",
        of(SERIES[0]),
        of(SERIES[1])
    )
}

fn load(section: &mut String, peers: &Peers) -> std::fmt::Result {
    writeln!(
        section,
        "\n### Loading, and an answer among what was loaded\n\n\
         From the engine's own JSON document to the first question; then another flag each time. \
         Both runs. A snapshot holds at most 10,000 experiments, and their engine decides all of \
         them at once.\n\n\
         | engine | load 1,000 ms | load 100,000 ms | answer among 1,000 ns | among 100,000 ns |\n|---|---:|---:|---:|---:|"
    )?;
    for name in loaded(peers) {
        let loads = LOADED.map(|flags| {
            let [first, second] = medians(peers, &format!("load/{name}/{flags}"));
            format!("{} / {}", shown(first / MB, 2), shown(second / MB, 2))
        });
        let answers = LOADED.map(|flags| {
            let [first, second] = medians(peers, &format!("among/{name}/{flags}"));
            format!("{} / {}", shown(first, 0), shown(second, 0))
        });
        let cells = [loads, answers].concat().join(" | ");
        writeln!(section, "| {name} | {cells} |")?;
    }
    Ok(())
}

fn memory(section: &mut String, peers: &Peers) -> std::fmt::Result {
    writeln!(
        section,
        "\n### Memory of what was loaded\n\n\
         Counted by the allocator: kept after the load, and the most during it (without the \
         document).\n\n\
         | engine | document MB of 100,000 | kept MB of 1,000 | most | kept MB of 100,000 | most |\n|---|---:|---:|---:|---:|---:|"
    )?;
    for name in loaded(peers) {
        let [few, many] = LOADED.map(|flags| peers.memory.get(&format!("{name}/{flags}")));
        let bytes = std::iter::once(many.map(|many| many.document_bytes));
        let bytes = bytes.chain([few, many].into_iter().flat_map(both));
        let cells: Vec<String> = bytes
            .map(|bytes| shown(bytes.map_or(f64::NAN, |bytes| bytes as f64 / MB), 1))
            .collect();
        writeln!(section, "| {name} | {} |", cells.join(" | "))?;
    }
    Ok(())
}

/// A number; a dash where there is none.
fn shown(number: f64, digits: usize) -> String {
    if number.is_nan() {
        return "–".to_owned();
    }
    format!("{number:.digits$}")
}

/// Engines that loaded the smaller document; those that loaded the larger one first, by time.
fn loaded(peers: &Peers) -> Vec<String> {
    let named = |flags| by_median(peers, "load", flags).into_iter();
    let mut names: Vec<String> = named(LOADED[1]).map(|(name, _)| name).collect();
    for (name, _) in named(LOADED[0]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn both(allocated: Option<&Allocated>) -> [Option<u64>; 2] {
    [
        allocated.map(|allocated| allocated.kept_bytes),
        allocated.map(|allocated| allocated.most_bytes),
    ]
}

/// Medians of both runs; no number where a run has none.
fn medians(peers: &Peers, id: &str) -> [f64; 2] {
    let of = |run: usize| {
        let times = peers.runs.get(run).and_then(|run| run.get(id));
        times.map_or(f64::NAN, |times| times.median_ns)
    };
    [of(0), of(1)]
}

/// The engines of a group with their medians, fastest first.
fn by_median(peers: &Peers, group: &str, flags: usize) -> Vec<(String, [f64; 2])> {
    let (start, end) = (format!("{group}/"), format!("/{flags}"));
    let ids = peers.runs.first().into_iter().flat_map(|run| run.keys());
    let mut found: Vec<_> = ids
        .filter_map(|id| {
            let name = id.strip_prefix(&start)?.strip_suffix(&end)?;
            Some((name.to_owned(), medians(peers, id)))
        })
        .collect();
    found.sort_by(|(_, a), (_, b)| a[0].min(a[1]).total_cmp(&b[0].min(b[1])));
    found
}

#[cfg(test)]
mod tests {
    use super::super::estimates::Times;
    use super::super::numbers::Machine;
    use super::*;
    use std::collections::BTreeMap;

    fn peers(medians: &[(&str, f64)]) -> Peers {
        let times = |median_ns| Times {
            median_ns,
            least_ns: median_ns,
        };
        let run: BTreeMap<String, Times> = medians
            .iter()
            .map(|(id, median_ns)| ((*id).to_owned(), times(*median_ns)))
            .collect();
        let machine = Machine {
            cpu: "a processor".to_owned(),
            cores: 2,
            rustc: String::new(),
            node: String::new(),
            commit: String::new(),
        };
        Peers {
            machine,
            load: String::new(),
            versions: Vec::new(),
            runs: vec![run.clone(), run],
            memory: BTreeMap::new(),
        }
    }

    #[test]
    fn what_cannot_load_the_larger_document_comes_last_with_dashes() {
        let mut section = String::new();
        let peers = peers(&[
            ("load/slow/1000", 3e6),
            ("load/slow/100000", 3e8),
            ("load/quick/1000", 2e6),
            ("load/quick/100000", 2e8),
            ("load/small/1000", 1e6),
        ]);
        load(&mut section, &peers).unwrap();
        let rows: Vec<&str> = section.lines().rev().take(3).collect();
        assert_eq!(
            rows,
            [
                "| small | 1.00 / 1.00 | – / – | – / – | – / – |",
                "| slow | 3.00 / 3.00 | 300.00 / 300.00 | – / – | – / – |",
                "| quick | 2.00 / 2.00 | 200.00 / 200.00 | – / – | – / – |",
            ]
        );
    }

    #[test]
    fn drift_is_said_of_the_faster_runs() {
        let mut section = String::new();
        let peers = peers(&[
            ("drift/same flag/100", 100.0),
            ("drift/same flag/1000000", 107.0),
            ("drift/same flag of a payload/100", 100.0),
            ("drift/same flag of a payload/1000000", 98.0),
        ]);
        drift(&mut section, &peers).unwrap();
        assert!(section.contains("Nexus flag +7 %, GrowthBook payload -2 %"));
    }
}
