//! Times: one answer, one answer among ever more flags, loading. Every evaluator is checked
//! before any is timed. The bench `memory` counts what a load leaves behind.

use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, SamplingMode};
use criterion::{criterion_group, criterion_main, measurement::WallTime};
use nexus_bench::ours::{Experiment, Flags, GrowthBook};
use nexus_bench::peers::eppo::Eppo;
use nexus_bench::peers::flagsmith::Flagsmith;
use nexus_bench::peers::growthbook::{Client, Core};
use nexus_bench::peers::launchdarkly::LaunchDarkly;
use nexus_bench::peers::unleash::Unleash;
use nexus_bench::{COUNTRIES, Evaluator, check, key, payload_json, unit};
use std::hint::black_box;
use std::time::Duration;

const UNITS: usize = 1_024;
const DRIFT: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];
/// The largest that is asked by way of its JSON document.
const LOADED: [usize; 2] = [1_000, 100_000];
/// Steps over the flags so that one answer's flag is not in the caches from the last.
const STRIDE: usize = 611_953;

type Group<'c> = BenchmarkGroup<'c, WallTime>;

fn callers<E: Evaluator>() -> Vec<E::Asker> {
    let callers = (0..UNITS).map(|n| E::asker(&unit(n), COUNTRIES[n % COUNTRIES.len()]));
    callers.collect::<Result<_, _>>().expect("callers")
}

fn load<E: Evaluator>(flags: usize) -> E {
    let json = payload_json::<E>(flags).expect("a payload");
    E::load(&json).expect("a payload that it reads")
}

/// The caller changes with every question, the flag is the same. Callers are there before the
/// engine: where they lie in memory must not depend on how much it loads.
fn one_flag<E: Evaluator>(
    group: &mut Group<'_>,
    id: BenchmarkId,
    engine: impl FnOnce() -> E,
    flag: &str,
) {
    let callers = callers::<E>();
    let engine = engine();
    let mut next = 0;
    group.bench_function(id, |b| {
        b.iter(|| {
            next = (next + 1) % UNITS;
            engine.ask(black_box(flag), black_box(&callers[next]))
        });
    });
}

/// Caller and flag change with every question.
fn many_flags<E: Evaluator>(
    group: &mut Group<'_>,
    id: BenchmarkId,
    engine: impl FnOnce() -> E,
    flags: usize,
) {
    let callers = callers::<E>();
    // As many keys as there are flags, at most 65,536, in a scattered order.
    let asked = flags.min(1 << 16);
    let keys: Vec<String> = (0..asked).map(|n| key(n * STRIDE % flags)).collect();
    let engine = engine();
    let (mut next, mut flag) = (0, 0);
    group.bench_function(id, |b| {
        b.iter(|| {
            next = (next + 1) % UNITS;
            flag = (flag + 1) % keys.len();
            engine.ask(black_box(&keys[flag]), black_box(&callers[next]))
        });
    });
}

fn answer(criterion: &mut Criterion) {
    check::all().expect("an evaluator that answers wrongly is not timed");
    let mut group = criterion.benchmark_group("answer");
    fn single<E: Evaluator>(group: &mut Group<'_>) {
        one_flag(
            group,
            BenchmarkId::new(E::NAME, 1),
            || load::<E>(1),
            &key(0),
        );
    }
    single::<Flags>(&mut group);
    single::<Experiment>(&mut group);
    single::<GrowthBook>(&mut group);
    single::<Unleash>(&mut group);
    single::<Eppo>(&mut group);
    single::<LaunchDarkly>(&mut group);
    single::<Flagsmith>(&mut group);
    single::<Core>(&mut group);
    single::<Client>(&mut group);
    group.finish();
}

fn drift(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("drift");
    for flags in DRIFT {
        let engine = || Flags::compile(&Flags::snapshot(flags)).expect("it compiles");
        let id = BenchmarkId::new("same flag", flags);
        one_flag(&mut group, id, engine, &key(flags / 2));
        let id = BenchmarkId::new("same flag of a payload", flags);
        one_flag(
            &mut group,
            id,
            || load::<GrowthBook>(flags),
            &key(flags / 2),
        );
        let id = BenchmarkId::new("another flag each time", flags);
        many_flags(&mut group, id, engine, flags);
    }
    group.finish();
}

/// Loading, and then asking what was loaded, a different flag each time.
fn loading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    every(&mut group, |group, one| one.load(group));
    group.finish();
    let mut group = criterion.benchmark_group("among");
    every(&mut group, |group, one| one.ask(group));
    group.finish();
}

/// One evaluator with so many flags.
struct One<E>(usize, std::marker::PhantomData<E>);

trait Timed {
    fn load(&self, group: &mut Group<'_>);
    fn ask(&self, group: &mut Group<'_>);
}

impl<E: Evaluator> Timed for One<E> {
    fn load(&self, group: &mut Group<'_>) {
        let json = payload_json::<E>(self.0).expect("a payload");
        group.bench_function(BenchmarkId::new(E::NAME, self.0), |b| {
            // The engine is dropped outside the time.
            b.iter_batched(
                || (),
                |()| E::load(black_box(&json)),
                BatchSize::PerIteration,
            );
        });
    }

    fn ask(&self, group: &mut Group<'_>) {
        let id = BenchmarkId::new(E::NAME, self.0);
        many_flags(group, id, || load::<E>(self.0), self.0);
    }
}

fn every(group: &mut Group<'_>, run: impl Fn(&mut Group<'_>, &dyn Timed)) {
    fn one<E>(flags: usize) -> One<E> {
        One(flags, std::marker::PhantomData)
    }
    // A snapshot holds no more than 10,000 experiments.
    run(group, &one::<Experiment>(LOADED[0]));
    for flags in LOADED {
        run(group, &one::<Flags>(flags));
        run(group, &one::<GrowthBook>(flags));
        run(group, &one::<Unleash>(flags));
        run(group, &one::<Eppo>(flags));
        run(group, &one::<LaunchDarkly>(flags));
        run(group, &one::<Flagsmith>(flags));
        run(group, &one::<Core>(flags));
    }
}

fn patient() -> Criterion {
    Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_500))
        .sample_size(30)
}

criterion_group! { name = benches; config = patient(); targets = answer, drift, loading }
criterion_main!(benches);
