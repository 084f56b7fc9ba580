//! gzip (RFC 1952) member by member, and deflate with the checksum of a ZIP entry.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use crate::{Decode, Step, Wrong};

/// The longest header that is read: it has a name and a comment of any length.
const HEADER: usize = 1 << 20;

/// Raw deflate with the checksum of what came out.
struct Inflate {
    inner: Decompress,
    crc: Crc,
}

impl Inflate {
    fn new() -> Inflate {
        Inflate {
            inner: Decompress::new(false),
            crc: Crc::new(),
        }
    }

    /// Whether the data are at their end, beside the step.
    fn step(&mut self, packed: &[u8], into: &mut [u8]) -> Result<(Step, bool), Wrong> {
        let (took, gave) = (self.inner.total_in(), self.inner.total_out());
        let status = self
            .inner
            .decompress(packed, into, FlushDecompress::None)
            .map_err(|_| Wrong::Broken)?;
        let step = Step {
            took: (self.inner.total_in() - took) as usize,
            gave: (self.inner.total_out() - gave) as usize,
        };
        self.crc.update(&into[..step.gave]);
        Ok((step, status == Status::StreamEnd))
    }
}

enum State {
    /// Before a member, with what there is of its header.
    Header(Vec<u8>),
    Body(Inflate),
    /// Behind the data, with what there is of checksum and length.
    Trailer(Inflate, Vec<u8>),
    /// Zeros behind the last member, which fill a block of a tape.
    Padding,
}

pub struct Gzip {
    state: State,
    members: u64,
}

impl Gzip {
    pub fn new() -> Gzip {
        Gzip {
            state: State::Header(Vec::new()),
            members: 0,
        }
    }
}

impl Decode for Gzip {
    fn step(&mut self, packed: &[u8], _: bool, into: &mut [u8]) -> Result<Step, Wrong> {
        match &mut self.state {
            State::Header(held) => {
                if held.is_empty() && self.members > 0 && packed.first() == Some(&0) {
                    self.state = State::Padding;
                    return self.step(packed, false, into);
                }
                let before = held.len();
                held.extend_from_slice(&packed[..packed.len().min(HEADER)]);
                let took = match header(held)? {
                    Some(length) => {
                        // A header that was whole before would have been taken before.
                        let took = length.saturating_sub(before);
                        self.state = State::Body(Inflate::new());
                        took
                    }
                    None if held.len() > HEADER => return Err(Wrong::Broken),
                    None => held.len() - before,
                };
                Ok(Step { took, gave: 0 })
            }
            State::Body(inflate) => {
                let (step, ended) = inflate.step(packed, into)?;
                if ended {
                    let State::Body(inflate) = std::mem::replace(&mut self.state, State::Padding)
                    else {
                        return Err(Wrong::Broken);
                    };
                    self.state = State::Trailer(inflate, Vec::new());
                    // It has taken nothing where its end was known before; the trailer goes on.
                    if step.took == 0 && step.gave == 0 {
                        return self.step(packed, false, into);
                    }
                }
                Ok(step)
            }
            State::Trailer(inflate, held) => {
                let took = packed.len().min(8 - held.len());
                held.extend_from_slice(&packed[..took]);
                if let [a, b, c, d, e, f, g, h] = held[..] {
                    let crc = u32::from_le_bytes([a, b, c, d]);
                    let length = u32::from_le_bytes([e, f, g, h]);
                    if crc != inflate.crc.sum() || length != inflate.crc.amount() {
                        return Err(Wrong::Broken);
                    }
                    self.members += 1;
                    self.state = State::Header(Vec::new());
                }
                Ok(Step { took, gave: 0 })
            }
            State::Padding => {
                if packed.iter().any(|&byte| byte != 0) {
                    return Err(Wrong::Broken);
                }
                Ok(Step {
                    took: packed.len(),
                    gave: 0,
                })
            }
        }
    }

    fn whole(&self) -> bool {
        match &self.state {
            State::Header(held) => held.is_empty() && self.members > 0,
            State::Padding => true,
            State::Body(_) | State::Trailer(..) => false,
        }
    }
}

/// How long the header of a member is, if all of it is there.
fn header(held: &[u8]) -> Result<Option<usize>, Wrong> {
    let fixed: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0];
    let there = held.len().min(3);
    if held[..there] != fixed[..there] {
        return Err(Wrong::Broken);
    }
    let Some(&flags) = held.get(3) else {
        return Ok(None);
    };
    if flags & 0xe0 != 0 {
        return Err(Wrong::Broken);
    }
    let mut at = 10;
    if flags & 4 != 0 {
        let Some(length) = held.get(at..at + 2) else {
            return Ok(None);
        };
        at += 2 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    }
    for text in [8, 16] {
        if flags & text != 0 {
            let rest = held.get(at..).unwrap_or_default();
            let Some(end) = rest.iter().position(|&byte| byte == 0) else {
                return Ok(None);
            };
            at += end + 1;
        }
    }
    if flags & 2 != 0 {
        let Some(stated) = held.get(at..at + 2) else {
            return Ok(None);
        };
        let mut crc = Crc::new();
        crc.update(&held[..at]);
        if crc.sum() as u16 != u16::from_le_bytes([stated[0], stated[1]]) {
            return Err(Wrong::Broken);
        }
        at += 2;
    }
    Ok((held.len() >= at).then_some(at))
}

/// A deflated entry of an archive.
pub struct Deflated {
    inflate: Inflate,
    expected: u32,
    ended: bool,
}

impl Deflated {
    pub fn new(expected: u32) -> Deflated {
        Deflated {
            inflate: Inflate::new(),
            expected,
            ended: false,
        }
    }
}

impl Decode for Deflated {
    fn step(&mut self, packed: &[u8], _: bool, into: &mut [u8]) -> Result<Step, Wrong> {
        if self.ended {
            return Ok(Step::default());
        }
        let (step, ended) = self.inflate.step(packed, into)?;
        self.ended = ended;
        if ended && self.inflate.crc.sum() != self.expected {
            return Err(Wrong::Broken);
        }
        Ok(step)
    }

    fn whole(&self) -> bool {
        self.ended
    }
}

/// An entry of an archive that is not packed.
pub struct Stored {
    crc: Crc,
    expected: u32,
}

impl Stored {
    pub fn new(expected: u32) -> Stored {
        Stored {
            crc: Crc::new(),
            expected,
        }
    }
}

impl Decode for Stored {
    fn step(&mut self, packed: &[u8], last: bool, into: &mut [u8]) -> Result<Step, Wrong> {
        let length = packed.len().min(into.len());
        into[..length].copy_from_slice(&packed[..length]);
        self.crc.update(&packed[..length]);
        if last && length == packed.len() && self.crc.sum() != self.expected {
            return Err(Wrong::Broken);
        }
        Ok(Step {
            took: length,
            gave: length,
        })
    }

    fn whole(&self) -> bool {
        true
    }
}
