//! What the texts of a column look like: addresses, identifiers, amounts. A hint is for people, who
//! know what a column is; nothing is cleaned or read by it.

use crate::number::decimal::{Parsed, parse};

/// A look of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Email,
    Url,
    Uuid,
    Ip,
    Currency,
    Percent,
    Phone,
}

impl Look {
    pub const ALL: [Look; 7] = [
        Look::Email,
        Look::Url,
        Look::Uuid,
        Look::Ip,
        Look::Currency,
        Look::Percent,
        Look::Phone,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Look::Email => "email",
            Look::Url => "url",
            Look::Uuid => "uuid",
            Look::Ip => "ip",
            Look::Currency => "currency",
            Look::Percent => "percent",
            Look::Phone => "phone",
        }
    }

    /// The look of a text that is no number, date or boolean.
    pub fn of(text: &[u8]) -> Option<Look> {
        let text = std::str::from_utf8(text.trim_ascii()).ok()?;
        Look::ALL.into_iter().find(|look| match look {
            Look::Email => is_email(text),
            Look::Url => is_url(text),
            Look::Uuid => is_uuid(text),
            Look::Ip => is_ip(text),
            Look::Currency => is_currency(text),
            Look::Percent => text.strip_suffix('%').is_some_and(is_amount),
            Look::Phone => is_phone(text),
        })
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let plain = |part: &str, also: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|sign| sign.is_alphanumeric() || also.contains(sign))
    };
    plain(local, ".!#$%&'*+/=?^_`{|}~-")
        && plain(domain, ".-")
        && domain
            .rsplit_once('.')
            .is_some_and(|(name, top)| !name.is_empty() && top.chars().count() >= 2)
}

fn is_url(text: &str) -> bool {
    let rest = ["https://", "http://", "ftp://", "www."]
        .iter()
        .find_map(|scheme| {
            text.get(..scheme.len())
                .filter(|start| start.eq_ignore_ascii_case(scheme))
                .map(|_| &text[scheme.len()..])
        });
    rest.is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_alphanumeric() || first == '[')
            && !rest.contains(char::is_whitespace)
    })
}

fn is_uuid(text: &str) -> bool {
    let text = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(text);
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_ip(text: &str) -> bool {
    text.len() >= 3 && text.contains(['.', ':']) && text.parse::<std::net::IpAddr>().is_ok()
}

/// An amount with a sign of a currency before or behind it.
fn is_currency(text: &str) -> bool {
    const SIGNS: [&str; 11] = [
        "$", "€", "£", "¥", "￥", "元", "₹", "USD", "EUR", "GBP", "CNY",
    ];
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    SIGNS.iter().any(|sign| {
        unsigned
            .strip_prefix(sign)
            .or_else(|| unsigned.strip_suffix(sign))
            .is_some_and(is_amount)
    })
}

/// A number that may have signs between its thousands.
fn is_amount(text: &str) -> bool {
    let text = text.trim();
    let plain = text.replace([',', '\u{a0}', ' ', '\''], "");
    text.contains(|sign: char| sign.is_ascii_digit())
        && matches!(parse(plain.as_bytes()), Parsed::Number(_))
}

/// Seven to fifteen digits (E.164 has no more) in groups, or behind a plus.
fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let groups = text
        .split(|sign: char| !sign.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .count();
    (7..=15).contains(&digits)
        && (groups > 1 || text.starts_with('+'))
        && text.starts_with(|first: char| first == '+' || first == '(' || first.is_ascii_digit())
        && text.char_indices().all(|(at, sign)| {
            sign.is_ascii_digit() || " -.()/".contains(sign) || (at == 0 && sign == '+')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks() {
        let cases = [
            (
                Some(Look::Email),
                &[
                    "a@b.co",
                    "first.last+tag@mail.example.org",
                    "müller@büro.de",
                ][..],
            ),
            (
                Some(Look::Url),
                &["https://example.org/a?b=c", "www.example.org", "HTTP://x"],
            ),
            (
                Some(Look::Uuid),
                &[
                    "123e4567-e89b-12d3-a456-426614174000",
                    "{123E4567-E89B-12D3-A456-426614174000}",
                ],
            ),
            (
                Some(Look::Ip),
                &["192.168.0.1", "::1", "2001:db8::8a2e:370:7334"],
            ),
            (
                Some(Look::Currency),
                &["$1,234.50", "-$5", "12 元", "€ 7", "9.99 EUR"],
            ),
            (Some(Look::Percent), &["12.5%", "-3 %", "1,000%"]),
            (
                Some(Look::Phone),
                &[
                    "+49 30 123456",
                    "(212) 555-0100",
                    "030/1234567",
                    "+15551234567",
                ],
            ),
            (
                None,
                &[
                    "",
                    "@",
                    "a@b",
                    "a b@c.de",
                    "http:// x",
                    "123e4567",
                    "1.2.3",
                    "$",
                    "%",
                    "12-34",
                    "note: 5551234567",
                    "1.2.3.4.5.6.7.8x",
                ],
            ),
        ];
        for (look, texts) in cases {
            for text in texts {
                assert_eq!(Look::of(text.as_bytes()), look, "{text}");
            }
        }
    }
}
