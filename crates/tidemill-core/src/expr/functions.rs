//! THE LIST of functions of expressions: one line gives a function its name, its signature, its help
//! and what it does to one row's arguments.
//!
//! The decision that shaped it: a function knows nothing of columns, types of columns or missing words.
//! The evaluator calls it in one loop a chunk, with values; without all of its arguments it is not called
//! and gives no value, unless it is `lenient`.

use super::numbers::Cell;
use crate::number::Decimal;
use crate::value::calendar::{MICROS_PER_DAY, MICROS_PER_SECOND, civil_from_days};

use super::interval::power;
use super::regexp;

/// What an argument must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Takes {
    Number,
    Text,
    /// A date or a datetime, as microseconds.
    Moment,
    /// A time or a datetime, as microseconds.
    Clock,
}

/// One argument of one row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arg<'a> {
    Nothing,
    Number(Cell),
    Text(&'a [u8]),
}

/// What a function does, by what it gives.
#[derive(Clone, Copy, Debug)]
pub(super) enum Run {
    Number(fn(&[Arg]) -> Cell),
    /// An empty text is no value.
    Text(fn(&[Arg], &mut Vec<u8>)),
    Truth(fn(&[Arg]) -> bool),
}

/// A function as people see it.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    pub name: &'static str,
    /// How it is called: `round(x, [digits])`.
    pub call: &'static str,
    pub help: &'static str,
    pub(super) takes: &'static [Takes],
    /// How many arguments it must have.
    pub(super) least: usize,
    /// The last argument may be repeated.
    pub(super) more: bool,
    /// It is called with what arguments there are.
    pub(super) lenient: bool,
    pub(super) run: Run,
}

const fn of(call: &'static str, takes: &'static [Takes], run: Run, help: &'static str) -> Function {
    let mut end = 0;
    while call.as_bytes()[end] != b'(' {
        end += 1;
    }
    let (name, _) = call.split_at(end);
    Function {
        name,
        call,
        help,
        takes,
        least: takes.len(),
        more: false,
        lenient: false,
        run,
    }
}

impl Function {
    /// The last argument may be left out.
    const fn or_less(mut self) -> Function {
        self.least -= 1;
        self
    }

    /// Any number of arguments, of which those without a value are skipped.
    const fn of_any(mut self) -> Function {
        self.more = true;
        self.lenient = true;
        self
    }
}

const N: Takes = Takes::Number;
const T: Takes = Takes::Text;
const M: Takes = Takes::Moment;
const C: Takes = Takes::Clock;

/// All functions, in the order in which help shows them.
#[rustfmt::skip]
pub const FUNCTIONS: &[Function] = &[
    of("lower(text)", &[T], Run::Text(lower), "in small letters"),
    of("upper(text)", &[T], Run::Text(upper), "in capital letters"),
    of("trim(text)", &[T], Run::Text(trim), "without white space at both ends"),
    of("ltrim(text)", &[T], Run::Text(ltrim), "without white space at its start"),
    of("rtrim(text)", &[T], Run::Text(rtrim), "without white space at its end"),
    of("length(text)", &[T], Run::Number(length), "how many characters it has"),
    of("substr(text, from, [count])", &[T, N, N], Run::Text(substr), "from a character on, the first of which is 1; so many, or all").or_less(),
    of("left(text, count)", &[T, N], Run::Text(left), "its first characters; all but the last ones if the count is negative"),
    of("right(text, count)", &[T, N], Run::Text(right), "its last characters; all but the first ones if the count is negative"),
    of("replace(text, from, to)", &[T, T, T], Run::Text(replace), "with every `from` replaced"),
    of("concat(text, ...)", &[T], Run::Text(concat), "one after the other; what is missing is skipped, where `||` gives no value").of_any(),
    of("lpad(text, width, [with])", &[T, N, T], Run::Text(lpad), "brought to a width of characters from the left, with spaces or another text; cut if it is longer").or_less(),
    of("rpad(text, width, [with])", &[T, N, T], Run::Text(rpad), "the same from the right").or_less(),
    of("split_part(text, separator, n)", &[T, T, N], Run::Text(split_part), "the n-th part, from 1; from the end if n is negative"),
    of("starts_with(text, start)", &[T, T], Run::Truth(|a| text(a, 0).starts_with(text(a, 1))), "whether it starts so"),
    of("ends_with(text, end)", &[T, T], Run::Truth(|a| text(a, 0).ends_with(text(a, 1))), "whether it ends so"),
    of("contains(text, part)", &[T, T], Run::Truth(|a| find(text(a, 0), text(a, 1)).is_some()), "whether the part stands in it"),
    of("strpos(text, part)", &[T, T], Run::Number(strpos), "the character at which the part begins, from 1; 0 if it does not stand in it"),
    of("reverse(text)", &[T], Run::Text(reverse), "its characters from the last to the first"),
    of("regexp_like(text, pattern)", &[T, T], Run::Truth(regexp::like), "whether a part of it fits a regular expression"),
    of("regexp_extract(text, pattern, [group])", &[T, T, N], Run::Text(regexp::extract), "the first part that fits, or a group of it").or_less(),
    of("regexp_replace(text, pattern, to)", &[T, T, T], Run::Text(regexp::replace), "with every part that fits replaced; $1 is the first group"),
    of("abs(x)", &[N], Run::Number(abs), "without its sign"),
    of("sign(x)", &[N], Run::Number(sign), "-1, 0 or 1"),
    of("round(x, [digits])", &[N, N], Run::Number(round), "rounded to so many decimals, or none; halves away from zero").or_less(),
    of("floor(x)", &[N], Run::Number(|a| whole(number(a, 0), Rounding::Down)), "the largest whole number that is not above"),
    of("ceil(x)", &[N], Run::Number(|a| whole(number(a, 0), Rounding::Up)), "the least whole number that is not below"),
    of("trunc(x)", &[N], Run::Number(|a| whole(number(a, 0), Rounding::Zero)), "without its decimals"),
    of("sqrt(x)", &[N], Run::Number(sqrt), "the square root; no value below zero"),
    of("power(x, y)", &[N, N], Run::Number(|a| finite(libm::pow(float(a, 0), float(a, 1)))), "x to the power of y"),
    of("exp(x)", &[N], Run::Number(|a| finite(libm::exp(float(a, 0)))), "e to the power of x"),
    of("ln(x)", &[N], Run::Number(|a| finite(libm::log(float(a, 0)))), "the natural logarithm; no value at zero and below"),
    of("log10(x)", &[N], Run::Number(|a| finite(libm::log10(float(a, 0)))), "the logarithm to the base 10"),
    of("log2(x)", &[N], Run::Number(|a| finite(libm::log2(float(a, 0)))), "the logarithm to the base 2"),
    of("greatest(x, ...)", &[N], Run::Number(|a| most(a, std::cmp::Ordering::Greater)), "the largest of those that are there").of_any(),
    of("least(x, ...)", &[N], Run::Number(|a| most(a, std::cmp::Ordering::Less)), "the smallest of those that are there").of_any(),
    of("year(day)", &[M], Run::Number(|a| date(a).map_or(Cell::Null, |(year, ..)| integer(year))), "its year"),
    of("month(day)", &[M], Run::Number(|a| date(a).map_or(Cell::Null, |(_, month, _)| integer(i64::from(month)))), "its month, from 1"),
    of("day(day)", &[M], Run::Number(|a| date(a).map_or(Cell::Null, |(.., day)| integer(i64::from(day)))), "its day of the month"),
    of("quarter(day)", &[M], Run::Number(|a| date(a).map_or(Cell::Null, |(_, month, _)| integer(i64::from(month.div_ceil(3))))), "its quarter, from 1"),
    of("weekday(day)", &[M], Run::Number(|a| days(a, 0).map_or(Cell::Null, |days| integer((days + 3).rem_euclid(7) + 1))), "1 for Monday to 7 for Sunday"),
    of("hour(time)", &[C], Run::Number(|a| clock(a, 3600, 24)), "its hour"),
    of("minute(time)", &[C], Run::Number(|a| clock(a, 60, 60)), "its minute"),
    of("second(time)", &[C], Run::Number(|a| clock(a, 1, 60)), "its whole second"),
    of("date_diff(from, to)", &[M, M], Run::Number(date_diff), "how many midnights lie between, negative if `to` is earlier"),
];

/// Other names that people know functions by.
pub const OTHER_NAMES: &[(&str, &str)] = &[
    ("pow", "power"),
    ("substring", "substr"),
    ("char_length", "length"),
    ("ceiling", "ceil"),
    ("instr", "strpos"),
    ("regexp_matches", "regexp_like"),
];

/// The function of that name, in any case.
pub(super) fn find_function(name: &str) -> Option<&'static Function> {
    let name = OTHER_NAMES
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(name))
        .map_or(name, |(_, name)| name);
    FUNCTIONS
        .iter()
        .find(|function| function.name.eq_ignore_ascii_case(name))
}

/// The functions as a table of the guide.
pub fn functions_table() -> String {
    let mut table = String::from("| function | gives |\n| --- | --- |\n");
    for function in FUNCTIONS {
        table.push_str(&format!("| `{}` | {} |\n", function.call, function.help));
    }
    table
}

/// Texts of a padded width are no longer than this.
const WIDEST: usize = 1 << 16;

pub(super) fn text<'a>(args: &[Arg<'a>], at: usize) -> &'a [u8] {
    match args.get(at) {
        Some(Arg::Text(text)) => text,
        _ => b"",
    }
}

fn number(args: &[Arg], at: usize) -> Cell {
    match args.get(at) {
        Some(Arg::Number(cell)) => *cell,
        _ => Cell::Null,
    }
}

/// A count as an argument: whole, and held within an i64.
pub(super) fn count(args: &[Arg], at: usize) -> i64 {
    match whole(number(args, at), Rounding::Zero) {
        Cell::Exact(value) => value
            .mantissa
            .checked_mul(power(u32::from(value.exponent.unsigned_abs())).unwrap_or(i128::MAX))
            .map_or(i64::MAX, |value| {
                value.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
            }),
        Cell::Float(value) => value as i64,
        Cell::Null => 0,
    }
}

fn integer(value: i64) -> Cell {
    Cell::Exact(Decimal {
        mantissa: i128::from(value),
        exponent: 0,
    })
}

fn cased(text: &[u8], out: &mut Vec<u8>, ascii: fn(&u8) -> u8, all: fn(&str) -> String) {
    match std::str::from_utf8(text) {
        Ok(text) if !text.is_ascii() => out.extend_from_slice(all(text).as_bytes()),
        _ => out.extend(text.iter().map(ascii)),
    }
}

fn lower(args: &[Arg], out: &mut Vec<u8>) {
    cased(
        text(args, 0),
        out,
        u8::to_ascii_lowercase,
        str::to_lowercase,
    );
}

fn upper(args: &[Arg], out: &mut Vec<u8>) {
    cased(
        text(args, 0),
        out,
        u8::to_ascii_uppercase,
        str::to_uppercase,
    );
}

/// How many bytes of white space stand at the start; of a text that is no UTF-8, ASCII alone.
fn blank_start(text: &[u8]) -> usize {
    match std::str::from_utf8(text) {
        Ok(text) => text.len() - text.trim_start().len(),
        Err(_) => text.len() - text.trim_ascii_start().len(),
    }
}

fn blank_end(text: &[u8]) -> usize {
    match std::str::from_utf8(text) {
        Ok(text) => text.trim_end().len(),
        Err(_) => text.trim_ascii_end().len(),
    }
}

fn trim(args: &[Arg], out: &mut Vec<u8>) {
    let text = text(args, 0);
    let text = &text[blank_start(text)..];
    out.extend_from_slice(&text[..blank_end(text)]);
}

fn ltrim(args: &[Arg], out: &mut Vec<u8>) {
    let text = text(args, 0);
    out.extend_from_slice(&text[blank_start(text)..]);
}

fn rtrim(args: &[Arg], out: &mut Vec<u8>) {
    let text = text(args, 0);
    out.extend_from_slice(&text[..blank_end(text)]);
}

/// Whether a byte is the first of a character.
fn starts_char(byte: &u8) -> bool {
    byte & 0xc0 != 0x80
}

fn chars(text: &[u8]) -> i64 {
    text.iter().filter(|byte| starts_char(byte)).count() as i64
}

/// The characters from the one to before the other, counted from 0 and cut to what there is.
fn slice(text: &[u8], from: i64, to: i64) -> &[u8] {
    let place = |at: i64| match usize::try_from(at) {
        Err(_) => 0,
        Ok(0) => 0,
        Ok(at) => text
            .iter()
            .enumerate()
            .filter(|(_, byte)| starts_char(byte))
            .nth(at)
            .map_or(text.len(), |(place, _)| place),
    };
    let (from, to) = (place(from), place(to));
    text.get(from..to).unwrap_or_default()
}

fn length(args: &[Arg]) -> Cell {
    integer(chars(text(args, 0)))
}

fn substr(args: &[Arg], out: &mut Vec<u8>) {
    let from = count(args, 1).saturating_sub(1);
    let to = match args.len() {
        3 => from.saturating_add(count(args, 2).max(0)),
        _ => i64::MAX,
    };
    out.extend_from_slice(slice(text(args, 0), from, to));
}

fn left(args: &[Arg], out: &mut Vec<u8>) {
    let (text, count) = (text(args, 0), count(args, 1));
    let to = if count < 0 {
        chars(text).saturating_add(count)
    } else {
        count
    };
    out.extend_from_slice(slice(text, 0, to));
}

fn right(args: &[Arg], out: &mut Vec<u8>) {
    let (text, count) = (text(args, 0), count(args, 1));
    let from = if count < 0 {
        count.saturating_neg()
    } else {
        chars(text).saturating_sub(count)
    };
    out.extend_from_slice(slice(text, from, i64::MAX));
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, part)
}

fn replace(args: &[Arg], out: &mut Vec<u8>) {
    let (mut rest, from) = (text(args, 0), text(args, 1));
    while !from.is_empty()
        && let Some(at) = find(rest, from)
    {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(text(args, 2));
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
}

fn concat(args: &[Arg], out: &mut Vec<u8>) {
    (0..args.len()).for_each(|at| out.extend_from_slice(text(args, at)));
}

/// The text cut to a width, and what fills it up.
fn padding<'a>(args: &[Arg<'a>]) -> (&'a [u8], Vec<u8>) {
    let width = count(args, 1).clamp(0, WIDEST as i64);
    let with = if args.len() == 3 { text(args, 2) } else { b" " };
    let text = slice(text(args, 0), 0, width);
    let lacking = width - chars(text);
    let each = chars(with);
    if each == 0 {
        return (text, Vec::new());
    }
    let mut fill = with.repeat((lacking / each) as usize);
    fill.extend_from_slice(slice(with, 0, lacking % each));
    (text, fill)
}

fn lpad(args: &[Arg], out: &mut Vec<u8>) {
    let (text, fill) = padding(args);
    out.extend_from_slice(&fill);
    out.extend_from_slice(text);
}

fn rpad(args: &[Arg], out: &mut Vec<u8>) {
    let (text, fill) = padding(args);
    out.extend_from_slice(text);
    out.extend_from_slice(&fill);
}

fn strpos(args: &[Arg]) -> Cell {
    let text = text(args, 0);
    let found = find(text, self::text(args, 1));
    integer(found.map_or(0, |at| chars(&text[..at]) + 1))
}

fn reverse(args: &[Arg], out: &mut Vec<u8>) {
    let text = text(args, 0);
    let mut end = text.len();
    while end > 0 {
        let from = text[..end].iter().rposition(starts_char).unwrap_or(0);
        out.extend_from_slice(&text[from..end]);
        end = from;
    }
}

fn split_part(args: &[Arg], out: &mut Vec<u8>) {
    let (text, separator, n) = (text(args, 0), text(args, 1), count(args, 2));
    let mut parts = Vec::new();
    let mut rest = text;
    while !separator.is_empty()
        && let Some(at) = find(rest, separator)
    {
        parts.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    parts.push(rest);
    let at = match n {
        1.. => usize::try_from(n - 1).ok(),
        0 => None,
        _ => usize::try_from(n.unsigned_abs())
            .ok()
            .and_then(|back| parts.len().checked_sub(back)),
    };
    if let Some(part) = at.and_then(|at| parts.get(at)) {
        out.extend_from_slice(part);
    }
}

fn abs(args: &[Arg]) -> Cell {
    match number(args, 0) {
        Cell::Exact(value) if value.mantissa < 0 => Cell::Exact(value).negate(),
        Cell::Float(value) => Cell::Float(value.abs()),
        other => other,
    }
}

fn sign(args: &[Arg]) -> Cell {
    match number(args, 0) {
        Cell::Null => Cell::Null,
        Cell::Exact(value) => integer(value.mantissa.signum() as i64),
        Cell::Float(value) => integer(i64::from(value > 0.0) - i64::from(value < 0.0)),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounding {
    Down,
    Up,
    Zero,
    Nearest,
}

/// Rounded to a whole multiple of `10^exponent`.
pub(crate) fn rounded(value: Decimal, exponent: i32, how: Rounding) -> Option<Decimal> {
    let steps = exponent - i32::from(value.exponent);
    if steps <= 0 {
        return Some(value);
    }
    // A unit with more digits than any mantissa has.
    let unit = power(steps.unsigned_abs());
    let (whole, rest) = match unit {
        Some(unit) => (value.mantissa / unit, value.mantissa % unit),
        None => (0, value.mantissa),
    };
    let away = match how {
        Rounding::Zero => false,
        Rounding::Down => rest < 0,
        Rounding::Up => rest > 0,
        Rounding::Nearest => unit.is_some_and(|unit| rest.abs() >= unit - rest.abs()),
    };
    let whole = whole + if away { value.mantissa.signum() } else { 0 };
    Decimal::new(whole, i16::try_from(exponent).ok()?)
}

fn whole(cell: Cell, how: Rounding) -> Cell {
    match cell {
        Cell::Exact(value) => rounded(value, 0, how).map_or(cell, Cell::Exact),
        Cell::Float(value) => Cell::float(match how {
            Rounding::Down => value.floor(),
            Rounding::Up => value.ceil(),
            Rounding::Zero => value.trunc(),
            Rounding::Nearest => value.round(),
        }),
        Cell::Null => Cell::Null,
    }
}

fn round(args: &[Arg]) -> Cell {
    let digits = match args.len() {
        2 => count(args, 1).clamp(-400, 400) as i32,
        _ => 0,
    };
    match number(args, 0) {
        // A rounded number is taken as it is written.
        Cell::Float(value) if value.is_finite() => {
            match crate::number::parse(crate::number::f64_text(value).as_bytes()) {
                crate::number::Parsed::Number(value) => {
                    rounded(value, -digits, Rounding::Nearest).map_or(Cell::Null, Cell::Exact)
                }
                _ => Cell::Null,
            }
        }
        Cell::Exact(value) => {
            rounded(value, -digits, Rounding::Nearest).map_or(Cell::Null, Cell::Exact)
        }
        other => other,
    }
}

fn float(args: &[Arg], at: usize) -> f64 {
    number(args, at).to_f64()
}

/// A result that is too large for a float, or none at all, is no value.
fn finite(value: f64) -> Cell {
    if value.is_finite() {
        Cell::Float(value)
    } else {
        Cell::Null
    }
}

/// A whole number, as a cast to integer takes it; any other is no value.
pub(super) fn integer_only(args: &[Arg]) -> Cell {
    match number(args, 0) {
        Cell::Exact(value) if value.is_integer() => whole(Cell::Exact(value), Rounding::Zero),
        Cell::Float(value) if value.is_finite() && value.fract() == 0.0 => Cell::Float(value),
        _ => Cell::Null,
    }
}

/// 1 or 0 for what a cast to boolean takes as true or false.
pub(super) fn flag(args: &[Arg]) -> Cell {
    let flag = match args.first() {
        Some(Arg::Text(text)) => crate::value::boolean::parse_cast(text),
        Some(Arg::Number(cell)) => match cell.to_f64() {
            0.0 => Some(false),
            1.0 => Some(true),
            _ => None,
        },
        _ => None,
    };
    flag.map_or(Cell::Null, |flag| integer(i64::from(flag)))
}

/// One operation of IEEE 754, so its bits are the same everywhere.
fn sqrt(args: &[Arg]) -> Cell {
    Cell::float(number(args, 0).to_f64().sqrt())
}

fn most(args: &[Arg], wanted: std::cmp::Ordering) -> Cell {
    (0..args.len()).fold(Cell::Null, |best, at| {
        let cell = number(args, at);
        match (best, cell.order(best)) {
            (Cell::Null, _) => cell,
            (_, Some(order)) if order == wanted => cell,
            _ => best,
        }
    })
}

fn micros(args: &[Arg], at: usize) -> Option<i64> {
    match number(args, at) {
        Cell::Exact(value) => {
            let steps = u32::try_from(value.exponent).ok()?;
            i64::try_from(value.mantissa.checked_mul(power(steps)?)?).ok()
        }
        _ => None,
    }
}

fn days(args: &[Arg], at: usize) -> Option<i64> {
    Some(micros(args, at)?.div_euclid(MICROS_PER_DAY))
}

fn date(args: &[Arg]) -> Option<(i64, u32, u32)> {
    Some(civil_from_days(i32::try_from(days(args, 0)?).ok()?))
}

fn clock(args: &[Arg], seconds: i64, parts: i64) -> Cell {
    match micros(args, 0) {
        None => Cell::Null,
        Some(micros) => {
            let second = micros.div_euclid(MICROS_PER_SECOND);
            integer(second.div_euclid(seconds).rem_euclid(parts))
        }
    }
}

fn date_diff(args: &[Arg]) -> Cell {
    match (days(args, 0), days(args, 1)) {
        (Some(from), Some(to)) => integer(to - from),
        _ => Cell::Null,
    }
}
