//! The columns as they are at one place of a recipe: names, types, and the slot of the chunk in
//! which each lives. Select, drop and rename change only this, so they cost nothing a row.

use crate::error::RecipeError;
use crate::recipe::MissingSpec;
use crate::reduce::Limits;
use crate::value::class::Type;
use crate::value::missing::{MissingWords, is_missing_word};

/// One column at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanColumn {
    pub name: String,
    pub slot: usize,
    /// What it was cast to.
    pub ty: Option<Type>,
}

/// Which words of a column mean that there is no value.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    listed: Option<MissingWords>,
}

impl Missing {
    /// The recipe's own list, in place of the usual words.
    pub fn listed(words: &[String]) -> Missing {
        Missing {
            listed: Some(MissingWords::new(words.iter().cloned())),
        }
    }

    /// Whether the recipe lists the words itself.
    #[inline]
    pub fn is_listed(&self) -> bool {
        self.listed.is_some()
    }

    /// Whether the value is missing in a text column.
    #[inline]
    pub fn text(&self, value: &[u8]) -> bool {
        match &self.listed {
            None => value.is_empty(),
            Some(words) => words.matches(value),
        }
    }

    /// Whether the value is missing where the column is used as a number, date or boolean.
    pub fn typed(&self, value: &[u8]) -> bool {
        match &self.listed {
            None => is_missing_word(value),
            Some(words) => words.matches_trimmed(value),
        }
    }
}

/// The columns at one place of a recipe.
#[derive(Clone, Debug)]
pub struct Schema {
    pub columns: Vec<PlanColumn>,
    /// Slots so far; a derived column takes the next.
    pub slots: usize,
    /// One a slot.
    pub missing: Vec<Missing>,
    /// The number of columns of the input: their slots are their positions.
    pub width: usize,
    /// Slots that some part of the recipe uses as numbers, known from a first look at all of it.
    pub numbers: Vec<usize>,
    /// Slots that a step has cast.
    pub cast: Vec<usize>,
    /// How far the states of reductions go.
    pub limits: Limits,
}

impl Schema {
    pub fn new(header: &[String], missing: &MissingSpec) -> Result<Schema, RecipeError> {
        let mut schema = Schema {
            columns: header
                .iter()
                .enumerate()
                .map(|(slot, name)| PlanColumn {
                    name: name.clone(),
                    slot,
                    ty: None,
                })
                .collect(),
            slots: header.len(),
            missing: Vec::new(),
            width: header.len(),
            numbers: Vec::new(),
            cast: Vec::new(),
            limits: Limits::default(),
        };
        let all = missing
            .all
            .as_ref()
            .map(|words| Missing::listed(words))
            .unwrap_or_default();
        schema.missing = vec![all; header.len()];
        for (column, words) in &missing.columns {
            for at in schema.resolve(std::slice::from_ref(column), "read.missing")? {
                schema.missing[at] = Missing::listed(words);
            }
        }
        Ok(schema)
    }

    /// Whether the recipe uses the column as numbers somewhere without casting it.
    pub fn is_number(&self, slot: usize) -> bool {
        self.numbers.contains(&slot)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The position of the column called `name`, or an error that names the nearest.
    pub fn find(&self, name: &str, place: &str) -> Result<usize, RecipeError> {
        if let Some(at) = self.columns.iter().position(|column| column.name == name) {
            return Ok(at);
        }
        if let Some(position) = name.strip_prefix('#')
            && let Ok(position) = position.parse::<usize>()
            && position >= 1
            && position <= self.columns.len()
        {
            return Ok(position - 1);
        }
        Err(self.unknown(name, place))
    }

    fn unknown(&self, name: &str, place: &str) -> RecipeError {
        let shown: Vec<&str> = self.names().take(12).collect();
        let more = self.columns.len().saturating_sub(shown.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        RecipeError::new(
            place,
            format!("unknown column \"{name}\""),
            format!("one of {}{more}", shown.join(", ")),
        )
        .nearest(name, self.names())
    }

    /// The positions that a list of patterns means, as [`Schema::resolve`] knows them, in the order of
    /// the list; what one pattern means is in header order. They must be some.
    pub fn in_order(&self, patterns: &[String], place: &str) -> Result<Vec<usize>, RecipeError> {
        let meant = self.resolve(patterns, place)?;
        let mut ordered: Vec<usize> = Vec::with_capacity(meant.len());
        for pattern in patterns {
            let one = self.resolve(std::slice::from_ref(pattern), place)?;
            for at in one {
                if meant.contains(&at) && !ordered.contains(&at) {
                    ordered.push(at);
                }
            }
        }
        if ordered.is_empty() {
            return Err(RecipeError::new(
                place,
                format!("no column in {}", patterns.join(", ")),
                "a column at least",
            ));
        }
        Ok(ordered)
    }

    /// The positions that a list of patterns means, in header order. A pattern is a name, a glob
    /// (`*_date`), `*`, `!pattern` (taken away again), or `#3` (by position, from 1). `\*` is a
    /// literal star. A list that starts with `!` starts from all columns.
    pub fn resolve(&self, patterns: &[String], place: &str) -> Result<Vec<usize>, RecipeError> {
        let starts_full = patterns
            .first()
            .is_some_and(|pattern| pattern.starts_with('!'));
        let mut chosen = vec![starts_full; self.columns.len()];
        for pattern in patterns {
            // A column whose own name looks like a pattern is meant by its name.
            if let Some(at) = self
                .columns
                .iter()
                .position(|column| column.name == *pattern)
            {
                chosen[at] = true;
                continue;
            }
            let (pattern, value) = match pattern.strip_prefix('!') {
                Some(rest) => (rest, false),
                None => (pattern.as_str(), true),
            };
            let glob = Glob::new(pattern);
            if glob.has_star {
                for (at, column) in self.columns.iter().enumerate() {
                    if glob.matches(&column.name) {
                        chosen[at] = value;
                    }
                }
            } else {
                chosen[self.find(&glob.literal(), place)?] = value;
            }
        }
        Ok((0..self.columns.len()).filter(|at| chosen[*at]).collect())
    }
}

/// A pattern in which `*` stands for any run of characters.
struct Glob {
    /// `None` is a star.
    parts: Vec<Option<char>>,
    has_star: bool,
}

impl Glob {
    fn new(pattern: &str) -> Glob {
        let mut parts = Vec::new();
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if matches!(chars.peek(), Some('*' | '\\' | '!' | '#')) => {
                    parts.push(chars.next())
                }
                '*' => parts.push(None),
                c => parts.push(Some(c)),
            }
        }
        let has_star = parts.contains(&None);
        Glob { parts, has_star }
    }

    fn literal(&self) -> String {
        self.parts.iter().flatten().collect()
    }

    fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut p, mut n) = (0, 0);
        let mut retry = None;
        while n < name.len() {
            match self.parts.get(p) {
                Some(None) => {
                    retry = Some((p, n));
                    p += 1;
                }
                Some(Some(c)) if *c == name[n] => {
                    p += 1;
                    n += 1;
                }
                _ => match retry {
                    Some((star, from)) => {
                        p = star + 1;
                        n = from + 1;
                        retry = Some((star, from + 1));
                    }
                    None => return false,
                },
            }
        }
        self.parts[p..].iter().all(Option::is_none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        let header: Vec<String> = ["id", "ship_date", "order_date", "价格", "a*b"]
            .iter()
            .map(|name| (*name).to_string())
            .collect();
        Schema::new(&header, &MissingSpec::default()).unwrap()
    }

    fn check(patterns: &[&str], expect: &[usize]) {
        let patterns: Vec<String> = patterns
            .iter()
            .map(|pattern| (*pattern).to_string())
            .collect();
        assert_eq!(
            schema().resolve(&patterns, "step 1").unwrap(),
            expect,
            "{patterns:?}"
        );
    }

    #[test]
    fn patterns_choose_columns_in_header_order() {
        check(&["*"], &[0, 1, 2, 3, 4]);
        check(&["*_date"], &[1, 2]);
        check(&["order_date", "id"], &[0, 2]);
        check(&["!id"], &[1, 2, 3, 4]);
        check(&["*", "!*_date"], &[0, 3, 4]);
        check(&["#4"], &[3]);
        check(&["价*"], &[3]);
        check(&["a\\*b"], &[4]);
        check(&["a*b"], &[4]);
        check(&["*d*a*e"], &[1, 2]);
        check(&["nothing*"], &[]);
    }

    #[test]
    fn a_selection_has_the_order_of_its_list() {
        let check = |patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(|text| text.to_string()).collect();
            schema().in_order(&patterns, "fields")
        };
        assert_eq!(check(&["价格", "*_date", "id"]).unwrap(), [3, 1, 2, 0]);
        assert_eq!(check(&["order_date", "*"]).unwrap(), [2, 0, 1, 3, 4]);
        assert_eq!(check(&["*", "!*_date", "id"]).unwrap(), [0, 3, 4]);
        assert_eq!(check(&["!id"]).unwrap(), [1, 2, 3, 4]);
        assert_eq!(check(&["#4", "价格", "#1"]).unwrap(), [3, 0]);
        let error = check(&["id", "ship_dat"]).unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("did you mean \"ship_date\"?"));
        assert_eq!(error.place, "fields");
        assert!(check(&["no*"]).is_err() && check(&[]).is_err());
    }

    #[test]
    fn an_unknown_column_is_answered_with_the_nearest() {
        let error = schema()
            .resolve(&["ship_dat".to_string()], "step 1, trim")
            .unwrap_err();
        assert_eq!(error.place, "step 1, trim");
        assert_eq!(error.hint.as_deref(), Some("did you mean \"ship_date\"?"));
        assert!(schema().resolve(&["#9".to_string()], "x").is_err());
        assert!(schema().resolve(&["#0".to_string()], "x").is_err());
    }

    #[test]
    fn listed_words_replace_the_usual_ones() {
        let usual = Missing::default();
        assert!(usual.text(b"") && !usual.text(b"NA"));
        assert!(usual.typed(b"NA") && usual.typed(b""));
        let listed = Missing::listed(&["-".to_string()]);
        assert!(
            listed.text(b"-") && !listed.text(b"") && !listed.typed(b"NA") && listed.typed(b" - ")
        );
    }
}
