//! Spellings of a column that seem to mean the same, as clusters around the most frequent one. Three ways find them, the
//! surest first: the same words whatever their case, accents and order (OpenRefine's fingerprint), the same pairs of letters
//! (its n-gram fingerprint), and one letter's difference (within blocks of words that agree but for one letter). All of it
//! depends on the values and their counts alone, and never on their order.

mod keys;
mod near;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::document::Node;

/// The most different values that are compared.
pub const MOST: usize = 1 << 17;

/// What made two spellings neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    Fingerprint,
    Ngrams,
    Edit,
}

impl Way {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Way::Fingerprint => "the same words",
            Way::Ngrams => "the same pairs of letters",
            Way::Edit => "one letter's difference",
        }
    }
}

/// A spelling, how many cells have it, and how it came into its cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spelling {
    pub text: String,
    pub count: u64,
    pub way: Way,
}

/// Spellings that may all mean `into`, the most frequent of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cluster {
    pub into: String,
    pub count: u64,
    /// The others, the most frequent first.
    pub others: Vec<Spelling>,
}

impl Cluster {
    /// The cells that would change.
    pub fn touched(&self) -> u64 {
        self.others.iter().map(|other| other.count).sum()
    }
}

/// Values that are one already, by what was found so far.
struct Group {
    /// Indexes into the values, with how each came; the first is the most frequent.
    members: Vec<(usize, Way)>,
    count: u64,
}

/// The clusters of the values of a column, each with its count: those that would change most cells first.
pub fn clusters(values: &[(String, u64)]) -> Vec<Cluster> {
    // The more frequent of two spellings stands first, and of equals the one that sorts first.
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| {
        let (one, two) = (&values[*a], &values[*b]);
        two.1.cmp(&one.1).then_with(|| one.0.cmp(&two.0))
    });
    let mut groups: Vec<Group> = order
        .iter()
        .map(|at| Group {
            members: vec![(*at, Way::Fingerprint)],
            count: values[*at].1,
        })
        .collect();
    let text = |group: &Group| values[group.members[0].0].0.as_str();
    groups = joined(groups, Way::Fingerprint, |group| {
        keys::fingerprint(text(group))
    });
    groups = joined(groups, Way::Ngrams, |group| keys::ngrams(text(group)));
    groups = near::attached(groups, |group| keys::folded(text(group)));
    let mut clusters: Vec<Cluster> = groups
        .into_iter()
        .filter(|group| group.members.len() > 1)
        .map(|group| {
            let (first, _) = group.members[0];
            let mut others: Vec<Spelling> = group.members[1..]
                .iter()
                .map(|(at, way)| Spelling {
                    text: values[*at].0.clone(),
                    count: values[*at].1,
                    way: *way,
                })
                .collect();
            others.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
            Cluster {
                into: values[first].0.clone(),
                count: values[first].1,
                others,
            }
        })
        .collect();
    clusters.sort_by(|a, b| {
        b.touched()
            .cmp(&a.touched())
            .then_with(|| a.into.cmp(&b.into))
    });
    clusters
}

/// Groups with the same key become one. They come with the most frequent first, and so they go on.
fn joined(groups: Vec<Group>, way: Way, key: impl Fn(&Group) -> Option<String>) -> Vec<Group> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut out: Vec<Group> = Vec::with_capacity(groups.len());
    for group in groups {
        let place = key(&group).map(|key| *places.entry(key).or_insert(out.len()));
        match place {
            Some(at) if at < out.len() => out[at].take(group, way),
            _ => out.push(group),
        }
    }
    // A group that grew may have overtaken another.
    out.sort_by(|a, b| {
        b.count
            .cmp(&a.count)
            .then_with(|| a.members[0].0.cmp(&b.members[0].0))
    });
    out
}

impl Group {
    fn take(&mut self, other: Group, way: Way) {
        self.count += other.count;
        let members = other.members.into_iter();
        self.members
            .extend(members.map(|(at, how)| (at, how.max(way))));
    }
}

/// The `replace` step that gives the spellings of these clusters their frequent one.
pub fn step(column: &str, clusters: &[Cluster]) -> Node {
    let pairs = clusters.iter().flat_map(|cluster| {
        let into = &cluster.into;
        cluster
            .others
            .iter()
            .map(move |other| (other.text.clone(), Node::text(into.clone())))
    });
    let of_column = Node::table(pairs.collect());
    Node::table(vec![(
        "replace".to_string(),
        Node::table(vec![(column.to_string(), of_column)]),
    )])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[(&str, u64)]) -> Vec<(String, Vec<String>)> {
        let values: Vec<(String, u64)> = values
            .iter()
            .map(|(text, count)| ((*text).to_string(), *count))
            .collect();
        let told = |cluster: &Cluster| {
            let others = cluster.others.iter().map(|other| other.text.clone());
            (cluster.into.clone(), others.collect())
        };
        let found: Vec<_> = clusters(&values).iter().map(told).collect();
        // The order of the values is not to matter.
        let mut turned = values.clone();
        turned.reverse();
        let again: Vec<_> = clusters(&turned).iter().map(told).collect();
        assert_eq!(found, again);
        found
    }

    fn one(into: &str, others: &[&str]) -> (String, Vec<String>) {
        (
            into.to_string(),
            others.iter().map(|text| (*text).to_string()).collect(),
        )
    }

    #[test]
    fn spellings_come_to_the_most_frequent_one() {
        assert_eq!(
            of(&[
                ("shipped", 10),
                ("Shipped", 30),
                ("SHIPPED ", 20),
                ("pending", 9)
            ]),
            [one("Shipped", &["SHIPPED ", "shipped"])]
        );
        assert_eq!(
            of(&[
                ("Müller, Anna", 3),
                ("anna muller", 2),
                ("Anna  Müller", 1),
                ("Bob", 7)
            ]),
            [one("Müller, Anna", &["anna muller", "Anna  Müller"])]
        );
        assert_eq!(
            of(&[("Ｎｅｗ　York", 1), ("new york", 4)]),
            [one("new york", &["Ｎｅｗ　York"])]
        );
    }

    #[test]
    fn pairs_of_letters_find_what_spaces_and_doubled_letters_hide() {
        assert_eq!(
            of(&[("New York", 5), ("NewYork", 2)]),
            [one("New York", &["NewYork"])]
        );
        assert_eq!(
            of(&[("Mississippi", 5), ("Missisippi", 4)]),
            [one("Mississippi", &["Missisippi"])]
        );
    }

    #[test]
    fn a_letter_may_differ_where_one_spelling_is_rare() {
        assert_eq!(
            of(&[("Amsterdam", 40), ("Amsterdan", 2)]),
            [one("Amsterdam", &["Amsterdan"])]
        );
        // As frequent as each other, they are two words.
        assert_eq!(of(&[("Austria", 40), ("Austria1", 30)]), []);
        assert_eq!(of(&[("Austin", 40), ("Justin", 30)]), []);
        // Short words differ by a letter and mean other things.
        assert_eq!(of(&[("Iran", 40), ("Iraq", 2)]), []);
    }

    #[test]
    fn numbers_and_their_order_count() {
        assert_eq!(of(&[("Room 11", 40), ("Room 12", 2), ("Room 1", 1)]), []);
        assert_eq!(of(&[("2024-01-02", 4), ("2024-02-01", 1)]), []);
        assert_eq!(of(&[("12", 4), ("21", 1), ("1 2", 1)]), []);
    }

    #[test]
    fn nothing_chains() {
        // Each is one letter from the next; only those next to the frequent one come to it.
        assert_eq!(
            of(&[("colour", 90), ("colout", 9), ("colost", 3)]),
            [one("colour", &["colout"])]
        );
    }

    #[test]
    fn a_step_is_a_recipe() {
        let values = [("a b".to_string(), 2), ("A \"B\"".to_string(), 1)];
        let node = step("city", &clusters(&values));
        let root = Node::table(vec![
            ("tidemill".to_string(), Node::number(1)),
            ("step".to_string(), Node::list(vec![node])),
        ]);
        let toml = crate::document::to_toml(&root);
        let recipe = crate::recipe::Recipe::parse(&toml).unwrap();
        assert_eq!(recipe.steps.len(), 1, "{toml}");
    }
}
