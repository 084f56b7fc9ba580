//! How a command can end, and what is said about it.

use std::io::Write;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use tidemill_core::{Failure, Fault, RecipeError};

/// A command that came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Well,
    /// The result is there, and faults were found in it that the user asked to be told of.
    Faulty,
    /// Whatever there was to say has been said.
    Unable,
}

/// Why a command stopped.
#[derive(Debug)]
pub enum End {
    Failure(Failure),
    Cancelled,
    /// Nobody reads the output any more, which is no fault.
    Unread,
}

impl From<Fault> for End {
    fn from(fault: Fault) -> End {
        if tidemill_io::is_broken_pipe(&fault) {
            End::Unread
        } else {
            End::Failure(fault.into())
        }
    }
}

impl From<RecipeError> for End {
    fn from(error: RecipeError) -> End {
        End::Failure(error.into())
    }
}

impl From<Failure> for End {
    fn from(failure: Failure) -> End {
        match failure {
            Failure::Fault(fault) => fault.into(),
            Failure::Recipe(error) => error.into(),
        }
    }
}

/// Says what there is to say, and gives the exit code.
pub fn code(done: Result<Done, End>) -> ExitCode {
    match done {
        Ok(Done::Well) | Err(End::Unread) => ExitCode::SUCCESS,
        Ok(Done::Faulty) => ExitCode::from(1),
        Ok(Done::Unable) => ExitCode::from(2),
        Err(End::Cancelled) => {
            say("cancelled: nothing was written to a file");
            ExitCode::from(2)
        }
        Err(End::Failure(failure)) => {
            show(&failure);
            ExitCode::from(2)
        }
    }
}

fn show(failure: &Failure) {
    let (place, found, expected, hint) = match failure {
        Failure::Recipe(error) => (&error.place, &error.found, &error.expected, &error.hint),
        Failure::Fault(fault) => (&fault.place, &fault.found, &fault.expected, &fault.hint),
    };
    let (bold, red, dim) = (
        Style::new().bold(),
        AnsiColor::Red.on_default().bold(),
        Style::new().dimmed(),
    );
    let line = |text: &str| crate::text::shown(text);
    let mut text = format!(
        "{red}error:{red:#} {bold}{}:{bold:#} {}\n",
        line(place),
        line(found)
    );
    if !expected.is_empty() {
        text.push_str(&format!("  {dim}expected:{dim:#} {}\n", line(expected)));
    }
    if let Some(hint) = hint {
        text.push_str(&format!("  {dim}hint:{dim:#} {}\n", line(hint)));
    }
    // Where standard error is closed there is nobody to tell.
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// A line on standard error.
pub fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}
