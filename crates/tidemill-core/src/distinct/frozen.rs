//! A dictionary as bytes that outlive the process, and back.
//!
//! The decision that shaped it: the form is canonical, sorted by bytes, so that equal dictionaries freeze
//! to equal bytes whatever order they were filled in; and thawing checks all it relies on, since the bytes
//! may come from another machine.

use super::Counts;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
struct Frozen {
    limit: u64,
    byte_limit: u64,
    lengths: Vec<u64>,
    bytes: Vec<u8>,
    counts: Vec<u64>,
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sorted = self.sorted();
        Frozen {
            limit: self.limit() as u64,
            byte_limit: self.byte_limit(),
            lengths: sorted.iter().map(|(value, _)| value.len() as u64).collect(),
            bytes: sorted
                .iter()
                .flat_map(|(value, _)| value.iter().copied())
                .collect(),
            counts: sorted.iter().map(|(_, count)| *count).collect(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let frozen = Frozen::deserialize(deserializer)?;
        if frozen.lengths.len() != frozen.counts.len() {
            let (lengths, counts) = (frozen.lengths.len(), frozen.counts.len());
            return Err(D::Error::custom(format!(
                "a dictionary of {lengths} values has {counts} counts"
            )));
        }
        thaw(
            (frozen.limit, frozen.byte_limit),
            &frozen.lengths,
            &frozen.bytes,
            frozen.counts.into_iter(),
        )
        .map_err(D::Error::custom)
    }
}

/// Builds a dictionary from its frozen parts, and refuses what no dictionary writes.
pub fn thaw(
    (limit, byte_limit): (u64, u64),
    lengths: &[u64],
    bytes: &[u8],
    mut counts: impl Iterator<Item = u64>,
) -> Result<Counts, &'static str> {
    let mut dictionary = Counts::bounded(usize::try_from(limit).unwrap_or(usize::MAX), byte_limit);
    let mut rest = bytes;
    let mut before: Option<&[u8]> = None;
    for len in lengths {
        let split = usize::try_from(*len)
            .ok()
            .and_then(|len| rest.split_at_checked(len));
        let Some((value, after)) = split else {
            return Err("a frozen dictionary's lengths go beyond its bytes");
        };
        if before.is_some_and(|before| before >= value) {
            return Err("a frozen dictionary is not sorted");
        }
        if !dictionary.add(value, counts.next().unwrap_or(1)) {
            return Err("a frozen dictionary has more than its limits hold");
        }
        (rest, before) = (after, Some(value));
    }
    if rest.is_empty() {
        Ok(dictionary)
    } else {
        Err("a frozen dictionary's bytes go beyond its lengths")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_dictionary_writes_is_refused() {
        for (frozen, reason) in [
            (
                r#"{"limit":9,"byte_limit":9,"lengths":[1,1],"bytes":[98,97],"counts":[1,1]}"#,
                "not sorted",
            ),
            (
                r#"{"limit":9,"byte_limit":9,"lengths":[1,1],"bytes":[97,97],"counts":[1,1]}"#,
                "not sorted",
            ),
            (
                r#"{"limit":1,"byte_limit":9,"lengths":[1,1],"bytes":[97,98],"counts":[1,1]}"#,
                "more than its limits hold",
            ),
            (
                r#"{"limit":9,"byte_limit":9,"lengths":[1,2],"bytes":[97,98],"counts":[1,1]}"#,
                "lengths go beyond",
            ),
            (
                r#"{"limit":9,"byte_limit":9,"lengths":[18446744073709551615],"bytes":[97],"counts":[1]}"#,
                "lengths go beyond",
            ),
            (
                r#"{"limit":9,"byte_limit":9,"lengths":[1],"bytes":[97,98],"counts":[1]}"#,
                "bytes go beyond",
            ),
            (
                r#"{"limit":9,"byte_limit":9,"lengths":[1],"bytes":[97],"counts":[]}"#,
                "1 values has 0 counts",
            ),
        ] {
            let error = serde_json::from_str::<Counts>(frozen)
                .unwrap_err()
                .to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
