//! A run whose spans are worked on by threads that share the instance's memory.

use js_sys::Uint8Array;
use tidemill_core::Fault;
use tidemill_core::pool::Pooled;
use tidemill_core::push::Finished;
use wasm_bindgen::prelude::*;

use crate::bell;
use crate::failure::{fault, over};
use crate::trouble::trouble;

/// A run on the threads that `initThreadPool` has started.
#[wasm_bindgen]
pub struct Pool {
    pub(crate) pooled: Option<Pooled>,
}

#[wasm_bindgen]
impl Pool {
    /// Takes the next bytes of the input, and does not wait.
    pub fn feed(&mut self, bytes: &Uint8Array) -> Result<(), JsValue> {
        let pooled = self.pooled()?;
        let mut at = 0;
        while at < bytes.length() {
            let room = pooled.room();
            let take = room.len().min((bytes.length() - at) as usize);
            bytes
                .subarray(at, at + take as u32)
                .copy_to(&mut room[..take]);
            pooled.filled(take).map_err(fault)?;
            at += take as u32;
        }
        Ok(())
    }

    /// Whether the host should wait before it feeds more.
    pub fn full(&mut self) -> Result<bool, JsValue> {
        self.pooled()?.full().map_err(fault)
    }

    /// Whether all that was fed, as far as it is whole, is worked on.
    pub fn idle(&mut self) -> Result<bool, JsValue> {
        self.pooled()?.idle().map_err(fault)
    }

    /// The input is at its end.
    pub fn end(&mut self) -> Result<(), JsValue> {
        self.pooled()?.end().map_err(fault)
    }

    /// Nothing more is begun.
    pub fn cancel(&mut self) -> Result<(), JsValue> {
        self.pooled()?.cancel().map_err(fault)
    }

    /// Rows that are ready.
    pub fn rows(&mut self) -> Result<Vec<u8>, JsValue> {
        self.pooled()?.rows().map_err(fault)
    }

    /// Rows set aside that are ready.
    pub fn rejects(&mut self) -> Result<Vec<u8>, JsValue> {
        self.pooled()?.rejects().map_err(fault)
    }

    /// The pass, the bytes that are done, and the records.
    pub fn progress(&mut self) -> Result<Vec<f64>, JsValue> {
        let (pass, bytes, records) = self.pooled()?.progress().map_err(fault)?;
        Ok(vec![f64::from(pass), bytes as f64, records as f64])
    }

    /// The text of the report so far; nothing while a pass learns, or while anything is on its way.
    pub fn glance(&mut self) -> Result<Option<String>, JsValue> {
        let report = self.pooled()?.glance().map_err(fault)?;
        Ok(report.map(|report| report.json()))
    }

    /// The report's text; nothing if the input is to be fed once more. Blocks until all is idle.
    pub fn finish(&mut self, cancelled: bool) -> Result<Option<String>, JsValue> {
        if cancelled {
            self.cancel()?;
        }
        loop {
            let seen = bell::count();
            if self.idle()? {
                break;
            }
            bell::wait(seen);
        }
        let pooled = self.pooled.take().ok_or_else(over)?;
        match pooled.finish(cancelled).map_err(fault)? {
            Finished::Report(report) => Ok(Some(report.json())),
            Finished::Again(next) => {
                self.pooled = Some(*next);
                Ok(None)
            }
        }
    }

    /// The address, in bytes, of a counter that goes up and is notified whenever something may
    /// have changed: an answer is there, or a thread has died.
    pub fn address(&self) -> u32 {
        bell::address()
    }
}

impl Pool {
    /// A thread that died may hold what others wait for, so nothing is asked after that.
    fn pooled(&mut self) -> Result<&mut Pooled, JsValue> {
        if bell::dead() {
            return Err(match trouble() {
                Some(trouble) => trouble.into(),
                None => fault(Fault::internal("a thread of the pool died")),
            });
        }
        self.pooled.as_mut().ok_or_else(over)
    }
}
