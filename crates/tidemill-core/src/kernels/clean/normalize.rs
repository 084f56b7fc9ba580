//! `normalize`: gives texts that look alike the same bytes, by Unicode's normalization forms. Form C
//! spells a letter and its accents as one character where there is one; form KC also makes full-width
//! letters, ligatures, circled digits and their like plain ones.

use crate::chunk::Chunk;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::kernels::clean::texts::{compiled, rewrite, text_slots};
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;
use crate::step::{Outcome, RowLocal};
use crate::unicode::{Form, is_plain, normalize};

pub struct Normalize {
    slots: Vec<usize>,
    form: Form,
}

const FORMS: &[&str] = &["nfc", "nfkc"];

impl Clean for Normalize {
    const ABOUT: About = About {
        word: "normalize",
        help: "gives texts that look alike the same bytes, by Unicode's normalization forms",
        value: Shape::Columns,
        options: &[Opt {
            name: "form",
            help: "nfc: accents as one character with their letter; nfkc: full-width letters, ligatures and their like become plain too; nfc if absent",
            shape: Shape::Word(FORMS),
        }],
        example: "normalize = [\"*\"]\nform = \"nfkc\"",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let patterns = options.texts("normalize")?.unwrap_or_default();
        let place = options.place("normalize");
        let slots = text_slots(schema, &patterns, &place, "normalize")?;
        let form = match options.word("form", FORMS)? {
            Some("nfkc") => Form::Nfkc,
            _ => Form::Nfc,
        };
        let step = Normalize {
            slots: slots.clone(),
            form,
        };
        Ok(compiled(step, slots))
    }
}

impl RowLocal for Normalize {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        let mut text = String::new();
        for slot in &self.slots {
            rewrite(chunk, *slot, outcome, |cell, out| {
                if cell.is_ascii() {
                    return false;
                }
                // Of what is no UTF-8 the bytes stay.
                for part in cell.utf8_chunks() {
                    if is_plain(part.valid(), self.form) {
                        out.extend_from_slice(part.valid().as_bytes());
                    } else {
                        text.clear();
                        normalize(part.valid(), self.form, &mut text);
                        out.extend_from_slice(text.as_bytes());
                    }
                    out.extend_from_slice(part.invalid());
                }
                true
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    #[test]
    fn the_forms() {
        let data = b"a,b\ne\xcc\x81,\xef\xbc\x91\xe2\x91\xa1\n\xff\xce\xa9\xe2\x84\xa6,x\n\xea\xb0\x80,\"\xef\xac\x81, e\xcc\x81\"\n";
        let rows = |form: &str| {
            let recipe = format!("tidemill = 1\n[[step]]\nnormalize = [\"*\"]\n{form}\n");
            let (report, ..) = same_everywhere(plan(&recipe, data), data);
            let report: serde_json::Value = serde_json::from_str(&report).unwrap();
            report["steps"][0]["changed"].as_u64().unwrap()
        };
        // In C: the letter with its accent, the ohm sign, and the accent behind the ligature.
        assert_eq!(rows(""), 3);
        assert_eq!(rows("form = \"nfkc\""), 4);
    }
}
