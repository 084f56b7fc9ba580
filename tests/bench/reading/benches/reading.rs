//! Fields and boundaries of records, in memory and on one core, beside simd-csv and csv in one run.
//!
//! What is measured is the CPU time of the thread, so that other work on the machine counts less.
//!
//! The text is the sample of flights in the corpus, repeated to 32 MB, and the same with every field
//! quoted; or the first 32 MB of the files named in READING_FILES, with colons between them.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use reading_bench::{boundaries, fields};
use tidemill_csv::Index;

const SIZE: usize = 32 << 20;

fn texts() -> Vec<(String, Vec<u8>)> {
    if let Ok(files) = std::env::var("READING_FILES") {
        let read = |path: &str| {
            let mut text = Vec::new();
            let file = std::fs::File::open(path).unwrap();
            std::io::Read::read_to_end(&mut std::io::Read::take(file, SIZE as u64), &mut text)
                .unwrap();
            let end = text
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| at + 1);
            text.truncate(end);
            let name = path.rsplit('/').next().unwrap_or(path).to_string();
            (name, text)
        };
        return files.split(':').map(read).collect();
    }
    let sample = include_bytes!("../../../corpus/flights.csv");
    let plain = sample.repeat(SIZE / sample.len());
    let mut quoted = Vec::new();
    for line in sample
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        for (at, field) in line.split(|byte| *byte == b',').enumerate() {
            quoted.extend_from_slice(if at > 0 { b",\"" } else { b"\"" });
            quoted.extend_from_slice(field);
            quoted.push(b'"');
        }
        quoted.push(b'\n');
    }
    let quoted = quoted.repeat(SIZE / quoted.len());
    vec![
        ("flights".to_string(), plain),
        ("flights, all quoted".to_string(), quoted),
    ]
}

struct ThreadTime;

fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

impl Measurement for ThreadTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        now()
    }

    fn end(&self, start: Duration) -> Duration {
        now() - start
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn reading(criterion: &mut Criterion<ThreadTime>) {
    for (name, text) in texts() {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_slice());
        let width = reader.byte_records().next().unwrap().unwrap().len();
        let rows = 1 + reader.byte_records().map(Result::unwrap).count();
        let (mut buffers, mut index) = (Vec::new(), Index::new());
        // All of them are to find the same before they are measured.
        assert_eq!(
            fields(&text, width, &mut buffers, &mut index),
            (rows, rows * width)
        );
        assert_eq!(zero_copy(&text), (rows, rows * width));
        assert_eq!(split(&text), rows);
        assert_eq!(boundaries(&text, &mut buffers).1, text.len());
        let mut group = criterion.benchmark_group(format!("fields of {name}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.sample_size(20);
        group.bench_function("tidemill", |bench| {
            bench.iter(|| fields(black_box(&text), width, &mut buffers, &mut index))
        });
        group.bench_function("simd-csv, ZeroCopyReader", |bench| {
            bench.iter(|| zero_copy(black_box(&text)))
        });
        group.bench_function("csv, ByteRecord", |bench| {
            bench.iter(|| plain(black_box(&text)))
        });
        group.finish();
        let mut group = criterion.benchmark_group(format!("boundaries of {name}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.sample_size(20);
        group.bench_function("tidemill", |bench| {
            bench.iter(|| boundaries(black_box(&text), &mut buffers))
        });
        group.bench_function("simd-csv, Splitter", |bench| {
            bench.iter(|| split(black_box(&text)))
        });
        group.finish();
    }
}

fn zero_copy(text: &[u8]) -> (usize, usize) {
    let mut reader = simd_csv::ZeroCopyReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let (mut rows, mut fields) = (0, 0);
    while let Some(record) = reader.read_byte_record().unwrap() {
        rows += 1;
        fields += record.len();
    }
    (rows, fields)
}

fn split(text: &[u8]) -> usize {
    let mut splitter = simd_csv::SplitterBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let mut rows = 0;
    while let Some(record) = splitter.split_record().unwrap() {
        black_box(record);
        rows += 1;
    }
    rows
}

fn plain(text: &[u8]) -> (usize, usize) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let mut record = csv::ByteRecord::new();
    let (mut rows, mut fields) = (0, 0);
    while reader.read_byte_record(&mut record).unwrap() {
        rows += 1;
        fields += record.len();
    }
    (rows, fields)
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ThreadTime);
    targets = reading
}
criterion_main!(benches);
