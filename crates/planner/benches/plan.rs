//! What planning costs at centre 1k, without reading files or platforms: everything in sync, one person in a hundred changed, from empty.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use deskform_model::{Kind, Value};
use deskform_planner::diff::{Sides, diff};
use deskform_planner::order::{connect, cycle};
use deskform_planner::{Inputs, Ledger, Observed, Policy, plan};

mod applied;

use applied::{applied, manifests};

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plan");
    group.sample_size(10);
    for people in [100, 1_000] {
        let desired = manifests(people).load();
        let (observed, ledger) = applied(&desired);
        let mut drifted = observed.clone();
        for object in drifted.supports.iter_mut().step_by(100) {
            object.values.insert(Kind::Support.key("name").expect("a field"), Value::text("别名"));
        }
        let (nothing, empty) = (Observed::default(), Ledger::default());
        let policy = Policy::default();
        let now = "2026-11-30T12:00".parse().expect("a moment");
        let inputs = |observed, ledger| Inputs { desired: &desired, observed, ledger, ledger_known: true, policy: &policy, now };
        assert!(plan(inputs(&observed, &ledger)).expect("a plan").is_empty());

        group.throughput(Throughput::Elements(desired.resources().len() as u64));
        group.bench_function(format!("in sync/{people}"), |bench| bench.iter(|| plan(black_box(inputs(&observed, &ledger)))));
        group.bench_function(format!("drifted/{people}"), |bench| bench.iter(|| plan(black_box(inputs(&drifted, &ledger)))));
        let matched: Vec<_> = ledger.entries.values().filter_map(|entry| Some((desired.get(&entry.address)?, entry))).collect();
        group.bench_function(format!("diff alone/{people}"), |bench| {
            bench.iter(|| {
                for (resource, entry) in &matched {
                    let live = entry.seen.as_ref().unwrap_or(&entry.set);
                    let sides = Sides { desired: &resource.values, lifecycle: &resource.lifecycle, live, entry: Some(entry) };
                    black_box(diff(resource.kind(), sides, &policy));
                }
            });
        });
        let changes = plan(inputs(&nothing, &empty)).expect("a plan").changes;
        group.bench_function(format!("order alone/{people}"), |bench| {
            bench.iter_batched(
                || changes.clone(),
                |mut changes| {
                    connect(&mut changes);
                    assert!(cycle(&changes).is_empty());
                    changes
                },
                BatchSize::LargeInput,
            );
        });
        group.bench_function(format!("from empty/{people}"), |bench| bench.iter(|| plan(black_box(inputs(&nothing, &empty)))));
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
