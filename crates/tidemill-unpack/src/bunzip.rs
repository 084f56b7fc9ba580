//! bzip2, stream after stream.

use bzip2::{Decompress, Status};

use crate::{Decode, Step, Wrong};

pub struct Bzip2 {
    stream: Option<Decompress>,
    ended: u64,
}

impl Bzip2 {
    pub fn new() -> Bzip2 {
        Bzip2 {
            stream: None,
            ended: 0,
        }
    }
}

impl Decode for Bzip2 {
    fn step(&mut self, packed: &[u8], _: bool, into: &mut [u8]) -> Result<Step, Wrong> {
        if self.stream.is_none() && packed.is_empty() {
            return Ok(Step::default());
        }
        let stream = self.stream.get_or_insert_with(|| Decompress::new(false));
        let (took, gave) = (stream.total_in(), stream.total_out());
        let status = stream.decompress(packed, into).map_err(|_| Wrong::Broken)?;
        let step = Step {
            took: (stream.total_in() - took) as usize,
            gave: (stream.total_out() - gave) as usize,
        };
        match status {
            Status::StreamEnd => {
                self.stream = None;
                self.ended += 1;
                // Where the end was known before, the next stream goes on.
                if step.took == 0 && step.gave == 0 {
                    return self.step(packed, false, into);
                }
            }
            Status::MemNeeded => return Err(Wrong::Memory),
            _ => {}
        }
        Ok(step)
    }

    fn whole(&self) -> bool {
        self.stream.is_none() && self.ended > 0
    }
}
