//! An exact dictionary of a column's values and how often each occurs, up to a limit of values.
//!
//! Profiling adds every cell of a file here, so an add is one hash, one slot and one compare, and allocates
//! nothing: slots are u32 indexes in a power of two, at most half full, probed in line; values lie in one
//! arena. The decision that shaped it: a value of up to eight bytes, as most cells are, is its own key, a
//! word packed with zeros, so it is found by comparing integers and the arena is not read. A longer value's
//! key is its hash. Results never depend on either: values are read in the order of their first occurrence
//! or sorted.

const FIRST_SLOTS: usize = 16;
/// At most one slot in so many is taken, in a table of so many slots. A probe that has to go on costs a
/// mispredicted branch, as much as all the rest of an add, and in a table that stays in the cache room is
/// free.
const SPARSENESS: [(usize, usize); 3] = [(1024, 16), (16_384, 4), (usize::MAX, 2)];
/// Entries are named by a u32 plus one, zero being an empty slot.
const MOST_VALUES: usize = u32::MAX as usize - 1;
/// Digits of pi, with no pattern that a column could share.
const SECRET_A: u64 = 0x243f_6a88_85a3_08d3;
const SECRET_B: u64 = 0x1319_8a2e_0370_7345;

/// A dictionary of values with their counts.
#[derive(Clone, Debug)]
pub struct Counts {
    /// Empty until the first value, so that a column of nothing costs nothing.
    slots: Vec<u32>,
    entries: Vec<Entry>,
    arena: Vec<u8>,
    limit: usize,
    byte_limit: u64,
}

/// Half a cache line.
#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u64,
    count: u64,
    start: u64,
    len: u64,
}

impl Counts {
    /// A dictionary of at most `limit` values.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self::bounded(limit, u64::MAX)
    }

    /// A dictionary of at most `limit` values that have at most `byte_limit` bytes together. Both are
    /// bounds on the set of values, so whether it fits is a matter of the set and not of the order; the
    /// second keeps long texts from memory.
    #[must_use]
    pub fn bounded(limit: usize, byte_limit: u64) -> Self {
        Self {
            slots: Vec::new(),
            entries: Vec::new(),
            arena: Vec::new(),
            limit: limit.min(MOST_VALUES),
            byte_limit,
        }
    }

    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    #[must_use]
    pub fn byte_limit(&self) -> u64 {
        self.byte_limit
    }

    /// Lowers the limits to these where they are higher. False: what is there goes beyond, and nothing has
    /// changed.
    pub fn lower_limits(&mut self, limit: usize, byte_limit: u64) -> bool {
        let fits = self.entries.len() <= limit && self.arena.len() as u64 <= byte_limit;
        if fits {
            self.limit = self.limit.min(limit);
            self.byte_limit = self.byte_limit.min(byte_limit);
        }
        fits
    }

    /// How many values there are.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Counts `value` so many times more. False: it would be a value beyond the limits, and nothing has
    /// changed.
    #[inline]
    pub fn add(&mut self, value: &[u8], times: u64) -> bool {
        let (key, hash) = key_of(value);
        self.count(value, key, hash, times)
    }

    /// Counts the value at `start..start + len` of a buffer once. Where eight bytes can be read there, as
    /// in a buffer that is padded, a short value is loaded whole and masked, with no branch on its length.
    ///
    /// # Panics
    /// If the value does not lie in the buffer, as a slice would.
    #[inline]
    pub fn add_at(&mut self, buffer: &[u8], start: usize, len: usize) -> bool {
        let value = &buffer[start..start + len];
        if len <= 8
            && let Some(word) = buffer[start..].first_chunk::<8>()
        {
            let key = u64::from_le_bytes(*word) & MASKS[len];
            self.count(value, key, fold(key ^ SECRET_A, SECRET_B ^ len as u64), 1)
        } else {
            self.add(value, 1)
        }
    }

    #[inline]
    fn count(&mut self, value: &[u8], key: u64, hash: u64, times: u64) -> bool {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        while let Some(&slot) = self.slots.get(at) {
            let Some(entry) = self.entries.get_mut((slot as usize).wrapping_sub(1)) else {
                break;
            };
            if entry.key == key
                && entry.len == value.len() as u64
                && (value.len() <= 8 || same(&self.arena, entry.start as usize, value))
            {
                entry.count = entry.count.saturating_add(times);
                return true;
            }
            at = (at + 1) & mask;
        }
        self.insert(value, key, hash, times)
    }

    #[cold]
    #[inline(never)]
    fn insert(&mut self, value: &[u8], key: u64, hash: u64, times: u64) -> bool {
        if !self.has_room(1, value.len()) {
            return false;
        }
        let slots = self.slots.len();
        let sparseness = SPARSENESS
            .iter()
            .find(|(most, _)| slots <= *most)
            .map_or(2, |(_, sparseness)| *sparseness);
        if (self.entries.len() + 1) * sparseness > slots {
            self.grow();
        }
        let start = self.arena.len() as u64;
        self.arena.extend_from_slice(value);
        self.entries.push(Entry {
            key,
            count: times,
            start,
            len: value.len() as u64,
        });
        place(&mut self.slots, hash, self.entries.len() as u32);
        true
    }

    fn has_room(&self, values: usize, bytes: usize) -> bool {
        self.entries.len() + values <= self.limit
            && (self.arena.len() + bytes) as u64 <= self.byte_limit
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(FIRST_SLOTS);
        self.slots.clear();
        self.slots.resize(size, 0);
        for (name, entry) in (1..).zip(&self.entries) {
            place(&mut self.slots, entry.hash(), name);
        }
    }

    /// The values and their counts, in the order of first occurrence.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], u64)> {
        self.entries
            .iter()
            .map(|entry| (self.value(entry), entry.count))
    }

    /// The values and their counts, sorted by bytes.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&[u8], u64)> {
        let mut all: Vec<_> = self.iter().collect();
        all.sort_unstable_by_key(|(value, _)| *value);
        all
    }

    /// The count of one value, zero if there is none.
    #[must_use]
    pub fn get(&self, value: &[u8]) -> u64 {
        let (key, hash) = key_of(value);
        self.find(value, key, hash).map_or(0, |entry| entry.count)
    }

    /// The place of a value in the order of first occurrence.
    #[must_use]
    pub fn place(&self, value: &[u8]) -> Option<usize> {
        let (key, hash) = key_of(value);
        self.find_at(value, key, hash)
    }

    fn find(&self, value: &[u8], key: u64, hash: u64) -> Option<&Entry> {
        self.entries.get(self.find_at(value, key, hash)?)
    }

    fn find_at(&self, value: &[u8], key: u64, hash: u64) -> Option<usize> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        loop {
            let name = (*self.slots.get(at)? as usize).wrapping_sub(1);
            let entry = self.entries.get(name)?;
            if entry.key == key && self.value(entry) == value {
                return Some(name);
            }
            at = (at + 1) & mask;
        }
    }

    fn value(&self, entry: &Entry) -> &[u8] {
        &self.arena[entry.start as usize..(entry.start + entry.len) as usize]
    }

    /// Adds all that `other` counted. False: the two together are beyond the limits, and nothing has changed.
    pub fn merge(&mut self, other: &Self) -> bool {
        if !self.has_room(other.entries.len(), other.arena.len()) {
            let (mut values, mut bytes) = (0, 0);
            for entry in &other.entries {
                let value = other.value(entry);
                if self.find(value, entry.key, entry.hash()).is_none() {
                    (values, bytes) = (values + 1, bytes + value.len());
                }
            }
            if !self.has_room(values, bytes) {
                return false;
            }
        }
        for entry in &other.entries {
            self.count(other.value(entry), entry.key, entry.hash(), entry.count);
        }
        true
    }

    /// The bytes it takes in memory.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.slots.capacity() * size_of::<u32>()
            + self.entries.capacity() * size_of::<Entry>()
            + self.arena.capacity()
    }

    /// Forgets the values and keeps the memory and the limits.
    pub fn clear(&mut self) {
        self.slots.fill(0);
        self.entries.clear();
        self.arena.clear();
    }
}

impl Entry {
    #[inline]
    fn hash(&self) -> u64 {
        if self.len <= 8 {
            fold(self.key ^ SECRET_A, SECRET_B ^ self.len)
        } else {
            self.key
        }
    }
}

/// Equal counts of the same values, whatever the order they came in.
impl PartialEq for Counts {
    fn eq(&self, other: &Self) -> bool {
        (self.limit, self.byte_limit) == (other.limit, other.byte_limit)
            && self.sorted() == other.sorted()
    }
}

fn place(slots: &mut [u32], hash: u64, name: u32) {
    let mask = slots.len().wrapping_sub(1);
    let mut at = hash as usize & mask;
    while let Some(slot) = slots.get_mut(at) {
        if *slot == 0 {
            *slot = name;
            return;
        }
        at = (at + 1) & mask;
    }
}

static MASKS: [u64; 9] = [
    0,
    0xff,
    0xffff,
    0xff_ffff,
    0xffff_ffff,
    0xff_ffff_ffff,
    0xffff_ffff_ffff,
    0xff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
];

/// The key and the hash of a value.
#[inline]
fn key_of(value: &[u8]) -> (u64, u64) {
    let len = value.len();
    if len <= 8 {
        let key = pack(value);
        return (key, fold(key ^ SECRET_A, SECRET_B ^ len as u64));
    }
    let hash = match (value.first_chunk::<8>(), value.last_chunk::<8>()) {
        (Some(first), Some(last)) if len <= 16 => fold(
            u64::from_le_bytes(*first) ^ SECRET_A,
            u64::from_le_bytes(*last) ^ SECRET_B ^ len as u64,
        ),
        _ => rapidhash::v3::rapidhash_v3_nano_inline::<false, false>(
            value,
            &rapidhash::v3::DEFAULT_RAPID_SECRETS,
        ),
    };
    (hash, hash)
}

/// Up to eight bytes as a little-endian word with zeros above; loads that overlap agree where they do.
#[inline]
fn pack(value: &[u8]) -> u64 {
    let len = value.len();
    if let (Some(first), Some(last)) = (value.first_chunk::<4>(), value.last_chunk::<4>()) {
        let shift = 8 * (len as u32 - 4);
        u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << shift
    } else if let (Some(first), Some(last)) = (value.first(), value.last()) {
        let middle = len / 2;
        u64::from(*first)
            | u64::from(value[middle]) << (8 * middle)
            | u64::from(*last) << (8 * (len - 1))
    } else {
        0
    }
}

/// Where a product of 128 bits is a call, the four products of halves do, as in wyhash for 32 bits. The
/// hash places values in the table and nothing else, so hosts need not agree on it.
#[cfg(target_arch = "wasm32")]
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let half = |word: u64| (word & 0xffff_ffff, word >> 32);
    let ((a_low, a_high), (b_low, b_high)) = (half(a), half(b));
    let crossed = (a_high * b_low).rotate_left(32) ^ (a_high * b_high);
    crossed ^ (a_low * b_high).rotate_left(32) ^ (a_low * b_low)
}

/// The folded multiply of wyhash and rapidhash: both halves of the product, one over the other.
#[cfg(not(target_arch = "wasm32"))]
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// Whether the arena holds `value` (of more than eight bytes) at `start`.
#[inline]
fn same(arena: &[u8], start: usize, value: &[u8]) -> bool {
    let Some(held) = arena.get(start..start + value.len()) else {
        return false;
    };
    if value.len() <= 16 {
        // Two loads that overlap are quicker than a call for so few bytes.
        held.first_chunk::<8>() == value.first_chunk::<8>()
            && held.last_chunk::<8>() == value.last_chunk::<8>()
    } else if value.len() <= 32 {
        held.first_chunk::<16>() == value.first_chunk::<16>()
            && held.last_chunk::<16>() == value.last_chunk::<16>()
    } else {
        held == value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn counts(limit: usize, cells: &[&[u8]]) -> Counts {
        let mut counts = Counts::new(limit);
        for cell in cells {
            counts.add(cell, 1);
        }
        counts
    }

    #[test]
    fn values_come_in_order_of_first_occurrence_or_sorted() {
        let counts = counts(
            9,
            &[
                b"b",
                b"",
                b"a",
                b"b",
                b"a long value, longer than sixteen",
                b"b",
            ],
        );
        let long = &b"a long value, longer than sixteen"[..];
        assert_eq!(
            counts.iter().collect::<Vec<_>>(),
            [(&b"b"[..], 3), (b"", 1), (b"a", 1), (long, 1)]
        );
        assert_eq!(
            counts.sorted(),
            [(&b""[..], 1), (b"a", 1), (long, 1), (b"b", 3)]
        );
        assert_eq!(
            (counts.get(b"b"), counts.get(b"c"), counts.len()),
            (3, 0, 4)
        );
        assert_eq!(
            (
                Counts::new(3).get(b""),
                Counts::new(3).is_empty(),
                Counts::new(3).memory()
            ),
            (0, true, 0)
        );
    }

    /// A packed key has zeros above the value, so only the length tells these apart.
    #[test]
    fn zeros_are_part_of_a_value() {
        let cells: [&[u8]; 6] = [b"", b"\0", b"\0\0", b"a", b"a\0", b"a\0\0\0\0\0\0\0\0\0"];
        let counts = counts(9, &cells);
        assert_eq!(counts.len(), cells.len());
        assert!(cells.iter().all(|cell| counts.get(cell) == 1));
    }

    /// The same, where the table is full enough that values of one key meet in a probe.
    #[test]
    fn zeros_tell_values_apart_in_a_crowded_table() {
        let mut counts = Counts::new(20_000);
        for n in 0..2100u16 {
            for len in 2..=8 {
                let mut cell = n.to_be_bytes().to_vec();
                cell.resize(len, 0);
                assert!(counts.add(&cell, 1));
            }
        }
        assert_eq!(counts.len(), 2100 * 7);
        assert!(counts.iter().all(|(_, times)| times == 1));
    }

    /// Values made to have one hash: a factor of the folded multiply is zero.
    #[test]
    fn values_of_one_hash_are_told_apart() {
        let mut cells = Vec::new();
        for len in 9..=16u64 {
            for n in 0..20u64 {
                let (first, last) = (n.to_be_bytes(), (SECRET_B ^ len).to_le_bytes());
                cells.push([&first[..len as usize - 8], &last[..]].concat());
                let (first, last) = (SECRET_A.to_le_bytes(), n.to_be_bytes());
                cells.push([&first[..], &last[16 - len as usize..]].concat());
            }
        }
        cells.sort();
        cells.dedup();
        let mut counts = Counts::new(cells.len());
        for cell in cells.iter().chain(&cells) {
            assert!(counts.add(cell, 1));
        }
        assert!(cells.iter().all(|cell| counts.get(cell) == 2));
        let zero = cells.iter().filter(|cell| key_of(cell).1 == 0).count();
        assert!(zero > 100, "{zero} values of one hash");
    }

    #[test]
    fn a_full_dictionary_refuses_new_values_and_counts_old_ones() {
        let mut counts = counts(2, &[b"a", b"b"]);
        let before = counts.clone();
        assert!(!counts.add(b"c", 1));
        assert_eq!(counts, before);
        assert!(counts.add(b"a", 41));
        assert_eq!(
            (counts.get(b"a"), counts.get(b"c"), counts.len()),
            (42, 0, 2)
        );
        assert!(counts.add(b"a", u64::MAX));
        assert_eq!(counts.get(b"a"), u64::MAX);
        assert!(!Counts::new(0).add(b"", 1));
        assert!(!counts.lower_limits(1, 9) && !counts.lower_limits(2, 1) && counts.limit() == 2);
        assert!(counts.lower_limits(3, 9) && (counts.limit(), counts.byte_limit()) == (2, 9));
    }

    #[test]
    fn the_bytes_of_the_values_have_a_limit_too() {
        let mut counts = Counts::bounded(9, 5);
        assert!(
            counts.add(b"abc", 1)
                && !counts.add(b"def", 1)
                && counts.add(b"", 1)
                && counts.add(b"de", 1)
        );
        assert!(counts.add(b"abc", 1) && !counts.add(b"f", 1));
        let mut left = Counts::bounded(9, 5);
        assert!(left.add(b"de", 1) && left.merge(&counts) && left.len() == 3);
        let mut left = Counts::bounded(9, 5);
        assert!(left.add(b"f", 1) && !left.merge(&counts) && left.len() == 1);
    }

    #[test]
    fn a_merge_that_does_not_fit_changes_nothing() {
        let mut left = counts(3, &[b"a", b"b"]);
        let before = left.clone();
        assert!(!left.merge(&counts(3, &[b"b", b"c", b"d"])));
        assert_eq!(left, before);
        assert!(left.merge(&counts(3, &[b"b", b"a", b"c"])));
        assert_eq!(left.sorted(), [(&b"a"[..], 2), (b"b", 2), (b"c", 1)]);
    }

    #[test]
    fn clear_forgets_everything() {
        let mut counts = counts(100, &[b"a", b"b", b"a much longer value than these"]);
        counts.clear();
        assert!(counts.is_empty() && counts.get(b"a") == 0);
        counts.add(b"b", 1);
        assert_eq!(counts.iter().collect::<Vec<_>>(), [(&b"b"[..], 1)]);
    }

    /// Through every growth, with every length of value around the places where the reading of one changes.
    #[test]
    fn many_values_of_every_length() {
        let value = |n: u32| {
            let mut value = vec![b'x'; n as usize % 40];
            value.extend_from_slice(n.to_string().as_bytes());
            value
        };
        let mut counts = Counts::new(60_000);
        for round in 1..=2 {
            for n in 0..60_000 {
                assert!(counts.add(&value(n), u64::from(n)));
                assert_eq!(counts.get(&value(n)), round * u64::from(n));
            }
        }
        assert_eq!(counts.len(), 60_000);
        assert!(!counts.add(b"one more", 1));
        assert!(
            counts
                .iter()
                .zip(0..)
                .all(|((found, times), n)| found == value(n) && times == 2 * u64::from(n))
        );
    }

    /// Few different values, of lengths on both sides of eight and sixteen.
    fn cells() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let cell = prop_oneof!["[ab]{0,3}", "a{6,10}b?", "a{14,18}b?", "b{30,35}"];
        prop::collection::vec(cell.prop_map(String::into_bytes), 0..60)
    }

    proptest! {
        #[test]
        fn it_counts_as_a_map_does(cells in cells(), limit in 0usize..40) {
            let mut map = BTreeMap::new();
            let mut counts = Counts::new(limit);
            for cell in &cells {
                let room = map.len() < limit || map.contains_key(cell);
                prop_assert_eq!(counts.add(cell, 1), room);
                if room {
                    *map.entry(cell.clone()).or_insert(0u64) += 1;
                }
            }
            let expect: Vec<_> = map.iter().map(|(value, times)| (value.as_slice(), *times)).collect();
            prop_assert_eq!(counts.sorted(), expect);
        }

        #[test]
        fn a_value_in_a_buffer_is_the_value_alone(cells in cells(), padding in 0usize..40) {
            let mut buffer = cells.concat();
            buffer.resize(buffer.len() + padding, b'!');
            let (mut inside, mut alone) = (Counts::new(99), Counts::new(99));
            let mut start = 0;
            for cell in &cells {
                prop_assert!(inside.add_at(&buffer, start, cell.len()) && alone.add(cell, 1));
                start += cell.len();
            }
            prop_assert_eq!(inside.iter().collect::<Vec<_>>(), alone.iter().collect::<Vec<_>>());
        }

        #[test]
        fn merging_parts_counts_the_whole(cells in cells(), cut in 0usize..60) {
            let whole = counts(99, &cells.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let (left, right) = cells.split_at(cut.min(cells.len()));
            let left = counts(99, &left.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let mut merged = counts(99, &right.iter().map(Vec::as_slice).collect::<Vec<_>>());
            prop_assert!(merged.merge(&left));
            prop_assert_eq!(&merged, &whole);
            let frozen = serde_json::to_string(&merged).unwrap();
            prop_assert_eq!(&frozen, &serde_json::to_string(&whole).unwrap());
            prop_assert_eq!(serde_json::from_str::<Counts>(&frozen).unwrap(), whole);
        }
    }
}
