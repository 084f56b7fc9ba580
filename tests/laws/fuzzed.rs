//! Every input that was kept by fuzzing, and the seeds it began with, once more.

use proptest::prelude::*;
use tidemill_tests::fuzz::PROPERTIES;

#[test]
fn every_kept_input_holds_its_property() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, holds) in PROPERTIES {
        let mut count = 0;
        for entry in std::fs::read_dir(folder.join(name)).unwrap() {
            let path = entry.unwrap().path();
            println!("{}", path.display());
            holds(&std::fs::read(&path).unwrap());
            count += 1;
        }
        assert!(count >= 20, "{name} has {count} inputs");
    }
}

/// Bytes that mean something to a reader, in front of what they are put into.
fn splice() -> impl Strategy<Value = (usize, usize, Vec<u8>)> {
    let byte = prop_oneof![
        3 => Just(b','), 3 => Just(b'"'), 3 => Just(b'\n'), 1 => Just(b'\r'), 1 => Just(b'\''),
        1 => Just(b'\\'), 1 => Just(b';'), 1 => Just(b'#'), 1 => Just(b' '), 2 => Just(b'1'),
        1 => Just(0xef), 1 => Just(0xbc), 1 => Just(0x8c), 1 => Just(0xff), 2 => any::<u8>(),
    ];
    (
        any::<usize>(),
        any::<usize>(),
        prop::collection::vec(byte, 0..24),
    )
}

proptest! {
    /// What fuzzing does, for a moment: seeds with a few bytes put in, or cut off.
    #[test]
    fn every_property_holds_for_seeds_that_were_tampered_with(
        changes in prop::collection::vec(splice(), 1..4),
        seed in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
        for (name, holds) in PROPERTIES {
            let mut seeds: Vec<_> = std::fs::read_dir(folder.join(name))
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect();
            seeds.sort();
            let mut data = std::fs::read(&seeds[seed.index(seeds.len())]).unwrap();
            for (at, length, bytes) in &changes {
                let at = at % (data.len() + 1);
                let end = if cut { at + length % (data.len() - at + 1) } else { at };
                data.splice(at..end, bytes.iter().copied());
            }
            holds(&data);
        }
    }
}
