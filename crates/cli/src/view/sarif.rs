//! Findings about manifests as SARIF 2.1.0, for code scanning.
//!
//! ```text
//! {"$schema", "version": "2.1.0", "runs": [{
//!   "tool": {"driver": {"name", "version", "rules": [{"id": code, "shortDescription", "help", "defaultConfiguration": {"level"}}]}},
//!   "columnKind": "unicodeCodePoints", "originalUriBaseIds": {"%SRCROOT%": {"description"}},
//!   "results": [{"ruleId", "ruleIndex", "level": "error"|"warning", "message", "locations": [place], "relatedLocations"?: [place],
//!      "partialFingerprints": {"deskform/v1": see view/codequality.rs}}]}]}
//! ```
//!
//! Rules are those that found something. Columns count characters, as everywhere in deskform. No text of a manifest is copied: it may hold
//! a secret, and readers have the file.

use std::collections::BTreeMap;
use std::io::{self, Write};

use deskform_model::diagnostic::{Diagnostic, Severity};
use deskform_model::source::{Position, Span};
use serde_json::{Value as Json, json};

use super::codequality::fingerprints;
use super::findings_view::FindingsView;
use super::rule_words;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes the document described above, one rule or result a line.
///
/// # Errors
/// When the writer fails.
pub fn write(view: &FindingsView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, (usize, &'static str)> =
        view.findings.iter().map(|finding| (finding.problem.code(), (0, level(finding)))).collect();
    for (at, (index, _)) in rules.values_mut().enumerate() {
        *index = at;
    }
    writeln!(out, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{")?;
    write!(out, "\"tool\":{{\"driver\":{{\"name\":\"deskform\",\"semanticVersion\":\"{}\",\"rules\":[", env!("CARGO_PKG_VERSION"))?;
    list(out, rules.iter().map(|(code, (_, level))| rule(code, level)))?;
    writeln!(out, "]}}}},\"columnKind\":\"unicodeCodePoints\",")?;
    let root = json!({ "%SRCROOT%": { "description": { "text": "the root of the repository" } } });
    write!(out, "\"originalUriBaseIds\":{root},\"results\":[")?;
    let fingerprints = fingerprints(view);
    list(
        out,
        view.findings.iter().zip(fingerprints).map(|(finding, fingerprint)| {
            let mut result = result(view, finding);
            result["ruleIndex"] = rules.get(finding.problem.code()).map_or(0, |(index, _)| *index).into();
            result["partialFingerprints"] = json!({ "deskform/v1": fingerprint });
            result
        }),
    )?;
    writeln!(out, "]}}]}}")
}

fn list(out: &mut dyn Write, items: impl Iterator<Item = Json>) -> io::Result<()> {
    for (at, item) in items.enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &item)?;
    }
    Ok(())
}

fn rule(code: &str, level: &str) -> Json {
    let rule_words::Rule { description, help } = rule_words::rule(code);
    json!({
        "id": code,
        "shortDescription": { "text": description },
        "help": { "text": help },
        "defaultConfiguration": { "level": level },
    })
}

fn level(finding: &Diagnostic) -> &'static str {
    match finding.problem.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(view: &FindingsView<'_>, finding: &Diagnostic) -> Json {
    let problem = &finding.problem;
    // One message line; its first letter is made large by no rule of SARIF.
    let message = match problem.help() {
        Some(help) => format!("{}: {help}", problem.message()),
        None => problem.message(),
    };
    let mut result = json!({
        "ruleId": problem.code(),
        "level": level(finding),
        "message": { "text": message },
        "locations": [{ "physicalLocation": place(view, finding.at) }],
    });
    if !finding.others.is_empty() {
        let related = |other: &Span| json!({ "physicalLocation": place(view, *other), "message": { "text": problem.other_label() } });
        result["relatedLocations"] = finding.others.iter().map(related).collect();
    }
    result
}

fn place(view: &FindingsView<'_>, span: Span) -> Json {
    let Position { line, column } = view.sources.position(span);
    let end = view.sources.position(Span { start: span.end.max(span.start), ..span });
    let path = format!("{}{}", view.folder, view.sources.get(span.source).path);
    json!({
        "artifactLocation": { "uri": uri(&path), "uriBaseId": "%SRCROOT%" },
        "region": { "startLine": line, "startColumn": column, "endLine": end.line, "endColumn": end.column },
    })
}

/// A path as a relative reference (RFC 3986): everything but letters, digits and a few signs is written as its bytes.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use deskform_model::LoadOptions;
    use deskform_model::source::Sources;

    use super::*;

    #[test]
    fn a_path_of_any_script_is_a_relative_reference() {
        assert_eq!(uri("desk/排班 1.yaml"), "desk/%E6%8E%92%E7%8F%AD%201.yaml");
    }

    #[test]
    fn columns_count_characters_and_the_rule_is_the_one_that_the_result_names() {
        let mut sources = Sources::default();
        let text = "apiVersion: deskform/v1\nkind: Support\nmetadata: {name: 张三, nick: x}\nspec: {account: \"1\", staffNumber: \"1\", name: 张}\n";
        sources.add("人.yaml", text.to_owned());
        let loaded = deskform_model::load(&sources, &LoadOptions::new("2026-12-01".parse().expect("a date")));
        let view = FindingsView { findings: &loaded.diagnostics, sources: &sources, folder: "desk/", valid: None };
        let mut out = Vec::new();
        write(&view, &mut out).expect("memory takes everything");
        let json: Json = serde_json::from_slice(&out).expect("json");
        let run = &json["runs"][0];
        let result = run["results"].as_array().and_then(|all| all.iter().find(|one| one["ruleId"] == "unknown-key")).expect("found");
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!((&region["startLine"], &region["startColumn"], &region["endColumn"]), (&json!(3), &json!(22), &json!(26)));
        let index = result["ruleIndex"].as_u64().expect("an index");
        assert_eq!(run["tool"]["driver"]["rules"][index as usize]["id"], "unknown-key");
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "desk/%E4%BA%BA.yaml");
    }
}
