//! Text out of containers: gzip of any number of members, zstd, bzip2, xz, and the one file of a ZIP
//! archive. Nothing here reads or waits: a host pushes packed bytes and takes what they
//! unpack to, so the command and JavaScript hosts give the same bytes and refuse in the same words.
//!
//! A few bytes can stand for a terabyte of zeros, so what comes out is held against what went in:
//! see [`GUARD_FROM`] and [`GUARD_RATIO`].

mod bunzip;
mod gunzip;
#[cfg(target_arch = "wasm32")]
mod host;
mod unxz;
mod unzstd;
pub mod zip;

use std::fmt;

/// Bytes that may come out whatever went in.
pub const GUARD_FROM: u64 = 1 << 30;
/// How many times what went in may come out beyond that. gzip packs at most 1:1032.
pub const GUARD_RATIO: u64 = 2000;
/// What unpacking one file may keep in memory.
pub const MEMORY_KIB: u32 = 256 << 10;
/// The largest window of zstd: the most that its own command takes without being told.
pub const ZSTD_WINDOW_LOG: u32 = 27;

/// How bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
    /// In an archive, with its checksum.
    Deflated(u32),
    /// In an archive as it is, with its checksum.
    Stored(u32),
}

impl Form {
    fn word(self) -> &'static str {
        match self {
            Form::Gzip => "gzip",
            Form::Zstd => "zstd",
            Form::Bzip2 => "bzip2",
            Form::Xz => "xz",
            Form::Deflated(_) | Form::Stored(_) => "zip",
        }
    }
}

/// What is wrong with packed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// They end before what they hold does.
    Cut(Form),
    /// They are not what they should be, or their checksum does not fit.
    Broken(Form),
    /// Unpacking them takes more memory than is given.
    Memory(Form),
    /// They unpack to more than can be meant.
    Bomb { packed: u64, out: u64 },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Cut(form) => write!(f, "{} data that are cut off", form.word()),
            Damage::Broken(form) => write!(f, "{} data that are damaged", form.word()),
            Damage::Memory(Form::Zstd) => write!(
                f,
                "zstd data with a window of more than {} MiB",
                (1u64 << ZSTD_WINDOW_LOG) >> 20
            ),
            Damage::Memory(form) => write!(
                f,
                "{} data that take more than {} MiB of memory",
                form.word(),
                MEMORY_KIB >> 10
            ),
            Damage::Bomb { packed, out } => write!(
                f,
                "{packed} bytes unpacked to more than {out} so far; the limit is {GUARD_FROM} bytes, and {GUARD_RATIO} times what is packed beyond them"
            ),
        }
    }
}

impl std::error::Error for Damage {}

/// What went wrong in a decoder, which does not know what it is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Broken,
    Cut,
    Memory,
}

/// One step of a decoder: what it took and what it gave.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    took: usize,
    gave: usize,
}

/// A decoder that is pushed. It takes and gives what it can at a time.
trait Decode {
    /// `last`: nothing comes after `packed`. A step that takes and gives nothing needs more of one.
    fn step(&mut self, packed: &[u8], last: bool, into: &mut [u8]) -> Result<Step, Wrong>;

    /// Whether what was taken may be all there is.
    fn whole(&self) -> bool;
}

/// What is packed in one file, as it is pushed.
pub struct Unpacker {
    form: Form,
    decoder: Box<dyn Decode + Send>,
    packed: u64,
    out: u64,
    limits: (u64, u64),
}

impl Unpacker {
    pub fn new(form: Form) -> Unpacker {
        let decoder: Box<dyn Decode + Send> = match form {
            Form::Gzip => Box::new(gunzip::Gzip::new()),
            Form::Deflated(crc) => Box::new(gunzip::Deflated::new(crc)),
            Form::Stored(crc) => Box::new(gunzip::Stored::new(crc)),
            Form::Zstd => Box::new(unzstd::Zstd::new()),
            Form::Bzip2 => Box::new(bunzip::Bzip2::new()),
            Form::Xz => Box::new(unxz::Xz::new()),
        };
        Unpacker {
            form,
            decoder,
            packed: 0,
            out: 0,
            limits: (GUARD_FROM, GUARD_RATIO),
        }
    }

    /// Unpacks into `into` and says how much of `packed` it took and how much of `into` is filled.
    /// If that is not all of `into`, all of `packed` was taken, and with `last` all is unpacked.
    pub fn unpack(
        &mut self,
        packed: &[u8],
        last: bool,
        into: &mut [u8],
    ) -> Result<(usize, usize), Damage> {
        let (mut at, mut filled) = (0, 0);
        while filled < into.len() {
            let step = self
                .decoder
                .step(&packed[at..], last, &mut into[filled..])
                .map_err(|wrong| self.told(wrong))?;
            at += step.took;
            filled += step.gave;
            self.packed += step.took as u64;
            self.out += step.gave as u64;
            guard(self.packed, self.out, self.limits)?;
            if step.took == 0 && step.gave == 0 {
                if at < packed.len() {
                    return Err(Damage::Broken(self.form));
                }
                if last && !self.decoder.whole() {
                    return Err(Damage::Cut(self.form));
                }
                break;
            }
        }
        Ok((at, filled))
    }

    fn told(&self, wrong: Wrong) -> Damage {
        match wrong {
            Wrong::Broken => Damage::Broken(self.form),
            Wrong::Cut => Damage::Cut(self.form),
            Wrong::Memory => Damage::Memory(self.form),
        }
    }
}

/// Holds what came out against what went in.
pub fn guard(packed: u64, out: u64, (from, ratio): (u64, u64)) -> Result<(), Damage> {
    if out > from && out / packed.max(1) > ratio {
        return Err(Damage::Bomb { packed, out });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
