//! What a worker gathers over all its chunks and what does not depend on their order: counts and
//! the states of reducers. Totals merge in any order and grouping, and freeze to bytes.

use serde::{Deserialize, Serialize};

use crate::chunk::Chunk;
use crate::column::Tally;
use crate::error::{Fault, FaultKind};
use crate::expr::Truth;
use crate::keys::{self, Keys};
use crate::plan::Plan;
use crate::reduce::{Call, Limits, States, View};
use crate::reduction::{Key, ReductionPlan};
use crate::report::{Figure, Table};
use crate::schema::Missing;
use crate::scratch::Room;
use crate::shape::Shaper;
use crate::sink::Tables;
use crate::spill::{Spill, share};
use crate::step::StepTally;

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
                .map(|reduction| Grouped::new(&reduction.name, &reduction.calls, &plan.limits))
                .collect(),
        }
    }

    /// Lends the groups of one of several workers the room to spill.
    pub fn lend(&mut self, room: &Room, worker: usize, workers: usize) {
        let keyed = self.reductions.len();
        for (at, grouped) in self.reductions.iter_mut().enumerate() {
            let name = format!("groups of reduction {at}, worker {worker}");
            grouped.spill = Some(Spill::new(room, &name, share(room, workers, keyed)));
        }
    }

    /// Before the totals of several workers are merged: where one of them has spilled, or they do not fit
    /// together, all that is left of them is spilled too.
    pub fn settle<'a>(shares: impl Iterator<Item = &'a mut Totals>) -> Result<(), Fault> {
        let mut shares: Vec<&mut Totals> = shares.collect();
        let reductions = shares.first().map_or(0, |totals| totals.reductions.len());
        for at in 0..reductions {
            let weight: usize = shares
                .iter()
                .map(|totals| totals.reductions[at].weight())
                .sum();
            let spills = shares.iter().any(|totals| {
                let spill = totals.reductions[at].spill.as_ref();
                // The least of them is moved into another one.
                spill.is_some_and(|spill| {
                    let most = spill.share.saturating_mul(shares.len());
                    !spill.is_empty() || (shares.len() > 1 && weight > most / 4 * 3)
                })
            });
            for totals in shares.iter_mut().filter(|_| spills) {
                totals.reductions[at].let_go()?;
            }
        }
        Ok(())
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

    pub fn freeze(&self) -> Result<Frozen, Fault> {
        let profile = self.profile.iter().map(|states| states.freeze(0));
        Ok(Frozen {
            rows_in: self.rows_in,
            unread: self.unread,
            rows_out: self.rows_out,
            steps: self.steps.clone(),
            used: self.used.clone(),
            profile: profile.collect::<Result<_, Fault>>()?,
            reductions: self
                .reductions
                .iter()
                .map(Grouped::freeze)
                .collect::<Result<_, Fault>>()?,
        })
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
            states.thaw(0, bytes)?;
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
    /// The reduction's name, and how many groups it may have.
    name: String,
    most: usize,
    keys: Keys,
    /// One for all calls that gather the same, in the order of the first of them.
    states: Vec<Box<dyn States>>,
    /// By state: the call that it was made for.
    first: Vec<usize>,
    /// By call: its state.
    shared: Vec<usize>,
    groups: Vec<u32>,
    /// The groups of the rows that a call's filter lets through.
    narrowed: Vec<u32>,
    /// Where groups go that do not fit, if the host has lent anything.
    spill: Option<Spill>,
}

impl Grouped {
    pub fn new(name: &str, calls: &[Call], limits: &Limits) -> Grouped {
        let (mut first, mut shared) = (Vec::<usize>::new(), Vec::new());
        for (at, call) in calls.iter().enumerate() {
            let same = |other: &usize| calls[*other].shares(call);
            shared.push(first.iter().position(same).unwrap_or_else(|| {
                first.push(at);
                first.len() - 1
            }));
        }
        Grouped {
            name: name.to_string(),
            most: limits.groups,
            keys: Keys::default(),
            states: first.iter().map(|at| calls[*at].states()).collect(),
            first,
            shared,
            groups: Vec::new(),
            narrowed: Vec::new(),
            spill: None,
        }
    }

    /// Takes the selected rows of a chunk; without keys into the one group there is.
    pub fn update(
        &mut self,
        by: &[Key],
        calls: &[Call],
        chunk: &mut Chunk,
        missing: &[Missing],
    ) -> Result<(), Fault> {
        if !by.is_empty() {
            self.keys.assign(chunk, by, missing, &mut self.groups);
            self.fits()?;
        }
        for (states, at) in self.states.iter_mut().zip(&self.first) {
            let call = &calls[*at];
            states.grow(if by.is_empty() { 1 } else { self.keys.len() });
            let Some(filter) = &call.filter else {
                let view = View::new(chunk, &call.slots, missing);
                if by.is_empty() {
                    states.update(&view);
                } else {
                    states.update_groups(&self.groups, &view);
                }
                continue;
            };
            let truths = filter.predicate.evaluate(chunk, missing);
            let kept = (chunk.selection().clone(), chunk.epoch());
            let mut rows = Vec::new();
            self.narrowed.clear();
            for (at, (row, truth)) in chunk.selected_rows().into_iter().zip(truths).enumerate() {
                if truth == Truth::True {
                    rows.push(row);
                    self.narrowed.extend(self.groups.get(at));
                }
            }
            chunk.select(rows);
            let view = View::new(chunk, &call.slots, missing);
            if by.is_empty() {
                states.update(&view);
            } else {
                states.update_groups(&self.narrowed, &view);
            }
            chunk.restore(kept.0, kept.1);
        }
        if let Some(spill) = &mut self.spill
            && self.keys.weight() + weight(&self.states) > spill.share
            && !self.keys.is_empty()
        {
            spill.write(&self.keys, &self.states)?;
            self.keys.clear();
            for states in &mut self.states {
                states.reset();
            }
        }
        Ok(())
    }

    /// The bytes that keys and states take, about.
    fn weight(&self) -> usize {
        self.keys.weight() + weight(&self.states)
    }

    /// Spills what is held, and gives its memory back.
    fn let_go(&mut self) -> Result<(), Fault> {
        if let Some(spill) = &mut self.spill
            && !self.keys.is_empty()
        {
            spill.write(&self.keys, &self.states)?;
            self.keys = Keys::default();
            for states in &mut self.states {
                *states = states.fresh();
            }
        }
        Ok(())
    }

    /// Whether there are no more groups than there may be. What is too many for one worker is so for
    /// all, so it does not matter who notices.
    fn fits(&self) -> Result<(), Fault> {
        self.within(self.keys.len())
    }

    fn within(&self, groups: usize) -> Result<(), Fault> {
        if groups <= self.most {
            return Ok(());
        }
        Err(Fault::new(
            FaultKind::Limit,
            format!("reduction {}", self.name),
            format!("more than {} groups", self.most),
            format!("at most {}", self.most),
        )
        .hint("group by less, or raise groups under [limits] if memory allows"))
    }

    /// Merges what another worker gathered of the same calls.
    pub fn merge(&mut self, other: &Grouped) -> Result<(), Fault> {
        if let Some(theirs) = other.spill.as_ref().filter(|spill| !spill.is_empty()) {
            match &mut self.spill {
                Some(spill) => spill.join(theirs),
                spill => *spill = Some(theirs.clone()),
            }
        }
        // Without keys there is one group, whose number is 0.
        let map: Vec<u32> = if other.keys.is_empty() {
            vec![0]
        } else {
            (0..other.keys.len())
                .map(|key| self.keys.number(other.keys.bytes(key)))
                .collect()
        };
        self.fits()?;
        for (states, from) in self.states.iter_mut().zip(&other.states) {
            states.merge(from.as_ref(), &map)?;
        }
        Ok(())
    }

    pub fn freeze(&self) -> Result<Vec<FrozenGroup>, Fault> {
        if self.spilled().is_some() {
            return Err(Fault::internal("groups that were spilled are not frozen"));
        }
        let frozen = |group: usize, key: &[u8]| {
            let states = self.states.iter().map(|states| states.freeze(group));
            Ok(FrozenGroup {
                key: key.to_vec(),
                states: states.collect::<Result<_, Fault>>()?,
            })
        };
        if self.keys.is_empty() {
            let any = self.states.iter().any(|states| !states.is_empty());
            return any.then(|| frozen(0, b"")).into_iter().collect();
        }
        let mut groups: Vec<FrozenGroup> = (0..self.keys.len())
            .map(|group| frozen(group, self.keys.bytes(group)))
            .collect::<Result<_, Fault>>()?;
        groups.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(groups)
    }

    pub fn thaw(&mut self, groups: &[FrozenGroup]) -> Result<(), Fault> {
        for group in groups {
            let number = match group.key.as_slice() {
                [] => 0,
                key => self.keys.number(key) as usize,
            };
            if group.states.len() != self.states.len() {
                return Err(Fault::new(
                    FaultKind::State,
                    "thaw",
                    "a group of another plan",
                    "this plan's",
                ));
            }
            for (states, bytes) in self.states.iter_mut().zip(&group.states) {
                states.thaw(number, bytes)?;
            }
        }
        Ok(())
    }

    fn row<'a>(
        &'a self,
        states: &'a [Box<dyn States>],
        calls: &'a [Call],
        group: usize,
    ) -> impl Iterator<Item = Figure> + 'a {
        calls
            .iter()
            .zip(&self.shared)
            .map(move |(call, state)| states[*state].finish(group, call.answer, &call.asked))
    }

    /// The answers of a group: the first where there are no keys.
    pub fn answers_of(&self, calls: &[Call], group: usize) -> Vec<Figure> {
        self.row(&self.states, calls, group).collect()
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    fn spilled(&self) -> Option<&Spill> {
        self.spill.as_ref().filter(|spill| !spill.is_empty())
    }

    /// The answer, sorted by key. Its rows go to the host's tables if it has any, and are held else.
    pub fn finish<'a>(
        &self,
        reduction: &'a ReductionPlan,
        tables: Option<&'a mut dyn Tables>,
    ) -> Result<Table, Fault> {
        let calls = &reduction.calls;
        let mut shaper = Shaper::new(reduction, tables)?;
        if reduction.by.is_empty() {
            shaper.take(self.row(&self.states, calls, 0).collect())?;
            return shaper.finish();
        }
        let mut take = |key: &[u8], states: &[Box<dyn States>], group: usize| {
            let parts = keys::parts(key)?;
            let keys = parts
                .iter()
                .zip(&reduction.by)
                .map(|(part, key)| part.figure(key));
            shaper.take(keys.chain(self.row(states, calls, group)).collect())
        };
        match self.spilled() {
            Some(spill) => {
                if !self.keys.is_empty() {
                    return Err(Fault::internal(
                        "groups that were neither spilled nor merged",
                    ));
                }
                let mut states: Vec<_> = self.states.iter().map(|states| states.fresh()).collect();
                let mut groups = 0;
                spill.merge(&mut states, |key, states| {
                    groups += 1;
                    self.within(groups)?;
                    take(key, states, 0)
                })?;
            }
            None => {
                for key in self.keys.sorted() {
                    take(self.keys.bytes(key as usize), &self.states, key as usize)?;
                }
            }
        }
        shaper.finish()
    }
}

fn weight(states: &[Box<dyn States>]) -> usize {
    states.iter().map(|states| states.weight()).sum()
}
