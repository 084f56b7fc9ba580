//! A seam says of every entry state what the state machine does, whole or composed.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod common;

use common::{cases, dialect, nasty, tidy};
use proptest::prelude::*;
use tidemill_csv::{Dialect, Escape, Event, Exit, Isa, Limits, Seam, State};

fn by_machine(block: &[u8], entry: State, dialect: &Dialect, limits: &Limits) -> Exit {
    let (mut state, mut opener, mut run) = (entry, None, 0);
    for (at, &byte) in block.iter().enumerate() {
        let quote = dialect.quote == Some(byte);
        run = if quote { 0 } else { run + 1 };
        if state.open() && run > limits.quote_run {
            return Exit {
                state: State::Quoted,
                opener,
                broken: true,
            };
        }
        let (next, event) = state.step(byte, dialect);
        if event == Event::Open {
            opener = Some(at as u64);
        }
        state = next;
        if !state.in_quoted() {
            opener = None;
        }
    }
    Exit {
        state,
        opener,
        broken: false,
    }
}

fn check(block: &[u8], dialect: &Dialect, limits: &Limits) -> Seam {
    let seam = Seam::scan_with(Isa::SCALAR, block, dialect, limits);
    for isa in Isa::available() {
        assert_eq!(
            Seam::scan_with(isa, block, dialect, limits),
            seam,
            "{isa:?}"
        );
    }
    for entry in State::ALL {
        let want = by_machine(block, entry, dialect, limits);
        let text = block.escape_ascii().to_string();
        assert_eq!(
            seam.exit(entry),
            want,
            "{entry:?} into {text:?} in {dialect:?}"
        );
    }
    let quote = |&byte: &u8| dialect.quote == Some(byte);
    let lead = block.iter().position(quote).unwrap_or(block.len());
    let tail = block.iter().rev().position(quote).unwrap_or(block.len());
    assert_eq!(
        (seam.len, seam.lead, seam.tail),
        (block.len() as u64, lead as u64, tail as u64)
    );
    seam
}

fn limits() -> impl Strategy<Value = Limits> {
    let run = prop_oneof![2 => Just(16 << 20), 1 => Just(5), 1 => Just(20), 1 => Just(0)];
    run.prop_map(|quote_run| Limits {
        quote_run,
        ..Limits::default()
    })
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn scan_is_the_machine(block in prop_oneof![nasty(60), tidy(40)], d in dialect(), l in limits()) {
        check(&block, &d, &l);
    }

    #[test]
    fn parity_is_the_machine(block in prop_oneof![1 => nasty(30), 4 => tidy(40)]) {
        check(&block, &Dialect::default(), &Limits::default());
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn then_is_the_scan_of_both(block in prop_oneof![nasty(12), tidy(6)], d in dialect(), l in limits()) {
        let whole = check(&block, &d, &l);
        let scan = |block: &[u8]| Seam::scan(block, &d, &l);
        for cut in 0..=block.len() {
            let (a, b) = block.split_at(cut);
            prop_assert_eq!(&scan(a).then(&scan(b), &l), &whole, "cut at {}", cut);
            let (b, c) = b.split_at(b.len() / 2);
            let right = scan(b).then(&scan(c), &l);
            prop_assert_eq!(&scan(a).then(&right, &l), &whole, "cuts at {}", cut);
        }
        let bytes = block.chunks(1).map(scan).fold(Seam::identity(), |a, b| a.then(&b, &l));
        prop_assert_eq!(&bytes, &whole);
    }
}

#[test]
fn small_blocks_all() {
    let alphabet = b"\",\n\ra\\#";
    let comment = Some(b'#');
    let plain = Dialect::default();
    let backslash = Dialect {
        escape: Escape::Backslash,
        comment,
        ..plain
    };
    for len in 0..=4u32 {
        for n in 0..7u32.pow(len) {
            let block: Vec<u8> = (0..len)
                .map(|i| alphabet[(n / 7u32.pow(i) % 7) as usize])
                .collect();
            for dialect in [plain, backslash] {
                check(&block, &dialect, &Limits::default());
                check(
                    &block,
                    &dialect,
                    &Limits {
                        quote_run: 1,
                        ..Limits::default()
                    },
                );
            }
        }
    }
}
