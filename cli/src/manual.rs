//! What the program says about itself: schema, completions, manual page.

use tidemill_core::{schema_answers, schema_json};

use crate::args::{self, SchemaOf};

pub fn schema(of: SchemaOf) -> String {
    match of {
        SchemaOf::Recipe => schema_json::schema(),
        SchemaOf::Report => schema_answers::report(),
        SchemaOf::Preview => schema_answers::preview(),
    }
}

pub fn completions(shell: clap_complete::Shell) -> String {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "tidemill", &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// The manual page in roff: the program, then each of its commands as a section of its own.
pub fn page() -> String {
    let mut command = args::command();
    command.build();
    let mut out = Vec::new();
    let main = clap_mangen::Man::new(command.clone());
    // Writing to memory does not fail.
    let _ = main.render_title(&mut out);
    let _ = main.render_name_section(&mut out);
    let _ = main.render_synopsis_section(&mut out);
    let _ = main.render_description_section(&mut out);
    let _ = main.render_options_section(&mut out);
    let mut page = String::from_utf8_lossy(&out).into_owned();
    for sub in command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help" && !sub.is_hide_set())
    {
        let name = sub.get_name().to_uppercase();
        let mut out = Vec::new();
        let man = clap_mangen::Man::new(sub.clone());
        let _ = man.render_description_section(&mut out);
        let _ = man.render_synopsis_section(&mut out);
        let _ = man.render_options_section(&mut out);
        let _ = man.render_extra_section(&mut out);
        // Its sections become parts of one.
        let body = String::from_utf8_lossy(&out).replace(".SH ", ".SS ");
        page.push_str(&format!(".SH \"{name}\"\n{body}"));
    }
    page
}
