use serde_json::Value;

use super::{draft, sample, values};
use crate::detect::detect;
use crate::plan::{Plan, Target};
use crate::recipe::Recipe;
use crate::run::BLOCK;
use crate::session;

fn report(recipe: &str, bytes: &[u8], profile: bool) -> Value {
    let recipe = Recipe::parse(recipe).unwrap_or_else(|error| panic!("{error}\n{recipe}"));
    let detected = detect(bytes, &recipe.read).unwrap();
    let target = Target {
        profile: profile.then(|| vec!["*".to_string()]),
        all: profile,
        ..Target::default()
    };
    let plan = Plan::new(&recipe, detected, target).unwrap();
    let report = session::run(&plan, "table.csv", bytes, &mut Vec::new(), None, BLOCK).unwrap();
    serde_json::from_str(&report.json()).unwrap()
}

/// The commented recipe, as a host makes it.
fn suggested(bytes: &[u8]) -> String {
    let profile = report("tidemill = 1", bytes, true);
    let few = values(&profile).map(|recipe| report(&recipe, bytes, false));
    let many = sample(&profile).map(|recipe| report(&recipe, bytes, false));
    let draft = draft(&profile, few.as_ref(), many.as_ref());
    let tried = report(&draft.recipe(), bytes, false);
    let told = draft.told(&tried, "");
    // What is printed is a recipe.
    Recipe::parse(&told).unwrap_or_else(|error| panic!("{error}\n{told}"));
    told
}

#[test]
fn each_column_gets_the_plainest_cast_that_reads_it() {
    let mut data = "price,rate,share,day,late,code,city,n\n".to_string();
    for n in 0..40 {
        let day = if n % 2 == 0 {
            format!("2024-03-{:02}", n % 28 + 1)
        } else {
            format!("{:02}/04/2024", n % 28 + 1)
        };
        let city = [
            "Paris", "Paris", "paris ", "PARIS", "Rome", "NA", "Rome", "Paris",
        ][n % 8];
        data.push_str(&format!(
            "\"$1,{:03}.50\",{}%,{}.5,{day},{},{:05},{city},{n}\n",
            n * 7,
            n,
            n,
            ["yes", "no"][n % 2],
            n
        ));
    }
    let told = suggested(data.as_bytes());
    for step in [
        "cast = { price = { type = \"number\", currency = true } }",
        "cast = { rate = { type = \"number\", percent = true } }",
        "cast = { day = { type = \"date\", formats = [\"%Y-%m-%d\", \"%d/%m/%Y\"] } }",
        "cast = { late = \"boolean\" }",
        "trim = [\"city\"]",
    ] {
        assert!(told.contains(step), "{step}\n{told}");
    }
    // Numbers that are written as the type writes them, and codes, are let be.
    for word in ["share =", "n =", "code ="] {
        assert!(
            !told.contains(&format!("cast = {{ {word}")),
            "{word}\n{told}"
        );
    }
    assert!(
        told.contains("replace = { city = {") && told.contains("= \"Paris\""),
        "{told}"
    );
    // "NA" may be Namibia: a person decides.
    assert!(
        told.contains("# missing: city = [\"\", \"NA\"]  # 5 cells"),
        "{told}"
    );
}

#[test]
fn counts_are_of_a_run_over_the_whole_file() {
    let told = suggested(b"a\n 1\n2 \n3\nx1\n5\n6\n7\n8\n9\n10\n11\n12\n");
    // Eleven of twelve are numbers; two of them have a space, and one row would go.
    assert!(
        told.contains("# a: 11 of 12 values read as integer\n# not read, for example: \"x1\""),
        "{told}"
    );
    assert!(
        told.contains("# Tried: 2 cells changed, 1 rows set aside."),
        "{told}"
    );
}

#[test]
fn days_and_months_that_the_values_do_not_tell_apart_are_left_to_a_person() {
    let told = suggested(b"d\n03/04/2024\n05/06/2024\n07/08/2024\n");
    assert!(
        told.contains("the values do not tell whether %d/%m/%Y or %m/%d/%Y is meant"),
        "{told}"
    );
    let told = suggested(b"d\n03/04/2024\n25/06/2024\n07/08/2024\n");
    assert!(
        told.contains("formats = [\"%d/%m/%Y\"]") && !told.contains("do not tell"),
        "{told}"
    );
}

#[test]
fn what_is_clean_is_said_to_be_clean_and_duplicates_are_counted() {
    assert!(suggested(b"a,b\n1,x\n2,y\n").contains("Nothing to clean was found"));
    let told = suggested(b"a,b\n1,x\n2,y\n1,x\n1,x\n");
    assert!(
        told.contains("# Tried: 2 rows dropped as duplicates.")
            && told.contains("dedupe = [\"*\"]"),
        "{told}"
    );
}

#[test]
fn columns_with_many_values_are_judged_by_a_part_of_the_rows() {
    let mut data = "id,price\n".to_string();
    for n in 0..50_000 {
        data.push_str(&format!("{n},€{}.{:02}\n", n, n % 100));
    }
    let told = suggested(data.as_bytes());
    assert!(
        told.contains("price = { type = \"number\", currency = true }")
            && told.contains("in a part of the rows"),
        "{told}"
    );
}
