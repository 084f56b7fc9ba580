//! `xtask wasm OUT`: the module of `crates/tidemill-wasm` and its JavaScript, twice: `OUT/plain` for one
//! thread and `OUT/threads` for memory that threads share; and `OUT/unpack.wasm`, which is loaded only where
//! a packed file is met. The two import their memory, so that the
//! host decides how far it may grow. The bindings come from the library, so that their version is
//! always the one in Cargo.lock.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tidemill_core::{schema_answers, schema_json};
use wasm_bindgen_cli_support::Bindgen;

struct Build {
    name: &'static str,
    package: &'static str,
    features: &'static str,
    flags: &'static [&'static str],
    cargo: &'static [&'static str],
}

const PLAIN: Build = Build {
    name: "plain",
    package: "tidemill-wasm",
    features: "",
    flags: &[
        "-Ctarget-feature=+simd128,+bulk-memory",
        "-Clink-arg=--import-memory",
    ],
    cargo: &[],
};

/// Its own memory, and no names: what it exports are numbers.
const UNPACK: Build = Build {
    name: "unpack",
    package: "tidemill-unpack",
    features: "",
    flags: &["-Ctarget-feature=+simd128,+bulk-memory", "-Cstrip=symbols"],
    cargo: &[],
};

/// The standard library with atomics is not delivered, so it is built too, of the component
/// rust-src. The pinned compiler does that when it is told to take unstable options.
const THREADS: Build = Build {
    name: "threads",
    package: "tidemill-wasm",
    features: "threads",
    flags: &[
        "-Ctarget-feature=+atomics,+bulk-memory,+mutable-globals,+simd128",
        "-Clink-arg=--shared-memory",
        "-Clink-arg=--max-memory=4294967296",
        "-Clink-arg=--import-memory",
        "-Clink-arg=--export=__wasm_init_tls",
        "-Clink-arg=--export=__tls_size",
        "-Clink-arg=--export=__tls_align",
        "-Clink-arg=--export=__tls_base",
    ],
    cargo: &["-Zbuild-std=std,panic_abort"],
};

pub fn build(out: &Path) -> Result<(), String> {
    for build in [PLAIN, THREADS] {
        let folder = out.join(build.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let module = compile(&build)?;
        bind(&module, &folder)?;
        if build.name == THREADS.name {
            own_workers(&folder)?;
        }
    }
    let (module, copy) = (compile(&UNPACK)?, out.join("unpack.wasm"));
    fs::copy(module, &copy).map_err(|error| format!("{}: {error}", copy.display()))?;
    schemas(&out.join("schemas"))
}

/// The package's types come from these. They are no part of the modules, which would be larger for
/// what no page asks.
fn schemas(folder: &Path) -> Result<(), String> {
    let told = |error| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(told)?;
    for (name, text) in [
        ("recipe", schema_json::schema()),
        ("report", schema_answers::report()),
        ("preview", schema_answers::preview()),
    ] {
        fs::write(folder.join(format!("{name}.json")), text).map_err(told)?;
    }
    Ok(())
}

fn compile(build: &Build) -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // A folder for each, or every change of flags would throw away what the other has built.
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), PathBuf::from)
        .join(build.name);
    // No path of this machine in the messages of panics.
    let mut flags: Vec<String> = build.flags.iter().map(ToString::to_string).collect();
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let places = [(home, "cargo"), (toolchains(), "toolchains")];
    for (place, name) in places {
        if let Some(place) = place {
            flags.push(format!("--remap-path-prefix={}={name}", place.display()));
        }
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(&root)
        .args(["build", "-p", build.package, "--lib", "--locked"])
        .args(["--profile", "wasm", "--target", "wasm32-unknown-unknown"])
        .args(["--features", build.features, "--target-dir"])
        .arg(&target)
        .args(build.cargo)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    if !build.cargo.is_empty() {
        command.env("RUSTC_BOOTSTRAP", "1");
    }
    let status = command
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if !status.success() {
        return Err(format!("cargo build of {}: {status}", build.name));
    }
    let file = format!("{}.wasm", build.package.replace('-', "_"));
    Ok(target.join("wasm32-unknown-unknown/wasm").join(file))
}

/// The folder in which the compiler's own folder stands.
fn toolchains() -> Option<PathBuf> {
    let asked = Command::new("rustc")
        .args(["--print", "sysroot"])
        .output()
        .ok()?;
    let sysroot = String::from_utf8(asked.stdout).ok()?;
    Path::new(sysroot.trim()).parent().map(Path::to_path_buf)
}

fn bind(module: &Path, folder: &Path) -> Result<(), String> {
    let told = |error| format!("wasm-bindgen: {error:#}");
    let mut output = Bindgen::new()
        .input_path(module)
        .out_name("tidemill")
        .remove_name_section(true)
        .remove_producers_section(true)
        .web(true)
        .and_then(|bindgen| bindgen.typescript(true).generate_output())
        .map_err(told)?;
    let memory = output.wasm().memories.iter().next();
    let initial = memory.ok_or("the module has no memory")?.initial;
    output.emit(folder).map_err(told)?;
    // Whoever makes the memory must know how large it is to be at first.
    append(
        &folder.join("tidemill.js"),
        &format!("\nexport const initialPages = {initial};\n"),
    )?;
    append(
        &folder.join("tidemill.d.ts"),
        "\n/** The least size of a memory for this module, in pages of 64 KiB. */\nexport const initialPages: number;\n",
    )
}

fn append(path: &Path, more: &str) -> Result<(), String> {
    rewrite(path, |text| Ok(text + more))
}

fn rewrite(
    path: &Path,
    change: impl FnOnce(String) -> Result<String, String>,
) -> Result<(), String> {
    let told = |error| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(told)?;
    fs::write(path, change(text)?).map_err(told)
}

/// Puts our way of starting workers in place of that of wasm-bindgen-rayon, which bundlers do not
/// understand, at a path without a hash.
fn own_workers(folder: &Path) -> Result<(), String> {
    rewrite(&folder.join("tidemill.js"), |text| {
        let theirs: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("import ") && line.contains("/snippets/"))
            .collect();
        let [line] = theirs.as_slice() else {
            return Err(format!("not one import of a snippet but {theirs:?}"));
        };
        let Some((names, _)) = line.split_once(" from ") else {
            return Err(format!("an import of another kind: {line}"));
        };
        if !names.contains("startWorkers") {
            return Err(format!("an import of something else: {line}"));
        }
        let ours = format!("{names} from './workers.js';");
        Ok(text.replace(line, &ours))
    })?;
    let told = |error| format!("{}: {error}", folder.display());
    fs::remove_dir_all(folder.join("snippets")).map_err(told)?;
    fs::write(folder.join("workers.js"), include_str!("workers.js")).map_err(told)?;
    fs::write(folder.join("workers.d.ts"), include_str!("workers.d.ts")).map_err(told)
}
