//! The `tidemill` command: arguments, progress, tables and exit codes. What is done to the data is
//! the core's; here it is only asked for and shown.
//!
//! Everything ends in one place, [`main`], which turns an outcome into an exit code: 0 done, 1 done
//! but faults were found that were to be refused, 2 could not.

mod args;
mod commands;
mod diff;
mod end;
mod html;
mod input;
mod manual;
#[cfg(feature = "page")]
mod open;
mod output;
mod parts;
mod profile;
mod reductions;
mod sniff;
mod steps;
mod suggest;
mod summary;
mod table;
mod text;
mod watch;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::FromArgMatches;

fn main() -> ExitCode {
    let matches = match args::command().try_get_matches() {
        Ok(matches) => matches,
        // Help and versions come this way too; clap knows which stream and code each has.
        Err(error) => {
            let code = error.exit_code();
            let _ = error.print();
            return ExitCode::from(u8::try_from(code).unwrap_or(2));
        }
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        match args::Cli::from_arg_matches(&matches) {
            Ok(cli) => commands::run(&cli, &matches),
            Err(error) => {
                let _ = error.print();
                Ok(end::Done::Unable)
            }
        }
    }));
    let done = outcome.unwrap_or_else(|_| Err(tidemill_core::Fault::internal("a panic").into()));
    tidemill_io::abandon_all();
    end::code(done)
}
