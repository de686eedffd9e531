//! The numbers as a Markdown page.

use super::load::Load;
use super::numbers::{Gateway, Numbers, Page};
use std::fmt::Write as _;

const KB: f64 = 1_000.0;
/// Budgets of the product.
const FIRST_VISIT_KB: u64 = 200;
const REPEAT_VISIT_KB: u64 = 30;
const THROUGHPUT_RATIO: f64 = 0.8;

/// Tables by subject, each number beside what it is compared with.
pub(super) fn markdown(numbers: &Numbers) -> String {
    let mut page = heading(numbers);
    // Writing into a String cannot fail.
    let _ = console(&mut page, numbers)
        .and_then(|()| transfer(&mut page, numbers))
        .and_then(|()| gateway(&mut page, "one experiment", &numbers.gateway))
        .and_then(|()| gateway(&mut page, "a hundred experiments", &numbers.gateway_crowded))
        .and_then(|()| worker(&mut page, numbers))
        .and_then(|()| decision(&mut page, numbers))
        .and_then(|()| memory(&mut page, numbers));
    page
}

fn heading(numbers: &Numbers) -> String {
    let machine = &numbers.machine;
    format!(
        "# Measurements\n\nWritten by `cargo xtask measure`. {} ({} cores, shared by load generator and \
         server), rustc {}, Node {}, commit {}. {} connections, {} s per load, {} experiments.\n",
        machine.cpu,
        machine.cores,
        machine.rustc,
        machine.node,
        machine.commit,
        numbers.connections,
        numbers.seconds_per_load,
        numbers.experiments,
    )
}

const LOAD_HEAD: &str =
    "| | requests/s | first byte p50 ms | p99 ms | body bytes |\n|---|---:|---:|---:|---:|";

fn load_row(name: &str, load: &Load) -> String {
    format!(
        "| {name} | {:.0} | {:.2} | {:.2} | {} |",
        load.requests_per_s, load.first_byte_ms.p50, load.first_byte_ms.p99, load.body_bytes
    )
}

fn console(page: &mut String, numbers: &Numbers) -> std::fmt::Result {
    let console = &numbers.console;
    writeln!(
        page,
        "\n## Console\n\nFirst byte at a fixed {} requests/s, requests/s at the limit.\n\n\
         | | first byte p50 ms | p99 ms | most requests/s | body bytes |\n|---|---:|---:|---:|---:|",
        console.rate_per_s
    )?;
    writeln!(page, "{}", page_row("bare axum hello", &console.hello))?;
    for (name, measured) in &console.pages {
        writeln!(page, "{}", page_row(name, measured))?;
    }
    Ok(())
}

fn page_row(name: &str, page: &Page) -> String {
    let first_byte = page.at_rate.first_byte_ms;
    format!(
        "| {name} | {:.2} | {:.2} | {:.0} | {} |",
        first_byte.p50, first_byte.p99, page.most.requests_per_s, page.most.body_bytes
    )
}

fn transfer(page: &mut String, numbers: &Numbers) -> std::fmt::Result {
    writeln!(
        page,
        "\n## Transfer, compressed\n\nBudget {FIRST_VISIT_KB} kB first visit, {REPEAT_VISIT_KB} kB repeat visit.\n\n\
         | page | first visit kB | repeat visit kB |\n|---|---:|---:|"
    )?;
    for (name, transfer) in &numbers.transfer {
        let kb = |bytes: u64| bytes as f64 / KB;
        let (first, repeat) = (
            kb(transfer.first_visit_bytes),
            kb(transfer.repeat_visit_bytes),
        );
        writeln!(page, "| {name} | {first:.1} | {repeat:.1} |")?;
    }
    Ok(())
}

fn gateway(page: &mut String, with: &str, gateway: &Gateway) -> std::fmt::Result {
    writeln!(
        page,
        "\n## Gateway, {with} for every visitor\n\n{LOAD_HEAD}"
    )?;
    for (name, load) in [
        ("origin, fixed rate", &gateway.origin_at_rate),
        ("bare proxy, fixed rate", &gateway.bare_at_rate),
        ("gateway, fixed rate", &gateway.gateway_at_rate),
        ("bare proxy, limit", &gateway.bare_most),
        ("gateway, limit", &gateway.gateway_most),
        ("gateway, limit, strangers only", &gateway.strangers_most),
    ] {
        writeln!(page, "{}", load_row(name, load))?;
    }
    writeln!(
        page,
        "\nAdded to the origin's own latency: p50 {:.2} ms, p99 {:.2} ms. Throughput {:.0} % of the \
         bare proxy's (aim {:.0} %).",
        gateway.added_p50_ms,
        gateway.added_p99_ms,
        gateway.throughput_ratio * 100.0,
        THROUGHPUT_RATIO * 100.0
    )
}

fn worker(page: &mut String, numbers: &Numbers) -> std::fmt::Result {
    let Some(worker) = &numbers.worker else {
        return writeln!(page, "\n## Worker\n\nNot measured in this run.");
    };
    writeln!(page, "\n## Worker on workerd\n\n{LOAD_HEAD}")?;
    writeln!(
        page,
        "{}",
        load_row("pass-through Worker", &worker.pass_through)
    )?;
    writeln!(page, "{}", load_row("gateway Worker", &worker.gateway))?;
    writeln!(
        page,
        "\nThroughput {:.0} % of the pass-through's.",
        worker.throughput_ratio * 100.0
    )
}

fn decision(page: &mut String, numbers: &Numbers) -> std::fmt::Result {
    writeln!(
        page,
        "\n## Decisions\n\n| benchmark | mean µs |\n|---|---:|"
    )?;
    for (name, mean) in &numbers.decision.mean_ns {
        writeln!(page, "| {name} | {:.2} |", mean / 1_000.0)?;
    }
    Ok(())
}

fn memory(page: &mut String, numbers: &Numbers) -> std::fmt::Result {
    writeln!(
        page,
        "\n## Memory\n\n| process | resident MB | peak MB |\n|---|---:|---:|"
    )?;
    for (name, memory) in &numbers.memory {
        let mb = |kb: u64| kb as f64 / 1_024.0;
        writeln!(
            page,
            "| {name} | {:.1} | {:.1} |",
            mb(memory.resident_kb),
            mb(memory.peak_kb)
        )?;
    }
    Ok(())
}
