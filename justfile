# `just` alone lists what there is. It comes with `pip install rust-just`.

_default:
  @just --list --unsorted

# ---- before a commit

# Everything that must hold; what CI runs.
ready:
  ./tests/ready.sh

# Format the code.
fmt:
  cargo fmt --all

# Lints only.
lint:
  cargo clippy --workspace --all-targets -- -D warnings

# Tests only, or those whose names hold FILTER.
test FILTER="":
  cargo test --workspace {{ FILTER }}

# ---- the program

# The optimised binary, in target/release.
build:
  cargo build --release -p tidemill

# The two modules for JavaScript hosts and their bindings, in target/web/plain and target/web/threads (`rustup component add rust-src`).
wasm:
  cargo run --profile ci -p xtask -- wasm target/web

# The npm package, in web/pkg/dist.
package: wasm
  npm ci --prefix web/pkg
  npm run build --prefix web/pkg

# The program with the page in it: `target/release/tidemill open`.
with-page: page
  cargo build --release -p tidemill --features page

# Modules and package in Node, browsers and bundlers against the command (Chromium, Firefox, WebKit: see tests/ready.sh).
test-web: build package
  npm ci --prefix tests/web
  node --test tests/web/*.test.mjs tests/web/node/ tests/web/browser/

# The page as a static folder for any host and any path, in web/app/dist.
page: package
  npm ci --prefix web/app
  npm run check --prefix web/app
  npm run build --prefix web/app

# The page's tests: its modules, end to end in Chromium and Firefox, by axe-core, and in the program (`tidemill open`).
test-page: build page
  cargo build --profile ci -p tidemill --features page
  npm ci --prefix tests/web
  node --test tests/web/page/

# The pictures of the page in docs/.
page-pictures: page
  npm ci --prefix tests/web
  node tests/web/page/pictures.mjs

# The classic lesson.
quickstart:
  cargo run --release -- run examples/quickstart.toml tests/corpus/lesson.csv

# ---- longer runs

# This program beside its peers on real data; installs the peers into target/bench. `just bench --rounds 3`.
bench *ARGS:
  python3 tests/bench/run.py {{ ARGS }}

# The package in Chromium beside the command and DuckDB-WASM, over the flights that `just bench` made. `just bench-web --rounds 3`.
bench-web *ARGS: build package
  npm ci --prefix tests/web
  npm ci --prefix tests/web/bench
  node tests/web/bench/run.mjs {{ ARGS }}

# A file of 6 GB in a tab of Chromium that stays under 512 MB; writes it to the folder of temporary files first.
big GB="6": package
  npm ci --prefix tests/web
  node tests/web/browser/big.mjs {{ GB }}

# How fast bytes become fields, in memory.
scan-speed:
  cargo run --release -p tidemill-csv --example scan_speed

# The exhaustive test of small blocks is left out, since it would take hours there.

# The SIMD modules and their scalar twin under Miri (a nightly that has it): SSE2, then AVX2.
miri:
  MIRIFLAGS=-Zmiri-disable-isolation PROPTEST_CASES=2 cargo +nightly miri test -p tidemill-csv --test index --test seam -- --skip small_blocks_all
  RUSTFLAGS="-Ctarget-feature=+avx2,+pclmulqdq" MIRIFLAGS=-Zmiri-disable-isolation PROPTEST_CASES=2 cargo +nightly miri test -p tidemill-csv --test index

# How time and memory grow with the size of a file and with its columns; makes files of 6.6 GB in target/bench.
growth *ARGS: build
  python3 tests/bench/growth.py target/release/tidemill {{ ARGS }}

# Fields and boundaries in memory on one core, beside simd-csv and csv in the same run.
reading-speed *ARGS:
  cargo bench --manifest-path tests/bench/reading/Cargo.toml {{ ARGS }}

# The reader as WebAssembly in Node beside the native one with SSE2.
reading-in-node +FILES:
  RUSTFLAGS="-Ctarget-feature=+simd128,+bulk-memory" cargo build --release --lib --target wasm32-unknown-unknown --manifest-path tests/bench/reading/Cargo.toml
  cargo build --release --example sse2 --manifest-path tests/bench/reading/Cargo.toml
  node tests/bench/reading/in-node.mjs tests/bench/reading/target/wasm32-unknown-unknown/release/reading_bench.wasm tests/bench/reading/target/release/examples/sse2 {{ FILES }}

# Looks for bytes for which a property of tests/suite/fuzz.rs fails (a nightly, and `cargo install cargo-fuzz`).
fuzz PROPERTY SECONDS="1200":
  cd tests && cargo +nightly fuzz run --fuzz-dir fuzz {{ PROPERTY }} -- -max_len=512 -max_total_time={{ SECONDS }}

# The laws with many more cases than usual.
soak CASES="20000":
  PROPTEST_CASES={{ CASES }} cargo test --profile ci -p tidemill-csv -p tidemill-core -p tidemill-tests

# ---- the corpus

# Make the committed samples anew; they come out the same byte for byte.
corpus:
  python3 tests/corpus/make_lesson.py
  python3 tests/corpus/edge/make.py
  python3 tests/corpus/reader/make.py
