//! What a narrowed plan left out, as JSON.
//!
//! ```text
//! {"targets": [text], "excludes": [text], "noDelete": bool, "leftOut": {kind: {"declared", "owned"}},
//!  "pulledIn": [address], "heldBack": [{"address", "title"?, "why": "removes"|"replaces"|"waits"}]}
//! ```

use deskform_planner::scope::{Held, LeftOut, Scope, Selector};
use serde_json::{Map, Value as Json, json};

use super::words;

/// The object described above.
pub fn object(scope: &Scope) -> Json {
    let Scope { targets, excludes, no_delete, left_out, pulled_in, held_back } = scope;
    let texts = |selectors: &[Selector]| -> Vec<String> { selectors.iter().map(Selector::to_string).collect() };
    let left_out = left_out
        .iter()
        .map(|(kind, LeftOut { declared, owned })| (kind.word().to_owned(), json!({ "declared": declared, "owned": owned })));
    json!({
        "targets": texts(targets),
        "excludes": texts(excludes),
        "noDelete": no_delete,
        "leftOut": left_out.collect::<Map<_, _>>(),
        "pulledIn": pulled_in.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "heldBack": held_back.iter().map(held).collect::<Vec<_>>(),
    })
}

fn held(held: &Held) -> Json {
    let mut object = json!({ "address": held.address.to_string(), "why": words::held_back_code(held.why) });
    if !held.title.is_empty() {
        object["title"] = held.title.as_str().into();
    }
    object
}
