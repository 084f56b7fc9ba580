//! What a worker gathers over all its chunks and what does not depend on their order: counts and
//! the states of reducers. Totals merge in any order and grouping, and freeze to bytes.

use serde::{Deserialize, Serialize};

use crate::chunk::Chunk;
use crate::column::Tally;
use crate::error::{Fault, FaultKind};
use crate::keys::{Keys, Part};
use crate::plan::{Plan, ReductionPlan};
use crate::reduce::{Call, Needs, States, View};
use crate::report::{Figure, Table};
use crate::schema::Missing;
use crate::step::StepTally;
use crate::value::class::Type;

/// Counts and states.
pub struct Totals {
    pub rows_in: u64,
    /// Records rejected by reading, before any step.
    pub unread: u64,
    pub rows_out: u64,
    /// One a step of the recipe.
    pub steps: Vec<StepTally>,
    /// One a slot: what its cells were where it was used as numbers.
    pub used: Vec<Option<Tally>>,
    pub profile: Vec<Box<dyn States>>,
    pub reductions: Vec<Grouped>,
}

impl Totals {
    pub fn new(plan: &Plan) -> Totals {
        Totals {
            rows_in: 0,
            unread: 0,
            rows_out: 0,
            steps: vec![StepTally::default(); plan.step_words.len()],
            used: vec![None; plan.slots],
            profile: plan.profile.iter().map(Call::states).collect(),
            reductions: plan
                .reductions
                .iter()
                .map(|reduction| Grouped::new(&reduction.calls))
                .collect(),
        }
    }

    pub fn merge(&mut self, other: &Totals) -> Result<(), Fault> {
        self.rows_in += other.rows_in;
        self.unread += other.unread;
        self.rows_out += other.rows_out;
        for (step, from) in self.steps.iter_mut().zip(&other.steps) {
            step.merge(from);
        }
        for (used, from) in self.used.iter_mut().zip(&other.used) {
            if let Some(from) = from {
                used.get_or_insert_with(Tally::default).merge(from);
            }
        }
        for (states, from) in self.profile.iter_mut().zip(&other.profile) {
            states.merge(from.as_ref(), &[0])?;
        }
        for (grouped, from) in self.reductions.iter_mut().zip(&other.reductions) {
            grouped.merge(from)?;
        }
        Ok(())
    }

    pub fn freeze(&self) -> Frozen {
        Frozen {
            rows_in: self.rows_in,
            unread: self.unread,
            rows_out: self.rows_out,
            steps: self.steps.clone(),
            used: self.used.clone(),
            profile: self.profile.iter().map(|states| states.freeze(0)).collect(),
            reductions: self.reductions.iter().map(Grouped::freeze).collect(),
        }
    }

    pub fn thaw(plan: &Plan, frozen: &Frozen) -> Result<Totals, Fault> {
        let mut totals = Totals::new(plan);
        if frozen.steps.len() != totals.steps.len()
            || frozen.used.len() != totals.used.len()
            || frozen.profile.len() != totals.profile.len()
            || frozen.reductions.len() != totals.reductions.len()
        {
            return Err(Fault::new(
                FaultKind::State,
                "thaw",
                "the totals of another plan",
                "this plan's",
            ));
        }
        totals.rows_in = frozen.rows_in;
        totals.unread = frozen.unread;
        totals.rows_out = frozen.rows_out;
        totals.steps.clone_from(&frozen.steps);
        totals.used.clone_from(&frozen.used);
        for (states, bytes) in totals.profile.iter_mut().zip(&frozen.profile) {
            if !bytes.is_empty() {
                states.thaw(bytes)?;
            }
        }
        for (grouped, from) in totals.reductions.iter_mut().zip(&frozen.reductions) {
            grouped.thaw(from)?;
        }
        Ok(totals)
    }
}

/// [`Totals`] as plain data; equal totals are equal here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frozen {
    rows_in: u64,
    unread: u64,
    rows_out: u64,
    steps: Vec<StepTally>,
    used: Vec<Option<Tally>>,
    profile: Vec<Vec<u8>>,
    reductions: Vec<Vec<FrozenGroup>>,
}

/// One group: its key, and a state for each call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrozenGroup {
    key: Vec<u8>,
    states: Vec<Vec<u8>>,
}

/// The states of one reduction, by group.
pub struct Grouped {
    keys: Keys,
    states: Vec<Box<dyn States>>,
    groups: Vec<u32>,
}

impl Grouped {
    pub fn new(calls: &[Call]) -> Grouped {
        Grouped {
            keys: Keys::default(),
            states: calls.iter().map(Call::states).collect(),
            groups: Vec::new(),
        }
    }

    /// Takes the selected rows of a chunk.
    pub fn update(&mut self, reduction: &ReductionPlan, chunk: &Chunk, missing: &[Missing]) {
        if reduction.by.is_empty() {
            return self.update_calls(&reduction.calls, chunk, missing);
        }
        self.keys
            .assign(chunk, &reduction.by, missing, &mut self.groups);
        for (states, call) in self.states.iter_mut().zip(&reduction.calls) {
            states.grow(self.keys.len());
            states.update_groups(&self.groups, &view(call, chunk, missing));
        }
    }

    /// Takes the selected rows of a chunk into the one group there is without keys.
    pub fn update_calls(&mut self, calls: &[Call], chunk: &Chunk, missing: &[Missing]) {
        for (states, call) in self.states.iter_mut().zip(calls) {
            states.update(&view(call, chunk, missing));
        }
    }

    /// Merges what another worker gathered of the same calls.
    pub fn merge(&mut self, other: &Grouped) -> Result<(), Fault> {
        // Without keys there is one group, whose number is 0.
        let map: Vec<u32> = if other.keys.is_empty() {
            vec![0]
        } else {
            (0..other.keys.len())
                .map(|key| self.keys.number(other.keys.bytes(key)))
                .collect()
        };
        for (states, from) in self.states.iter_mut().zip(&other.states) {
            states.merge(from.as_ref(), &map)?;
        }
        Ok(())
    }

    pub fn freeze(&self) -> Vec<FrozenGroup> {
        let frozen = |group: usize, key: &[u8]| FrozenGroup {
            key: key.to_vec(),
            states: self
                .states
                .iter()
                .map(|states| states.freeze(group))
                .collect(),
        };
        if self.keys.is_empty() {
            let any = self.states.iter().any(|states| !states.is_empty());
            return if any {
                vec![frozen(0, b"")]
            } else {
                Vec::new()
            };
        }
        let mut groups: Vec<FrozenGroup> = (0..self.keys.len())
            .map(|group| frozen(group, self.keys.bytes(group)))
            .collect();
        groups.sort_by(|a, b| a.key.cmp(&b.key));
        groups
    }

    pub fn thaw(&mut self, groups: &[FrozenGroup]) -> Result<(), Fault> {
        for group in groups {
            if !group.key.is_empty() {
                self.keys.number(&group.key);
            }
            if group.states.len() != self.states.len() {
                return Err(Fault::new(
                    FaultKind::State,
                    "thaw",
                    "a group of another plan",
                    "this plan's",
                ));
            }
            for (states, bytes) in self.states.iter_mut().zip(&group.states) {
                states.thaw(bytes)?;
            }
        }
        Ok(())
    }

    /// The answers of the only group of a reduction without keys.
    pub fn answers(&self, calls: &[Call]) -> Vec<Figure> {
        self.states
            .iter()
            .zip(calls)
            .map(|(states, call)| states.finish(0, call.ty))
            .collect()
    }

    /// The answer, sorted by key.
    pub fn finish(&self, reduction: &ReductionPlan) -> Result<Table, Fault> {
        let row = |group: usize| {
            self.states
                .iter()
                .zip(&reduction.calls)
                .map(move |(states, call)| states.finish(group, call.ty))
        };
        let mut rows = Vec::new();
        if reduction.by.is_empty() {
            rows.push(row(0).collect());
        } else {
            let mut keyed: Vec<(Vec<Part>, usize)> = (0..self.keys.len())
                .map(|key| Ok((self.keys.parts(key)?, key)))
                .collect::<Result<_, Fault>>()?;
            keyed.sort_by(|(a, _), (b, _)| {
                a.iter()
                    .zip(b)
                    .map(|(a, b)| a.order(b))
                    .find(|order| order.is_ne())
                    .unwrap_or(std::cmp::Ordering::Equal)
            });
            for (parts, group) in keyed {
                let keys = parts
                    .iter()
                    .zip(&reduction.by)
                    .map(|(part, (.., ty))| part.figure(*ty));
                rows.push(keys.chain(row(group)).collect());
            }
        }
        Ok(Table {
            columns: reduction.columns.clone(),
            rows,
        })
    }
}

fn view<'a>(call: &Call, chunk: &'a Chunk, missing: &'a [Missing]) -> View<'a> {
    View {
        chunk,
        slot: call.slot,
        missing: &missing[call.slot],
    }
}

/// What must be decoded before a call is updated.
pub fn needs_of(call: &Call) -> (Option<usize>, Option<usize>) {
    match call.needs() {
        Needs::Nothing => (None, None),
        Needs::Numbers => (Some(call.slot), None),
        Needs::Ordered if call.ty == Type::Text => (None, Some(call.slot)),
        Needs::Ordered => (Some(call.slot), None),
        // A column that is numbers elsewhere is counted as numbers here too.
        Needs::Text if call.ty != Type::Text => (Some(call.slot), Some(call.slot)),
        Needs::Text => (None, Some(call.slot)),
    }
}
