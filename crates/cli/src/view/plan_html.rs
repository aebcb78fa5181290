//! A plan as one HTML file that needs nothing else: no network, readable on a phone, with filters and the shifts as week grids.
//!
//! Without scripts everything is visible. The fragment of the address is a filter: `plan.html#kind=shift&action=remove&person=li-si`. All
//! values go through [`Page`], which makes them text; the page's policy permits its own style and script by their hashes and nothing else.

use std::collections::BTreeSet;
use std::io::{self, Write};

use deskform_model::Kind;
use deskform_model::time::Date;
use deskform_planner::Action;

use super::change_detail::{Detail, details, head, mark, verb};
use super::html::{Page, policy};
use super::people::People;
use super::plan_outline::{Counts, Item, Outline, Section, Tally, per_kind};
use super::roster::{Cell, Mark, Roster, week};
use super::{headline, plan_words, scope_human, words};
use crate::mask::Mask;
use crate::saved::{BrakeWords, PlanReport, ReleasedByWords};

const STYLE: &str = include_str!("html/plan.css");
const SCRIPT: &str = include_str!("html/plan.js");

/// A plan and what its page needs besides.
#[derive(Clone, Copy, Debug)]
pub struct PlanHtml<'a> {
    /// The plan and what is said about it.
    pub report: &'a PlanReport,
    /// Today, where a Release document can help against a brake.
    pub documents_from: Option<Date>,
    /// What masks phone numbers and e-mail addresses, if they are to be masked.
    pub mask: Option<&'a Mask>,
}

impl PlanHtml<'_> {
    /// Writes the file.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let outline = Outline::of(self.report);
        let counts = Counts::of(&self.report.plan);
        let people = People::of(&self.report.plan);
        let page = &mut Page::new(out, self.mask);
        page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")?;
        page.raw(&format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", policy(STYLE, SCRIPT)))?;
        page.raw(
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n",
        )?;
        page.element("title", "", &format!("Plan of {}", self.report.about.project))?;
        page.raw("\n<style>")?;
        page.raw(STYLE)?;
        page.raw("</style>\n</head>\n<body>\n<main>\n")?;
        self.top(page, &outline, &counts)?;
        self.scope(page)?;
        self.brakes(page)?;
        self.filters(page)?;
        for (section, items) in outline.sections() {
            match section {
                Section::Shifts => roster(page, &outline.roster(), &counts)?,
                _ => self.section(page, section, items, &people)?,
            }
        }
        self.notes(page)?;
        self.bottom(page, &counts)?;
        page.raw("</main>\n<script>")?;
        page.raw(SCRIPT)?;
        page.raw("</script>\n</body>\n</html>\n")
    }

    fn top(&self, page: &mut Page<'_>, outline: &Outline<'_>, counts: &Counts) -> io::Result<()> {
        let about = &self.report.about;
        let environment = if about.environment.is_empty() { String::new() } else { format!(", environment {}", about.environment) };
        let deed = if about.destroy { "Removal of everything that the ledger owns, " } else { "Plan of " };
        page.element("p", "eyebrow", &format!("{deed}{}{environment}", about.project))?;
        page.element("h1", "", &headline::sentence(self.report, outline, counts))?;
        page.raw("\n<ul class=\"counts\">\n")?;
        for (kind, Tally { add, change, remove, restore }) in per_kind(&self.report.plan) {
            page.raw("<li>")?;
            page.element("b", "", words::many(kind))?;
            let parts = [("+", add, "add"), ("↺", restore, "restore"), ("~", change, "change"), ("-", remove, "remove")];
            for (sign, number, verb) in parts.into_iter().filter(|(_, number, _)| *number > 0) {
                page.raw("<span")?;
                page.attribute("class", class(verb))?;
                page.attribute("title", &format!("{number} to {verb}"))?;
                page.raw(">")?;
                page.text(&format!("{sign}{number}"))?;
                page.raw("</span> ")?;
            }
            page.raw("</li>\n")?;
        }
        page.raw("</ul>\n")
    }

    /// What a narrowed plan left out.
    fn scope(&self, page: &mut Page<'_>) -> io::Result<()> {
        let Some(scope) = &self.report.plan.scope else { return Ok(()) };
        let mut text = anstream::StripStream::new(Vec::new());
        scope_human::write(scope, false, &mut text)?;
        page.raw("<section class=\"brake released\">")?;
        for line in String::from_utf8_lossy(&text.into_inner()).trim_end().lines() {
            page.element("p", "", line)?;
        }
        page.raw("</section>\n")
    }

    fn brakes(&self, page: &mut Page<'_>) -> io::Result<()> {
        for brake in &self.report.brakes.refused {
            page.raw("<section class=\"brake\">")?;
            self.brake(page, brake)?;
            page.element("p", "", &brake.help)?;
            page.element("p", "", &format!("If it is meant, add --allow {}.", brake.allow))?;
            if let Some(today) = self.documents_from {
                page.element("p", "", "Or put this among the manifests:")?;
                let until = today.saturating_add(jiff::Span::new().days(super::brake_human::PROPOSED_DAYS));
                page.raw("<pre>")?;
                for line in brake.document(until).lines() {
                    page.text(line)?;
                    page.raw("\n")?;
                }
                page.raw("</pre>")?;
            }
            page.raw("</section>\n")?;
        }
        for released in &self.report.brakes.released {
            page.raw("<section class=\"brake released\">")?;
            self.brake(page, &released.brake)?;
            let by = match &released.released_by {
                ReleasedByWords::Flag(allow) => format!("Released by --allow {allow}."),
                ReleasedByWords::Document { name: _, until, reason, source } => format!("Released by {source} until {until}: {reason}"),
            };
            page.element("p", "", &by)?;
            page.raw("</section>\n")?;
        }
        Ok(())
    }

    fn brake(&self, page: &mut Page<'_>, brake: &BrakeWords) -> io::Result<()> {
        page.raw("<p>")?;
        page.element("b", "", &format!("Brake {}: ", brake.code))?;
        page.text(&brake.message)?;
        page.raw("</p>")?;
        let more = brake.count.saturating_sub(brake.first.len());
        if brake.first.is_empty() {
            return Ok(());
        }
        page.raw("<ul>")?;
        for address in &brake.first {
            page.element("li", "", address)?;
        }
        if more > 0 {
            page.element("li", "", &format!("and {more} more"))?;
        }
        page.raw("</ul>")
    }

    /// Filters of what there is; they stay hidden without scripts, where they could do nothing.
    fn filters(&self, page: &mut Page<'_>) -> io::Result<()> {
        let changes = &self.report.plan.changes;
        let kinds: BTreeSet<Kind> = changes.iter().map(|change| change.kind()).collect();
        let actions: BTreeSet<&str> = changes.iter().map(|change| verb(&change.action)).collect();
        page.raw("<form class=\"filters\" hidden>\n")?;
        let kinds: Vec<(&str, &str)> = kinds.into_iter().map(|kind| (kind.word(), words::many(kind))).collect();
        let actions: Vec<(&str, &str)> = actions.into_iter().map(|action| (action, action)).collect();
        for (name, choices) in [("kind", kinds), ("action", actions)] {
            page.raw("<fieldset>")?;
            page.element("legend", "", name)?;
            for (value, word) in choices {
                page.raw("<label><input type=\"checkbox\"")?;
                page.attribute("name", name)?;
                page.attribute("value", value)?;
                page.raw(">")?;
                page.element("span", "", word)?;
                page.raw("</label>")?;
            }
            page.raw("</fieldset>\n")?;
        }
        page.raw("<input type=\"search\" placeholder=\"person\" aria-label=\"person\">\n<output class=\"shown faint\"></output>\n</form>\n")
    }

    fn section(&self, page: &mut Page<'_>, section: Section, items: &[Item<'_>], people: &People<'_>) -> io::Result<()> {
        page.raw(if section.is_danger() { "<section class=\"danger\" data-group>\n" } else { "<section data-group>\n" })?;
        page.element("h2", "", &words::capital(section.heading()))?;
        for item in items {
            let change = item.change;
            page.raw("\n<article class=\"change\"")?;
            page.attribute("data-kind", change.kind().word())?;
            page.attribute("data-action", verb(&change.action))?;
            page.attribute("data-person", people.name(&self.report.plan, change).unwrap_or_default())?;
            page.raw(">")?;
            let details = details(&self.report.plan, people, change, false);
            if details.is_empty() {
                page.raw("<div class=\"head\">")?;
                line(page, item)?;
                page.raw("</div>")?;
            } else {
                // What a new person or seat is given is long, and the edit of one is what a reviewer looks for.
                let folded = matches!(change.action, Action::Create { .. }) && !section.is_danger();
                page.raw(if folded { "<details><summary>" } else { "<details open><summary>" })?;
                line(page, item)?;
                page.raw("</summary>")?;
                list(page, &details)?;
                page.raw("</details>")?;
            }
            page.raw("</article>")?;
        }
        page.raw("\n</section>\n")
    }

    fn notes(&self, page: &mut Page<'_>) -> io::Result<()> {
        let notes = plan_words::notes(self.report, false);
        if notes.is_empty() {
            return Ok(());
        }
        page.raw("<section><h2>To know</h2>\n<ul>\n")?;
        for note in &notes {
            page.raw("<li>")?;
            page.text(&note.text)?;
            if let Some(place) = note.place {
                page.raw(" ")?;
                page.element("span", "place", &place.to_string())?;
            }
            page.raw("</li>\n")?;
        }
        page.raw("</ul></section>\n")
    }

    fn bottom(&self, page: &mut Page<'_>, counts: &Counts) -> io::Result<()> {
        let (strong, rest) = plan_words::result(&self.report.plan, counts);
        page.raw("<footer>\n")?;
        page.raw("<p>")?;
        page.element("b", "", strong)?;
        page.raw(" ")?;
        page.text(&rest)?;
        page.raw("</p>\n")?;
        for line in plan_words::closing(&self.report.plan) {
            page.element("p", "", &line)?;
        }
        page.raw("<p>Fingerprint: ")?;
        page.element("code", "", self.report.fingerprint())?;
        page.raw("</p>\n</footer>\n")
    }
}

/// Mark, head and place.
fn line(page: &mut Page<'_>, item: &Item<'_>) -> io::Result<()> {
    let (mark, _) = mark(&item.change.action);
    let verb = verb(&item.change.action);
    page.element("span", class(verb), &format!("{mark} {verb}"))?;
    page.element("span", "", &head(item.change))?;
    match item.place {
        Some(place) => page.element("span", "place", &place.to_string()),
        None => Ok(()),
    }
}

fn list(page: &mut Page<'_>, details: &[Detail]) -> io::Result<()> {
    page.raw("<ul class=\"details\">")?;
    for detail in details {
        page.raw("<li>")?;
        match detail {
            Detail::New { name, value } => {
                page.element("span", "name", name)?;
                page.element("span", "value add", value)?;
            }
            Detail::Changed { name, before, after, notes } => {
                page.element("span", "name", name)?;
                page.element("span", "value remove", before)?;
                page.raw(" \u{2192} ")?;
                page.element("span", "value add", after)?;
                said(page, notes)?;
            }
            Detail::Members { name, gone, come, notes } => {
                page.element("span", "name", name)?;
                for (sign, class, members) in [("-", "value remove", gone), ("+", "value add", come)] {
                    for member in members {
                        page.element("span", class, &format!("{sign} {member}"))?;
                        page.raw(" ")?;
                    }
                }
                said(page, notes)?;
            }
            Detail::Lines { name, diff, notes } => {
                page.element("span", "name", name)?;
                said(page, notes)?;
                page.raw("<pre class=\"diff\">")?;
                for line in diff {
                    let class = match line.sign {
                        '-' => "remove",
                        '+' => "add",
                        _ => "keep",
                    };
                    page.element("span", class, &format!("{} {}", line.sign, line.line))?;
                }
                page.raw("</pre>")?;
            }
            Detail::Refused(words) => page.element("span", "remove", &format!("! {words}"))?,
            Detail::Said(words) | Detail::Ids(words) => page.element("span", "", words)?,
        }
        page.raw("</li>")?;
    }
    page.raw("</ul>")
}

fn said(page: &mut Page<'_>, notes: &[String]) -> io::Result<()> {
    notes.iter().try_for_each(|note| {
        page.raw(" ")?;
        page.element("span", "faint", note)
    })
}

fn roster(page: &mut Page<'_>, roster: &Roster<'_>, counts: &Counts) -> io::Result<()> {
    page.raw("<section data-group>\n")?;
    page.element("h2", "", &words::capital(&plan_words::shifts_heading(counts)))?;
    for swap in &roster.swaps {
        page.element("p", "swap", &format!("swap: {swap}"))?;
    }
    page.raw("\n<ul class=\"legend\">")?;
    for mark in [Mark::Added, Mark::Changed, Mark::Removed] {
        page.raw("<li>")?;
        page.element("span", &format!("chip {}", mark_class(mark)), &mark.letter().to_string())?;
        page.raw(" ")?;
        page.text(mark.word())?;
        page.raw("</li>")?;
    }
    for (look, sign) in &roster.signs {
        page.raw("<li>")?;
        page.element("b", "", sign)?;
        page.raw(" ")?;
        page.text(&look.text())?;
        page.raw("</li>")?;
    }
    page.raw("</ul>\n")?;
    for monday in roster.weeks() {
        grid(page, roster, monday)?;
    }
    if !roster.remarks.is_empty() {
        page.raw("<ul>")?;
        for remark in &roster.remarks {
            page.element("li", "", &remark.line())?;
        }
        page.raw("</ul>\n")?;
    }
    page.raw("</section>\n")
}

fn grid(page: &mut Page<'_>, roster: &Roster<'_>, monday: Date) -> io::Result<()> {
    let days: Vec<Date> = week(monday).collect();
    let (first, last) = (monday, days.last().copied().unwrap_or(monday));
    page.raw("<div data-group>")?;
    page.element("h3", "", &format!("{first} to {last}"))?;
    page.raw("<div class=\"week\"><table><thead><tr><th></th>")?;
    for day in &days {
        page.raw("<th>")?;
        page.text(words::weekday(day.weekday()))?;
        page.raw("<br>")?;
        page.text(&day.day().to_string())?;
        page.raw("</th>")?;
    }
    page.raw("</tr></thead><tbody>\n")?;
    for (person, changed) in &roster.people {
        if !days.iter().any(|day| changed.contains_key(day)) {
            continue;
        }
        let person = page.escaped(person);
        page.raw(&format!("<tr data-group><th>{person}</th>"))?;
        for day in &days {
            page.raw("<td>")?;
            for cell in changed.get(day).map_or(&[][..], Vec::as_slice) {
                chip(page, roster, &person, cell)?;
            }
            page.raw("</td>")?;
        }
        page.raw("</tr>\n")?;
    }
    page.raw("</tbody></table></div></div>\n")
}

/// One shift; `person` is escaped already.
fn chip(page: &mut Page<'_>, roster: &Roster<'_>, person: &str, cell: &Cell<'_>) -> io::Result<()> {
    let (class, verb, mark) = (mark_class(cell.mark), verb(&cell.item.change.action), cell.mark.letter());
    let (title, sign) = (page.escaped(&cell.look.text()), page.escaped(roster.sign(&cell.look)));
    page.raw(&format!(
        "<span class=\"chip {class}\" data-kind=\"shift\" data-action=\"{verb}\" data-person=\"{person}\" title=\"{title}\">{mark}{sign}</span>"
    ))
}

fn mark_class(mark: Mark) -> &'static str {
    match mark {
        Mark::Removed => "remove",
        Mark::Changed => "edit",
        Mark::Added => "add",
    }
}

fn class(verb: &str) -> &'static str {
    match verb {
        "add" | "restore" => "badge add",
        "change" => "badge edit",
        "remove" | "cannot change" => "badge remove",
        _ => "badge",
    }
}
