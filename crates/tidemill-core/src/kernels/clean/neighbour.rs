//! `fill` from the previous or the next row that has a value, by group where the step says so. A chunk
//! says which groups lack a value at its beginning (or at its end), and which values it has to give to the
//! chunks behind (or before); the ledger brings the two together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::chunk::Chunk;
use crate::column::{Kind, Typed};
use crate::error::Fault;
use crate::keys::Keys;
use crate::number::decimal::Decimal;
use crate::reduction::Key;
use crate::schema::{Missing, Schema};
use crate::scratch::Room;
use crate::step::{Ledger, Outcome, Sequential, freeze, thaw};

/// A column that is filled.
pub struct Target {
    pub slot: usize,
    pub next: bool,
    /// Whether its typed reading says what is missing.
    pub typed: bool,
    pub missing: Missing,
}

pub struct Neighbours {
    targets: Vec<Target>,
    by: Vec<Key>,
    missing: Vec<Missing>,
    groups: usize,
}

/// A value on its way to another chunk, and its reading where there is one.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Value {
    text: Vec<u8>,
    value: Option<Decimal>,
}

#[derive(Default, Serialize, Deserialize)]
struct Summary {
    /// The keys of the groups in the chunk.
    groups: Vec<Vec<u8>>,
    /// Groups and targets that lack a value from another chunk.
    lack: Vec<(u32, u32)>,
    /// What other chunks may have.
    give: Vec<(u32, u32, Value)>,
}

/// Values for groups and targets of one chunk.
type Answer = Vec<(Vec<u8>, u32, Value)>;

/// Where a value stands in the chunk, and its reading where there is one.
type Placed = ((u32, u32), Option<Decimal>);

/// What a cell is to this step.
#[derive(Clone, Copy, PartialEq)]
enum Cell {
    Missing,
    /// It may fill others.
    Present,
    /// Neither, such as NaN.
    Other,
}

impl Neighbours {
    pub fn new(targets: Vec<Target>, by: Vec<Key>, schema: &Schema) -> Neighbours {
        Neighbours {
            targets,
            by,
            missing: schema.missing.clone(),
            groups: schema.limits.groups,
        }
    }

    /// The group of each selected row.
    fn assign(&self, chunk: &Chunk) -> (Keys, Vec<u32>) {
        let (mut keys, mut groups) = (Keys::default(), Vec::new());
        if self.by.is_empty() {
            keys.number(&[]);
            groups.resize(chunk.selected(), 0);
        } else {
            keys.assign(chunk, &self.by, &self.missing, &mut groups);
        }
        (keys, groups)
    }
}

impl Target {
    fn cell(&self, chunk: &Chunk, typed: Option<&Typed>, row: usize) -> Cell {
        match typed {
            Some(typed) => match typed.kind[row] {
                Kind::Missing | Kind::Invalid => Cell::Missing,
                kind if kind.is_present() => Cell::Present,
                _ => Cell::Other,
            },
            None if self.missing.text(chunk.cells(self.slot).get(row)) => Cell::Missing,
            None => Cell::Present,
        }
    }

    fn typed<'a>(&self, chunk: &'a Chunk) -> Option<&'a Typed> {
        chunk.typed(self.slot).filter(|_| self.typed)
    }

    /// The selected rows with their places among them, in the direction in which values go.
    fn order(&self, chunk: &Chunk) -> Vec<(usize, usize)> {
        let rows = chunk.selected_rows().into_iter();
        let mut rows: Vec<(usize, usize)> = rows.map(|row| row as usize).enumerate().collect();
        if self.next {
            rows.reverse();
        }
        rows
    }
}

impl Sequential for Neighbours {
    fn ledger(self: Arc<Self>, place: &str, room: &Room) -> Box<dyn Ledger> {
        Box::new(Between {
            place: place.to_string(),
            next: self.targets.iter().map(|target| target.next).collect(),
            ahead: self.looks_ahead(),
            most: self.groups,
            memory: room.memory,
            ..Between::default()
        })
    }

    fn looks_ahead(&self) -> bool {
        self.targets.iter().any(|target| target.next)
    }

    fn summarise(&self, chunk: &Chunk) -> Vec<u8> {
        let (keys, groups) = self.assign(chunk);
        let mut summary = Summary {
            groups: (0..keys.len())
                .map(|key| keys.bytes(key).to_vec())
                .collect(),
            ..Summary::default()
        };
        for (at, target) in self.targets.iter().enumerate() {
            let typed = target.typed(chunk);
            let mut last: Vec<Option<usize>> = vec![None; keys.len()];
            let mut lacks = vec![false; keys.len()];
            for (place, row) in target.order(chunk) {
                let group = groups[place] as usize;
                match target.cell(chunk, typed, row) {
                    Cell::Present => last[group] = Some(row),
                    Cell::Missing if last[group].is_none() => lacks[group] = true,
                    _ => {}
                }
            }
            let number = |group: usize| (group as u32, at as u32);
            for (group, row) in last.iter().enumerate() {
                if lacks[group] {
                    summary.lack.push(number(group));
                }
                if let Some(row) = row {
                    let value = Value {
                        text: chunk.cells(target.slot).get(*row).to_vec(),
                        value: typed.and_then(|typed| typed.value(*row)),
                    };
                    let (group, at) = number(group);
                    summary.give.push((group, at, value));
                }
            }
        }
        freeze(&summary)
    }

    fn apply(&self, chunk: &mut Chunk, answer: &[u8], outcome: &mut Outcome) -> Result<(), Fault> {
        let (keys, groups) = self.assign(chunk);
        let answer: Answer = thaw(answer)?;
        for (at, target) in self.targets.iter().enumerate() {
            let mut last: Vec<Option<Placed>> = vec![None; keys.len()];
            for (key, of, value) in &answer {
                if *of as usize == at
                    && let Some(group) = keys.find(key)
                {
                    last[group as usize] = Some((chunk.keep(&value.text), value.value));
                }
            }
            let mut typed = match target.typed {
                true => chunk.typed_mut(target.slot).map(std::mem::take),
                false => None,
            };
            chunk.decode_text(target.slot);
            let mut filled = 0;
            for (place, row) in target.order(chunk) {
                let last = &mut last[groups[place] as usize];
                match target.cell(chunk, typed.as_ref(), row) {
                    Cell::Present => {
                        let value = typed.as_ref().and_then(|typed| typed.value(row));
                        *last = Some((chunk.place_of(target.slot, row), value));
                    }
                    Cell::Missing => {
                        if let Some((text, value)) = *last {
                            chunk.place(target.slot, row, text);
                            filled += 1;
                            if let (Some(typed), Some(value)) = (&mut typed, value) {
                                typed.put(row, value);
                            }
                        }
                    }
                    Cell::Other => {}
                }
            }
            outcome.tally.changed += filled;
            match typed {
                Some(mut typed) => {
                    typed.settle();
                    chunk.set_typed(target.slot, typed);
                }
                // A reading as numbers, if there is one, was made from the old text.
                None if filled > 0 => chunk.forget_typed(target.slot),
                None => {}
            }
        }
        Ok(())
    }
}

/// What chunks have to give, and who waits for it.
#[derive(Default)]
struct Between {
    place: String,
    /// By target: whether its values come from behind.
    next: Vec<bool>,
    ahead: bool,
    most: usize,
    /// The bytes that answers may have together.
    memory: u64,
    held: u64,
    /// The last value of each group and target so far.
    before: BTreeMap<(Vec<u8>, u32), Value>,
    /// The chunks that wait for a value, by group and target.
    waiting: BTreeMap<(Vec<u8>, u32), Vec<usize>>,
    /// The groups there are.
    groups: BTreeSet<Vec<u8>>,
    /// Where the step looks ahead: the answer to each chunk.
    answers: Vec<Answer>,
    chunks: usize,
    heard: bool,
}

impl Between {
    fn hear(&mut self, summary: Summary) -> Result<Answer, Fault> {
        let damaged = || Fault::internal("a damaged summary of neighbours");
        let key = |group: u32| {
            summary
                .groups
                .get(group as usize)
                .cloned()
                .ok_or_else(damaged)
        };
        let chunk = self.chunks;
        let mut answer = Answer::new();
        for &(group, target) in &summary.lack {
            let key = (key(group)?, target);
            match self.next.get(target as usize) {
                Some(false) => {
                    if let Some(value) = self.before.get(&key) {
                        answer.push((key.0, target, value.clone()));
                    }
                }
                Some(true) => self.hold(key.0.len() + WAITS)?,
                None => return Err(damaged()),
            }
        }
        for (group, target, value) in &summary.give {
            let key = (key(*group)?, *target);
            if self.next.get(*target as usize) == Some(&true) {
                for waits in self.waiting.remove(&key).unwrap_or_default() {
                    self.hold(value.text.len() + key.0.len() + WAITS)?;
                    self.answers[waits].push((key.0.clone(), *target, value.clone()));
                }
            } else {
                self.before.insert(key, value.clone());
            }
        }
        // A chunk's own values are no answer to it: what it lacks at its end comes from behind it.
        for &(group, target) in &summary.lack {
            if self.next[target as usize] {
                self.waiting
                    .entry((key(group)?, target))
                    .or_default()
                    .push(chunk);
            }
        }
        self.groups.extend(summary.groups);
        if self.groups.len() > self.most {
            return Err(Fault::limit(
                self.place.as_str(),
                "groups of by",
                self.groups.len() as u64,
                self.most as u64,
            )
            .hint("raise groups under [limits] if memory allows"));
        }
        Ok(answer)
    }

    fn hold(&mut self, bytes: usize) -> Result<(), Fault> {
        self.held += bytes as u64;
        if self.held <= self.memory {
            return Ok(());
        }
        Err(Fault::limit(
            self.place.as_str(),
            "values that come from far behind",
            self.held,
            self.memory,
        )
        .hint("fill by fewer groups"))
    }
}

/// What an entry of a map or list takes beside its bytes.
const WAITS: usize = 96;

impl Ledger for Between {
    fn turn(&mut self, summary: &[u8]) -> Result<Vec<u8>, Fault> {
        if self.heard {
            let answer = self.answers.get_mut(self.chunks).map(std::mem::take);
            let answer = answer.unwrap_or_default();
            self.chunks += 1;
            let frozen = freeze(&answer);
            // A later pass may ask again.
            self.answers[self.chunks - 1] = answer;
            return Ok(frozen);
        }
        if self.ahead {
            self.answers.push(Answer::new());
        }
        let answer = self.hear(thaw(summary)?)?;
        let frozen = freeze(&answer);
        if let Some(last) = self.answers.last_mut() {
            last.extend(answer);
        }
        self.chunks += 1;
        Ok(frozen)
    }

    fn rewind(&mut self, learnt: bool) -> Result<(), Fault> {
        self.chunks = 0;
        self.heard = learnt;
        self.before.clear();
        self.waiting.clear();
        self.groups.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    type Row = (u8, Option<u8>, Option<u8>);

    /// The column `of`, filled by the plain meaning of the words.
    fn filled(
        rows: &[Row],
        of: impl Fn(&Row) -> Option<u8>,
        next: bool,
        by: bool,
        inside: impl Fn(&Row) -> bool,
    ) -> Vec<Option<u8>> {
        let find = |at: usize| {
            let near = |other: &usize| {
                inside(&rows[*other])
                    && (!by || rows[*other].0 == rows[at].0)
                    && of(&rows[*other]).is_some()
            };
            let found = if next {
                (at..rows.len()).find(near)
            } else {
                (0..=at).rev().find(near)
            };
            found.and_then(|other| of(&rows[other]))
        };
        (0..rows.len())
            .map(|at| {
                if inside(&rows[at]) {
                    find(at)
                } else {
                    of(&rows[at])
                }
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        /// Numbers and texts from both sides, by group and without, on some rows and on all.
        #[test]
        fn neighbours_fill(
            rows in prop::collection::vec((0u8..4, prop::option::of(0u8..50), prop::option::of(0u8..50)), 0..50),
            way in (any::<bool>(), any::<bool>()),
            by: bool,
            some: bool,
            cast: bool,
        ) {
            let mut bytes = String::from("g,x,t,end\n");
            // The group 3 is the missing one; a quoted text is as good as another.
            let group = |value: u8| if value == 3 { String::new() } else { format!("g{value}") };
            let number = |value: Option<u8>| value.map_or("NA".to_string(), |value| value.to_string());
            let text = |value: Option<u8>| value.map_or(String::new(), |value| format!("\"t,{value}\""));
            for (g, x, t) in &rows {
                bytes += &format!("{},{},{},e\n", group(*g), number(*x), text(*t));
            }
            let word = |next: bool| if next { "next" } else { "previous" };
            let recipe = format!(
                "tidemill = 1\n{}[[step]]\nfill = {{ x = {{ with = \"{}\" }}, t = {{ with = \"{}\" }} }}\n{}{}[read]\ndelimiter = \",\"\nheader = true\nquote = \"\\\"\"\n",
                if cast { "[[step]]\ncast = { x = \"integer\" }\n" } else { "" },
                word(way.0),
                word(way.1),
                if by { "by = [\"g\"]\n" } else { "" },
                if some { "where = \"g = 'g1' or g = 'g2'\"\n" } else { "" },
            );
            let inside = |row: &Row| !some || row.0 == 1 || row.0 == 2;
            let recipe = if cast { recipe } else { format!("{recipe}[[reduce]]\nvalues = [\"sum(x)\"]\n") };
            let xs = filled(&rows, |row| row.1, way.0, by, inside);
            let ts = filled(&rows, |row| row.2, way.1, by, inside);
            let (_, out, _) = same_everywhere(plan(&recipe, bytes.as_bytes()), bytes.as_bytes());
            let mut expect = String::from("g,x,t,end\n");
            for (at, (g, _, _)) in rows.iter().enumerate() {
                // A cast makes missing words what they mean.
                let x = xs[at].map_or(if cast { String::new() } else { "NA".into() }, |x| x.to_string());
                expect += &format!("{},{x},{},e\n", group(*g), text(ts[at]));
            }
            prop_assert_eq!(out, expect, "{}", recipe);
        }
    }
}
