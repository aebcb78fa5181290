//! What reading manifests costs at centre 1k: the tree from the text (the floor), the schema on top of it, and the whole way to resources.
//!
//! `validate`'s budget (design.md section 9) is a multiple of the first of these.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deskform_model::load::{LoadOptions, load};
use deskform_model::source::{SourceId, Sources};
use deskform_model::{document, project, schema, time};
use deskform_testkit::centre::Centre;

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10);
    for people in [100, 1_000] {
        let centre = Centre::new(people);
        let mut sources = Sources::default();
        for (path, text) in centre.files() {
            sources.add(path, text);
        }
        let bytes: usize = sources.iter().map(|(_, source)| source.text.len()).sum();
        let (read, findings) = project::read(SourceId(0), &centre.project(), None, "0.1.0");
        let project = read.unwrap_or_else(|| panic!("{findings:?}"));
        let mut options = LoadOptions::new(time::parse_date("2026-11-30").expect("a date"));
        options.shift_types = project.shift_types.clone();
        let loaded = load(&sources, &options);
        let desired = loaded.desired.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics.first()));
        assert_eq!(desired.resources().len(), centre.resources());

        group.throughput(Throughput::Bytes(bytes as u64));
        let parse = || sources.iter().map(|(id, source)| document::parse(id, &source.text)).collect::<Vec<_>>();
        let parsed = parse();
        group.bench_function(format!("parse/{people}"), |bench| bench.iter(parse));
        group.bench_function(format!("schema/{people}"), |bench| {
            bench.iter(|| {
                for document in parsed.iter().flat_map(|file| &file.documents) {
                    let kind = schema::header(&document.root).expect("a kind");
                    assert!(schema::check(kind, black_box(&document.root)).is_empty());
                }
            });
        });
        group.bench_function(format!("whole/{people}"), |bench| bench.iter(|| load(black_box(&sources), &options)));
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
