//! What cargo alone does not build.

mod unicode;
mod wasm;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.as_slice() {
        [word, out] if word == "wasm" => wasm::build(Path::new(out)),
        [word, out] if word == "unicode" => unicode::write(Path::new(out)),
        _ => Err("usage: xtask wasm OUT, or xtask unicode OUT".to_string()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
