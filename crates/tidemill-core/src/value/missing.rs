//! Missing values: the words that stand for "nothing was recorded".
//!
//! The empty field is missing everywhere. The words count only where a column is used or inferred as a
//! number, date or boolean: in a text column `NA` stays a value, because there it may be Namibia.

use super::trim;
use serde::{Deserialize, Serialize};

/// The words that are missing in typed use, beside the empty field.
pub const DEFAULT_WORDS: [&str; 9] = ["NA", "N/A", "null", "NULL", "None", "-", "?", "无", "暂无"];

/// Whether a cell of a typed column is missing: empty, or one of [`DEFAULT_WORDS`] exactly, white space
/// around it ignored.
#[inline]
#[must_use]
pub fn is_missing_word(cell: &[u8]) -> bool {
    let word = trim(cell);
    match word.len() {
        0 => true,
        1 => matches!(word[0], b'-' | b'?'),
        2 => word == b"NA",
        3 => word == b"N/A" || word == "无".as_bytes(),
        4 => matches!(word, b"null" | b"NULL" | b"None"),
        6 => word == "暂无".as_bytes(),
        _ => false,
    }
}

/// A recipe's own list of words for missing (`[read] missing`). It replaces the default and applies to
/// every type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct MissingWords {
    words: Vec<String>,
    /// Bit n is set when some word has n bytes (63: that many or more), so that most cells are refused by
    /// length.
    lengths: u64,
}

impl MissingWords {
    #[must_use]
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(words: I) -> Self {
        let mut words: Vec<String> = words.into_iter().map(Into::into).collect();
        words.sort_unstable();
        words.dedup();
        let lengths = words
            .iter()
            .fold(0, |set, word| set | length_bit(word.len()));
        Self { words, lengths }
    }

    /// Whether the cell is one of the words, byte for byte. This is the test for a text column, where
    /// spaces are content.
    #[inline]
    #[must_use]
    pub fn matches(&self, cell: &[u8]) -> bool {
        self.lengths & length_bit(cell.len()) != 0
            && self
                .words
                .binary_search_by(|word| word.as_bytes().cmp(cell))
                .is_ok()
    }

    /// As [`Self::matches`] with the white space around the cell ignored: the test for a typed column.
    #[inline]
    #[must_use]
    pub fn matches_trimmed(&self, cell: &[u8]) -> bool {
        self.matches(trim(cell))
    }

    /// The words, sorted by bytes.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }
}

/// The empty field alone.
impl Default for MissingWords {
    fn default() -> Self {
        Self::new([""])
    }
}

impl From<Vec<String>> for MissingWords {
    fn from(words: Vec<String>) -> Self {
        Self::new(words)
    }
}

impl From<MissingWords> for Vec<String> {
    fn from(list: MissingWords) -> Self {
        list.words
    }
}

#[inline]
fn length_bit(len: usize) -> u64 {
    1 << len.min(63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_recipe_and_no_other_case_of_them() {
        assert!(is_missing_word(b"") && is_missing_word(b"  "));
        for word in DEFAULT_WORDS {
            assert!(is_missing_word(word.as_bytes()), "{word}");
            assert!(is_missing_word(format!("\t{word} ").as_bytes()), "{word}");
        }
        for word in [
            "na", "Na", "n/a", "Null", "none", "NONE", "--", "nan", "NaN", "nil", "暂", "没有",
            "N A", "0", ".",
        ] {
            assert!(!is_missing_word(word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn a_list_matches_bytes_and_nothing_near_them() {
        let list = MissingWords::new(["", "NA", "-", "NA"]);
        assert_eq!(list.words(), ["", "-", "NA"]);
        assert!(list.matches(b"") && list.matches(b"NA") && list.matches(b"-"));
        assert!(!list.matches(b" ") && !list.matches(b"na") && !list.matches(b" NA"));
        assert!(list.matches_trimmed(b" ") && list.matches_trimmed(b" NA"));
        assert!(MissingWords::default().matches(b"") && !MissingWords::default().matches(b"-"));
        assert!(!MissingWords::new(Vec::<String>::new()).matches(b""));
    }

    #[test]
    fn a_long_word_is_found_past_the_length_bits() {
        let word = "x".repeat(200);
        let list = MissingWords::new([word.clone()]);
        assert!(list.matches(word.as_bytes()) && !list.matches(&word.as_bytes()[..199]));
    }

    #[test]
    fn a_list_is_written_as_a_plain_list() {
        let list: MissingWords = serde_json::from_str(r#"["NA", "", "NA"]"#).unwrap();
        assert_eq!(serde_json::to_string(&list).unwrap(), r#"["","NA"]"#);
    }
}
