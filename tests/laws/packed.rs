//! Every packed file of the corpus holds what its expectation says, or is refused for the reason
//! that it says.

use std::fs::File;
use std::io::{Cursor, Read as _};
use std::path::Path;

use serde_json::Value;
use tidemill_core::sniff::magic::{Container, container};
use tidemill_io::{unpack, unzip};

#[test]
fn every_packed_file_holds_its_text_or_is_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/packed");
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let mut count = 0;
    for (name, expect) in expected.as_object().unwrap() {
        if name == "texts" {
            continue;
        }
        let path = folder.join(name);
        let packed = std::fs::read(&path).unwrap();
        let kind = container(&packed).unwrap_or_else(|| panic!("{name} is no container"));
        let text = match kind {
            Container::Zip => unzip("x", File::open(&path).unwrap()),
            kind => unpack(kind, Cursor::new(packed)),
        };
        let found = text.map_err(|fault| fault.found).and_then(|mut text| {
            let mut out = Vec::new();
            text.read_to_end(&mut out)
                .map(|_| out)
                .map_err(|error| error.to_string())
        });
        match (&expect["refused"], &expect["file"]) {
            (Value::String(why), _) => assert_eq!(found.as_ref(), Err(why), "{name}"),
            (_, Value::String(file)) => {
                assert_eq!(
                    found,
                    Ok(std::fs::read(folder.join(file)).unwrap()),
                    "{name}"
                );
            }
            _ => {
                let at = expect["text"].as_u64().unwrap() as usize;
                let expect = expected["texts"][at].as_str().unwrap();
                let found = found.unwrap_or_else(|why| panic!("{name}: {why}"));
                let same = match name.split('.').next() {
                    Some("utf-16") => {
                        let units: Vec<u16> = found
                            .chunks_exact(2)
                            .map(|two| u16::from_le_bytes([two[0], two[1]]))
                            .collect();
                        String::from_utf16(&units[1..]).unwrap() == expect
                    }
                    // Which text this is when it is decoded, the surfaces' own test says.
                    Some("shift-jis") => found.len() < expect.len(),
                    _ => found == expect.as_bytes(),
                };
                assert!(same, "{name}");
            }
        }
        count += 1;
    }
    assert!(count > 20);
}
