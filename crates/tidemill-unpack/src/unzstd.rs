//! zstd (RFC 8878), frame after frame. The decoder reads whole blocks, so a block is kept until all of it
//! is there; that is 128 KiB at most.

use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::{Decode, Step, Wrong, ZSTD_WINDOW_LOG};

const BLOCK: usize = 128 << 10;

enum State {
    /// Before a frame.
    Frame,
    /// In a frame that nobody reads, with what is left of it.
    Skipped(u64),
    /// Before a block; the frame has a checksum or not.
    Block { checksum: bool },
}

pub struct Zstd {
    state: State,
    frames: u64,
    /// What was taken and is not yet a whole header or block.
    held: Vec<u8>,
    decoder: FrameDecoder,
    /// What the frame gave so far.
    gave: u64,
    out: Vec<u8>,
    /// How much of `out` is given.
    at: usize,
}

impl Zstd {
    pub fn new() -> Zstd {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(1 << ZSTD_WINDOW_LOG);
        Zstd {
            state: State::Frame,
            frames: 0,
            held: Vec::new(),
            decoder,
            gave: 0,
            out: Vec::new(),
            at: 0,
        }
    }

    /// Works on the header or block at the beginning of what is held; false if it is not all there.
    fn advance(&mut self) -> Result<bool, Wrong> {
        match self.state {
            State::Skipped(left) => {
                let skip = left.min(self.held.len() as u64);
                self.held.drain(..skip as usize);
                let left = left - skip;
                self.state = match left {
                    0 => State::Frame,
                    _ => State::Skipped(left),
                };
                Ok(left == 0)
            }
            State::Frame => self.frame(),
            State::Block { checksum } => self.block(checksum),
        }
    }

    fn frame(&mut self) -> Result<bool, Wrong> {
        let Some(magic) = self.held.get(..4) else {
            return Ok(false);
        };
        if magic[0] & 0xf0 == 0x50 && magic[1..] == *b"\x2a\x4d\x18" {
            let Some(&[a, b, c, d]) = self.held.get(4..8) else {
                return Ok(false);
            };
            self.held.drain(..8);
            self.state = State::Skipped(u64::from(u32::from_le_bytes([a, b, c, d])));
            self.frames += 1;
            return Ok(true);
        }
        if magic != b"\x28\xb5\x2f\xfd" {
            return Err(Wrong::Broken);
        }
        let Some(&descriptor) = self.held.get(4) else {
            return Ok(false);
        };
        let single = descriptor >> 5 & 1;
        let size = match descriptor >> 6 {
            0 => usize::from(single),
            shift => 1 << shift,
        };
        let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let length = 5 + usize::from(1 - single) + dictionary + size;
        let Some(header) = self.held.get(..length) else {
            return Ok(false);
        };
        self.decoder.reset(header).map_err(|error| match error {
            FrameDecoderError::WindowSizeTooBig { .. } => Wrong::Memory,
            _ => Wrong::Broken,
        })?;
        self.held.drain(..length);
        self.gave = 0;
        self.state = State::Block {
            checksum: descriptor & 4 != 0,
        };
        Ok(true)
    }

    fn block(&mut self, checksum: bool) -> Result<bool, Wrong> {
        let Some(&[a, b, c]) = self.held.get(..3) else {
            return Ok(false);
        };
        let header = u32::from_le_bytes([a, b, c, 0]);
        let last = header & 1 == 1;
        let size = match header >> 1 & 3 {
            1 => 1,
            _ => (header >> 3) as usize,
        };
        if size > BLOCK {
            return Err(Wrong::Broken);
        }
        let length = 3 + size + if last && checksum { 4 } else { 0 };
        let Some(block) = self.held.get(..length) else {
            return Ok(false);
        };
        self.decoder
            .decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|_| Wrong::Broken)?;
        self.held.drain(..length);
        self.out.clear();
        self.at = 0;
        self.decoder
            .collect_to_writer(&mut self.out)
            .map_err(|_| Wrong::Broken)?;
        self.gave += self.out.len() as u64;
        if last {
            let stated = self.decoder.content_size();
            let sum = self.decoder.get_checksum_from_data();
            if (stated != 0 && stated != self.gave)
                || (checksum && sum != self.decoder.get_calculated_checksum())
            {
                return Err(Wrong::Broken);
            }
            self.frames += 1;
            self.state = State::Frame;
        }
        Ok(true)
    }
}

impl Decode for Zstd {
    fn step(&mut self, packed: &[u8], _: bool, into: &mut [u8]) -> Result<Step, Wrong> {
        let mut took = 0;
        while self.at == self.out.len() {
            if self.advance()? {
                continue;
            }
            if took == packed.len() {
                return Ok(Step { took, gave: 0 });
            }
            // A block's worth at a time, so that little is moved when one is done.
            let more = (packed.len() - took).min(BLOCK);
            self.held.extend_from_slice(&packed[took..took + more]);
            took += more;
        }
        let gave = into.len().min(self.out.len() - self.at);
        into[..gave].copy_from_slice(&self.out[self.at..self.at + gave]);
        self.at += gave;
        Ok(Step { took, gave })
    }

    fn whole(&self) -> bool {
        self.frames > 0 && matches!(self.state, State::Frame) && self.held.is_empty()
    }
}
