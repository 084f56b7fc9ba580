//! Text on a screen: how wide it is, cut to a width, padded, wrapped. Widths are those of
//! terminals, in which a Chinese character takes two cells.

use unicode_width::UnicodeWidthStr;

/// Text without anything that could move the cursor, colour the screen or turn the writing
/// around: cells and file names are other people's data.
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.extend(c.escape_unicode()),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
                out.extend(c.escape_unicode());
            }
            c => out.push(c),
        }
    }
    out
}

pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text if it fits, else as much of it as fits with `…` behind.
pub fn fit(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_string();
    }
    if most == 0 {
        return String::new();
    }
    format!("{}…", &text[..prefix(text, most - 1)])
}

/// How many bytes from the start take at most `most` cells.
fn prefix(text: &str, most: usize) -> usize {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let next = at + c.len_utf8();
        // The width of a sequence can differ from the sum of its parts, so prefixes are measured.
        if width(&text[..next]) > most {
            break;
        }
        end = next;
    }
    end
}

/// The text with blanks before or behind it, up to the width.
pub fn pad(text: &str, to: usize, right: bool) -> String {
    let blanks = " ".repeat(to.saturating_sub(width(text)));
    if right {
        format!("{blanks}{text}")
    } else {
        format!("{text}{blanks}")
    }
}

/// The text in lines of at most `most` cells, broken at blanks where there are any; lines behind
/// the first begin with `indent` blanks.
pub fn wrap(text: &str, most: usize, indent: usize) -> Vec<String> {
    let indent = if indent * 2 > most { 0 } else { indent };
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut bare = true;
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let gap = usize::from(!bare);
            if width(&line) + gap + width(word) <= most {
                if !bare {
                    line.push(' ');
                }
                line.push_str(word);
                bare = false;
                break;
            }
            if bare {
                // One word wider than a line is cut; two cells are the least that always fit.
                let end = prefix(word, most.saturating_sub(width(&line)).max(2));
                let end = if end == 0 {
                    word.chars().next().map_or(0, char::len_utf8)
                } else {
                    end
                };
                line.push_str(&word[..end]);
                word = &word[end..];
            }
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            bare = true;
            if word.is_empty() {
                break;
            }
        }
    }
    if !bare || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// How wide the screen is: what COLUMNS says, else the terminal, else nothing.
pub fn screen() -> Option<usize> {
    let stated = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let found = || terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
    stated.or_else(found).filter(|columns| *columns > 0)
}

/// Whether standard output is to be coloured.
pub fn colour() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// A count of bytes as people say it.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if count < 1000 {
        return format!("{count} bytes");
    }
    let mut size = count as f64 / 1000.0;
    let mut unit = 0;
    while size >= 999.95 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// A count with its noun.
pub fn count(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_wider_than_it_may_be() {
        let texts = [
            "",
            "abc",
            "出发延误",
            "a出b发c延d误",
            "👨‍👩‍👧 family",
            "one two  three four",
            "e\u{301}clair",
        ];
        for text in texts {
            for most in 0..20 {
                assert!(width(&fit(text, most)) <= most, "{text} {most}");
                if most >= 2 {
                    for line in wrap(text, most, 2) {
                        assert!(width(&line) <= most.max(2), "{text:?} {most}: {line:?}");
                    }
                }
            }
            assert_eq!(width(&pad(text, 30, true)), 30);
        }
        assert_eq!(fit("出发延误", 5), "出发…");
        assert_eq!(fit("出发延误", 8), "出发延误");
        assert_eq!(wrap("one two three", 8, 2), ["one two", "  three"]);
    }

    #[test]
    fn other_peoples_text_cannot_steer_the_terminal() {
        assert_eq!(shown("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
        assert_eq!(shown("城市"), "城市");
    }

    #[test]
    fn sizes_are_said_in_thousands() {
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(31_053_850), "31.1 MB");
        assert_eq!(bytes(999_999), "1.0 MB");
    }
}
