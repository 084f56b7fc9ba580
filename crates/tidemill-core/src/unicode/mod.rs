//! Unicode's normalization forms C and KC. The usual crate's tables take 63 kB of the module for
//! browsers; these are the same data as deltas in `tables.bin`, unfolded when first asked for.
//! `xtask unicode` writes the file, and the tests hold every character against the crate.

use std::sync::LazyLock;

/// The two forms that compose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Canonical: the same characters in another spelling.
    Nfc,
    /// Compatible: full-width, ligatures, circled digits and their like become plain.
    Nfkc,
}

static TABLES: LazyLock<Tables> =
    LazyLock::new(|| Tables::unfold(include_bytes!("tables.bin")).unwrap_or_default());

/// The Hangul syllables are composed by arithmetic.
const SYLLABLES: u32 = 0xac00;
const LEADS: u32 = 0x1100;
const VOWELS: u32 = 0x1161;
const TAILS: u32 = 0x11a7;
const VOWEL_COUNT: u32 = 21;
const TAIL_COUNT: u32 = 28;
const SYLLABLE_COUNT: u32 = 11172;

/// Pages of 256 characters.
const PAGES: usize = 0x1100;

#[derive(Default)]
struct Tables {
    /// Characters of a combining class other than 0: first, last and class, ascending.
    classes: Vec<(u32, u32, u8)>,
    canonical: Parts,
    compatible: Parts,
    /// Two characters and what they are together, ascending.
    pairs: Vec<(u32, u32, u32)>,
    /// Pages on which a form has something to do.
    busy: [Vec<bool>; 2],
}

/// Characters, and what each is taken apart into.
#[derive(Default)]
struct Parts {
    /// The character, and where its parts begin; ascending.
    of: Vec<(u32, u32)>,
    chars: Vec<u32>,
}

impl Parts {
    fn get(&self, c: u32) -> Option<&[u32]> {
        let at = self.of.binary_search_by_key(&c, |(c, _)| *c).ok()?;
        let from = self.of[at].1 as usize;
        let to = self
            .of
            .get(at + 1)
            .map_or(self.chars.len(), |(_, to)| *to as usize);
        self.chars.get(from..to)
    }
}

/// Whole numbers of seven bits a byte, the least first.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn next(&mut self) -> Option<u32> {
        let (mut value, mut shift) = (0u32, 0);
        loop {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            shift += 7;
        }
    }

    fn list(&mut self) -> Option<Vec<u32>> {
        let count = self.next()?;
        (0..count).map(|_| self.next()).collect()
    }

    /// Numbers that are written as how far each is from the one before, whichever way.
    fn steps(&mut self) -> Option<Vec<u32>> {
        let mut last = 0u32;
        let list = self.list()?;
        Some(
            list.into_iter()
                .map(|step| {
                    let by = (step >> 1) as i32 ^ -((step & 1) as i32);
                    last = last.wrapping_add_signed(by);
                    last
                })
                .collect(),
        )
    }

    /// Characters, ascending, with the lengths and the parts of each, place by place.
    fn parts(&mut self) -> Option<Parts> {
        let of = self.steps()?;
        let lengths = self.list()?;
        let longest = lengths.iter().copied().max().unwrap_or(0) as usize;
        let places: Vec<Vec<u32>> = (0..longest).map(|_| self.steps()).collect::<Option<_>>()?;
        let mut used = vec![0; longest];
        let mut parts = Parts::default();
        for (c, length) in of.into_iter().zip(lengths) {
            parts.of.push((c, parts.chars.len() as u32));
            for place in 0..length as usize {
                parts.chars.push(*places[place].get(used[place])?);
                used[place] += 1;
            }
        }
        Some(parts)
    }
}

impl Tables {
    /// The file is a part of the program; that it is read to its end is a test.
    fn unfold(bytes: &[u8]) -> Option<Tables> {
        let mut numbers = Numbers(bytes);
        let mut tables = Tables::default();
        let (starts, lengths, classes) = (numbers.steps()?, numbers.list()?, numbers.list()?);
        for ((first, length), class) in starts.into_iter().zip(lengths).zip(classes) {
            tables
                .classes
                .push((first, first + length - 1, class as u8));
        }
        tables.canonical = numbers.parts()?;
        tables.compatible = numbers.parts()?;
        // The characters that are never composed again; of the others the last part is the second of a
        // pair, whose first is what all parts before compose to.
        let alone = numbers.steps()?;
        let mut left: Vec<(u32, Vec<u32>)> = tables
            .canonical
            .of
            .iter()
            .filter(|(c, _)| alone.binary_search(c).is_err())
            .filter_map(|(c, _)| Some((*c, tables.canonical.get(*c)?.to_vec())))
            .collect();
        left.sort_by_key(|(_, parts)| parts.len());
        for (c, parts) in left {
            let (last, before) = parts.split_last()?;
            let mut before = before.iter().copied();
            let first = before.next()?;
            let first = before.try_fold(first, |first, next| tables.pair(first, next))?;
            let at = tables
                .pairs
                .partition_point(|pair| *pair < (first, *last, c));
            tables.pairs.insert(at, (first, *last, c));
        }
        let mut busy = vec![false; PAGES];
        let mark = |busy: &mut Vec<bool>, c: u32| {
            if let Some(page) = busy.get_mut((c >> 8) as usize) {
                *page = true;
            }
        };
        for (first, last, _) in &tables.classes {
            (*first..=*last).for_each(|c| mark(&mut busy, c));
        }
        for (_, second, _) in &tables.pairs {
            mark(&mut busy, *second);
        }
        // A lead alone is as it should be; a vowel or a tail may join what stands before it.
        mark(&mut busy, VOWELS);
        for c in alone {
            mark(&mut busy, c);
        }
        let mut compatible = busy.clone();
        for (c, _) in &tables.compatible.of {
            mark(&mut compatible, *c);
        }
        tables.busy = [busy, compatible];
        numbers.0.is_empty().then_some(tables)
    }

    fn class(&self, c: u32) -> u8 {
        let at = self.classes.partition_point(|(_, last, _)| *last < c);
        match self.classes.get(at) {
            Some((first, _, class)) if *first <= c => *class,
            _ => 0,
        }
    }

    fn pair(&self, first: u32, second: u32) -> Option<u32> {
        if (LEADS..LEADS + 19).contains(&first) && (VOWELS..VOWELS + VOWEL_COUNT).contains(&second)
        {
            let lead = (first - LEADS) * VOWEL_COUNT;
            return Some(SYLLABLES + (lead + second - VOWELS) * TAIL_COUNT);
        }
        if (SYLLABLES..SYLLABLES + SYLLABLE_COUNT).contains(&first)
            && (first - SYLLABLES).is_multiple_of(TAIL_COUNT)
            && (TAILS + 1..TAILS + TAIL_COUNT).contains(&second)
        {
            return Some(first + second - TAILS);
        }
        let at = self
            .pairs
            .binary_search_by_key(&(first, second), |pair| (pair.0, pair.1))
            .ok()?;
        Some(self.pairs[at].2)
    }

    fn apart(&self, c: u32, form: Form, out: &mut Vec<(u8, u32)>) {
        if (SYLLABLES..SYLLABLES + SYLLABLE_COUNT).contains(&c) {
            let at = c - SYLLABLES;
            out.push((0, LEADS + at / (VOWEL_COUNT * TAIL_COUNT)));
            out.push((0, VOWELS + at / TAIL_COUNT % VOWEL_COUNT));
            if !at.is_multiple_of(TAIL_COUNT) {
                out.push((0, TAILS + at % TAIL_COUNT));
            }
            return;
        }
        let compatible = match form {
            Form::Nfkc => self.compatible.get(c),
            Form::Nfc => None,
        };
        match compatible.or_else(|| self.canonical.get(c)) {
            Some(parts) => out.extend(parts.iter().map(|c| (self.class(*c), *c))),
            None => out.push((self.class(c), c)),
        }
    }
}

/// Whether a form surely leaves the text as it is, by a look at its characters' pages alone.
pub fn is_plain(text: &str, form: Form) -> bool {
    if text.is_ascii() {
        return true;
    }
    let busy = &TABLES.busy[usize::from(form == Form::Nfkc)];
    text.chars()
        .all(|c| !busy.get(c as usize >> 8).copied().unwrap_or(true))
}

/// Appends the text in a form.
pub fn normalize(text: &str, form: Form, out: &mut String) {
    let tables = &*TABLES;
    let mut chars: Vec<(u8, u32)> = Vec::with_capacity(text.len());
    text.chars()
        .for_each(|c| tables.apart(c as u32, form, &mut chars));
    // Marks behind a character stand in the order of their classes.
    let mut at = 0;
    while at < chars.len() {
        let end = chars[at..]
            .iter()
            .position(|(class, _)| *class == 0)
            .map_or(chars.len(), |length| at + length);
        chars[at..end].sort_by_key(|(class, _)| *class);
        at = end + 1;
    }
    // Each character joins the last one of class 0 before it, unless one of its class or above stands between.
    let mut done: Vec<(u8, u32)> = Vec::with_capacity(chars.len());
    let mut starter: Option<usize> = None;
    for (class, c) in chars {
        if let Some(start) = starter {
            let between = done[start + 1..].last().map(|(class, _)| *class);
            let reaches = between.is_none_or(|between| between != 0 && between < class);
            if reaches && let Some(both) = tables.pair(done[start].1, c) {
                done[start].1 = both;
                continue;
            }
        }
        if class == 0 {
            starter = Some(done.len());
        }
        done.push((class, c));
    }
    out.extend(done.into_iter().filter_map(|(_, c)| char::from_u32(c)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::canonical_combining_class;

    fn check(text: &str) {
        for form in [Form::Nfc, Form::Nfkc] {
            let want: String = match form {
                Form::Nfc => text.nfc().collect(),
                Form::Nfkc => text.nfkc().collect(),
            };
            let mut made = String::new();
            normalize(text, form, &mut made);
            assert_eq!(
                made,
                want,
                "{form:?} {:x?}",
                text.chars().collect::<Vec<_>>()
            );
            assert!(!is_plain(text, form) || want == text, "{form:?} {text:?}");
        }
    }

    #[test]
    fn the_file_is_read_to_its_end() {
        assert!(Tables::unfold(include_bytes!("tables.bin")).is_some());
        assert!(Tables::unfold(b"\x05").is_none());
    }

    /// Each character alone, behind a letter, before a mark, and taken apart.
    #[test]
    fn every_character_is_what_unicode_says() {
        for c in '\0'..=char::MAX {
            assert_eq!(
                TABLES.class(c as u32),
                canonical_combining_class(c),
                "{:x}",
                c as u32
            );
            let apart: String = c.to_string().nfd().collect();
            check(&format!("{c} a{c}\u{301} {apart}"));
        }
    }

    #[test]
    fn usual_texts_are_plain() {
        for text in ["price", "北京市海淀区", "한국어"] {
            assert!(is_plain(text, Form::Nfc), "{text}");
        }
        assert!(!is_plain("e\u{301}", Form::Nfc));
        assert!(!is_plain("ｶﾞ", Form::Nfkc) && !is_plain("①", Form::Nfkc));
    }

    fn busy_char() -> impl Strategy<Value = char> {
        prop_oneof![
            prop::char::range('a', 'e'),
            prop::char::range('\u{300}', '\u{362}'),
            prop::char::range('\u{1100}', '\u{11ff}'),
            prop::char::range('\u{ac00}', '\u{ad00}'),
            prop::char::range('\u{590}', '\u{6ff}'),
            prop::char::range('\u{900}', '\u{dff}'),
            prop::char::range('\u{1e00}', '\u{1fff}'),
            prop::char::range('\u{3040}', '\u{30ff}'),
            prop::char::range('\u{f900}', '\u{ffff}'),
            prop::char::range('\u{11000}', '\u{11fff}'),
            any::<char>(),
        ]
    }

    proptest! {
        #[test]
        fn texts_are_what_unicode_says(text in prop::collection::vec(busy_char(), 0..12)) {
            check(&text.into_iter().collect::<String>());
        }
    }
}
