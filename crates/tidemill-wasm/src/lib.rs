//! Tidemill's core for JavaScript hosts. Bindings only: each of them calls the core and turns its
//! failures into plain objects with the fields of `RecipeError` and `Fault`. With the feature
//! `threads` it is built for shared memory, and has a pool.

#![cfg_attr(
    all(target_arch = "wasm32", target_feature = "atomics"),
    feature(stdarch_wasm_atomic_wait)
)]

#[cfg(feature = "threads")]
mod bell;
mod failure;
#[cfg(feature = "threads")]
mod pool;
mod trouble;

mod look;

use std::sync::Arc;

use js_sys::Uint8Array;
use tidemill_core::parcel;
use tidemill_core::plan::{Plan, Target};
#[cfg(feature = "threads")]
use tidemill_core::pool::Pooled;
use tidemill_core::push::{Alone, Cutter, Finished, Gatherer, Hand, Lesson, Share, apart};
use tidemill_core::recipe::Recipe;
use tidemill_core::run::of_file;
use tidemill_core::session::Ended;
use tidemill_core::sniff::charset;
use tidemill_core::sniff::magic::{self, Container};
use tidemill_core::work::Pass;
use tidemill_core::{Fault, detect};
use wasm_bindgen::prelude::*;
#[cfg(feature = "threads")]
pub use wasm_bindgen_rayon::init_thread_pool;

use crate::failure::{fault, over, thrown};

/// How many bytes of the stream a [`Mill`] wants to see.
#[wasm_bindgen]
pub fn window() -> usize {
    detect::WINDOW
}

/// The encoding of a file by its name in the WHATWG's standard, if the host has to decode it: then
/// all bytes given here are to be UTF-8 that it made, and the name goes along.
#[wasm_bindgen]
pub fn encoding(recipe: &str, window: &[u8]) -> Result<Option<String>, JsValue> {
    let recipe = parsed(recipe, None)?;
    Ok(charset::of_host(window, recipe.read.encoding).map(str::to_string))
}

/// How the module `unpack` calls the container that an input's first bytes tell of, if they do: then
/// all bytes given here are to be what it unpacked.
#[wasm_bindgen]
pub fn container(head: &[u8]) -> Option<u32> {
    magic::container(head).map(|container| match container {
        Container::Gzip => 0,
        Container::Zstd => 1,
        Container::Bzip2 => 2,
        Container::Xz => 3,
        Container::Zip => 4,
    })
}

/// How a file is written, as JSON: what `[read]` would say, the columns, and the evidence. `window`
/// are its first bytes, or all; `recipe` may state some of it.
#[wasm_bindgen]
pub fn sniff(
    recipe: &str,
    name: &str,
    window: &[u8],
    encoding: Option<String>,
) -> Result<String, JsValue> {
    let recipe = parsed(recipe, encoding)?;
    let detected = detect::named(name, window, &recipe.read).map_err(thrown)?;
    Ok(detected.json())
}

/// A recipe over bytes that the host has decoded from `encoding`, if it has.
fn parsed(recipe: &str, encoding: Option<String>) -> Result<Recipe, JsValue> {
    let mut recipe = Recipe::parse(recipe).map_err(|error| thrown(error.into()))?;
    recipe.read.decoded = encoding.as_deref().and_then(charset::standard);
    Ok(recipe)
}

/// A recipe that was held against the beginning of an input.
#[wasm_bindgen]
pub struct Mill {
    plan: Arc<Plan>,
    name: String,
}

#[wasm_bindgen]
impl Mill {
    /// `recipe` is TOML or JSON; `name` the input's base name; `window` its first bytes, or all.
    /// `profile` are the columns to profile, if any; `all`: with all there is to tell of them;
    /// `encoding`: what the host has decoded the bytes from, see [`encoding`].
    #[wasm_bindgen(constructor)]
    #[allow(
        clippy::too_many_arguments,
        reason = "JavaScript's classes are made so"
    )]
    pub fn new(
        recipe: &str,
        name: &str,
        window: &[u8],
        rows: bool,
        rejects: bool,
        profile: Option<Vec<String>>,
        all: Option<bool>,
        encoding: Option<String>,
    ) -> Result<Mill, JsValue> {
        let target = Target {
            rows,
            profile,
            all: all.unwrap_or(false),
            rejects,
            ..Target::default()
        };
        mill(recipe, name, window, encoding, target)
    }

    /// How often the input is read.
    pub fn passes(&self) -> u32 {
        self.plan.passes()
    }

    /// Whether several instances can share the work.
    pub fn apart(&self) -> bool {
        apart(&self.plan)
    }

    /// The run in one instance.
    pub fn alone(&self) -> Result<Run, JsValue> {
        let alone = Alone::new(self.plan.clone(), &self.name, self.plan.block()).map_err(fault)?;
        Ok(Run { alone: Some(alone) })
    }

    /// The run on the threads of this instance's pool, so many at once.
    #[cfg(feature = "threads")]
    pub fn pooled(&self, threads: usize) -> Result<pool::Pool, JsValue> {
        let ring = Arc::new(bell::ring);
        let pooled = Pooled::new(
            self.plan.clone(),
            &self.name,
            self.plan.block(),
            threads,
            ring,
        );
        Ok(pool::Pool {
            pooled: Some(pooled.map_err(fault)?),
        })
    }

    /// The first pass of a run in several instances.
    pub fn first(&self) -> Turn {
        Turn {
            plan: self.plan.clone(),
            pass: Arc::new(Pass::first(&self.plan)),
            name: self.name.clone(),
        }
    }
}

fn mill(
    recipe: &str,
    name: &str,
    window: &[u8],
    encoding: Option<String>,
    target: Target,
) -> Result<Mill, JsValue> {
    let recipe = parsed(recipe, encoding)?;
    let detected = detect::named(name, window, &recipe.read).map_err(thrown)?;
    if target.rows {
        recipe
            .write
            .rows_alone()
            .map_err(|error| thrown(error.into()))?;
    }
    let plan = Plan::new(&recipe, detected, target).map_err(|error| thrown(error.into()))?;
    Ok(Mill {
        plan: Arc::new(plan),
        name: name.to_string(),
    })
}

/// A run in one instance.
#[wasm_bindgen]
pub struct Run {
    alone: Option<Alone>,
}

#[wasm_bindgen]
impl Run {
    /// Takes the next bytes of the input.
    pub fn feed(&mut self, bytes: &Uint8Array) -> Result<(), JsValue> {
        let alone = self.alone()?;
        let mut at = 0;
        while at < bytes.length() {
            let room = alone.room();
            let take = room.len().min((bytes.length() - at) as usize);
            bytes
                .subarray(at, at + take as u32)
                .copy_to(&mut room[..take]);
            alone.filled(take).map_err(fault)?;
            at += take as u32;
        }
        Ok(())
    }

    /// The input is at its end.
    pub fn end(&mut self) -> Result<(), JsValue> {
        self.alone()?.end().map_err(fault)
    }

    /// Rows that are ready.
    pub fn rows(&mut self) -> Result<Vec<u8>, JsValue> {
        Ok(self.alone()?.rows())
    }

    /// Rows set aside that are ready.
    pub fn rejects(&mut self) -> Result<Vec<u8>, JsValue> {
        Ok(self.alone()?.rejects())
    }

    /// The pass, the bytes that are done, and the records.
    pub fn progress(&mut self) -> Result<Vec<f64>, JsValue> {
        let (pass, bytes, records) = self.alone()?.progress();
        Ok(vec![f64::from(pass), bytes as f64, records as f64])
    }

    /// The text of the report so far; nothing while a pass learns.
    pub fn glance(&mut self) -> Result<Option<String>, JsValue> {
        let report = self.alone()?.glance().map_err(fault)?;
        Ok(report.map(|report| report.json()))
    }

    /// The report's text; nothing if the input is to be fed once more.
    pub fn finish(&mut self, cancelled: bool) -> Result<Option<String>, JsValue> {
        let alone = self.alone.take().ok_or_else(over)?;
        match alone.finish(cancelled).map_err(fault)? {
            Finished::Report(report) => Ok(Some(report.json())),
            Finished::Again(next) => {
                self.alone = Some(*next);
                Ok(None)
            }
        }
    }
}

impl Run {
    fn alone(&mut self) -> Result<&mut Alone, JsValue> {
        self.alone.as_mut().ok_or_else(over)
    }
}

/// One pass of a run in several instances. Each instance has its own.
#[wasm_bindgen]
pub struct Turn {
    plan: Arc<Plan>,
    pass: Arc<Pass>,
    name: String,
}

#[wasm_bindgen]
impl Turn {
    /// What cuts the stream into parcels, in one instance.
    pub fn cutter(&self) -> Saw {
        Saw {
            cutter: Cutter::new(&self.plan, self.plan.block()),
            name: self.name.clone(),
        }
    }

    /// What works on parcels, in every instance.
    pub fn hand(&self) -> Worker {
        Worker {
            hand: Hand::new(self.plan.clone(), self.pass.clone()),
            pass: self.pass.clone(),
        }
    }

    /// What gathers the answers, in one instance.
    pub fn gatherer(&self) -> Result<Gather, JsValue> {
        let gatherer = Gatherer::new(self.plan.clone(), self.pass.clone(), &self.name);
        Ok(Gather {
            gatherer: Some(gatherer.map_err(fault)?),
            name: self.name.clone(),
        })
    }

    /// The pass after this one, made of what this one has learnt.
    pub fn next(&self, lesson: &[u8]) -> Result<Turn, JsValue> {
        let lesson: Lesson = parcel::to(lesson).map_err(fault)?;
        let pass = lesson.next(&self.plan, &self.pass).map_err(fault)?;
        Ok(Turn {
            plan: self.plan.clone(),
            pass: Arc::new(pass),
            name: self.name.clone(),
        })
    }
}

/// Bytes to parcels of whole records.
#[wasm_bindgen]
pub struct Saw {
    cutter: Cutter,
    name: String,
}

#[wasm_bindgen]
impl Saw {
    pub fn feed(&mut self, bytes: &Uint8Array) -> Result<(), JsValue> {
        let mut at = 0;
        while at < bytes.length() {
            let room = self.cutter.room();
            let take = room.len().min((bytes.length() - at) as usize);
            bytes
                .subarray(at, at + take as u32)
                .copy_to(&mut room[..take]);
            let cut = self.cutter.filled(take);
            cut.map_err(|met| fault(of_file(met, &self.name)))?;
            at += take as u32;
        }
        Ok(())
    }

    pub fn end(&mut self) -> Result<(), JsValue> {
        let cut = self.cutter.end();
        cut.map_err(|met| fault(of_file(met, &self.name)))
    }

    /// The next parcel, if one is whole.
    pub fn pop(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        let Some((order, span)) = self.cutter.pop() else {
            return Ok(None);
        };
        let bytes = parcel::of_span(order, &span).map_err(fault)?;
        self.cutter.reuse(span.into_data());
        Ok(Some(bytes))
    }

    pub fn bytes(&self) -> f64 {
        self.cutter.bytes() as f64
    }
}

/// Parcels to answers.
#[wasm_bindgen]
pub struct Worker {
    hand: Hand,
    pass: Arc<Pass>,
}

#[wasm_bindgen]
impl Worker {
    pub fn work(&mut self, bytes: &[u8]) -> Result<Vec<u8>, JsValue> {
        let (order, span) = parcel::to_span(bytes).map_err(fault)?;
        let (done, _) = self.hand.work(order, span, &*self.pass).map_err(fault)?;
        parcel::of_done(&done).map_err(fault)
    }

    /// What it has gathered over all its parcels.
    pub fn share(&self) -> Result<Vec<u8>, JsValue> {
        let share = self.hand.share().map_err(fault)?;
        parcel::of(&share).map_err(fault)
    }
}

/// Answers to rows and a report.
#[wasm_bindgen]
pub struct Gather {
    gatherer: Option<Gatherer>,
    name: String,
}

#[wasm_bindgen]
impl Gather {
    pub fn push(&mut self, answer: &[u8]) -> Result<(), JsValue> {
        let done = parcel::to_done(answer).map_err(fault)?;
        self.gatherer()?.push(done).map_err(fault)
    }

    pub fn share(&mut self, share: &[u8]) -> Result<(), JsValue> {
        let share: Share = parcel::to(share).map_err(fault)?;
        self.gatherer()?.share(&share).map_err(fault)
    }

    pub fn rows(&mut self) -> Result<Vec<u8>, JsValue> {
        Ok(std::mem::take(&mut self.gatherer()?.rows))
    }

    pub fn rejects(&mut self) -> Result<Vec<u8>, JsValue> {
        Ok(std::mem::take(&mut self.gatherer()?.rejects))
    }

    /// The bytes that are done, and the records.
    pub fn progress(&mut self) -> Result<Vec<f64>, JsValue> {
        let (bytes, records) = self.gatherer()?.progress();
        Ok(vec![bytes as f64, records as f64])
    }

    /// The text of the report so far, with the shares of all hands, none of which is at work;
    /// nothing while a pass learns.
    pub fn glance(&mut self, shares: Vec<Uint8Array>) -> Result<Option<String>, JsValue> {
        let shares: Result<Vec<Share>, Fault> = shares
            .iter()
            .map(|share| parcel::to(&share.to_vec()))
            .collect();
        let shares = shares.map_err(fault)?;
        let name = self.name.clone();
        let report = self.gatherer()?.glance(&name, &shares).map_err(fault)?;
        Ok(report.map(|report| report.json()))
    }

    /// What the pass has learnt.
    pub fn lesson(&mut self) -> Result<Vec<u8>, JsValue> {
        let lesson = self.gatherer()?.lesson().map_err(fault)?;
        parcel::of(&lesson).map_err(fault)
    }

    /// The report's text; nothing if another pass is to follow.
    pub fn finish(&mut self, bytes: f64, cancelled: bool) -> Result<Option<String>, JsValue> {
        let gatherer = self.gatherer.take().ok_or_else(over)?;
        match gatherer
            .end(&self.name, bytes as u64, cancelled)
            .map_err(fault)?
        {
            Ended::Report(report) => Ok(Some(report.json())),
            Ended::Again(_) => Ok(None),
        }
    }
}

impl Gather {
    fn gatherer(&mut self) -> Result<&mut Gatherer, JsValue> {
        self.gatherer.as_mut().ok_or_else(over)
    }
}
