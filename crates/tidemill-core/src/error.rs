//! What can go wrong, in three kinds and no more: a [`RecipeError`] before anything is read, a
//! [`Fault`] that stops a run, and a `Reject` (see `reject.rs`), which is data and not an error.
//!
//! Every failure carries the same four things (place, found, expected, hint), so that each
//! surface can show them in its own way without parsing sentences.

use std::fmt;

/// The recipe, or the recipe held against the header, is wrong. Nothing has been read beyond
/// the window in which the dialect was detected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipeError {
    /// Where in the recipe: `step 2, cast.qty (line 7)`.
    pub place: String,
    /// What stands there.
    pub found: String,
    /// What could stand there.
    pub expected: String,
    /// A way out, where there is a likely one.
    pub hint: Option<String>,
}

impl RecipeError {
    pub fn new(
        place: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        RecipeError {
            place: place.into(),
            found: found.into(),
            expected: expected.into(),
            hint: None,
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the hint "did you mean", where one of `known` is near to `word`.
    #[must_use]
    pub fn nearest<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(word, known) {
            Some(near) => self.hint(format!("did you mean \"{near}\"?")),
            None => self,
        }
    }
}

impl fmt::Display for RecipeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        four(
            f,
            &self.place,
            &self.found,
            &self.expected,
            self.hint.as_deref(),
        )
    }
}

impl std::error::Error for RecipeError {}

/// Why a run stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Reading or writing failed.
    Io,
    /// The input is not something this program reads.
    Input,
    /// A stated limit was passed.
    Limit,
    /// A frozen state was damaged, or belongs to another plan or version.
    State,
    /// A defect of this program.
    Internal,
}

/// A run that had to stop. Whatever was being written is taken back by the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    pub place: String,
    pub found: String,
    pub expected: String,
    pub hint: Option<String>,
}

impl Fault {
    pub fn new(
        kind: FaultKind,
        place: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Fault {
            kind,
            place: place.into(),
            found: found.into(),
            expected: expected.into(),
            hint: None,
        }
    }

    pub fn io(place: impl Into<String>, error: &std::io::Error) -> Self {
        Fault::new(FaultKind::Io, place, error.to_string(), "")
    }

    pub fn internal(what: impl Into<String>) -> Self {
        Fault::new(FaultKind::Internal, "tidemill", what, "")
            .hint("this is a defect; please report it")
    }

    /// A panic that was caught, as a failure.
    pub fn panicked(panic: &(dyn std::any::Any + Send)) -> Self {
        let what = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or_default();
        Fault::internal(format!("a worker panicked: {what}"))
    }

    /// A limit was passed: says which, the limit and the value that passed it.
    pub fn limit(place: impl Into<String>, what: &str, current: u64, limit: u64) -> Self {
        Fault::new(
            FaultKind::Limit,
            place,
            format!("{what} of {current} bytes"),
            format!("at most {limit} bytes"),
        )
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        four(
            f,
            &self.place,
            &self.found,
            &self.expected,
            self.hint.as_deref(),
        )
    }
}

impl std::error::Error for Fault {}

/// Either failure that ends a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    Recipe(RecipeError),
    Fault(Fault),
}

impl From<RecipeError> for Failure {
    fn from(error: RecipeError) -> Self {
        Failure::Recipe(error)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Recipe(error) => error.fmt(f),
            Failure::Fault(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}

fn four(
    f: &mut fmt::Formatter<'_>,
    place: &str,
    found: &str,
    expected: &str,
    hint: Option<&str>,
) -> fmt::Result {
    write!(f, "{place}: {found}")?;
    if !expected.is_empty() {
        write!(f, "; expected {expected}")?;
    }
    if let Some(hint) = hint {
        write!(f, " ({hint})")?;
    }
    Ok(())
}

/// The nearest of `known` to `word` by edits (insert, delete, replace, swap of neighbours), if it
/// is near enough to be meant: a third of the word's length, and at least one edit.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let allowed = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (edits(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, candidate)| (*distance, candidate.len()))
        .map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance.
fn edits(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let width = b.len() + 1;
    let mut table = vec![0usize; (a.len() + 1) * width];
    for (j, cell) in table.iter_mut().enumerate().take(width) {
        *cell = j;
    }
    for i in 1..=a.len() {
        table[i * width] = i;
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (table[(i - 1) * width + j] + 1)
                .min(table[i * width + j - 1] + 1)
                .min(table[(i - 1) * width + j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(table[(i - 2) * width + j - 2] + 1);
            }
            table[i * width + j] = best;
        }
    }
    table[a.len() * width + b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_only_when_it_is_near() {
        let known = ["dep_delay", "arr_delay", "carrier"];
        assert_eq!(nearest("dep_dealy", known), Some("dep_delay"));
        assert_eq!(nearest("Carrier", known), Some("carrier"));
        assert_eq!(nearest("zzz", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(edits("ab", "ba"), 1);
        assert_eq!(edits("", "abc"), 3);
    }
}
