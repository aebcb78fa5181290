//! The same report as one HTML page that needs nothing else: no script, no font, no picture, no address.

use std::io::{self, Write};

use deskform_planner::adherence::Outcome;

use super::adherence::{AdherenceDocument, AdherenceLine, PersonAdherence, Totals};

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--bad:#c62828;--late:#b26a00;--good:#2e7d32;--faint:#7779}\
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}\
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}\
table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}\
thead th{position:sticky;top:0;background:Canvas}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}\
tfoot td{font-weight:600}.missing,.unknown{color:var(--bad);font-weight:600}.late{color:var(--late);font-weight:600}\
.onTime{color:var(--good)}.notDue,.onLeave,p.about{color:var(--faint)}ul.notes{padding-left:1.2rem}";

/// Writes the page: totals, a line for each person, and a line for each person and day.
///
/// # Errors
/// When the writer fails.
pub fn write(document: &AdherenceDocument, out: &mut dyn Write) -> io::Result<()> {
    let title = escape(&format!("{}: {} to {}", document.project, document.from, document.to));
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>")?;
    let minutes = |seconds: i64| seconds / 60;
    writeln!(
        out,
        "<p class=\"about\">Planned shifts and sign-ins, made at {}. A sign-in counts from {} minutes before a shift and is in time up to {} \
         minutes after its start.</p>",
        escape(&document.now),
        minutes(document.early_by_seconds),
        minutes(document.late_after_seconds)
    )?;
    notes(document, out)?;
    people(document, out)?;
    days(document, out)?;
    writeln!(out, "</body>\n</html>")
}

fn notes(document: &AdherenceDocument, out: &mut dyn Write) -> io::Result<()> {
    let notes = document.notes();
    if notes.is_empty() {
        return Ok(());
    }
    writeln!(out, "<ul class=\"notes\">")?;
    for note in notes {
        writeln!(out, "<li>{}.</li>", escape(&note))?;
    }
    writeln!(out, "</ul>")
}

fn people(document: &AdherenceDocument, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<h2>People</h2>\n<table>\n<thead><tr><th>Person</th><th>Name</th>")?;
    for heading in ["On time", "Late", "Late by", "Missing", "Not due", "Unplanned", "On leave", "Unknown"] {
        writeln!(out, "<th class=\"n\">{heading}</th>")?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for person in &document.people {
        writeln!(out, "<tr><td>{}</td><td>{}</td>{}</tr>", escape(&person.person), escape(&person.name), totals(&person.total))?;
    }
    writeln!(out, "</tbody>\n<tfoot><tr><td>Total</td><td></td>{}</tr></tfoot>\n</table>", totals(&document.total))
}

fn totals(total: &Totals) -> String {
    let Totals { on_time, late, missing, not_due, unplanned, on_leave, unknown, late_minutes, again: _ } = total;
    let cell = |text: &dyn std::fmt::Display| format!("<td class=\"n\">{text}</td>");
    [
        cell(on_time),
        cell(late),
        cell(&format_args!("{late_minutes} min")),
        cell(missing),
        cell(not_due),
        cell(unplanned),
        cell(on_leave),
        cell(unknown),
    ]
    .concat()
}

fn days(document: &AdherenceDocument, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<h2>Days</h2>\n<table>\n<thead><tr><th>Date</th><th>Person</th><th>Shifts</th><th>Sign-ins</th><th>Outcome</th></tr></thead>"
    )?;
    writeln!(out, "<tbody>")?;
    for person in &document.people {
        for day in person.lines.chunk_by(|one, other| one.date == other.date) {
            row(person, day, out)?;
        }
    }
    writeln!(out, "</tbody>\n</table>")
}

fn row(person: &PersonAdherence, day: &[AdherenceLine], out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = day.first() else { return Ok(()) };
    let who = [person.person.as_str(), &person.name].join(" ");
    let cell = |text: &dyn Fn(&AdherenceLine) -> String| day.iter().map(|line| escape(&text(line))).collect::<Vec<_>>().join("<br>");
    let outcome: Vec<String> =
        day.iter().map(|line| format!("<span class=\"{}\">{}</span>", class(line.outcome), escape(&line.words()))).collect();
    writeln!(
        out,
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        escape(&first.date),
        escape(who.trim_end()),
        cell(&AdherenceLine::shift),
        cell(&AdherenceLine::signed),
        outcome.join("<br>")
    )
}

/// Only our own words become classes.
fn class(outcome: &str) -> &'static str {
    Outcome::WORDS.into_iter().find(|word| *word == outcome).unwrap_or_default()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in deskform_model::printable::printable(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        assert_eq!(escape("<script>\"a\" & 'b'</script>"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;");
        assert_eq!(class("\"><script>"), "");
    }
}
