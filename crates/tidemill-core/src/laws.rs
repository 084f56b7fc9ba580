//! The laws that every kernel is held to. A kernel does not ask for them: they come with the line
//! that registers it.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tidemill_csv::{Dialect, Ragged, Span};

use crate::chunk::Chunk;
use crate::detect::detect;
use crate::document::{Data, parse};
use crate::everywhere::same_everywhere;
use crate::number::decimal::Decimal;
use crate::options::About;
use crate::plan::{Form, Plan, Target};
use crate::recipe::{Recipe, StepSpec};
use crate::reduce::{Asked, Gather, Kernel, Limits, Needs, Of, Parameter, Reducer, View};
use crate::schema::Missing;
use crate::value::class::Type;

/// Cells that are of use to any kernel, and some that are of none.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (-1000i64..1000).prop_map(|value| value.to_string()),
        2 => (-100_000i64..100_000, 0usize..4).prop_map(|(value, decimals)| format!("{value}.{:0>decimals$}", 5)),
        1 => Just(String::new()),
        1 => prop::sample::select(vec!["NA", "-", "nan", "inf", "-inf", "abc", "1e300", "-1e300", "1e-300",
            "99999999999999999999", "12345678901234567890.123", " 7 ", "1.0", "1", "1.00", "true", "2024-01-05"])
            .prop_map(str::to_string),
    ]
}

/// A row: a cell of the column that is asked of, one of a second column, and one that is not asked for.
fn row() -> impl Strategy<Value = [String; 2]> {
    (cell(), cell()).prop_map(|(first, second)| [first, second])
}

/// A chunk of such rows, whose bytes begin at `base` in the stream.
fn chunk(rows: &[[String; 2]], base: u64, needs: Needs) -> Chunk {
    let text = text(rows);
    let mut chunk = Chunk::new(Dialect::default(), 3);
    let span = Span::new(0, base, text.into_bytes(), Vec::new(), true);
    chunk.load(span, 3, Ragged::Reject);
    assert_eq!(chunk.rows(), rows.len());
    for slot in 0..2 {
        if matches!(needs, Needs::Numbers | Needs::Ordered | Needs::Values) {
            chunk.decode_numbers(slot, &Missing::default());
        }
        chunk.decode_text(slot);
    }
    chunk
}

fn text(rows: &[[String; 2]]) -> String {
    rows.iter()
        .map(|[first, second]| format!("{first},{second},x\n"))
        .collect()
}

/// The laws of a kernel, with its limit far away and with it near: past it a state is a sketch.
pub fn kernel<K: Kernel>() {
    let asked = |parameter| Asked {
        ty: Type::Number,
        parameter: Decimal {
            mantissa: parameter,
            exponent: 0,
        },
    };
    let parameter = match K::PARAMETER {
        Parameter::None => 0,
        Parameter::Percent => 95,
        Parameter::Count(_) => 3,
    };
    let bounded = <K::Gathered as Gather>::BOUNDED;
    let far = [1 << 17, 9, 2, 0];
    for exact_values in far.into_iter().take(if bounded { 4 } else { 1 }) {
        let limits = Limits {
            exact_values,
            ..Limits::default()
        };
        let reducer = Of::<K::Gathered>::new(&limits);
        let answer = |state: &K::Gathered| K::answer(state, &asked(parameter)).json();
        self::reducer(&reducer, K::NEEDS, 24, false, &answer);
        // A column that nobody reads as numbers.
        if K::NEEDS == Needs::Text {
            self::reducer(&reducer, Needs::Numbers, 24, false, &answer);
        }
        if K::NEEDS == Needs::Ordered {
            self::reducer(&reducer, Needs::Text, 24, false, &answer);
        }
    }
}

/// The laws of a reducer: `zero` is neutral on both sides, merging does not mind order or
/// grouping, a state survives freezing, and all of it is what one pass over all spans gives. Where
/// a state does not know of spans, it is also what one pass over a single span gives.
pub fn reducer<R: Reducer>(
    kernel: &R,
    needs: Needs,
    cases: u32,
    knows_spans: bool,
    answer: &dyn Fn(&R::State) -> String,
) {
    let missing = [Missing::default(), Missing::default()];
    let update = |state: &mut R::State, chunk: &Chunk| {
        kernel.update(state, &View::new(chunk, &[0, 1], &missing));
    };
    let of = |chunks: &mut dyn Iterator<Item = &Chunk>| {
        let mut state = kernel.zero();
        chunks.for_each(|chunk| update(&mut state, chunk));
        state
    };
    let frozen = |state: &R::State| postcard::to_allocvec(state).unwrap();
    let merged = |a: &R::State, b: &R::State| {
        let mut into = a.clone();
        kernel.merge(&mut into, b);
        into
    };
    // What comes back from bytes is merged into a state of this plan.
    let thawed = |state: &R::State| {
        let back = postcard::from_bytes::<R::State>(&frozen(state)).unwrap();
        merged(&kernel.zero(), &back)
    };

    let strategy = (
        prop::collection::vec(prop::collection::vec(row(), 0..12), 1..6),
        any::<u64>(),
    );
    let mut runner = TestRunner::new(Config {
        cases,
        ..Config::default()
    });
    let result = runner.run(&strategy, |(parts, seed)| {
        let mut base = 0;
        let mut chunks = Vec::new();
        for part in &parts {
            chunks.push(chunk(part, base, needs));
            base += text(part).len() as u64;
        }
        let once = of(&mut chunks.iter());
        let expect = (frozen(&once), answer(&once));
        let check = |state: &R::State, law: &str| {
            // The bytes themselves may be very many.
            prop_assert!(frozen(state) == expect.0, "{}: state", law);
            prop_assert_eq!(&answer(state), &expect.1, "{}: answer", law);
            Ok(())
        };
        check(&merged(&kernel.zero(), &once), "an empty left")?;
        check(&merged(&once, &kernel.zero()), "an empty right")?;
        check(&thawed(&once), "thawed")?;
        check(&of(&mut chunks.iter().rev()), "spans from behind")?;
        let all = parts.concat();
        if !knows_spans {
            check(
                &of(&mut std::iter::once(&chunk(&all, 0, needs))),
                "one span",
            )?;
        }

        // Row by row, and in groups: the states of the groups together are the state of all.
        let mut single = kernel.zero();
        let mut grouped = [kernel.zero(), kernel.zero(), kernel.zero()];
        for chunk in &chunks {
            let view = View::new(chunk, &[0, 1], &missing);
            for row in 0..chunk.rows() {
                kernel.update_row(&mut single, &view, row);
                kernel.update_row(&mut grouped[row % 3], &view, row);
            }
        }
        check(&single, "row by row")?;
        let together = grouped
            .iter()
            .fold(kernel.zero(), |all, part| merged(&all, part));
        check(&together, "in groups")?;

        // Left to right, right to left, and as a tree, each state frozen on the way.
        let states: Vec<R::State> = chunks
            .iter()
            .map(|chunk| thawed(&of(&mut std::iter::once(chunk))))
            .collect();
        check(
            &states
                .iter()
                .fold(kernel.zero(), |all, part| merged(&all, part)),
            "from the left",
        )?;
        check(
            &states
                .iter()
                .rev()
                .fold(kernel.zero(), |all, part| merged(part, &all)),
            "from the right",
        )?;
        let mut heap = states;
        let mut seed = seed;
        while heap.len() > 1 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let a = heap.swap_remove((seed >> 33) as usize % heap.len());
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let b = heap.swap_remove((seed >> 33) as usize % heap.len());
            heap.push(merged(&a, &b));
        }
        check(&heap[0], "any grouping")?;

        // On a selection: only the selected rows count.
        let mut some = chunk(&all, 0, needs);
        let even: Vec<u32> = (0..all.len() as u32).filter(|row| row % 2 == 0).collect();
        some.select(even.clone());
        let view = View::new(&some, &[0, 1], &missing);
        let (mut selected, mut single) = (kernel.zero(), kernel.zero());
        kernel.update(&mut selected, &view);
        even.iter()
            .for_each(|row| kernel.update_row(&mut single, &view, *row as usize));
        prop_assert!(frozen(&selected) == frozen(&single), "selected rows only");
        let kept: Vec<_> = even.iter().map(|row| all[*row as usize].clone()).collect();
        let kept = chunk(&kept, 0, needs);
        prop_assert_eq!(
            answer(&selected),
            answer(&of(&mut std::iter::once(&kept))),
            "other rows"
        );
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// The columns that the kernels' examples speak of.
const TABLE: &str = "order_id,qty,day,order_date,ship_date,dep_time,dep_delay,origin,column3,city,score,note,Dep Delay\n\
    1, 3 ,05/03/2024,2024-03-05,2024-03-07,517,2,JFK,,Köln,1.5,\"a, b\",x\n\
    2,x,06/03/2024,2024-03-06,NA,NA,700,EWR,4,,,\"line\nbreak\",y\n\
    3,4.0,x,2024-03-07,-,620,NA,JFK,NA,北京,2.5,\"said \"\"hi\"\"\",\n\
    4,+5,07/03/2024,,2024-03-09,700,-3,LGA,7,Paris ,nan,,z\n\
    5,1e2,08/03/2024,2024-03-09,2024-03-10,701,,LGA,7.50,\u{3000}São Paulo,3.5,last,zz";

/// A plan for the table above, or for other bytes.
pub fn plan(recipe: &str, bytes: &[u8]) -> Plan {
    plan_of(recipe, bytes, Form::Delimited)
}

fn plan_of(recipe: &str, bytes: &[u8], form: Form) -> Plan {
    let recipe = Recipe::parse(recipe).unwrap_or_else(|error| panic!("{error}\n{recipe}"));
    let detected = detect(bytes, &recipe.read).unwrap_or_else(|error| panic!("{error}"));
    let target = Target {
        rows: true,
        profile: None,
        rejects: true,
        audit: true,
        form,
        ..Target::default()
    };
    Plan::new(&recipe, detected, target).unwrap_or_else(|error| panic!("{error}\n{recipe:?}"))
}

/// The laws of a step: its example is a recipe, it works on a table the same way everywhere, its
/// keys are known and explained, and a wrong one is answered with the nearest.
pub fn step(about: &About) {
    assert!(!about.help.is_empty() && about.options.iter().all(|option| !option.help.is_empty()));
    let recipe = format!("tidemill = 1\n[[step]]\n{}\n", about.example);
    let plan = plan(&recipe, TABLE.as_bytes());
    assert_eq!(plan.step_words, [about.word]);
    accounted(&plan, TABLE.as_bytes());
    same_everywhere(plan, TABLE.as_bytes());
    same_everywhere(
        plan_of(&recipe, TABLE.as_bytes(), Form::Json),
        TABLE.as_bytes(),
    );

    let node = parse(about.example).unwrap();
    let Data::Table(mut entries) = node.data.clone() else {
        panic!("an example that is no table")
    };
    entries.push(("wheer".to_string(), crate::document::Node::text("x")));
    let node = crate::document::Node::table(entries);
    let spec = StepSpec::from_node(&node, 1).unwrap();
    let mut recipe = Recipe::empty();
    recipe.steps.push(spec);
    let detected = detect(TABLE.as_bytes(), &recipe.read).unwrap();
    let error = Plan::new(&recipe, detected, Target::default())
        .err()
        .expect("an unknown key");
    assert_eq!(
        error.hint.as_deref(),
        Some("did you mean \"where\"?"),
        "{error}"
    );

    if about.rows {
        let recipe = format!(
            "tidemill = 1\n[[step]]\n{}\nwhere = \"origin = 'JFK'\"\n",
            about.example
        );
        same_everywhere(self::plan(&recipe, TABLE.as_bytes()), TABLE.as_bytes());
    }
    let recipe = format!("tidemill = 1\n[[step]]\n{}\noff = true\n", about.example);
    let (_, rows, _) = same_everywhere(self::plan(&recipe, TABLE.as_bytes()), TABLE.as_bytes());
    assert_eq!(rows.trim_end(), TABLE, "a step that is off changes nothing");
}

/// The lines of an audit are as many as the report says, step by step and action by action.
pub fn accounted(plan: &Plan, bytes: &[u8]) {
    use std::collections::BTreeMap;
    let source = crate::source::Memory::new("table.csv", bytes);
    let audit = crate::everywhere::audited(plan, &source, crate::run::How::default());
    let report = crate::everywhere::outcome(plan, bytes, crate::run::BLOCK, 1).unwrap();
    let mut lines = BTreeMap::<(usize, String), u64>::new();
    let mut last = (0, 0);
    for line in csv::Reader::from_reader(audit.as_bytes()).records() {
        let line = line.unwrap();
        let at: (u64, usize) = (line[0].parse().unwrap(), line[1].parse().unwrap());
        assert!(at >= last, "in the order of records and steps");
        last = at;
        assert!(
            &line[3] != "changed" || line[5] != line[6],
            "a change that changes nothing: {line:?}"
        );
        *lines.entry((at.1, line[3].to_string())).or_default() += 1;
    }
    let mut take =
        |step: usize, action: &str| lines.remove(&(step, action.to_string())).unwrap_or(0);
    for (at, step) in report.steps.iter().enumerate() {
        let got =
            ["changed", "rejected", "filtered", "deduplicated"].map(|action| take(at + 1, action));
        let want = [
            step.changed,
            step.rejected,
            step.filtered,
            step.deduplicated,
        ];
        assert_eq!(got, want, "step {} ({})", at + 1, step.step);
    }
    let stepped: u64 = report.steps.iter().map(|step| step.rejected).sum();
    assert_eq!(take(0, "rejected"), report.rows.rejected - stepped);
    assert!(lines.is_empty(), "{lines:?}");
}

#[test]
fn an_audit_is_as_long_as_the_report_says() {
    let recipe = "tidemill = 1\n[read]\ndelimiter = \",\"\nquote = \"\\\"\"\nheader = true\n\
        [[step]]\ntrim = [\"*\"]\n\
        [[step]]\ncast = { a = \"integer\", b = \"number\" }\n\
        [[step]]\nfill = { b = { with = \"next\" } }\nwhere = \"a > 1\"\n\
        [[step]]\nderive = { a = \"a + 0\", d = \"b * 2\" }\n\
        [[step]]\nrename = { d = \"twice\" }\n\
        [[step]]\noutliers = { twice = { upper = 10 } }\n\
        [[step]]\ndrop = [\"c\"]\n\
        [[step]]\ndedupe = [\"a\"]\nkeep = \"last\"\n\
        [[step]]\nfilter = \"a <> 3\"\n";
    let bytes =
        b"a,b,c\n 1,2,\"x, \"\n2,, y\n2,x,y\nno,4 ,z\n5\n3,1e1,\"said \"\"w\"\" \"\n3,7,w\n2,1,v\n";
    let plan = plan(recipe, bytes);
    accounted(&plan, bytes);
    let source = crate::source::Memory::new("table.csv", *bytes);
    let audit = crate::everywhere::audited(&plan, &source, crate::run::How::default());
    assert!(audit.starts_with("record,step,word,action,column,before,after\n1,1,trim,changed,a, 1,1\n1,1,trim,changed,c,\"x, \",\"x,\"\n"), "{audit}");
    assert!(
        audit.contains("\n5,0,read,rejected,,5,\n") && audit.contains("\n3,2,cast,rejected,b,x,\n"),
        "{audit}"
    );
    assert!(
        audit.contains("\n6,5,derive,changed,") || audit.contains("\n6,4,derive,changed,d,,20\n"),
        "{audit}"
    );
    assert!(
        audit.contains("\n6,6,outliers,changed,twice,20,\n"),
        "{audit}"
    );
    same_everywhere(plan, bytes);
}

#[test]
fn the_profile_holds_the_laws_of_a_reducer_before_and_past_its_limit() {
    use crate::kernels::reduce::profile::{Profile, answer};
    let asked = Asked {
        ty: Type::Text,
        parameter: Decimal::ZERO,
    };
    for limit in [0, 3, 10, 1 << 17] {
        for all in [false, true] {
            let profile = Profile {
                limits: Limits {
                    exact_values: limit,
                    ..Limits::default()
                },
                all,
                ..Profile::default()
            };
            reducer(&profile, Needs::Text, 48, true, &|state| {
                answer(state, &asked).json()
            });
        }
    }
}

/// Every kernel as a value of a recipe, for all rows and by group, with a filter and without, is the
/// same on every driver; and so it is where states are sketches.
#[test]
fn reductions_are_the_same_everywhere() {
    let values: Vec<String> = crate::kernels::REDUCE
        .iter()
        .enumerate()
        .flat_map(|(at, kernel)| {
            let form = kernel.about.form_of(["dep_delay", "score"]);
            [
                format!("{form} as v{at}"),
                format!("{form} where order_id > 1 and city is not null as w{at}"),
            ]
        })
        .map(|value| format!("{value:?}"))
        .collect();
    let values = values.join(", ");
    let texts = "\"first(city)\", \"last(note)\", \"mode(city)\", \"top(city, 2)\", \"max(city)\", \"range(order_date)\", \"median(order_date)\"";
    let recipe = format!(
        "tidemill = 1\n[[step]]\ncast = {{ city = \"text\", order_date = \"date\" }}\non_error = \"missing\"\n\
         [[reduce]]\nname = \"all\"\nvalues = [{values}, {texts}]\n\
         [[reduce]]\nname = \"by\"\nby = [\"origin\"]\nvalues = [{values}, {texts}]\n"
    );
    let near = format!("{recipe}[limits]\nexact_values = 2\n");
    same_everywhere(plan(&near, TABLE.as_bytes()), TABLE.as_bytes());
    let (report, ..) = same_everywhere(plan(&recipe, TABLE.as_bytes()), TABLE.as_bytes());
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let table = &report["reductions"]["all"];
    let of = |name: &str| {
        let names = table["columns"].as_array().unwrap();
        let at = names.iter().position(|column| column == name).unwrap();
        table["rows"][0][at].to_string()
    };
    // The days are 5, 6, 7 and 9 March; of an even number the median is the earlier of the middle.
    assert_eq!(of("range(order_date)"), "4");
    assert_eq!(of("median(order_date)"), "\"2024-03-06\"");
    assert_eq!(of("first(city)"), "\"Köln\"");
    assert_eq!(of("last(note)"), "\"last\"");
    let spans = "tidemill = 1\n[[step]]\ncast = { order_date = \"date\" }\non_error = \"missing\"\n\
        [[reduce]]\nby = [\"month(order_date)\", \"week(order_date)\"]\nvalues = [\"rows\", \"count(city) as cities\"]\n\
        pivot = \"origin\"\nsort = [\"-week(order_date)\"]\nlimit = 1\n";
    let (shaped, ..) = same_everywhere(plan(spans, TABLE.as_bytes()), TABLE.as_bytes());
    let shaped: serde_json::Value = serde_json::from_str(&shaped).unwrap();
    // The four days are of one week; the order without a day has no week and is last.
    assert_eq!(
        shaped["reductions"]["reduce"].to_string(),
        "{\"columns\":[\"month(order_date)\",\"week(order_date)\",\"EWR: rows\",\"EWR: cities\",\"JFK: rows\",\
         \"JFK: cities\",\"LGA: rows\",\"LGA: cities\"],\"rows\":[[\"2024-03\",\"2024-W10\",1,0,2,2,1,1]],\"left_out\":1}"
    );
    // By bytes; each city comes once, so the least is the mode.
    assert_eq!(of("max(city)"), "\"北京\"");
    assert_eq!(of("mode(city)"), "\"Köln\"");
    assert_eq!(of("top(city, 2)"), "[[\"Köln\",1],[\"Paris \",1]]");
}

/// More groups than there may be end the run, whoever counts them; as many as there may be do not.
#[test]
fn groups_have_a_limit() {
    use crate::everywhere::outcome;
    let recipe = |groups: usize| {
        format!(
            "tidemill = 1\n[[reduce]]\nname = \"each\"\nby = [\"order_id\"]\nvalues = [\"rows\"]\n[limits]\ngroups = {groups}\n"
        )
    };
    same_everywhere(plan(&recipe(5), TABLE.as_bytes()), TABLE.as_bytes());
    for threads in [1, 3] {
        let plan = plan(&recipe(4), TABLE.as_bytes());
        let fault = outcome(&plan, TABLE.as_bytes(), 7, threads).unwrap_err();
        assert_eq!(fault.place, "reduction each");
        assert_eq!(fault.found, "more than 4 groups");
    }
}

/// A regression that another tool has: its merge counts a chunk twice when the left side is empty,
/// so that the chunks [], [1, 2, 3] and [10, 11, 12] have a mean of 5.0. It is (6 + 33) / 6.
#[test]
fn an_empty_chunk_on_the_left_counts_nothing() {
    let (mean, _) = crate::kernels::reduce("mean").unwrap();
    let missing = [Missing::default()];
    let mut all = (mean.reducer)(&Limits::default()).states();
    for cells in [&[][..], &["1", "2", "3"], &["10", "11", "12"]] {
        let rows: Vec<_> = cells
            .iter()
            .map(|cell| [(*cell).to_string(), String::new()])
            .collect();
        let chunk = chunk(&rows, 0, Needs::Numbers);
        let mut states = (mean.reducer)(&Limits::default()).states();
        states.update(&View::new(&chunk, &[0], &missing));
        all.merge(states.as_ref(), &[0]).unwrap();
    }
    let asked = Asked {
        ty: Type::Number,
        parameter: Decimal::ZERO,
    };
    assert_eq!(all.finish(0, mean.answer, &asked).json(), "6.5");
}
