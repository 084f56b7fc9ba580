//! The encoding of a text, from the statistics of its bytes: without a mark, text that is not UTF-8
//! is put down to the encoding in which it makes the most sense.
//!
//! The multi-byte encodings have a grammar, which text of another breaks soon, and a zone in which
//! nearly all of their running text lies; single bytes have the letters that a script uses most. So
//! a few ranges do, where tables of words would weigh more than the rest of the module. The host
//! decodes what needs tables, and by the same standard everywhere: <https://encoding.spec.whatwg.org>.

use super::Finding;
use crate::decode::Unicode;

/// An encoding by its name in the standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charset {
    pub name: &'static str,
    /// How the core decodes it; `None` if its host has to.
    pub unicode: Option<Unicode>,
    pub finding: Finding,
}

impl Charset {
    /// That of a text which its host has decoded.
    pub fn decoded(name: &'static str) -> Charset {
        Charset {
            name,
            unicode: None,
            finding: Finding {
                what: "encoding",
                value: name.to_string(),
                sure: 100,
                why: "decoded by the host".to_string(),
            },
        }
    }
}

/// The encoding that the host of some bytes has to decode; nothing if the core does it, or if they
/// are no text.
pub fn of_host(window: &[u8], stated: Option<&str>) -> Option<&'static str> {
    let charset = charset(window, stated);
    (charset.unicode.is_none() && super::magic::refuse(window).is_ok()).then_some(charset.name)
}

/// The names of the standard that can be stated, and other names for them that are common.
const NAMES: &[(&str, &[&str])] = &[
    ("utf-8", &["utf8", "ascii", "us-ascii"]),
    ("utf-16le", &["utf16le", "utf-16", "utf16", "ucs-2"]),
    ("utf-16be", &["utf16be"]),
    ("gb18030", &["gbk", "gb2312", "cp936", "gb"]),
    ("big5", &["cp950", "big5-hkscs"]),
    ("shift_jis", &["shift-jis", "sjis", "cp932", "windows-31j"]),
    ("euc-jp", &["eucjp"]),
    ("euc-kr", &["euckr", "cp949", "ks_c_5601-1987"]),
    ("windows-1250", &["cp1250"]),
    ("windows-1251", &["cp1251"]),
    (
        "windows-1252",
        &["cp1252", "latin1", "latin-1", "iso-8859-1"],
    ),
    ("windows-1253", &["cp1253"]),
    ("windows-1254", &["cp1254", "iso-8859-9", "latin5"]),
    ("windows-1255", &["cp1255"]),
    ("windows-1256", &["cp1256"]),
    ("windows-1257", &["cp1257"]),
    ("windows-1258", &["cp1258"]),
    ("windows-874", &["cp874", "tis-620"]),
    ("koi8-r", &["koi8"]),
    ("iso-8859-2", &["latin2", "latin-2"]),
    ("iso-8859-5", &[]),
    ("iso-8859-7", &[]),
    ("iso-8859-15", &["latin9", "latin-9"]),
    ("macintosh", &["mac-roman"]),
];

/// The name in the standard for a name that somebody wrote.
pub fn standard(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    NAMES
        .iter()
        .find(|(standard, others)| *standard == name || others.contains(&name.as_str()))
        .map(|(standard, _)| *standard)
}

/// All names that can be stated.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

fn unicode(name: &str) -> Option<Unicode> {
    match name {
        "utf-8" => Some(Unicode::Utf8),
        "utf-16le" => Some(Unicode::Utf16Le),
        "utf-16be" => Some(Unicode::Utf16Be),
        "windows-1252" => Some(Unicode::Windows1252),
        _ => None,
    }
}

/// Finds the encoding of a file by its first MiB, unless it is stated. A mark decides always.
pub fn charset(window: &[u8], stated: Option<&str>) -> Charset {
    let told = |name: &'static str, sure, why: &str| Charset {
        name,
        unicode: unicode(name),
        finding: Finding {
            what: "encoding",
            value: name.to_string(),
            sure,
            why: why.to_string(),
        },
    };
    let marks: [(&[u8], &'static str); 3] = [
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16le"),
        (b"\xfe\xff", "utf-16be"),
    ];
    if let Some((_, name)) = marks.iter().find(|(mark, _)| window.starts_with(mark)) {
        return told(name, 100, "a byte order mark");
    }
    if let Some(name) = stated.and_then(standard) {
        return told(name, 100, "stated in the recipe");
    }
    if let Some(name) = utf_16(window) {
        return told(name, 90, "every other byte is 0");
    }
    let high = window.iter().filter(|byte| **byte >= 0x80).count();
    if high == 0 {
        return told("utf-8", 100, "plain ASCII so far");
    }
    let (good, bad) = utf_8(window);
    if bad == 0 {
        return told(
            "utf-8",
            99,
            "every byte beyond ASCII is part of a character",
        );
    }
    if good > 4 * bad {
        return told(
            "utf-8",
            90,
            "nearly every byte beyond ASCII is part of a character",
        );
    }
    let (name, sure) = legacy(window, high);
    if SINGLE.contains(&name) && good * 8 > bad {
        // In text of single bytes hardly any two of them are a character of UTF-8.
        return told(
            "utf-8",
            60,
            "characters of it are there, among bytes that are none",
        );
    }
    told(name, sure, "not UTF-8; the bytes make the most sense so")
}

/// Those that are taken where the ones of several bytes make no sense.
const SINGLE: [&str; 3] = ["windows-1250", "windows-1252", "windows-1254"];

/// UTF-16 without a mark: text of any script has its commas, digits and line ends in ASCII.
fn utf_16(window: &[u8]) -> Option<&'static str> {
    let (pairs, _) = window.as_chunks::<2>();
    let first = pairs
        .iter()
        .filter(|pair| pair[0] == 0 && pair[1] != 0)
        .count();
    let second = pairs
        .iter()
        .filter(|pair| pair[1] == 0 && pair[0] != 0)
        .count();
    if pairs.len() < 4 || (first + second) * 5 < pairs.len() {
        return None;
    }
    match (first, second) {
        (few, many) if few * 20 < many => Some("utf-16le"),
        (many, few) if few * 20 < many => Some("utf-16be"),
        _ => None,
    }
}

/// Characters beyond ASCII, and sequences that are none. A character that the window's end cuts is
/// neither.
fn utf_8(window: &[u8]) -> (usize, usize) {
    let (mut good, mut bad) = (0, 0);
    let mut rest = window;
    while !rest.is_empty() {
        match std::str::from_utf8(rest) {
            Ok(text) => {
                good += text.chars().filter(|char| !char.is_ascii()).count();
                break;
            }
            Err(error) => {
                let (text, wrong) = rest.split_at(error.valid_up_to());
                let text = std::str::from_utf8(text).unwrap_or_default();
                good += text.chars().filter(|char| !char.is_ascii()).count();
                let Some(length) = error.error_len() else {
                    break;
                };
                bad += 1;
                rest = &wrong[length..];
            }
        }
    }
    (good, bad)
}

/// What text in a multi-byte encoding came to.
#[derive(Default)]
struct Walk {
    chars: usize,
    bad: usize,
    /// Where most running text lies.
    zone: usize,
    /// Second bytes that are ASCII.
    low: usize,
    /// Characters that tell the language from its neighbours.
    mark: usize,
}

impl Walk {
    fn score(&self) -> f64 {
        if self.chars == 0 || self.bad * 20 > self.chars {
            return 0.0;
        }
        self.zone as f64 / self.chars as f64 * (1.0 - 10.0 * self.bad as f64 / self.chars as f64)
    }
}

/// Walks over pairs: `pair` says of two bytes whether they are a character, whether one of the zone,
/// and whether one that marks; `single` of a byte whether it is a character alone.
fn walk(
    window: &[u8],
    single: impl Fn(u8) -> bool,
    pair: impl Fn(u8, u8) -> Option<(bool, bool)>,
) -> Walk {
    let mut walk = Walk::default();
    let mut at = 0;
    while at < window.len() {
        let first = window[at];
        at += 1;
        if first < 0x80 {
            continue;
        }
        if single(first) {
            walk.chars += 1;
            continue;
        }
        let Some(&second) = window.get(at) else { break };
        // The characters of GB18030 that have four bytes are rare and all alike.
        let four = window.get(at..at + 3).is_some_and(|rest| {
            rest[0].is_ascii_digit() && rest[1] >= 0x81 && rest[2].is_ascii_digit()
        });
        match pair(first, second) {
            Some((zone, mark)) => {
                walk.chars += 1;
                walk.zone += usize::from(zone);
                walk.mark += usize::from(mark);
                walk.low += usize::from(second < 0x80);
                at += 1;
            }
            None if four => {
                walk.chars += 1;
                at += 3;
            }
            None => walk.bad += 1,
        }
    }
    walk
}

fn legacy(window: &[u8], high: usize) -> (&'static str, u8) {
    let none = |_| false;
    let ranges = |byte: u8, from: u8, to: u8| (from..=to).contains(&byte);
    let gb = walk(window, none, |a, b| {
        let fits = ranges(a, 0x81, 0xfe) && (ranges(b, 0x40, 0x7e) || ranges(b, 0x80, 0xfe));
        let common = b >= 0xa1 && (ranges(a, 0xb0, 0xf7) || ranges(a, 0xa1, 0xa3));
        // Syllables of Korean end where Chinese has as much again.
        fits.then_some((common, ranges(a, 0xc9, 0xf7) && b >= 0xa1))
    });
    let kr = walk(window, none, |a, b| {
        let fits = ranges(a, 0x81, 0xfe)
            && (ranges(b, 0x41, 0x5a) || ranges(b, 0x61, 0x7a) || ranges(b, 0x81, 0xfe));
        fits.then_some((ranges(a, 0xb0, 0xc8) && b >= 0xa1, false))
    });
    let big5 = walk(window, none, |a, b| {
        let fits = ranges(a, 0x81, 0xfe) && (ranges(b, 0x40, 0x7e) || ranges(b, 0xa1, 0xfe));
        fits.then_some((ranges(a, 0xa4, 0xc6) || a == 0xa1, false))
    });
    let sjis = walk(
        window,
        |byte| ranges(byte, 0xa1, 0xdf),
        |a, b| {
            let fits = (ranges(a, 0x81, 0x9f) || ranges(a, 0xe0, 0xfc))
                && (ranges(b, 0x40, 0x7e) || ranges(b, 0x80, 0xfc));
            let kana = a == 0x82 && b >= 0x9f || a == 0x83 && b <= 0x96;
            fits.then_some((kana || a == 0x81 || ranges(a, 0x88, 0x98), kana))
        },
    );
    let jp = walk(window, none, |a, b| {
        let fits = (ranges(a, 0xa1, 0xfe) || a == 0x8e || a == 0x8f) && b >= 0xa1;
        let kana = a == 0xa4 || a == 0xa5;
        fits.then_some((kana || a == 0xa1 || ranges(a, 0xb0, 0xcf), kana))
    });
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    // Bytes beyond ASCII stand side by side in these, and alone in Western text.
    let beside = window
        .windows(2)
        .filter(|pair| pair[0] >= 0x80 && pair[1] >= 0x80)
        .count();
    let dense = share(beside, high) > 0.25;
    let mut found: (&'static str, f64) = ("", 0.0);
    let mut offer = |name, score: f64| {
        if score > found.1 {
            found = (name, score);
        }
    };
    if dense {
        let kana = share(jp.mark, jp.chars);
        offer("euc-jp", jp.score() * if kana > 0.15 { 1.02 } else { 0.5 });
        let late = share(gb.mark, gb.chars);
        let paired = share(gb.low, gb.chars) < 0.1;
        offer("gb18030", gb.score() * if paired { 1.0 } else { 0.8 });
        if late < 0.05 {
            offer("euc-kr", kr.score() * 1.01);
        }
    }
    if share(beside, high) > 0.1 {
        // Half of the second bytes of these are ASCII.
        if share(big5.low, big5.chars) > 0.1 {
            offer("big5", big5.score());
        }
        if share(sjis.low, sjis.chars) > 0.05 || share(sjis.mark, sjis.chars) > 0.2 {
            offer(
                "shift_jis",
                sjis.score() * (0.7 + 0.3 * share(sjis.mark * 3, sjis.chars).min(1.0)),
            );
        }
    }
    if found.1 > 0.5 {
        return (found.0, (found.1.min(0.97) * 100.0) as u8);
    }
    single(window, high)
}

/// The scripts that have a byte a letter, by the letters that are used most.
fn single(window: &[u8], high: usize) -> (&'static str, u8) {
    let mut counts = [0usize; 256];
    for &byte in window {
        counts[byte as usize] += 1;
    }
    let of = |bytes: &[u8]| -> f64 {
        bytes
            .iter()
            .map(|&byte| counts[byte as usize])
            .sum::<usize>() as f64
            / high as f64
    };
    let within = |from: u8, to: u8| -> f64 {
        counts[from as usize..=to as usize].iter().sum::<usize>() as f64 / high as f64
    };
    let letters: usize = (b'a'..=b'z').map(|byte| counts[byte as usize]).sum();
    // A script of its own writes whole words; the others add a letter here and there.
    let beside = window
        .windows(2)
        .filter(|pair| pair[0] >= 0x80 && pair[1] >= 0x80)
        .count();
    if high * 2 > letters && beside * 2 > high {
        let scripts = [
            (
                "windows-1251",
                of(b"\xee\xe5\xe0\xe8\xed\xf2\xf1\xf0\xeb\xe2") * within(0xc0, 0xff),
            ),
            (
                "koi8-r",
                of(b"\xcf\xc5\xc1\xc9\xce\xd4\xd3\xd2\xcc\xd7") * within(0xc0, 0xff),
            ),
            (
                "windows-1253",
                of(b"\xe1\xef\xe9\xf4\xed\xe5\xf3\xf1\xf2\xf5\xdc\xdd\xde\xdf\xfc\xfd\xfe"),
            ),
            (
                "windows-1255",
                of(b"\xe9\xe5\xe4\xec\xe0\xf8\xfa\xee\xe1\xf9") * within(0xe0, 0xfa),
            ),
            (
                "windows-1256",
                of(b"\xc7\xe1\xed\xe3\xe6\xd1\xe4\xca\xe5\xcf\xc8\xda"),
            ),
            (
                "windows-874",
                of(b"\xd2\xb9\xc3\xcd\xa1\xc1\xe0\xd1\xc7\xd4\xe9\xe8\xd5\xb7\xc5"),
            ),
        ];
        let mut best = scripts[0];
        for script in scripts {
            if script.1 > best.1 {
                best = script;
            }
        }
        if best.1 > 0.4 {
            return (best.0, 70);
        }
    }
    // Letters within words, where the neighbours of Western have signs.
    let beside = |bytes: &[u8]| {
        window
            .windows(2)
            .filter(|pair| {
                bytes.contains(&pair[1]) && pair[0].is_ascii_alphabetic()
                    || bytes.contains(&pair[0]) && pair[1].is_ascii_lowercase()
            })
            .count()
    };
    let central = beside(b"\xb3\xbf\xb9\x9c\x9f\xec\xf8\xf9\xe8\xe3\xf5\xfb\xba");
    let western = beside(b"\xe9\xe0\xe7\xea\xf4\xf1\xe5\xe6\xf8\xe8\xf9\xe3\xf5\xe2\xee\xfb\xec");
    let slavic = beside(b"\xb3\xbf\xb9\x9c\x9f\x8c\xa3\xaf");
    let czech = beside(b"\xec\xf8\xf9\x9a\x9e") * 2 > western.max(1) && beside(b"\xec\xf8") > 1;
    let turkish = beside(b"\xfd\xfe\xf0\xdd\xde\xd0");
    if slavic * 3 > central + western || czech {
        ("windows-1250", 60)
    } else if turkish * 2 > western && turkish > 0 {
        ("windows-1254", 60)
    } else {
        ("windows-1252", 60)
    }
}
