//! Texts: sets of words, and the patterns of LIKE.
//!
//! The decision that shaped it: a word of up to eight bytes is an integer and its length. A cell is
//! then compared with one load and no call, which is what codes, states and carriers are.

/// The first eight bytes of a cell, with zeros after its end.
#[inline]
pub(super) fn head(buffer: &[u8], start: usize, len: usize) -> u64 {
    let word = match buffer.get(start..).and_then(|rest| rest.first_chunk()) {
        Some(word) => u64::from_le_bytes(*word),
        None => {
            let mut word = [0; 8];
            let rest = buffer.get(start..).unwrap_or_default();
            let rest = &rest[..rest.len().min(8)];
            word[..rest.len()].copy_from_slice(rest);
            u64::from_le_bytes(word)
        }
    };
    match len {
        0 => 0,
        1..8 => word & (u64::MAX >> (64 - 8 * len)),
        _ => word,
    }
}

/// Texts that a cell may equal.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// Of at most eight bytes, in ascending order.
    short: Vec<(u64, usize)>,
    /// In ascending order of bytes.
    long: Vec<Vec<u8>>,
}

/// Up to this many words are looked through in order.
const FEW: usize = 8;

impl Words {
    pub(super) fn new(words: Vec<Vec<u8>>) -> Words {
        let (short, mut long): (Vec<_>, Vec<_>) =
            words.into_iter().partition(|word| word.len() <= 8);
        let mut short: Vec<_> = short
            .iter()
            .map(|word| (head(word, 0, word.len()), word.len()))
            .collect();
        short.sort_unstable();
        short.dedup();
        long.sort_unstable();
        long.dedup();
        Words { short, long }
    }

    /// The word, if there is one only and it is short.
    pub(super) fn only_short(&self) -> Option<(u64, usize)> {
        match (&self.short[..], &self.long[..]) {
            ([only], []) => Some(*only),
            _ => None,
        }
    }

    /// Whether `buffer[start..start + len]` is one of the words.
    #[inline]
    pub(super) fn holds(&self, buffer: &[u8], start: usize, len: usize) -> bool {
        if len <= 8 {
            let key = (head(buffer, start, len), len);
            return match &self.short[..] {
                few if few.len() <= FEW => few.contains(&key),
                many => many.binary_search(&key).is_ok(),
            };
        }
        match &self.long[..] {
            [] => false,
            [only] => only[..] == buffer[start..start + len],
            many => many
                .binary_search_by(|word| word[..].cmp(&buffer[start..start + len]))
                .is_ok(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// A run of bytes as they stand.
    Literal(Vec<u8>),
    /// `_`: one character.
    One,
    /// `%`: any number of characters.
    Many,
}

/// A compiled LIKE pattern.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    parts: Vec<Part>,
    any_case: bool,
}

impl Pattern {
    /// `None` if the pattern ends in its escape character.
    pub(super) fn new(pattern: &str, escape: Option<char>, any_case: bool) -> Option<Pattern> {
        let mut parts = Vec::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            let part = match c {
                c if Some(c) == escape => Err(chars.next()?),
                '%' => Ok(Part::Many),
                '_' => Ok(Part::One),
                c => Err(c),
            };
            match (part, parts.last_mut()) {
                (Ok(Part::Many), Some(Part::Many)) => {}
                (Ok(part), _) => parts.push(part),
                // In any case, a part is one character, so that both sides go on in step.
                (Err(c), Some(Part::Literal(run))) if !any_case => push(run, c),
                (Err(c), _) => {
                    let mut run = Vec::new();
                    push(&mut run, c);
                    parts.push(Part::Literal(run));
                }
            }
        }
        Some(Pattern { parts, any_case })
    }

    /// Whether the whole cell is as the pattern says. A run after `%` is looked for from the left, and
    /// on failure only the last `%` is moved on: what an earlier one skipped cannot matter.
    pub(super) fn matches(&self, cell: &[u8]) -> bool {
        let (mut part, mut at) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let stepped = match self.parts.get(part) {
                Some(Part::Many) => {
                    if part + 1 == self.parts.len() {
                        return true;
                    }
                    retry = Some((part + 1, at));
                    Some(at)
                }
                Some(Part::One) => (at < cell.len()).then(|| at + width(&cell[at..])),
                Some(Part::Literal(run)) => self.literal(run, &cell[at..]).map(|len| at + len),
                None => (at == cell.len()).then_some(at),
            };
            match (stepped, &mut retry) {
                (Some(_), _) if part == self.parts.len() => return true,
                (Some(next), _) => {
                    part += 1;
                    at = next;
                }
                (None, Some((after, from))) if *from < cell.len() => {
                    *from += width(&cell[*from..]);
                    (part, at) = (*after, *from);
                }
                (None, _) => return false,
            }
        }
    }

    /// How many bytes of the cell the run takes, if the cell goes on with it.
    fn literal(&self, run: &[u8], cell: &[u8]) -> Option<usize> {
        if cell.starts_with(run) {
            return Some(run.len());
        }
        if !self.any_case {
            return None;
        }
        let width = width(cell);
        let same = match (one_char(run), one_char(cell.get(..width)?)) {
            (Some(a), Some(b)) => a.to_lowercase().eq(b.to_lowercase()),
            _ => false,
        };
        same.then_some(width)
    }
}

fn push(run: &mut Vec<u8>, c: char) {
    run.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The bytes of the first character; a byte that begins none is one by itself.
#[inline]
fn width(text: &[u8]) -> usize {
    let len = match text.first() {
        None => return 0,
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        Some(_) => return 1,
    };
    match text.get(..len) {
        Some(bytes) if std::str::from_utf8(bytes).is_ok() => len,
        _ => 1,
    }
}

fn one_char(text: &[u8]) -> Option<char> {
    std::str::from_utf8(text).ok()?.chars().next()
}
