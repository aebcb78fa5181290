//! The measurements as tables for people.

use std::fmt;

use super::measure::Cost;

/// How much more an object may cost among ten times as many.
const GROWTH: f64 = 1.2;

/// What the design allows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Budget {
    /// Times the floor's CPU time.
    pub(crate) cpu: Option<f64>,
    /// Times the floor's wall time.
    pub(crate) wall: Option<f64>,
    /// MiB.
    pub(crate) memory: Option<f64>,
}

/// One operation at one size.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) people: usize,
    pub(crate) resources: usize,
    pub(crate) operation: &'static str,
    pub(crate) cost: Cost,
    pub(crate) floor: Cost,
    pub(crate) budget: Budget,
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    starts: Vec<(&'static str, Cost, f64)>,
}

impl Table {
    /// Adds a run that must be over within `limit` milliseconds.
    pub(crate) fn start_up(&mut self, name: &'static str, cost: Cost, limit: f64) {
        self.starts.push((name, cost, limit));
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody has that many resources")]
fn per_resource(row: &Row, milliseconds: f64) -> f64 {
    milliseconds * 1e3 / row.resources as f64
}

/// A measure, and the budget where there is one: `1.42 of 1.50`, with a mark where it is not met.
fn against(value: f64, budget: Option<f64>, digits: usize) -> String {
    match budget {
        None => format!("{value:.digits$}"),
        Some(limit) if value <= limit => format!("{value:.digits$} of {limit:.digits$}"),
        Some(limit) => format!("{value:.digits$} of {limit:.digits$} (!)"),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| start | wall ms |\n|---|---|")?;
        for (name, cost, limit) in &self.starts {
            writeln!(f, "| {name} | {} |", against(cost.wall, Some(*limit), 1))?;
        }
        writeln!(f)?;
        writeln!(
            f,
            "| people | operation | wall ms | CPU ms | peak MiB | CPU µs a resource | floor wall ms | floor CPU ms | wall / floor | CPU / floor |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|---|")?;
        for row in &self.rows {
            let Row { people, operation, cost, floor, budget, .. } = row;
            let memory = against(cost.memory, budget.memory, 0);
            let (wall, cpu) = (against(cost.wall / floor.wall, budget.wall, 2), against(cost.cpu / floor.cpu, budget.cpu, 2));
            writeln!(
                f,
                "| {people} | {operation} | {:.0} | {:.0} | {memory} | {:.1} | {:.0} | {:.0} | {wall} | {cpu} |",
                cost.wall,
                cost.cpu,
                per_resource(row, cost.cpu),
                floor.wall,
                floor.cpu,
            )?;
        }
        writeln!(f)?;
        writeln!(f, "| operation | from | to | CPU a resource | wall a resource | MiB a resource |\n|---|---|---|---|---|---|")?;
        for large in &self.rows {
            let smaller = self.rows.iter().rev().find(|row| row.operation == large.operation && row.people < large.people);
            let Some(small) = smaller.filter(|small| small.people >= 1_000 || large.people <= 1_000) else { continue };
            let times = |of: fn(&Cost) -> f64| {
                let growth = per_resource(large, of(&large.cost)) / per_resource(small, of(&small.cost));
                against(growth, (small.people >= 1_000).then_some(GROWTH), 2)
            };
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} |",
                large.operation,
                small.people,
                large.people,
                times(|cost| cost.cpu),
                times(|cost| cost.wall),
                times(|cost| cost.memory),
            )?;
        }
        Ok(())
    }
}
