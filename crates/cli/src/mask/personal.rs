//! Which texts are personal because of the field that they stand in, collected from everything that a run reads: manifests, platforms, ledger
//! and plans.
//!
//! Limits: what a field for phone numbers or addresses holds and neither is an address nor has five digits is not looked for elsewhere, and
//! numbers in names, remarks and custom fields are found by their look alone.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskform_applier::wire::decode::SupportRecord;
use deskform_model::schema::nearest;
use deskform_model::{Desired, FieldKey, Kind, NaturalKey, Person, Value, Values};
use deskform_planner::plan::{Before, FieldChange, NoteKind, Refusal};
use deskform_planner::{Action, Ledger, LiveObject, Observed, Plan};

use super::literal::{Mask, is_telling};
use super::mobile;

/// The fields whose values belong to a person; the account besides, where it holds a phone number or is an address.
const FIELDS: [(Kind, &[&str]); 2] =
    [(Kind::Support, &["email", "landline", "mobile", "qq"]), (Kind::Agent, &["boundPhone", "callerId", "email"])];

/// The personal texts that a run has met. Clones share what they know.
#[derive(Clone, Debug, Default)]
pub struct Personal {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Without anything to mask nothing is collected.
    wanted: bool,
    texts: HashSet<String>,
    /// Made when it is asked for.
    mask: Option<Mask>,
}

impl Personal {
    /// Collects from now on.
    pub fn collect(&self) {
        self.lock().wanted = true;
    }

    /// What masks everything that is known so far.
    pub fn mask(&self) -> Mask {
        let mut shared = self.lock();
        if let Some(mask) = &shared.mask {
            return mask.clone();
        }
        let mask = Mask::of(&shared.texts);
        shared.mask = Some(mask.clone());
        mask
    }

    /// What manifests declare.
    pub fn learn_desired(&self, desired: &Desired) {
        self.learn(|texts| {
            for resource in desired.resources() {
                texts.key(&resource.key);
                texts.values(resource.kind(), &resource.values);
            }
        });
    }

    /// What platforms show.
    pub fn learn_observed(&self, observed: &Observed) {
        self.learn(|texts| {
            observed.supports.iter().chain(&observed.recycled).chain(&observed.agents).for_each(|object| texts.object(object));
            observed.caller.iter().for_each(|account| texts.account(account));
        });
    }

    /// One object that a platform shows.
    pub fn learn_object(&self, object: &LiveObject) {
        self.learn(|texts| texts.object(object));
    }

    /// One person as a reply shows them.
    pub fn learn_record(&self, record: &SupportRecord) {
        self.learn(|texts| {
            record.account.iter().for_each(|account| texts.account(account));
            texts.values(Kind::Support, &record.values);
        });
    }

    /// What was done before.
    pub fn learn_ledger(&self, ledger: &Ledger) {
        self.learn(|texts| {
            for entry in ledger.entries.values() {
                texts.key(&entry.key);
                for values in [Some(&entry.set), entry.seen.as_ref()].into_iter().flatten() {
                    texts.values(entry.key.kind(), values);
                }
            }
            for (account, recycled) in &ledger.recycled {
                texts.account(account);
                texts.values(Kind::Support, &recycled.set);
            }
        });
    }

    /// What will be done.
    pub fn learn_plan(&self, plan: &Plan) {
        self.learn(|texts| {
            for change in &plan.changes {
                texts.key(&change.key);
                texts.action(change.kind(), &change.action);
            }
            for note in &plan.notes {
                if let NoteKind::DriftKept { field, live, want } = &note.what {
                    [live, want].into_iter().for_each(|value| texts.value(note.address.kind, field, value));
                }
            }
        });
    }

    /// Manifests that are not valid, so that nothing is known of them but their text: what stands behind the names of the fields, or behind
    /// what was probably meant for one.
    pub fn learn_text(&self, manifest: &str) {
        let names = || FIELDS.iter().flat_map(|(_, names)| *names).copied();
        // Manifests have many lines and few keys.
        let mut known: HashMap<&str, bool> = HashMap::new();
        self.learn(|texts| {
            for (key, value) in manifest.lines().flat_map(pairs) {
                if key == "account" {
                    texts.account(value);
                } else if *known.entry(key).or_insert_with(|| nearest(key, names()).is_some()) {
                    texts.text(value);
                }
            }
        });
    }

    /// A word of the command line: `mobile:6370000`, `account:13900000001`, an account.
    pub fn learn_word(&self, word: &str) {
        self.learn_text(word);
        self.learn(|texts| texts.account(word.rsplit([':', '/', '=']).next().unwrap_or(word)));
    }

    fn learn(&self, learn: impl FnOnce(&mut Texts<'_>)) {
        let mut shared = self.lock();
        if shared.wanted {
            let known = shared.texts.len();
            learn(&mut Texts(&mut shared.texts));
            if shared.texts.len() > known {
                shared.mask = None;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // A panic while something was added leaves the rest good.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is being learned.
struct Texts<'a>(&'a mut HashSet<String>);

impl Texts<'_> {
    fn text(&mut self, text: &str) {
        let text = text.trim();
        if is_telling(text) && !self.0.contains(text) {
            self.0.insert(text.to_owned());
        }
    }

    /// Most accounts are names, which are nobody's secret.
    fn account(&mut self, account: &str) {
        let narrow: String = account.chars().map(narrow).collect();
        if account.contains('@') || (0..narrow.len()).any(|at| mobile(&narrow.as_bytes()[at..]).is_some()) {
            self.text(account);
        }
    }

    fn key(&mut self, key: &NaturalKey) {
        match key {
            NaturalKey::Support { account }
            | NaturalKey::Permission { person: Person::Account(account), .. }
            | NaturalKey::Shift { person: Person::Account(account), .. } => self.account(account),
            NaturalKey::Permission { .. } | NaturalKey::Shift { .. } | NaturalKey::Agent { .. } => {}
        }
    }

    fn values(&mut self, kind: Kind, values: &Values) {
        for (_, names) in FIELDS.iter().filter(|(of, _)| *of == kind) {
            names.iter().filter_map(|name| values.named(kind, name).and_then(Value::as_text)).for_each(|text| self.text(text));
        }
    }

    fn value(&mut self, kind: Kind, field: &FieldKey, value: &Value) {
        let name = field.name(kind);
        let Some(text) = value.as_text() else { return };
        if FIELDS.iter().any(|(of, names)| *of == kind && names.contains(&&*name)) {
            self.text(text);
        } else if name == "account" {
            self.account(text);
        }
    }

    fn object(&mut self, object: &LiveObject) {
        self.key(&object.key);
        self.values(object.key.kind(), &object.values);
    }

    fn action(&mut self, kind: Kind, action: &Action) {
        match action {
            Action::Create { values, .. } | Action::Record { values, .. } | Action::Delete { last: values, .. } => {
                self.values(kind, values)
            }
            Action::Update { values, fields, saw, .. } => {
                self.values(kind, values);
                self.values(kind, saw);
                self.fields(kind, fields);
            }
            Action::Restore { values, fields, .. } => {
                self.values(kind, values);
                self.fields(kind, fields);
            }
            Action::Refuse { why } => {
                for refusal in why {
                    if let Refusal::Fixed { field, have, want } = refusal {
                        [have, want].into_iter().for_each(|value| self.value(kind, field, value));
                    }
                }
            }
            Action::Forget { .. } => {}
        }
    }

    fn fields(&mut self, kind: Kind, fields: &[FieldChange]) {
        for FieldChange { field, before, after, why: _ } in fields {
            self.value(kind, field, after);
            if let Before::Live(value) | Before::LastSet(value, _) = before {
                self.value(kind, field, value);
            }
        }
    }
}

/// Keys of a line of YAML, in block or flow style, with the texts behind them, without quotes.
fn pairs(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.match_indices(':').filter_map(move |(at, _)| {
        let key = line[..at].trim_end().trim_end_matches(['"', '\'']);
        let key = key.rsplit(|letter: char| !letter.is_alphanumeric()).next()?;
        let rest = line[at + 1..].trim_start();
        let value = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
            _ => rest.split([',', '}', '#']).next()?,
        };
        Some((key, value.trim()))
    })
}

/// The digit of an ordinary keyboard for that of a Chinese one.
fn narrow(letter: char) -> char {
    match letter {
        '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(letter) - 0xff10 + u32::from('0')).unwrap_or(letter),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use deskform_model::RemoteId;

    use super::*;

    fn support(fields: &[(&str, &str)]) -> Values {
        let mut values = Values::new();
        for (name, text) in fields {
            values.insert(Kind::Support.key(name).expect("a field"), Value::text(*text));
        }
        values
    }

    fn record(account: &str, fields: &[(&str, &str)]) -> SupportRecord {
        SupportRecord { remote: RemoteId::new("1").expect("an id"), account: Some(account.into()), values: support(fields), stat: None }
    }

    fn collecting() -> Personal {
        let personal = Personal::default();
        personal.collect();
        personal
    }

    #[test]
    fn what_personal_fields_hold_is_masked_and_what_others_hold_is_not() {
        let personal = collecting();
        personal
            .learn_record(&record("zhang.san.1234567", &[("mobile", "139.1234.5678"), ("name", "7654321"), ("staffNumber", "1234567")]));
        let text = "139.1234.5678 7654321 1234567 zhang.san.1234567";
        assert_eq!(personal.mask().apply(text), "***.****.5678 7654321 1234567 zhang.san.1234567");
    }

    #[test]
    fn accounts_that_hold_a_mobile_or_are_addresses_are_personal() {
        for (account, masked) in [
            ("13912345670x", "*******5670x"),
            ("a13912345674", "a*******5674"),
            ("x@例子.com", "***@例子.com"),
            ("a139-1234-5674", "a***-****-5674"),
        ] {
            let personal = collecting();
            personal.learn_record(&record(account, &[]));
            assert_eq!(personal.mask().apply(&format!("support/{account} ")), format!("support/{masked} "));
        }
    }

    #[test]
    fn clones_share_what_they_learn_and_a_mask_is_of_its_moment() {
        let personal = collecting();
        let before = personal.mask();
        personal.clone().learn_record(&record("a", &[("landline", "6370000")]));
        assert_eq!((before.apply("6370000"), personal.mask().apply("6370000")), ("6370000".into(), "****000".into()));
    }

    #[test]
    fn nothing_is_collected_where_nothing_is_masked() {
        let personal = Personal::default();
        personal.learn_record(&record("a", &[("landline", "6370000")]));
        assert_eq!(personal.mask().apply("6370000"), "6370000");
    }

    #[test]
    fn manifests_that_are_not_valid_are_looked_through_for_their_fields() {
        let personal = collecting();
        personal.learn_text("spec: {mobile: '139.1234.5678', landlin: 6370000}\n  email: x@例子.com # private\n  \"boundPhone\": \"5551234\"\n  account: a13912345674");
        let masked = personal.mask().apply("139.1234.5678 6370000 x@例子.com 5551234 a13912345674").into_owned();
        assert_eq!(masked, "***.****.5678 ****000 ***@例子.com ****234 a*******5674");
    }

    #[test]
    fn what_was_typed_is_personal_as_well() {
        let personal = collecting();
        for word in ["mobile:6370000", "account:a13912345674", "b13912345674", "--limit", "12345678"] {
            personal.learn_word(word);
        }
        let masked = personal.mask().apply("nobody has 6370000, a13912345674, b13912345674 or 12345678").into_owned();
        assert_eq!(masked, "nobody has ****000, a*******5674, b*******5674 or 12345678");
    }

    #[test]
    fn ten_thousand_people_cost_the_output_once() {
        let personal = collecting();
        for number in 0..10_000 {
            personal.learn_record(&record("a", &[("mobile", &format!("139.1234.{number:04}"))]));
        }
        let text = "139.1234.0001 and 139.1234.9999\n".repeat(1_000);
        assert_eq!(personal.mask().apply(&text), "***.****.0001 and ***.****.9999\n".repeat(1_000));
    }

    #[test]
    fn every_name_is_that_of_a_field() {
        for (kind, names) in FIELDS {
            names.iter().for_each(|name| assert!(kind.key(name).is_some(), "{name}"));
        }
    }

    #[test]
    fn texts_are_found_where_yaml_has_them() {
        let found = |line: &'static str| pairs(line).collect::<Vec<_>>();
        assert_eq!(found("- {mobile: 1, 'email' : \"2\" } # private"), [("mobile", "1"), ("email", "2")]);
        assert_eq!(found("  landline: (010) 6370 # private"), [("landline", "(010) 6370")]);
        assert!(found("mobile").is_empty() && found("mobile:").is_empty());
    }
}
