#!/usr/bin/env bash
# Everything that must hold, from a clean clone on a Debian machine with Rust: installs what it
# needs, runs it all, and ends with the number of tests.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}

say() { printf '\n== %s\n' "$*"; }

say "toolchain"
toolchain=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
if ! rustup toolchain list | grep -q "^$toolchain"; then
  rustup toolchain install "$toolchain" --profile minimal --component rustfmt --component clippy --component rust-src
fi
# rust-src: the module for threads has a standard library of its own, built with atomics.
rustup component add rustfmt clippy rust-src
rustup target add wasm32-unknown-unknown

log=$(mktemp)
trap 'rm -f "$log"' EXIT

say "format"
cargo fmt --all --check

say "tests"
cargo test --profile ci --workspace --all-targets --locked 2>&1 | tee -a "$log"
say "examples in the docs"
cargo test --profile ci --workspace --doc --locked 2>&1 | tee -a "$log"

say "lints"
cargo clippy --profile ci --workspace --all-targets --locked -- -D warnings

say "the core without a host"
cargo build --profile ci -p tidemill-core --target wasm32-unknown-unknown --locked
cargo build --profile ci -p tidemill-core --target wasm32-unknown-unknown --no-default-features --locked

say "the first command of the README"
# Three exact means: the sums 16129.94, 4202 and 48938.6 over 200 rows.
cargo run --release --locked -- run examples/quickstart.toml tests/corpus/lesson.csv | tee "$log.first"
first=$(tail -n 1 "$log.first" | tr -s ' ' | sed 's/^ //;s/ $//')
rm -f "$log.first"
if [ "$first" != "80.6497 21.01 244.693" ]; then
  echo "the first command printed '$first', not the means" >&2
  exit 1
fi

say "figures against fractions, statistics, numpy, pandas and DuckDB"
python3 -m venv target/oracle || { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y python3-venv && python3 -m venv target/oracle; }
target/oracle/bin/pip install --quiet --requirement tests/oracle/requirements.txt
target/oracle/bin/python tests/oracle/check.py target/release/tidemill | tee -a "$log"
target/oracle/bin/python tests/oracle/steps.py target/release/tidemill | tee -a "$log"

say "the module for JavaScript hosts"
cargo run --profile ci -p xtask --locked -- wasm target/web
for module in plain/tidemill_bg threads/tidemill_bg unpack; do
  printf '%s: %s bytes gzipped\n' "$module" "$(gzip -9c "target/web/$module.wasm" | wc -c)"
done
npm ci --prefix tests/web --no-fund --no-audit
node --test --test-reporter tap tests/web/*.test.mjs 2>&1 | tee -a "$log"

say "the package for npm"
npm ci --prefix web/pkg
npm run build --prefix web/pkg

say "browsers and bundlers"
missing=()
for need in chromium:chromium firefox-esr:firefox-esr WebKitWebDriver:webkit2gtk-driver xvfb-run:xvfb xauth:xauth; do
  command -v "${need%%:*}" >/dev/null || missing+=("${need##*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
fi

say "the package in Node, in browsers, in bundlers"
node --test --test-reporter tap tests/web/node/ tests/web/browser/ 2>&1 | tee -a "$log"

say "the page"
npm ci --prefix web/app --no-fund --no-audit
npm run check --prefix web/app
npm run build --prefix web/app
say "the page in the program"
cargo test --profile ci -p tidemill --features page --locked --test open 2>&1 | tee -a "$log"
TIDEMILL_OPEN="$PWD/target/ci/tidemill" node --test --test-reporter tap tests/web/page/ 2>&1 | tee -a "$log"

awk '/^# pass /{ passed += $3 } /^# fail /{ failed += $3 } /^# skipped /{ skipped += $3 }
  /^test result:/ { passed += $4; failed += $6; skipped += $8 }
  END { printf "\n%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 || passed == 0 }' "$log"
