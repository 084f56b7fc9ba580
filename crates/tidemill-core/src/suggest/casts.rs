//! What a column could be cast to: each way is tried on the values, and the first that reads most of them is taken.

use crate::document::Node;
use crate::kernels::clean::number::NumberFormat;
use crate::number::decimal::Parsed;
use crate::options::Options;
use crate::value::format::Format;
use crate::value::missing::is_missing_word;
use crate::value::{Temporal, boolean, date};

use super::{Column, SHOWN, Suggested, count, one, pattern};

/// A cast is suggested if it reads so many of a hundred values.
const ENOUGH: u64 = 90;
/// Dates of one column may be written in so many ways.
const FORMATS: usize = 8;

/// The dates that `cast` reads without a format, as formats, for columns that need others beside them.
const PLAIN_DATES: [&str; 9] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%b %d %Y",
    "%Y-%b-%d",
];

/// A cast that reads most of a column.
pub struct Cast {
    /// The options of the column, `type` among them.
    options: Vec<(String, Node)>,
    /// Of the values that are there, those that it reads, and examples of the others.
    read: u64,
    of: u64,
    others: Vec<String>,
    /// Pairs of formats between which the values do not decide.
    unsure: Vec<(String, String)>,
}

/// The best cast of values with their counts; nothing if none reads enough of them.
pub fn best(values: &[(String, u64)]) -> Option<Cast> {
    let present: Vec<&(String, u64)> = values
        .iter()
        .filter(|(text, _)| !is_missing_word(text.as_bytes()))
        .collect();
    let of: u64 = present.iter().map(|(_, count)| count).sum();
    if of == 0 {
        return None;
    }
    let enough = |cast: &Cast| cast.read * 100 >= of * ENOUGH;
    let mut ways: Vec<Cast> = Vec::new();
    ways.push(tried(
        &present,
        vec![("type", Node::text("boolean"))],
        |text| boolean::parse(text.as_bytes()).is_some(),
    ));
    ways.extend(numbers(&present));
    ways.extend(dates(&present));
    // The first of equals: a plainer way stands before a richer one.
    let mut best: Option<Cast> = None;
    for way in ways {
        if best.as_ref().is_none_or(|best| way.read > best.read) {
            best = Some(way);
        }
    }
    best.filter(enough)
}

fn tried(
    present: &[&(String, u64)],
    options: Vec<(&str, Node)>,
    reads: impl Fn(&str) -> bool,
) -> Cast {
    let mut cast = Cast {
        options: options
            .into_iter()
            .map(|(key, node)| (key.to_string(), node))
            .collect(),
        read: 0,
        of: 0,
        others: Vec::new(),
        unsure: Vec::new(),
    };
    for (text, count) in present {
        cast.of += count;
        if reads(text) {
            cast.read += count;
        } else if cast.others.len() < SHOWN {
            cast.others.push(text.clone());
        }
    }
    cast
}

fn numbers(present: &[&(String, u64)]) -> Vec<Cast> {
    let on = || Node::boolean(true);
    let comma = || [("decimal", Node::text(",")), ("thousands", Node::text("."))];
    let mut ways: Vec<Vec<(&str, Node)>> = vec![
        vec![],
        vec![("thousands", Node::text(","))],
        vec![("percent", on())],
        vec![("currency", on())],
        vec![("units", on())],
        vec![("accounting", on()), ("thousands", Node::text(","))],
        vec![("currency", on()), ("accounting", on())],
        vec![("currency", on()), ("units", on())],
        vec![("thousands", Node::text(" "))],
    ];
    ways.push(comma().to_vec());
    let mut money = comma().to_vec();
    money.push(("currency", on()));
    ways.push(money);
    let mut casts = Vec::new();
    for way in ways {
        let node = Node::table(
            way.iter()
                .map(|(key, node)| ((*key).to_string(), node.clone()))
                .collect(),
        );
        let Ok(format) = NumberFormat::read(&Options::new(&node, "")) else {
            continue;
        };
        let mut whole = true;
        let mut options = vec![("type", Node::text("number"))];
        options.extend(way);
        let whole_of = std::cell::Cell::new(true);
        let mut cast = tried(present, options, |text| {
            match format.parse(text.as_bytes(), &mut Vec::new()) {
                Parsed::Number(value) => {
                    whole_of.set(whole_of.get() && value.is_integer());
                    true
                }
                Parsed::Nan | Parsed::Infinite { .. } => {
                    whole_of.set(false);
                    true
                }
                Parsed::Invalid => false,
            }
        });
        whole &= whole_of.get();
        if whole {
            cast.options[0].1 = Node::text("integer");
        }
        casts.push(cast);
    }
    casts
}

fn dates(present: &[&(String, u64)]) -> Vec<Cast> {
    let is = |ty: &str, text: &str| {
        matches!(
            (ty, date::parse_default(text.as_bytes())),
            ("date", Some(Temporal::Date(_)))
                | ("time", Some(Temporal::Time(_)))
                | (
                    "datetime",
                    Some(Temporal::DateTime { .. } | Temporal::Date(_))
                )
        )
    };
    let mut casts: Vec<Cast> = ["date", "time", "datetime"]
        .into_iter()
        .map(|ty| tried(present, vec![("type", Node::text(ty))], |text| is(ty, text)))
        .collect();
    casts.extend(formatted(present));
    casts
}

/// Formats one by one, each time the one that reads most of what is left.
fn formatted(present: &[&(String, u64)]) -> Option<Cast> {
    let mut candidates: Vec<&str> = PLAIN_DATES.to_vec();
    for (text, _) in present {
        for format in date::formats_that_fit(text.as_bytes()) {
            if !candidates.contains(&format) {
                candidates.push(format);
            }
        }
    }
    // Day-first stands before month-first, as the hints have it, whatever value came first.
    candidates[PLAIN_DATES.len()..].sort_unstable();
    let compiled: Vec<(&str, Format)> = candidates
        .into_iter()
        .filter_map(|text| Some((text, Format::compile(text).ok()?)))
        .collect();
    let mut left: Vec<&(String, u64)> = present.to_vec();
    let mut taken: Vec<&str> = Vec::new();
    let mut unsure = Vec::new();
    let mut time = false;
    while taken.len() < FORMATS && !left.is_empty() {
        let reads = |format: &Format| -> u64 {
            let read = left
                .iter()
                .filter(|(text, _)| format.parse(text.as_bytes()).is_some());
            read.map(|(_, count)| count).sum()
        };
        let counts: Vec<u64> = compiled.iter().map(|(_, format)| reads(format)).collect();
        let most = counts.iter().copied().max().unwrap_or(0);
        if most == 0 {
            break;
        }
        let equals: Vec<usize> = (0..compiled.len())
            .filter(|at| counts[*at] == most)
            .collect();
        let (text, format) = &compiled[equals[0]];
        // Two formats that read the same values and mean other days.
        for other in &equals[1..] {
            let (other_text, other) = &compiled[*other];
            let differ = left.iter().any(|(text, _)| {
                let (a, b) = (format.parse(text.as_bytes()), other.parse(text.as_bytes()));
                a.is_some() && b.is_some() && a != b
            });
            if differ {
                unsure.push(((*text).to_string(), (*other_text).to_string()));
            }
        }
        time |= left.iter().any(|(text, _)| {
            matches!(
                format.parse(text.as_bytes()),
                Some(Temporal::DateTime { .. })
            )
        });
        taken.push(text);
        left.retain(|(text, _)| format.parse(text.as_bytes()).is_none());
    }
    if taken.is_empty() {
        return None;
    }
    let formats: Vec<&Format> = taken
        .iter()
        .filter_map(|text| compiled.iter().find(|(other, _)| other == text))
        .map(|(_, format)| format)
        .collect();
    let ty = if time { "datetime" } else { "date" };
    let list = Node::list(taken.iter().map(|text| Node::text(*text)).collect());
    let mut cast = tried(
        present,
        vec![("type", Node::text(ty)), ("formats", list)],
        |text| {
            let parsed = formats
                .iter()
                .find_map(|format| format.parse(text.as_bytes()));
            matches!(
                (ty, parsed),
                ("date", Some(Temporal::Date(_)))
                    | (
                        "datetime",
                        Some(Temporal::DateTime { .. } | Temporal::Date(_))
                    )
            )
        },
    );
    cast.unsure = unsure;
    Some(cast)
}

impl Cast {
    fn ty(&self) -> &str {
        match self.options.first().map(|(_, node)| &node.data) {
            Some(crate::document::Data::Text(text)) => text,
            _ => "text",
        }
    }

    /// The step, with what is to be said of it.
    pub fn suggested(&self, column: &Column) -> Suggested {
        let plain = self.options.len() == 1;
        let node = if plain {
            self.options[0].1.clone()
        } else {
            Node::table(self.options.clone())
        };
        let step = one("cast", Node::table(vec![(pattern(&column.name), node)]));
        let part = if column.whole {
            ""
        } else {
            ", in a part of the rows"
        };
        let mut why = vec![format!(
            "{}: {} of {} values read as {}{part}",
            column.name,
            count(self.read),
            count(self.of),
            self.ty(),
        )];
        let missing: u64 = column.missing_words.iter().map(|(_, count)| count).sum();
        if missing > 0 {
            let words: Vec<String> = column
                .missing_words
                .iter()
                .map(|(word, _)| format!("\"{word}\""))
                .collect();
            why.push(format!(
                "{} cells with {} become missing",
                count(missing),
                words.join(", ")
            ));
        }
        if !self.others.is_empty() {
            let others: Vec<String> = self.others.iter().map(|text| format!("{text:?}")).collect();
            why.push(format!("not read, for example: {}", others.join(", ")));
        }
        for (one, other) in &self.unsure {
            why.push(format!(
                "the values do not tell whether {one} or {other} is meant: decide it"
            ));
        }
        Suggested { step, why }
    }
}
