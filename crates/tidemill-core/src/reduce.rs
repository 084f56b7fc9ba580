//! The reducing side of the house: what gathers, what answers, and how a driver holds the states of
//! any of them without their author writing a cast.
//!
//! A state is a function of the multiset of (value, position) it has seen. That is what makes
//! every grouping, order and number of threads give the same bytes, and each kernel's law tests
//! come with the line that registers it. What is gathered is told from what is answered, so that
//! the mean, the deviation and the skewness of one column share one state.

use std::any::Any;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::chunk::{Cells, Chunk};
use crate::column::Typed;
use crate::distinct::EXACT_VALUES;
use crate::error::{Fault, FaultKind};
use crate::expr::Predicate;
use crate::number::decimal::Decimal;
use crate::report::Figure;
use crate::schema::Missing;
use crate::value::class::Type;

/// What a kernel must find decoded before it is asked to update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// It takes no column.
    Nothing,
    /// Its columns as numbers. On a column cast to another type it is refused by the plan.
    Numbers,
    /// A typed reading of any type that has an order; of a column cast to text, its text.
    Ordered,
    /// A typed reading of any type but text.
    Values,
    /// The column's text.
    Text,
}

/// How far states go before they are sketches. Limits are part of the plan: two runs with the same
/// limits give the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The different values of a column that are kept one by one.
    pub exact_values: usize,
    /// The groups of a reduction. More of them end the run: there is no sketch of groups.
    pub groups: usize,
}

impl Limits {
    /// As far as a state goes: 2^32 values are more than its memory holds.
    pub const EXACT: Limits = Limits {
        exact_values: u32::MAX as usize - 1,
        groups: GROUPS,
    };

    /// The bytes that texts may have together and still be kept: 128 a value.
    pub fn exact_bytes(&self) -> u64 {
        (self.exact_values as u64)
            .saturating_mul(128)
            .max(KEPT_BYTES)
    }
}

/// Groups that a reduction may have (`[limits] groups`).
pub const GROUPS: usize = 1 << 24;

/// Short texts may be kept up to this, however few values may be.
const KEPT_BYTES: u64 = 16 << 20;

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            exact_values: EXACT_VALUES,
            groups: GROUPS,
        }
    }
}

/// The columns of one chunk that a reducer was asked of.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub chunk: &'a Chunk,
    /// The first of `slots`.
    slot: usize,
    slots: &'a [usize],
    /// By slot.
    missing: &'a [Missing],
}

impl<'a> View<'a> {
    pub fn new(chunk: &'a Chunk, slots: &'a [usize], missing: &'a [Missing]) -> View<'a> {
        View {
            chunk,
            slot: slots.first().copied().unwrap_or(0),
            slots,
            missing,
        }
    }

    /// The typed reading. The driver has made it where the kernel needs one.
    #[inline]
    pub fn typed(&self) -> Option<&'a Typed> {
        self.chunk.typed(self.slot)
    }

    /// The typed reading of the second column.
    #[inline]
    pub fn second(&self) -> Option<&'a Typed> {
        self.chunk.typed(*self.slots.get(1)?)
    }

    pub fn cells(&self) -> Cells<'a> {
        self.chunk.cells(self.slot)
    }

    /// The words that mean "missing" in the column.
    pub fn missing(&self) -> &'a Missing {
        &self.missing[self.slot]
    }

    /// The typed reading, where its arrays hold just the selected rows.
    #[inline]
    pub fn whole(&self) -> Option<&'a Typed> {
        self.typed()
            .filter(|typed| typed.epoch == self.chunk.epoch())
    }

    /// Whether the cell is missing: by its typed reading, or else by its text.
    #[inline]
    pub fn is_missing(&self, row: usize) -> bool {
        match self.typed() {
            Some(typed) => typed.kind[row] == crate::column::Kind::Missing,
            None => self.missing().text(self.cells().get(row)),
        }
    }

    /// Whether the cell has a value: with a typed reading, one that the type holds.
    #[inline]
    pub fn is_present(&self, row: usize) -> bool {
        match self.typed() {
            Some(typed) => typed.kind[row].is_present(),
            None => !self.missing().text(self.cells().get(row)),
        }
    }

    /// The offset in the stream at which the row's record begins: a number that grows from row to
    /// row over the whole file.
    #[inline]
    pub fn position(&self, row: usize) -> u64 {
        self.chunk.base() + u64::from(self.chunk.index().row(row).0)
    }
}

/// What gathers: a state, and how rows come into it. Several kernels answer from one.
pub trait Gather: Clone + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// What it needs, unless the kernel says otherwise.
    const NEEDS: Needs;
    /// Its columns.
    const COLUMNS: usize = 1;
    /// Whether it is a sketch past the limits.
    const BOUNDED: bool = false;
    /// The state of no rows.
    fn zero(limits: &Limits) -> Self;
    /// Takes one selected row.
    fn row(&mut self, view: &View<'_>, row: usize);
    /// Takes all selected rows of a chunk. It must be what `row` gives row by row.
    fn chunk(&mut self, view: &View<'_>) {
        view.chunk.each_row(|row| self.row(view, row));
    }
    /// Associative and commutative, with `zero` as its neutral element.
    fn join(&mut self, other: &Self);
    /// The bytes that it holds outside itself, about.
    fn beside(&self) -> usize {
        0
    }
}

/// What a kernel is asked, besides its columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The type of the column, or of the first.
    pub ty: Type,
    /// The kernel's parameter: 95 of `p95(x)`, 5 of `top(x, 5)`.
    pub parameter: Decimal,
}

impl Asked {
    /// The parameter of a kernel that counts with it.
    pub fn count(&self) -> usize {
        usize::try_from(self.parameter.mantissa).unwrap_or(0)
    }
}

/// Whether a kernel takes a parameter, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    None,
    /// A percentage behind the word itself: `p95`, `p99.9`.
    Percent,
    /// A count behind the column, and what it is where it is left out: `top(x, 5)`.
    Count(u32),
}

/// A reduction kernel: an answer from what was gathered.
pub trait Kernel: 'static {
    type Gathered: Gather;
    const HELP: &'static str;
    const NEEDS: Needs = <Self::Gathered as Gather>::NEEDS;
    const PARAMETER: Parameter = Parameter::None;
    fn answer(gathered: &Self::Gathered, asked: &Asked) -> Figure;
}

/// How the figure of a state is made.
pub type Answer = fn(&dyn Any, &Asked) -> Figure;

/// [`Kernel::answer`] for a driver that does not know the state's type.
pub fn answer<K: Kernel>(state: &dyn Any, asked: &Asked) -> Figure {
    state
        .downcast_ref::<K::Gathered>()
        .map_or(Figure::Null, |gathered| K::answer(gathered, asked))
}

/// A reducer as the drivers hold it. [`Of`] makes one of anything that gathers; what needs more
/// than limits to begin with implements it itself.
pub trait Reducer: Send + Sync + 'static {
    type State: Clone + Send + Sync + Serialize + DeserializeOwned + 'static;

    fn zero(&self) -> Self::State;
    fn update_row(&self, state: &mut Self::State, view: &View<'_>, row: usize);
    fn update(&self, state: &mut Self::State, view: &View<'_>) {
        view.chunk.each_row(|row| self.update_row(state, view, row));
    }
    fn merge(&self, into: &mut Self::State, from: &Self::State);
    /// The bytes that a state holds outside itself, about.
    fn beside(&self, _: &Self::State) -> usize {
        0
    }
}

/// The reducer of what gathers.
pub struct Of<G> {
    limits: Limits,
    gathers: std::marker::PhantomData<fn() -> G>,
}

impl<G: Gather> Of<G> {
    pub fn new(limits: &Limits) -> Of<G> {
        Of {
            limits: *limits,
            gathers: std::marker::PhantomData,
        }
    }
}

impl<G: Gather> Reducer for Of<G> {
    type State = G;

    fn zero(&self) -> G {
        G::zero(&self.limits)
    }

    fn update_row(&self, state: &mut G, view: &View<'_>, row: usize) {
        state.row(view, row);
    }

    fn update(&self, state: &mut G, view: &View<'_>) {
        state.chunk(view);
    }

    fn merge(&self, into: &mut G, from: &G) {
        into.join(from);
    }

    fn beside(&self, state: &G) -> usize {
        state.beside()
    }
}

/// Any reducer.
pub trait DynReducer: Send + Sync {
    /// A holder of states, with none in it.
    fn states(self: Arc<Self>) -> Box<dyn States>;
    /// What is gathered: two reducers of the same columns that say the same share their states.
    fn gathers(&self) -> std::any::TypeId;
}

/// The states of one reducer, one a group.
pub trait States: Send + Sync {
    fn len(&self) -> usize;
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Adds zero states until there are `groups`.
    fn grow(&mut self, groups: usize);
    /// All selected rows into the first state.
    fn update(&mut self, view: &View<'_>);
    /// Each selected row into the state of its group; `groups` has one entry a selected row.
    fn update_groups(&mut self, groups: &[u32], view: &View<'_>);
    /// Merges another holder's states; its state `i` belongs to group `map[i]` here.
    fn merge(&mut self, from: &dyn States, map: &[u32]) -> Result<(), Fault>;
    fn finish(&self, group: usize, answer: Answer, asked: &Asked) -> Figure;
    fn freeze(&self, group: usize) -> Result<Vec<u8>, Fault>;
    /// [`States::freeze`] behind what `out` holds.
    fn freeze_into(&self, group: usize, out: &mut Vec<u8>) -> Result<(), Fault>;
    /// Merges a state from its frozen bytes into that of a group.
    fn thaw(&mut self, group: usize, bytes: &[u8]) -> Result<(), Fault>;
    /// Merges a state from the beginning of `bytes` into the first one, and returns what is behind it.
    fn thaw_first<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Fault>;
    /// Forgets all states.
    fn reset(&mut self);
    /// A holder of states of the same kind, with none in it.
    fn fresh(&self) -> Box<dyn States>;
    /// The bytes that the states take, about.
    fn weight(&self) -> usize;
    fn as_any(&self) -> &dyn Any;
}

impl<R: Reducer> DynReducer for R {
    fn states(self: Arc<Self>) -> Box<dyn States> {
        Box::new(Held {
            reducer: self,
            states: Vec::new(),
            beside: 0,
            weighed: 0,
            unweighed: 0,
        })
    }

    fn gathers(&self) -> std::any::TypeId {
        std::any::TypeId::of::<R>()
    }
}

struct Held<R: Reducer> {
    reducer: Arc<R>,
    states: Vec<R::State>,
    /// What the states held outside themselves when they were last weighed, how many they were then, and
    /// the rows since.
    beside: usize,
    weighed: usize,
    unweighed: usize,
}

/// Appends to a vector what postcard writes.
struct Behind<'a>(&'a mut Vec<u8>);

impl postcard::ser_flavors::Flavor for Behind<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

fn damaged(error: &postcard::Error) -> Fault {
    Fault::new(
        FaultKind::State,
        "thaw",
        error.to_string(),
        "the frozen state of this kernel",
    )
}

impl<R: Reducer> States for Held<R> {
    fn len(&self) -> usize {
        self.states.len()
    }

    fn grow(&mut self, groups: usize) {
        if groups > self.states.len() {
            self.states.resize_with(groups, || self.reducer.zero());
        }
    }

    fn update(&mut self, view: &View<'_>) {
        self.grow(1);
        self.reducer.update(&mut self.states[0], view);
    }

    fn update_groups(&mut self, groups: &[u32], view: &View<'_>) {
        let mut at = 0;
        view.chunk.each_row(|row| {
            let state = &mut self.states[groups[at] as usize];
            self.reducer.update_row(state, view, row);
            at += 1;
        });
        // As many rows as there are states pay for weighing them all.
        self.unweighed += at;
        if self.unweighed >= self.states.len() {
            self.unweighed = 0;
            let beside = |state| self.reducer.beside(state);
            self.beside = self.states.iter().map(beside).sum();
            self.weighed = self.states.len();
        }
    }

    fn merge(&mut self, from: &dyn States, map: &[u32]) -> Result<(), Fault> {
        let from = from.as_any().downcast_ref::<Held<R>>().ok_or_else(|| {
            Fault::new(
                FaultKind::State,
                "merge",
                "the state of another kernel",
                "the same kernel",
            )
        })?;
        for (state, group) in from.states.iter().zip(map) {
            let group = *group as usize;
            self.grow(group + 1);
            self.reducer.merge(&mut self.states[group], state);
        }
        Ok(())
    }

    fn finish(&self, group: usize, answer: Answer, asked: &Asked) -> Figure {
        match self.states.get(group) {
            Some(state) => answer(state, asked),
            None => answer(&self.reducer.zero(), asked),
        }
    }

    fn freeze(&self, group: usize) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        self.freeze_into(group, &mut out)?;
        Ok(out)
    }

    fn freeze_into(&self, group: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
        let out = Behind(out);
        let frozen = match self.states.get(group) {
            Some(state) => postcard::serialize_with_flavor(state, out),
            None => postcard::serialize_with_flavor(&self.reducer.zero(), out),
        };
        frozen.map_err(|error| Fault::internal(format!("freezing a state: {error}")))
    }

    fn thaw(&mut self, group: usize, bytes: &[u8]) -> Result<(), Fault> {
        let state = postcard::from_bytes(bytes).map_err(|error| damaged(&error))?;
        self.grow(group + 1);
        self.reducer.merge(&mut self.states[group], &state);
        Ok(())
    }

    fn thaw_first<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Fault> {
        let (state, rest) = postcard::take_from_bytes(bytes).map_err(|error| damaged(&error))?;
        self.grow(1);
        self.reducer.merge(&mut self.states[0], &state);
        Ok(rest)
    }

    fn reset(&mut self) {
        self.states.clear();
        (self.beside, self.weighed, self.unweighed) = (0, 0, 0);
    }

    fn fresh(&self) -> Box<dyn States> {
        Arc::clone(&self.reducer).states()
    }

    fn weight(&self) -> usize {
        // States that came since then are taken to be like those before.
        let beside = self.beside as u64 * self.states.len() as u64 / self.weighed.max(1) as u64;
        self.states.len() * size_of::<R::State>() + beside as usize
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The rows that a call counts: `sum(x) where y > 0`.
#[derive(Clone)]
pub struct Filter {
    pub sql: Arc<str>,
    pub predicate: Arc<Predicate>,
}

/// One value of a reduction: a kernel asked of columns.
#[derive(Clone)]
pub struct Call {
    pub word: &'static str,
    pub reducer: Arc<dyn DynReducer>,
    pub needs: Needs,
    /// As many as the kernel takes; none where it takes none.
    pub slots: Vec<usize>,
    /// The columns' types at that place: their casts, or what their use makes of them.
    pub types: Vec<Type>,
    pub filter: Option<Filter>,
    pub asked: Asked,
    pub answer: Answer,
    /// Whether it is a sketch past the limits.
    pub bounded: bool,
}

impl Call {
    pub fn states(&self) -> Box<dyn States> {
        Arc::clone(&self.reducer).states()
    }

    /// Whether the two gather the same of the same rows, so that one state does for both.
    pub fn shares(&self, other: &Call) -> bool {
        self.reducer.gathers() == other.reducer.gathers()
            && (&self.slots, &self.types) == (&other.slots, &other.types)
            && self.filter.as_ref().map(|filter| &filter.sql)
                == other.filter.as_ref().map(|filter| &filter.sql)
    }

    /// The slots that are read as numbers before the call is updated, without those of its filter.
    pub fn numbers(&self) -> Vec<usize> {
        self.reads(|needs, ty| match needs {
            Needs::Nothing => false,
            Needs::Numbers | Needs::Values => true,
            // A column that is numbers elsewhere is counted as numbers here too.
            Needs::Ordered | Needs::Text => ty != Type::Text,
        })
    }

    /// The slots whose text is decoded before the call is updated, without those of its filter.
    pub fn texts(&self) -> Vec<usize> {
        self.reads(|needs, ty| match needs {
            Needs::Nothing | Needs::Numbers | Needs::Values => false,
            Needs::Ordered => ty == Type::Text,
            Needs::Text => true,
        })
    }

    fn reads(&self, wanted: impl Fn(Needs, Type) -> bool) -> Vec<usize> {
        self.slots
            .iter()
            .zip(&self.types)
            .filter(|(_, ty)| wanted(self.needs, **ty))
            .map(|(slot, _)| *slot)
            .collect()
    }
}
