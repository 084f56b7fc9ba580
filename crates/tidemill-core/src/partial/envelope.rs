//! What every file of a part begins with: what it is, the version of its form, the plan it belongs
//! to, and a checksum. All numbers are little-endian.

use crate::error::{Fault, FaultKind};
use crate::plan::Plan;

/// The version of the bytes. A change of any state, or of what holds them, is a new version: the
/// golden files of the tests are of this one.
pub const VERSION: u16 = 1;

/// What is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The answer of a part.
    Partial,
    /// The seam of a part.
    Scan,
}

impl Content {
    const ALL: [Content; 2] = [Content::Partial, Content::Scan];

    fn mark(self) -> &'static [u8; 4] {
        match self {
            Content::Partial => b"TMPT",
            Content::Scan => b"TMSM",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Content::Partial => "the state of a part",
            Content::Scan => "the seam of a part",
        }
    }
}

/// The length of the head: mark, version, plan and checksum.
pub const HEAD: usize = 4 + 2 + 8 + 4;

/// Puts a head before a body.
pub fn seal(content: Content, fingerprint: u64, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD + body.len());
    out.extend_from_slice(content.mark());
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&fingerprint.to_le_bytes());
    out.extend_from_slice(&crc32fast::hash(body).to_le_bytes());
    out.extend_from_slice(body);
    out
}

/// The body behind a head, if it is of this kind, this version and this plan, and whole.
pub fn open<'a>(content: Content, plan: &Plan, bytes: &'a [u8]) -> Result<&'a [u8], Fault> {
    let refuse = |found: String, expected: String| {
        Fault::new(FaultKind::State, content.name(), found, expected)
    };
    let mut rest = bytes;
    let mark = take::<4>(&mut rest);
    if mark != Some(*content.mark()) {
        let other = Content::ALL
            .into_iter()
            .find(|other| mark == Some(*other.mark()));
        let found = match other {
            Some(other) => other.name().to_string(),
            None => format!("{} bytes that are something else", bytes.len()),
        };
        return Err(refuse(found, content.name().to_string()));
    }
    let torn = || {
        refuse(
            format!("{} bytes, which is not all of it", bytes.len()),
            "the whole file".to_string(),
        )
        .hint("make the part again")
    };
    let version = take::<2>(&mut rest)
        .map(u16::from_le_bytes)
        .ok_or_else(torn)?;
    if version != VERSION {
        return Err(refuse(
            format!("version {version} of its form"),
            format!("version {VERSION}"),
        )
        .hint("make all parts with one version of tidemill"));
    }
    let fingerprint = take::<8>(&mut rest)
        .map(u64::from_le_bytes)
        .ok_or_else(torn)?;
    let sum = take::<4>(&mut rest)
        .map(u32::from_le_bytes)
        .ok_or_else(torn)?;
    if crc32fast::hash(rest) != sum {
        return Err(refuse(
            "bytes that are torn or damaged".to_string(),
            "the checksum they were written with".to_string(),
        )
        .hint("make the part again"));
    }
    if fingerprint != plan.fingerprint {
        return Err(refuse(
            "a part of another plan".to_string(),
            "one of this recipe, of a file with these columns, made by this version of tidemill"
                .to_string(),
        ));
    }
    Ok(rest)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, behind) = rest.split_first_chunk::<N>()?;
    *rest = behind;
    Some(*head)
}
