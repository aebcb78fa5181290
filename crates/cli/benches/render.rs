//! What it costs to show the plan that builds centre 1k from nothing, 33,000 changes, in every format.
#![allow(missing_docs)]

use std::hint::black_box;

use clap::ValueEnum as _;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deskform_cli::args::Format;
use deskform_cli::mask::Mask;
use deskform_cli::saved::{About, PlanReport};
use deskform_cli::ui::Screen;
use deskform_cli::view::plan_view::PlanView;
use deskform_model::load::{LoadOptions, load};
use deskform_model::source::{SourceId, Sources};
use deskform_model::{project, time};
use deskform_planner::brake::Verdict;
use deskform_planner::{Inputs, Ledger, Observed, Policy, plan};
use deskform_testkit::centre::Centre;

fn bench(criterion: &mut Criterion) {
    let report = from_nothing(1_000);
    let mut group = criterion.benchmark_group("render");
    group.sample_size(10);
    group.throughput(Throughput::Elements(report.plan.changes.len() as u64));
    for format in Format::value_variants() {
        for verbose in [false, true] {
            let mask = Mask::default();
            let view = PlanView { report: &report, verbose, documents_from: None, folder: "", screen: Screen::PAPER, mask: Some(&mask) };
            let name = if verbose { format!("{}, verbose", format.word()) } else { format.word().to_owned() };
            group.bench_function(name, |bench| {
                bench.iter(|| {
                    let mut out = Vec::new();
                    black_box(view).write(*format, &mut out).expect("written");
                    out
                });
            });
        }
    }
    group.finish();
}

/// The plan that builds a centre, with places.
fn from_nothing(people: usize) -> PlanReport {
    let centre = Centre::new(people);
    let mut sources = Sources::default();
    for (path, text) in centre.files() {
        sources.add(path, text);
    }
    let (project, findings) = project::read(SourceId(0), &centre.project(), None, "0.1.0");
    let mut options = LoadOptions::new(time::parse_date("2026-11-30").expect("a date"));
    options.shift_types = project.unwrap_or_else(|| panic!("{findings:?}")).shift_types;
    let desired = load(&sources, &options).desired.expect("valid");
    let (observed, ledger, policy) = (Observed::default(), Ledger::default(), Policy::default());
    let now = "2026-11-30T12:00".parse().expect("a moment");
    let inputs = Inputs { desired: &desired, observed: &observed, ledger: &ledger, ledger_known: true, policy: &policy, now };
    PlanReport::new(plan(inputs).expect("a plan"), &Verdict::default(), &sources, About::default())
}

criterion_group!(benches, bench);
criterion_main!(benches);
