//! Writes the tables of normalization that the core carries, from those of the crate
//! unicode-normalization. The core says how they are read: `crates/tidemill-core/src/unicode/mod.rs`.

use std::path::Path;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{
    canonical_combining_class, decompose_canonical, decompose_compatible,
};

pub fn write(path: &Path) -> Result<(), String> {
    let mut out = Vec::new();
    let mut classes: Vec<(u32, u32, u32)> = Vec::new();
    let (mut canonical, mut compatible, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    for c in '\0'..=char::MAX {
        let code = c as u32;
        let class = u32::from(canonical_combining_class(c));
        if class > 0 {
            match classes.last_mut() {
                Some((first, length, same)) if *first + *length == code && *same == class => {
                    *length += 1;
                }
                _ => classes.push((code, 1, class)),
            }
        }
        // Hangul syllables follow a rule.
        if (0xac00..0xac00 + 11172).contains(&code) {
            continue;
        }
        let (mut one, mut other) = (Vec::new(), Vec::new());
        decompose_canonical(c, |c| one.push(c as u32));
        decompose_compatible(c, |c| other.push(c as u32));
        if one != [code] {
            if !c.to_string().nfc().eq([c]) {
                alone.push(code);
            }
            canonical.push((code, one.clone()));
        }
        if other != one {
            compatible.push((code, other));
        }
    }
    steps(classes.iter().map(|(first, ..)| *first), &mut out);
    list(classes.iter().map(|(_, length, _)| *length), &mut out);
    list(classes.iter().map(|(.., class)| *class), &mut out);
    parts(&canonical, &mut out);
    parts(&compatible, &mut out);
    steps(alone.into_iter(), &mut out);
    std::fs::write(path, out).map_err(|error| format!("{}: {error}", path.display()))
}

fn number(mut value: u32, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn list(values: impl Iterator<Item = u32>, out: &mut Vec<u8>) {
    let values: Vec<u32> = values.collect();
    number(values.len() as u32, out);
    values.into_iter().for_each(|value| number(value, out));
}

fn steps(values: impl Iterator<Item = u32>, out: &mut Vec<u8>) {
    let mut last = 0;
    let steps = values.map(|value| {
        let by = value as i32 - last;
        last = value as i32;
        ((by << 1) ^ (by >> 31)) as u32
    });
    list(steps.collect::<Vec<_>>().into_iter(), out);
}

fn parts(entries: &[(u32, Vec<u32>)], out: &mut Vec<u8>) {
    steps(entries.iter().map(|(c, _)| *c), out);
    list(entries.iter().map(|(_, parts)| parts.len() as u32), out);
    let longest = entries.iter().map(|(_, parts)| parts.len()).max();
    for place in 0..longest.unwrap_or(0) {
        steps(
            entries
                .iter()
                .filter_map(|(_, parts)| parts.get(place).copied()),
            out,
        );
    }
}
