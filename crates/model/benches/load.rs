//! What reading manifests costs: the tree from the text, and the schema on top of it.
//!
//! `validate`'s budget (design.md section 9) is a multiple of the first of these, which is its floor.
#![allow(missing_docs)]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deskform_model::source::SourceId;
use deskform_model::{document, schema};

/// A file of `people` supports, each with a permission and a seat, and one roster of a month for all.
fn manifests(people: usize) -> String {
    let mut text = String::new();
    let mut roster = String::new();
    let write = "writing to a string cannot fail";
    for at in 0..people {
        write!(
            text,
            "apiVersion: deskform/v1\nkind: Support\nmetadata: {{name: person-{at}, labels: {{team: tier{team}}}}}\nspec:\n  account: \"139{at:08}\"\n  \
             staffNumber: \"{at:05}\"\n  name: 张三{at}\n  gender: female\n  mobile: \"132{at:08}\"\n  admin: false\n  groups: [344124, 344214]\n  \
             password: {{env: STAFF_{at}, version: 1}}\n---\napiVersion: deskform/v1\nkind: Agent\nmetadata: {{name: seat-{at}}}\nspec:\n  \
             operatorId: \"{at}\"\n  support: person-{at}\n  type: agent\n  afterCallSeconds: 10\n  role: 客服\n  skillGroup: 售后\n  enabled: true\n---\n",
            team = at % 5,
        )
        .expect(write);
        writeln!(roster, "    person-{at}: 早早夜夜休休. 早早夜夜休休. 早早夜夜休休. 早早夜夜休休. 早早").expect(write);
    }
    write!(
        text,
        "apiVersion: deskform/v1\nkind: Schedule\nmetadata: {{name: 2026-11}}\nspec:\n  from: 2026-11-01\n  to: 2026-11-30\n  shiftTypes:\n    \
         早: {{start: \"06:00\", end: \"14:00\", name: 早班}}\n    夜: {{start: \"22:00\", end: \"06:00\", name: 夜班}}\n    休: {{type: rest}}\n  roster:\n{roster}"
    )
    .expect(write);
    text
}

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.sample_size(20);
    for people in [100, 1_000] {
        let text = manifests(people);
        let parsed = document::parse(SourceId(0), &text);
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("parse/{people}"), |bench| bench.iter(|| document::parse(SourceId(0), black_box(&text))));
        group.bench_function(format!("schema/{people}"), |bench| {
            bench.iter(|| {
                for document in &parsed.documents {
                    let kind = schema::header(&document.root).expect("a kind");
                    let findings = schema::check(kind, black_box(&document.root));
                    assert!(findings.is_empty(), "{findings:?}");
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, load);
criterion_main!(benches);
