//! Every input that was kept by fuzzing, and the seeds it began with, once more.

use tidemill_tests::fuzz::PROPERTIES;

#[test]
fn every_kept_input_holds_its_property() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, holds) in PROPERTIES {
        let mut count = 0;
        for entry in std::fs::read_dir(folder.join(name)).unwrap() {
            let path = entry.unwrap().path();
            println!("{}", path.display());
            holds(&std::fs::read(&path).unwrap());
            count += 1;
        }
        assert!(count >= 20, "{name} has {count} inputs");
    }
}
