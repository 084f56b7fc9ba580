//! `cargo run -p xtask -- wasm OUT`: the module of `crates/tidemill-wasm` (simd128, no threads) and
//! its JavaScript, in the folder OUT. The bindings come from the library, so that their version is
//! always the one in Cargo.lock.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.as_slice() {
        [word, out] if word == "wasm" => wasm(Path::new(out)),
        _ => Err("usage: xtask wasm OUT".to_string()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn wasm(out: &Path) -> Result<(), String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args([
            "build",
            "-p",
            "tidemill-wasm",
            "--lib",
            "--profile",
            "wasm",
            "--locked",
        ])
        .args(["--target", "wasm32-unknown-unknown", "--target-dir"])
        .arg(&target)
        .env("RUSTFLAGS", "-C target-feature=+simd128,+bulk-memory")
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if !status.success() {
        return Err(format!("cargo build: {status}"));
    }
    let module = target.join("wasm32-unknown-unknown/wasm/tidemill_wasm.wasm");
    Bindgen::new()
        .input_path(&module)
        .remove_name_section(true)
        .remove_producers_section(true)
        .web(true)
        .and_then(|bindgen| bindgen.typescript(true).generate(out))
        .map_err(|error| format!("wasm-bindgen: {error:#}"))
}
