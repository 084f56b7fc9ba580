//! `fill`: puts a value where there is none. A constant needs to know nothing; `{ with = "mean" }`
//! and its like are fitted, so the plan reads the file once before to learn them; `previous` and `next`
//! are carried (`neighbour.rs`). With `by`, each group has its own.

use std::sync::Arc;

use super::neighbour::{self, Neighbours};
use crate::chunk::Chunk;
use crate::column::{Kind, write_value};
use crate::document::{Data, Node};
use crate::error::{Fault, FaultKind, RecipeError};
use crate::kernels::Clean;
use crate::keys::{Keys, push_key};
use crate::number::decimal::{Decimal, Parsed, parse};
use crate::number::text::f64_text;
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::reduce::Call;
use crate::reduction::{Key, call};
use crate::report::Figure;
use crate::schema::{Missing, Schema};
use crate::step::{Fitted, Outcome, RowLocal, StepKind};
use crate::totals::Grouped;
use crate::value::class::Type;
use crate::value::{Temporal, boolean, date};

/// One column and what is put into it.
#[derive(Clone)]
struct Target {
    slot: usize,
    value: Value,
    missing: Missing,
}

#[derive(Clone)]
enum Value {
    /// For a column that is read as a type; the text and its reading.
    Typed(Vec<u8>, Decimal),
    Text(Vec<u8>),
    /// What the reduction of that word gives of a column of that type.
    Learnt(&'static str, Type),
    /// The nearest value in the rows before, or behind.
    Neighbour {
        next: bool,
        typed: bool,
    },
    /// It was to be learnt, and there was nothing to learn from.
    Nothing,
}

impl Value {
    fn is_text(&self) -> bool {
        matches!(
            self,
            Value::Text(_) | Value::Learnt(_, Type::Text) | Value::Neighbour { typed: false, .. }
        )
    }
}

pub struct Fill {
    /// One list a group.
    targets: Vec<Vec<Target>>,
    /// One a column: whether it is filled as a text.
    texts: Vec<bool>,
    groups: Option<Groups>,
}

/// The groups that there are, by their keys.
struct Groups {
    by: Vec<Key>,
    keys: Keys,
    missing: Vec<Missing>,
}

const WITH: &[&str] = &["mean", "median", "mode", "min", "max", "previous", "next"];

impl Clean for Fill {
    const ABOUT: About = About {
        word: "fill",
        help: "puts a value where there is none",
        value: Shape::Map(&Shape::ScalarOrTable(&[Opt {
            name: "with",
            help: "a figure of the column's present values, learnt in a pass before, or the value of the previous or next row that has one",
            shape: Shape::Word(WITH),
        }])),
        options: &[Opt {
            name: "by",
            help: "columns whose values make groups, each filled from its own rows",
            shape: Shape::Columns,
        }],
        example: "fill = { column3 = 0, city = \"unknown\", score = { with = \"mean\" } }",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options.needed("fill", "a table")?;
        let by = keys(options, schema)?;
        let mut targets: Vec<Target> = Vec::new();
        let mut calls: Vec<Call> = Vec::new();
        for (pattern, node) in table.entries()? {
            for at in schema.resolve(std::slice::from_ref(pattern), &table.place(pattern))? {
                let column = &schema.columns[at];
                let (slot, ty) = (column.slot, column.ty);
                let place = table.place(pattern);
                let mut value = value(&table, pattern, node, ty)?;
                calls.retain(|call| call.slots.first() != Some(&slot));
                match &mut value {
                    Value::Learnt(word, ty) => {
                        let call = call(word, &column.name, schema, &place)?;
                        *ty = call.types.first().copied().unwrap_or(Type::Number);
                        calls.push(call);
                    }
                    Value::Neighbour { typed, .. } => {
                        *typed = match ty {
                            None => schema.is_number(slot),
                            Some(ty) => ty != Type::Text,
                        };
                    }
                    _ => {}
                }
                targets.retain(|target| target.slot != slot);
                targets.push(Target {
                    slot,
                    value,
                    missing: schema.missing[slot].clone(),
                });
            }
        }
        targets.sort_by_key(|target| target.slot);
        if let Some(key) = by
            .iter()
            .find(|key| targets.iter().any(|target| target.slot == key.slot))
        {
            return Err(options.error(
                "by",
                format!("\"{}\", which is filled too", key.name),
                "columns that the step leaves as they are",
            ));
        }
        let pick = |text: bool| -> Vec<usize> {
            let is = |target: &&Target| target.value.is_text() == text;
            targets
                .iter()
                .filter(is)
                .map(|target| target.slot)
                .collect()
        };
        let (numbers, mut texts) = (pick(false), pick(true));
        texts.extend(by.iter().map(|key| key.slot));
        let near = targets
            .iter()
            .filter(|target| matches!(target.value, Value::Neighbour { .. }))
            .count();
        let kind = if near > 0 {
            if near < targets.len() {
                return Err(options.error(
                    "fill",
                    "neighbours and other values in one step",
                    "\"previous\" and \"next\" in a step of their own",
                ));
            }
            let targets = targets.into_iter().filter_map(|target| match target.value {
                Value::Neighbour { next, typed } => Some(neighbour::Target {
                    slot: target.slot,
                    next,
                    typed,
                    missing: target.missing,
                }),
                _ => None,
            });
            let step = Neighbours::new(targets.collect(), by, schema);
            StepKind::Carried(Arc::new(step))
        } else if calls.is_empty() {
            if !by.is_empty() {
                return Err(options.error(
                    "by",
                    "groups for values that are the same in all of them",
                    "with = \"mean\" or its like for a column",
                ));
            }
            StepKind::RowLocal(Box::new(Fill {
                texts: texts_of(&targets),
                targets: vec![targets],
                groups: None,
            }))
        } else {
            // The answers come in the order of the targets that ask.
            calls.sort_by_key(|call| call.slots.first().copied());
            StepKind::Fitted(Box::new(Fitting {
                targets,
                calls,
                by,
                missing: schema.missing.clone(),
            }))
        };
        Ok(Compiled {
            kind,
            numbers,
            texts,
        })
    }
}

fn texts_of(targets: &[Target]) -> Vec<bool> {
    targets
        .iter()
        .map(|target| target.value.is_text())
        .collect()
}

fn value(
    table: &Options<'_>,
    column: &str,
    node: &Node,
    ty: Option<Type>,
) -> Result<Value, RecipeError> {
    let text = match &node.data {
        Data::Number(text) => text.clone(),
        Data::Text(text) => text.clone(),
        Data::Boolean(value) => value.to_string(),
        Data::Table(_) => {
            let inner = table.within(column, node);
            inner.only(&["with"])?;
            let word = inner
                .word("with", WITH)?
                .ok_or_else(|| inner.error("with", "nothing", "with = \"...\""))?;
            return Ok(match word {
                "previous" | "next" => Value::Neighbour {
                    next: word == "next",
                    typed: false,
                },
                word => Value::Learnt(word, Type::Number),
            });
        }
        Data::List(_) => return Err(table.wrong(node, column, "one value")),
    };
    let is_number = matches!(node.data, Data::Number(_));
    let ty = match ty {
        Some(ty) => ty,
        None if is_number => Type::Number,
        None => Type::Text,
    };
    let whole = |value: i64| Decimal {
        mantissa: i128::from(value),
        exponent: 0,
    };
    let value = match ty {
        Type::Text => return Ok(Value::Text(text.into_bytes())),
        Type::Integer | Type::Number => match parse(text.as_bytes()) {
            Parsed::Number(value) if ty == Type::Number || value.is_integer() => Some(value),
            _ => None,
        },
        Type::Boolean => boolean::parse_cast(text.as_bytes()).map(|value| whole(i64::from(value))),
        Type::Date | Type::Time | Type::DateTime => {
            match (ty, date::parse_default(text.as_bytes())) {
                (Type::Date, Some(Temporal::Date(days))) => Some(whole(i64::from(days))),
                (Type::Time, Some(Temporal::Time(micros))) => Some(whole(micros)),
                (Type::DateTime, Some(Temporal::DateTime { micros, .. })) => Some(whole(micros)),
                (Type::DateTime, Some(Temporal::Date(days))) => {
                    Some(whole(i64::from(days) * date::MICROS_PER_DAY))
                }
                _ => None,
            }
        }
    };
    match value {
        // A cell that is filled is written as any other of its type.
        Some(value) => {
            let mut out = Vec::new();
            write_value(ty, value, &mut out);
            Ok(Value::Typed(out, value))
        }
        None => Err(table.wrong(node, column, &format!("a value of the column's type, {ty}"))),
    }
}

impl RowLocal for Fill {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        let groups = self.groups.as_ref().map(|groups| groups.of_rows(chunk));
        let columns = self.targets.first().map_or(0, Vec::len);
        for column in 0..columns {
            // Of the rows' places among the selected ones, what each one's group has.
            let target = |place: usize| match &groups {
                None => Some(&self.targets[0][column]),
                Some(groups) => groups[place].map(|group| &self.targets[group as usize][column]),
            };
            let slot = self.targets[0][column].slot;
            if self.texts[column] {
                fill_text(chunk, slot, target, outcome);
            } else {
                fill_typed(chunk, slot, target, outcome);
            }
        }
    }
}

impl Groups {
    /// The group of each selected row, if it is one of those that there are.
    fn of_rows(&self, chunk: &Chunk) -> Vec<Option<u32>> {
        let mut groups = Vec::with_capacity(chunk.selected());
        let mut key = Vec::new();
        chunk.each_row(|row| {
            key.clear();
            push_key(&mut key, chunk, &self.by, &self.missing, row);
            groups.push(self.keys.find(&key));
        });
        groups
    }
}

fn fill_typed<'a>(
    chunk: &mut Chunk,
    slot: usize,
    target: impl Fn(usize) -> Option<&'a Target>,
    outcome: &mut Outcome,
) {
    let Some(mut typed) = chunk.typed_mut(slot).map(std::mem::take) else {
        return;
    };
    let mut rows = Vec::new();
    let mut place = 0;
    chunk.each_row(|row| {
        if matches!(typed.kind[row], Kind::Missing | Kind::Invalid)
            && let Some(Value::Typed(text, value)) = target(place).map(|target| &target.value)
        {
            rows.push((row, text.as_slice(), *value));
        }
        place += 1;
    });
    if !rows.is_empty() {
        chunk.decode_text(slot);
        let mut kept = Kept::default();
        for (row, text, value) in rows {
            typed.put(row, value);
            if chunk.cells(slot).get(row) != text {
                outcome.tally.changed += 1;
                let at = kept.place(chunk, text);
                chunk.place(slot, row, at);
            }
        }
        typed.settle();
    }
    chunk.set_typed(slot, typed);
}

fn fill_text<'a>(
    chunk: &mut Chunk,
    slot: usize,
    target: impl Fn(usize) -> Option<&'a Target>,
    outcome: &mut Outcome,
) {
    let cells = chunk.cells(slot);
    let mut rows = Vec::new();
    let mut place = 0;
    chunk.each_row(|row| {
        let cell = cells.get(row);
        if let Some(Target {
            value: Value::Text(text),
            missing,
            ..
        }) = target(place)
            && missing.text(cell)
            && cell != text
        {
            rows.push((row, text.as_slice()));
        }
        place += 1;
    });
    if rows.is_empty() {
        return;
    }
    outcome.tally.changed += rows.len() as u64;
    let mut kept = Kept::default();
    for (row, text) in rows {
        let at = kept.place(chunk, text);
        chunk.place(slot, row, at);
    }
    // A reading as numbers, if there is one, was made from the old text.
    chunk.forget_typed(slot);
}

/// The text that was put last, so that rows of one group share it.
#[derive(Default)]
struct Kept<'a> {
    last: Option<(&'a [u8], (u32, u32))>,
}

impl<'a> Kept<'a> {
    fn place(&mut self, chunk: &mut Chunk, text: &'a [u8]) -> (u32, u32) {
        match self.last {
            Some((last, at)) if std::ptr::eq(last, text) => at,
            _ => {
                let at = chunk.keep(text);
                self.last = Some((text, at));
                at
            }
        }
    }
}

/// Fill before it has learnt.
struct Fitting {
    targets: Vec<Target>,
    calls: Vec<Call>,
    by: Vec<Key>,
    missing: Vec<Missing>,
}

impl Fitted for Fitting {
    fn asks(&self) -> Vec<Call> {
        self.calls.clone()
    }

    fn by(&self) -> &[Key] {
        &self.by
    }

    fn fit(&self, learnt: &Grouped) -> Result<Box<dyn RowLocal>, Fault> {
        let groups = if self.by.is_empty() {
            1
        } else {
            learnt.keys().len()
        };
        let targets = (0..groups).map(|group| {
            let mut answers = learnt.answers_of(&self.calls, group).into_iter();
            let fitted = self.targets.iter().map(|target| {
                let mut target = target.clone();
                if let Value::Learnt(word, ty) = target.value {
                    target.value = value_of(answers.next().unwrap_or_default(), word, ty)?;
                }
                Ok(target)
            });
            fitted.collect::<Result<Vec<Target>, Fault>>()
        });
        let targets = targets.collect::<Result<_, Fault>>()?;
        let groups = (!self.by.is_empty()).then(|| Groups {
            by: self.by.clone(),
            keys: learnt.keys().clone(),
            missing: self.missing.clone(),
        });
        Ok(Box::new(Fill {
            targets,
            texts: texts_of(&self.targets),
            groups,
        }))
    }
}

/// What a column of a type is filled with, for a figure: the reading of what the report would print, so
/// that the cell and the figure agree.
fn value_of(figure: Figure, word: &str, ty: Type) -> Result<Value, Fault> {
    let whole = |value: i64| Decimal {
        mantissa: i128::from(value),
        exponent: 0,
    };
    let typed = |value: Decimal| {
        let mut out = Vec::new();
        write_value(ty, value, &mut out);
        Value::Typed(out, value)
    };
    Ok(match figure {
        Figure::Null => Value::Nothing,
        Figure::Withheld(reason) => {
            return Err(Fault::new(
                FaultKind::Limit,
                format!("fill with {word}"),
                reason,
                "no more different values than are kept one by one",
            )
            .hint("raise exact_values under [limits] if memory allows"));
        }
        Figure::Text(text) => Value::Text(text),
        Figure::Moment(_, value) => typed(whole(value)),
        Figure::Boolean(value) => typed(whole(i64::from(value))),
        Figure::Approximate(value, _) if value.is_finite() => number(f64_text(value)),
        figure => number(figure.plain()),
    })
}

fn number(text: String) -> Value {
    match parse(text.as_bytes()) {
        Parsed::Number(value) => Value::Typed(text.into_bytes(), value),
        _ => Value::Nothing,
    }
}

/// The columns of `by`.
pub fn keys(options: &Options<'_>, schema: &Schema) -> Result<Vec<Key>, RecipeError> {
    let Some(names) = options.texts("by")? else {
        return Ok(Vec::new());
    };
    let at = schema.resolve(&names, &options.place("by"))?;
    let keys = at.into_iter().map(|at| {
        let column = &schema.columns[at];
        Key {
            name: column.name.clone(),
            slot: column.slot,
            ty: column.ty.unwrap_or(Type::Text),
            bucket: None,
        }
    });
    Ok(keys.collect())
}

#[cfg(test)]
mod tests {
    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    fn rows(step: &str, table: &str) -> String {
        let recipe = format!("tidemill = 1\n{step}");
        let (_, rows, _) = same_everywhere(plan(&recipe, table.as_bytes()), table.as_bytes());
        rows
    }

    const TABLE: &str = "g,x,t,d\na,1,p,2024-03-01\nb,10,q,2024-03-05\na,,,\n,7,r,\nb,NA,,2024-03-06\na,4,p,2024-03-03\n,,,\nb,40,s,\nc,,,\nb,13,s,2024-03-06\n";

    /// By hand: x of a is 1 and 4, of b 10, 40 and 13, of the rows without a group 7; c has none.
    #[test]
    fn each_group_has_its_own() {
        let step = |with: &str, by: &str| {
            format!("[[step]]\nfill = {{ x = {{ with = \"{with}\" }} }}\n{by}")
        };
        let xs = |with: &str, by: &str| -> Vec<String> {
            let out = rows(&step(with, by), TABLE);
            out.lines()
                .skip(1)
                .map(|line| line.split(',').nth(1).unwrap().to_string())
                .collect()
        };
        let by = "by = [\"g\"]\n";
        assert_eq!(
            xs("mean", by),
            ["1", "10", "2.5", "7", "21", "4", "7", "40", "", "13"]
        );
        assert_eq!(
            xs("median", by),
            ["1", "10", "2.5", "7", "13", "4", "7", "40", "", "13"]
        );
        assert_eq!(
            xs("max", by),
            ["1", "10", "4", "7", "40", "4", "7", "40", "", "13"]
        );
        assert_eq!(
            xs("median", ""),
            ["1", "10", "8.5", "7", "8.5", "4", "8.5", "40", "8.5", "13"]
        );
    }

    #[test]
    fn the_most_frequent_text_and_the_first_day() {
        let texts = rows(
            "[[step]]\nfill = { t = { with = \"mode\" } }\nby = [\"g\"]\n",
            TABLE,
        );
        assert_eq!(texts.lines().nth(3), Some("a,,p,"));
        assert_eq!(texts.lines().nth(5), Some("b,NA,s,2024-03-06"));
        let days = rows(
            "[[step]]\ncast = { d = \"date\" }\n[[step]]\nfill = { d = { with = \"min\" }, t = \"none\" }\n",
            TABLE,
        );
        assert_eq!(days.lines().nth(3), Some("a,,none,2024-03-01"));
        let middle = rows(
            "[[step]]\ncast = { d = \"date\" }\n[[step]]\nfill = { d = { with = \"median\" } }\n",
            TABLE,
        );
        // Of 1, 3, 5, 6 and 6 March.
        assert_eq!(middle.lines().nth(3), Some("a,,,2024-03-05"));
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        use crate::detect::detect;
        use crate::plan::{Plan, Target};
        use crate::recipe::Recipe;
        for (step, found) in [
            (
                "fill = { x = 0, t = { with = \"next\" } }",
                "neighbours and other values in one step",
            ),
            (
                "fill = { x = { with = \"mean\" } }\nby = [\"x\"]",
                "\"x\", which is filled too",
            ),
            (
                "fill = { x = 0 }\nby = [\"g\"]",
                "groups for values that are the same in all of them",
            ),
        ] {
            let recipe = Recipe::parse(&format!("tidemill = 1\n[[step]]\n{step}\n")).unwrap();
            let detected = detect(TABLE.as_bytes(), &recipe.read).unwrap();
            let error = Plan::new(&recipe, detected, Target::default())
                .err()
                .unwrap();
            assert_eq!(error.found, found);
        }
    }
}
