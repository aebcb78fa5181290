//! The join of one person's shifts with the person's sign-ins.

use deskform_model::Text;
use deskform_model::time::{Date, DateTime};

use super::{DayOff, Inputs, Line, Outcome, PersonReport, PlannedShift, Report, Tally, Tolerance};

/// Joins shifts with sign-ins. Entries about people who are not among [`Inputs::people`] are left out.
///
/// Of the shifts for which a sign-in may count, one without a sign-in so far is preferred, then the one whose start is nearest, then the later
/// one: who comes at the change of two shifts comes for the second.
pub fn adherence(inputs: &Inputs<'_>) -> Report {
    let size = inputs.people.len();
    let mut shifts: Vec<Vec<&PlannedShift>> = vec![Vec::new(); size];
    for shift in inputs.shifts {
        if let Some(list) = shifts.get_mut(shift.person) {
            list.push(shift);
        }
    }
    let mut moments: Vec<Vec<DateTime>> = vec![Vec::new(); size];
    for sign_in in inputs.sign_ins {
        if let Some(list) = moments.get_mut(sign_in.person) {
            list.push(sign_in.at);
        }
    }
    let mut days_off: Vec<Vec<&DayOff>> = vec![Vec::new(); size];
    for day in inputs.days_off.iter().filter(|day| day.leave && within(inputs, day.date)) {
        if let Some(list) = days_off.get_mut(day.person) {
            list.push(day);
        }
    }
    let mut report = Report { people: Vec::with_capacity(size), total: Tally::default(), run_in: 0, run_out: 0 };
    for (at, person) in inputs.people.iter().enumerate() {
        let (shifts, moments) = (&mut shifts[at], &mut moments[at]);
        shifts.sort_by(|a, b| (a.begins, a.ends, &a.name).cmp(&(b.begins, b.ends, &b.name)));
        moments.sort_unstable();
        report.run_in += shifts.iter().filter(|shift| shift.begins.date() < inputs.first && shift.ends > midnight(inputs.first)).count();
        report.run_out += shifts.iter().filter(|shift| shift.begins.date() == inputs.last && shift.ends.date() > inputs.last).count();
        let one = one_person(inputs, person.known, shifts, moments, &days_off[at]);
        report.total.add(&one.tally);
        report.people.push(one);
    }
    report
}

fn within(inputs: &Inputs<'_>, date: Date) -> bool {
    (inputs.first..=inputs.last).contains(&date)
}

fn midnight(date: Date) -> DateTime {
    date.to_datetime(deskform_model::time::Time::midnight())
}

fn one_person(inputs: &Inputs<'_>, known: bool, shifts: &[&PlannedShift], moments: &[DateTime], days_off: &[&DayOff]) -> PersonReport {
    let (signed, unplanned) = assign(inputs.tolerance, shifts, moments);
    let mut lines = Vec::new();
    for (shift, signed) in shifts.iter().zip(signed).filter(|(shift, _)| within(inputs, shift.begins.date())) {
        let mut signed = signed.into_iter();
        let first = signed.next();
        lines.push(Line {
            date: shift.begins.date(),
            hours: Some((shift.begins, shift.ends)),
            name: shift.name.clone(),
            sign_in: first,
            again: signed.collect(),
            outcome: outcome(inputs, known, shift.begins, first),
        });
    }
    for at in unplanned.into_iter().filter(|at| within(inputs, at.date())) {
        let line =
            Line { hours: None, name: Text::default(), sign_in: Some(at), again: Vec::new(), date: at.date(), outcome: Outcome::Unplanned };
        lines.push(line);
    }
    lines.extend(days_off.iter().map(|day| Line {
        date: day.date,
        hours: None,
        name: day.name.clone(),
        sign_in: None,
        again: Vec::new(),
        outcome: Outcome::OnLeave,
    }));
    lines.sort_by_key(|line| (line.date, line.hours.map(|(begins, _)| begins).or(line.sign_in), line.outcome));
    let mut tally = Tally::default();
    lines.iter().for_each(|line| tally.count(line));
    PersonReport { lines, tally }
}

fn outcome(inputs: &Inputs<'_>, known: bool, begins: DateTime, sign_in: Option<DateTime>) -> Outcome {
    let late_after = inputs.tolerance.late_after;
    match sign_in.map(|at| seconds(begins, at)) {
        Some(after) if after <= late_after => Outcome::OnTime,
        Some(after) => Outcome::Late { minutes: after / 60 },
        None if !known => Outcome::Unknown,
        None if seconds(begins, inputs.now) <= late_after => Outcome::NotDue,
        None => Outcome::Missing,
    }
}

/// The sign-ins of each shift in the order of time, and those that belong to none. Shifts and moments are sorted.
fn assign(tolerance: Tolerance, shifts: &[&PlannedShift], moments: &[DateTime]) -> (Vec<Vec<DateTime>>, Vec<DateTime>) {
    let mut signed: Vec<Vec<DateTime>> = vec![Vec::new(); shifts.len()];
    let mut unplanned = Vec::new();
    // Shifts before this one have ended before all that follows. One that runs on keeps later ones from being passed, which are few: nobody
    // works many shifts at once.
    let mut from = 0;
    for &at in moments {
        while shifts.get(from).is_some_and(|shift| shift.ends <= at) {
            from += 1;
        }
        let begun = shifts[from..].iter().take_while(|shift| seconds(at, shift.begins) <= tolerance.early_by);
        let open = begun.enumerate().filter(|(_, shift)| shift.ends > at).map(|(offset, shift)| (from + offset, shift));
        let best = open.min_by_key(|(position, shift)| {
            (!signed[*position].is_empty(), seconds(shift.begins, at).abs(), std::cmp::Reverse(shift.begins))
        });
        match best {
            Some((position, _)) => signed[position].push(at),
            None => unplanned.push(at),
        }
    }
    (signed, unplanned)
}

/// Seconds from one moment to the other; negative when it is before.
fn seconds(from: DateTime, to: DateTime) -> i64 {
    from.duration_until(to).as_secs()
}
