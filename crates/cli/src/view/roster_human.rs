//! The roster of a plan as text: as many weeks beside each other as the terminal has room for, columns that line up with Chinese text, and a
//! legend that makes every sign and mark readable without colour.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use anstyle::Style;
use deskform_model::printable::printable;
use deskform_model::time::Date;
use jiff::Span;

use super::layout::{fit, pad, width, wrap};
use super::roster::{Cell, Mark, Roster, monday};
use super::words;
use crate::ui::{ADD, CHANGE, FAINT, REMOVE, STRONG};

/// What stands in a field without a change.
const EMPTY: &str = ".";
/// Columns of the narrowest day: its weekday.
const DAY: usize = 3;
/// Columns before a row.
const MARGIN: usize = 2;

/// The roster within `columns` columns.
#[derive(Clone, Copy, Debug)]
pub struct RosterHuman<'a> {
    /// The roster.
    pub roster: &'a Roster<'a>,
    /// The terminal's width.
    pub columns: usize,
}

impl RosterHuman<'_> {
    /// Writes swaps, grid, legend and remarks.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.swaps(out)?;
        let names = self.names();
        for block in self.blocks(names) {
            self.block(out, &block, names)?;
        }
        self.legend(out)?;
        for remark in &self.roster.remarks {
            writeln!(out, "      {}", remark.line())?;
        }
        Ok(())
    }

    /// Writes the swaps alone.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn swaps(&self, out: &mut dyn Write) -> io::Result<()> {
        self.roster.swaps.iter().try_for_each(|swap| writeln!(out, "  {CHANGE}swap:{CHANGE:#} {swap}"))
    }

    /// The days that stand beside each other.
    ///
    /// A run of weeks without a gap loses the days before its first and behind its last change. Blocks are whole weeks unless not even one
    /// fits.
    fn blocks(&self, names: usize) -> Vec<Vec<(Date, usize)>> {
        let widths = self.widths();
        let room = self.columns.saturating_sub(MARGIN + names + 1).max(DAY + 1);
        let mut blocks: Vec<Vec<(Date, usize)>> = Vec::new();
        let mut left = 0;
        for run in runs(&self.roster.days()) {
            let mut fresh = true;
            for week in run.chunk_by(|one, other| monday(*one) == monday(*other)) {
                let of = |day: &Date| widths.get(day).copied().unwrap_or(DAY);
                if fresh || week.iter().map(|day| of(day) + 1).sum::<usize>() > left {
                    blocks.push(Vec::new());
                    left = room;
                    fresh = false;
                }
                for day in week {
                    let need = of(day) + 1;
                    if need > left && blocks.last().is_some_and(|block| !block.is_empty()) {
                        blocks.push(Vec::new());
                        left = room;
                    }
                    left = left.saturating_sub(need);
                    if let Some(block) = blocks.last_mut() {
                        block.push((*day, of(day)));
                    }
                }
            }
        }
        blocks
    }

    /// The columns that each day with a change takes.
    fn widths(&self) -> BTreeMap<Date, usize> {
        let mut widths: BTreeMap<Date, usize> = BTreeMap::new();
        for (date, cells) in self.roster.people.values().flatten() {
            let most = widths.entry(*date).or_insert(DAY);
            *most = (*most).max(cells.iter().map(|cell| 1 + width(self.roster.sign(&cell.look))).sum());
        }
        widths
    }

    /// The columns that names take, and the months above them: of names at most a third of the terminal.
    fn names(&self) -> usize {
        let days = self.roster.days();
        let one_month = days.first().map(|day| day.first_of_month()) == days.last().map(|day| day.first_of_month());
        let month = if one_month { "2026-12" } else { "2026-11/12" };
        let widest = self.roster.people.keys().map(|person| width(&printable(person))).max().unwrap_or_default();
        widest.min(self.columns / 3).max(month.len())
    }

    fn block(&self, out: &mut dyn Write, days: &[(Date, usize)], names: usize) -> io::Result<()> {
        let line = |text: &dyn Fn(&Date) -> String| {
            let cells: Vec<String> = days.iter().map(|(day, width)| pad(&text(day), *width)).collect();
            cells.join(" ").trim_end().to_owned()
        };
        let weekdays = line(&|day| words::weekday(day.weekday()).to_owned());
        let numbers = line(&|day| format!("{:02}", day.day()));
        writeln!(out, "  {STRONG}{} {weekdays}{STRONG:#}", pad(&months(days), names))?;
        writeln!(out, "  {} {numbers}", pad("", names))?;
        for (person, changed) in &self.roster.people {
            if !days.iter().any(|(day, _)| changed.contains_key(day)) {
                continue;
            }
            write!(out, "  {}", pad(&fit(&printable(person), names), names))?;
            let mut blanks = 1;
            for (day, width) in days {
                write!(out, "{}", " ".repeat(blanks))?;
                let taken = self.cell(out, changed.get(day).map_or(&[], Vec::as_slice))?;
                blanks = 1 + width.saturating_sub(taken);
            }
            writeln!(out)?;
        }
        Ok(())
    }

    /// Writes one day of one person and says how many columns it takes.
    fn cell(&self, out: &mut dyn Write, cells: &[Cell<'_>]) -> io::Result<usize> {
        if cells.is_empty() {
            write!(out, "{FAINT}{EMPTY}{FAINT:#}")?;
            return Ok(EMPTY.len());
        }
        let mut taken = 0;
        for Cell { mark, look, item: _ } in cells {
            let (style, sign) = (style(*mark), self.roster.sign(look));
            write!(out, "{style}{}{sign}{style:#}", mark.letter())?;
            taken += 1 + width(sign);
        }
        Ok(taken)
    }

    fn legend(&self, out: &mut dyn Write) -> io::Result<()> {
        let marks = self.roster.marks().into_iter().rev().map(|mark| format!("{} {}", mark.letter(), mark.word()));
        let marks: Vec<String> = marks.chain([format!("{EMPTY} no change")]).collect();
        let signs: Vec<String> = self.roster.signs.iter().map(|(look, sign)| format!("{sign} {}", look.text())).collect();
        for line in wrap(&signs, "  ", self.columns.saturating_sub(6)).into_iter().chain([marks.join("  ")]) {
            writeln!(out, "      {FAINT}{line}{FAINT:#}")?;
        }
        Ok(())
    }
}

fn style(mark: Mark) -> Style {
    match mark {
        Mark::Removed => REMOVE,
        Mark::Changed => CHANGE,
        Mark::Added => ADD,
    }
}

/// Days from the first to the last with a change, wherever no whole week is without one.
fn runs(days: &BTreeSet<Date>) -> Vec<Vec<Date>> {
    let mut runs: Vec<Vec<Date>> = Vec::new();
    for day in days {
        let last = runs.last().and_then(|run| run.last()).copied();
        match (last, runs.last_mut()) {
            (Some(last), Some(run)) if monday(*day) <= monday(last).saturating_add(Span::new().days(7)) => {
                let mut next = last;
                while next < *day {
                    next = next.saturating_add(Span::new().days(1));
                    run.push(next);
                }
            }
            _ => runs.push(vec![*day]),
        }
    }
    runs
}

/// `2026-12`, or `2026-11/12`, or `2026-12/01`: the days tell where the next month begins.
fn months(days: &[(Date, usize)]) -> String {
    match (days.first().map(|(day, _)| day), days.last().map(|(day, _)| day)) {
        (Some(first), Some(last)) if first.month() != last.month() => {
            format!("{:04}-{:02}/{:02}", first.year(), first.month(), last.month())
        }
        (Some(first), _) => format!("{:04}-{:02}", first.year(), first.month()),
        _ => String::new(),
    }
}
