//! Progress on a terminal, and Ctrl-C.
//!
//! A signal asks the run to stop, and the run takes back what it was writing. A run that waits for
//! a stalled pipe does not hear that; after a moment, or at a second signal, the process ends all
//! the same, having removed its temporary files.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tidemill_core::watch::{Progress, Watch};

static CANCELLED: AtomicBool = AtomicBool::new(false);
/// Whether outputs are being given their names, which is not to be cut in two.
static PUBLISHING: AtomicBool = AtomicBool::new(false);
static SIGNALS: AtomicU8 = AtomicU8::new(0);

/// How long a run has to stop by itself.
const GRACE: Duration = Duration::from_millis(1000);
/// A run shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_millis(300);

/// Takes Ctrl-C and the signals that end a process.
pub fn listen() {
    // Without a handler the signal ends the process as it always did, and the next run clears up.
    let _ = ctrlc::set_handler(|| {
        CANCELLED.store(true, Ordering::Relaxed);
        if SIGNALS.fetch_add(1, Ordering::Relaxed) > 0 {
            leave();
        }
        std::thread::spawn(|| {
            std::thread::sleep(GRACE);
            if !PUBLISHING.load(Ordering::Relaxed) {
                leave();
            }
        });
    });
}

fn leave() {
    tidemill_io::abandon_all();
    crate::end::say("cancelled: nothing was written to a file");
    std::process::exit(2);
}

pub fn cancelled() -> bool {
    CANCELLED.load(Ordering::Relaxed)
}

/// Says that from now on outputs are published.
pub fn publishing() {
    PUBLISHING.store(true, Ordering::Relaxed);
}

/// Shows how far a run is.
pub struct Screen {
    bar: Option<ProgressBar>,
    started: Instant,
    drawn: AtomicBool,
    style: Mutex<bool>,
}

impl Screen {
    pub fn new(wanted: bool) -> Screen {
        let wanted = wanted && std::io::stderr().is_terminal();
        let bar = wanted.then(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()));
        Screen {
            bar,
            started: Instant::now(),
            drawn: AtomicBool::new(false),
            style: Mutex::new(false),
        }
    }

    /// Takes the bar away, so that what follows stands on a clean line.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn draw(&self, bar: &ProgressBar, progress: &Progress) {
        if !self.drawn.load(Ordering::Relaxed) {
            if self.started.elapsed() < PATIENCE {
                return;
            }
            let mut styled = self
                .style
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if !*styled {
                *styled = true;
                let template = match progress.total {
                    Some(_) => {
                        "{bar:30.cyan/dim} {decimal_bytes:>9} of {decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left{msg}"
                    }
                    None => "{spinner} {decimal_bytes}  {decimal_bytes_per_sec}  {elapsed}{msg}",
                };
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style.progress_chars("━╸─"));
                }
                bar.set_draw_target(ProgressDrawTarget::stderr());
                self.drawn.store(true, Ordering::Relaxed);
            }
        }
        if progress.passes > 1 {
            bar.set_message(format!("  pass {} of {}", progress.pass, progress.passes));
        }
        match progress.total {
            Some(total) => {
                bar.set_length(total * u64::from(progress.passes.max(1)));
                bar.set_position(
                    total * u64::from(progress.pass.saturating_sub(1)) + progress.bytes,
                );
            }
            None => bar.set_position(progress.bytes),
        }
    }
}

impl Watch for Screen {
    fn step(&self, progress: &Progress) -> bool {
        if let Some(bar) = &self.bar {
            self.draw(bar, progress);
        }
        !cancelled()
    }
}
