//! Spellings that differ by one letter. Two words are compared only if they agree once a letter of each is left out, so each
//! word is looked up by the words that it becomes without one letter (Mor and Fraenkel's deletion neighbourhood, 1982).

use std::collections::BTreeMap;

use super::{Group, Way};

/// Shorter words differ by a letter and mean other things.
const LEAST: usize = 5;
/// Longer ones are texts, which would be looked up by too many words.
const MOST: usize = 64;
/// How many times as frequent a spelling must be as one that it takes.
const TIMES: u64 = 2;

/// Gives the groups whose word is one letter off that of a more frequent group to that group. A group that was given takes no
/// other, so that nothing chains. They come with the most frequent first.
pub fn attached(groups: Vec<Group>, word: impl Fn(&Group) -> String) -> Vec<Group> {
    let mut neighbourhood: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut out: Vec<(Group, Vec<char>)> = Vec::with_capacity(groups.len());
    for group in groups {
        let letters: Vec<char> = word(&group).chars().collect();
        if !(LEAST..=MOST).contains(&letters.len()) {
            out.push((group, letters));
            continue;
        }
        let mut keys: Vec<String> = (0..letters.len())
            .map(|left_out| {
                let kept = letters.iter().enumerate().filter(|(at, _)| *at != left_out);
                kept.map(|(_, letter)| *letter).collect()
            })
            .collect();
        keys.push(letters.iter().collect());
        keys.sort_unstable();
        keys.dedup();
        // The most frequent of the near ones.
        let near = keys
            .iter()
            .filter_map(|key| neighbourhood.get(key))
            .flatten()
            .copied()
            .filter(|at| {
                let (other, its) = &out[*at];
                other.count >= TIMES.saturating_mul(group.count) && one_off(its, &letters)
            })
            .min();
        match near {
            Some(at) => out[at].0.take(group, Way::Edit),
            None => {
                let at = out.len();
                for key in keys {
                    neighbourhood.entry(key).or_default().push(at);
                }
                out.push((group, letters));
            }
        }
    }
    out.into_iter().map(|(group, _)| group).collect()
}

/// Whether one letter was put in, left out, changed, or changed places with the next. Digits must be the same.
fn one_off(a: &[char], b: &[char]) -> bool {
    let digits =
        |word: &[char]| -> Vec<char> { word.iter().copied().filter(|c| c.is_numeric()).collect() };
    if digits(a) != digits(b) {
        return false;
    }
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    match a.len().abs_diff(b.len()) {
        0 => match (a, b) {
            ([], []) => true,
            ([_, rest_a @ ..], [_, rest_b @ ..]) if rest_a == rest_b => true,
            ([a1, a2, rest_a @ ..], [b1, b2, rest_b @ ..]) => {
                a1 == b2 && a2 == b1 && rest_a == rest_b
            }
            _ => false,
        },
        1 if a.len() > b.len() => &a[1..] == b,
        1 => &b[1..] == a,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_letter_may_differ() {
        let near = |a: &str, b: &str| {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            let found = super::one_off(&a, &b);
            assert_eq!(found, super::one_off(&b, &a), "{a:?} {b:?}");
            found
        };
        assert!(near("berlin", "berln") && near("berlin", "brelin") && near("berlin", "berlim"));
        assert!(near("berlin", "berlin") && near("北京大学城", "北京大学成"));
        assert!(!near("berlin", "brlni") && !near("berlin", "bern") && !near("room1a", "room2a"));
    }
}
