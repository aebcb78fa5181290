//! What a fingerprint holds a reviewer's yes to, and what it does not.

use deskform_model::source::{SourceId, Span};
use deskform_model::{Address, Value};
use deskform_planner::fingerprint::fingerprint;

use crate::world::{World, agent, declared, permission, shift, support, text};

fn world() -> World {
    let mut world = World::applied(vec![support("a", "1", &[("mobile", text("1"))]), agent("8001", &[("name", text("甲"))])]);
    world.declare(support("a", "1", &[("mobile", text("2"))]));
    world.declare(shift(&declared("a"), "2026-12-03", "09:00", "18:00", "早班"));
    world.declare(permission(&declared("a"), true));
    world
}

fn print(world: &World) -> String {
    fingerprint(&world.plan())
}

#[test]
fn it_is_sixty_four_hex_digits_and_the_same_again() {
    let first = print(&world());
    assert!(first.len() == 64 && first.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()), "{first}");
    assert_eq!(first, print(&world()));
}

#[test]
fn files_lines_order_titles_and_the_clock_do_not_count() {
    let first = print(&world());
    let mut moved = world();
    moved.desired.reverse();
    for resource in &mut moved.desired {
        resource.origin = Span::new(SourceId(7), 100, 120);
        resource.title = "别名".into();
    }
    moved.now = "2026-12-01T08:30".parse().expect("a moment");
    assert_eq!(first, print(&moved));
}

#[test]
fn what_a_document_is_called_does_not_count_for_what_is_done() {
    let mut plain = World::new(vec![support("a", "1", &[]), permission(&declared("a"), true)]);
    let first = print(&plain);
    plain.desired = vec![support("b", "1", &[]), permission(&declared("b"), true)];
    assert_eq!(first, print(&plain));
}

#[test]
fn every_wanted_and_every_observed_value_counts() {
    let first = print(&world());
    let mut other = world();
    other.declare(support("a", "1", &[("mobile", text("3"))]));
    assert_ne!(first, print(&other), "another value is wanted");
    let mut other = world();
    other.drift("support/a", "mobile", text("9"));
    assert_ne!(first, print(&other), "another value is there");
    let mut other = world();
    other.declare(permission(&declared("a"), false));
    assert_ne!(first, print(&other), "access is taken instead of given");
    let mut other = world();
    other.desired.retain(|resource| {
        resource.address != Address::shift(&declared("a"), "2026-12-03".parse().expect("a date"), "09:00".parse().expect("a time"))
    });
    assert_ne!(first, print(&other), "a change is missing");
}

#[test]
fn a_secret_counts_with_its_version_alone() {
    let with = |version| {
        let mut world = World::new(vec![agent("8001", &[("password", Value::Secret { version })])]);
        world.desired[0].secret = None;
        print(&world)
    };
    assert_eq!(with(1), with(1));
    assert_ne!(with(1), with(2));
}

#[test]
fn what_cannot_be_read_counts_with_what_was_last_sent() {
    let print = |sent: &str| {
        let mut world = World::applied(vec![agent("8001", &[("role", text(sent))])]);
        world.declare(agent("8001", &[("role", text("班长"))]));
        print(&world)
    };
    assert_ne!(print("客服"), print("质检"));
}
