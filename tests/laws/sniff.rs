//! What is found in small files, one fault or habit each; larger ones are in the corpus.

use tidemill_core::detect::{Detected, detect};
use tidemill_core::recipe::{Read, Recipe};

fn found(text: &str) -> Detected {
    detect(text.as_bytes(), &Read::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Delimiter, quote, escape, comment, skipped lines, rows of the header.
fn brief(text: &str) -> String {
    let found = found(text);
    let sign = |byte: Option<u8>| byte.map_or("-".to_string(), |byte| char::from(byte).to_string());
    format!(
        "{} {} {:?} {} {} {}",
        String::from_utf8_lossy(found.dialect.delimiter_text()),
        sign(found.dialect.quote),
        found.dialect.escape,
        sign(found.dialect.comment),
        found.skip_rows,
        found.header_rows
    )
}

#[test]
fn each_delimiter_is_found() {
    for delimiter in [
        ",", "\t", ";", "|", ":", " ", "^", "~", "，", "；", "｜", ", ", "\u{1}", "\u{1f}",
    ] {
        let text = "id,name,price\n1,pen,1.20\n2,ink,3.10\n3,cap,0.95\n".replace(',', delimiter);
        assert_eq!(brief(&text), format!("{delimiter} \" Double - 0 1"));
    }
}

#[test]
fn a_delimiter_that_stands_in_texts_too_is_told_from_the_one_that_separates() {
    let check = |text: &str, expect: &str| assert_eq!(brief(text), expect, "{text}");
    check("a;b;c\n1,5;2,5;x, y\n3,5;4,5;z\n", "; \" Double - 0 1");
    check(
        "when\tnote\n10:30\ta, b\n11:30\tc, d, e\n",
        "\t \" Double - 0 1",
    );
    check("id|text\n1|a, b, c\n2|d; e\n3|f: g\n", "| \" Double - 0 1");
    check(
        "姓名,备注\n王,很好，真的\n李,一般，还行\n",
        ", \" Double - 0 1",
    );
    // A file of ours whose texts had four spaces each was once read with five columns.
    check(
        "key,value\nthe key of group 0,0\nthe key of group 1,1\nthe key of group 2,2\n",
        ", \" Double - 0 1",
    );
    check("a, b\n1, \"x, y\"\n2, \"z\"\n", ",  \" Double - 0 1");
    check("a,b\n\"x, y\",1\nz,2\n", ", \" Double - 0 1");
    check(
        "time,value\n2024-01-01 10:00:00,5\n2024-01-01 10:10:00,6\n",
        ", \" Double - 0 1",
    );
}

#[test]
fn a_single_column_stays_one() {
    for text in [
        "name\nAlice Smith\nBob Jones\nCarol White\n",
        "day\n2024-01-01 10:00:00\n2024-01-02 11:00:00\n",
        "time\n10:30\n11:45\n12:00\n",
        "amount\n\"1.234,50 €\"\n\"12,00 €\"\n7\n",
        "n\n1\n2\n3\n",
    ] {
        let found = found(text);
        assert_eq!(found.header.len(), 1, "{text}");
        assert_eq!(found.dialect.delimiter, b',', "{text}");
    }
}

#[test]
fn quotes_and_escapes_are_found_where_they_work() {
    let check = |text: &str, expect: &str| assert_eq!(brief(text), expect, "{text}");
    check("a,b\n'x, y',1\n'it''s',2\n'z',3\n", ", ' Double - 0 1");
    check("a,b\n'tis,1\n'twas,2\nO'Brien,3\n", ", \" Double - 0 1");
    check(
        "a,b\n\"say \\\"hi, you\\\"\",1\n\"c\",2\n",
        ", \" Backslash - 0 1",
    );
    check("path,n\n\"C:\\dir\\\",1\n\"D:\\\",2\n", ", \" Double - 0 1");
    // Inches and ditto marks: quotes that open and do not close are none.
    let inches: String = (0..20).map(|n| format!("\"{n} inch\t{n}\n")).collect();
    check(&format!("size\tn\n{inches}"), "\t - Double - 0 1");
}

#[test]
fn what_stands_before_a_table_is_skipped() {
    let check = |text: &str, expect: &str| assert_eq!(brief(text), expect, "{text}");
    check(
        "Sales 2024\n\nregion,q1,q2\nN,1,2\nS,3,4\n",
        ", \" Double - 2 1",
    );
    check(
        "Sales,,\n,,\nregion,q1,q2\nN,1,2\nS,3,4\n",
        ", \" Double - 2 1",
    );
    check(
        "# made by x\n# on a day\na,b\n1,2\n3,4\n",
        ", \" Double # 0 1",
    );
    check("a,b\n1,2\n# a remark\n3,4\n", ", \" Double # 0 1");
    check("a,tag\n1,x\n#2,y\n3,z\n", ", \" Double - 0 1");
    check(
        "##v=1\n##src=x\n#chrom\tpos\nchr1\t5\nchr2\t6\n",
        "\t \" Double - 2 1",
    );
    check(
        "Station;12\nLat;4.5\n\nday;rain;wind\n1;2;3\n2;3;4\n3;4;5\n4;5;6\n5;6;7\n",
        "; \" Double - 3 1",
    );
}

#[test]
fn a_header_is_told_from_data() {
    let check = |text: &str, rows: u64, names: &[&str]| {
        let found = found(text);
        assert_eq!(found.header_rows, rows, "{text}");
        assert_eq!(found.header, names, "{text}");
    };
    check("1,2,3\n4,5,6\n", 0, &["column1", "column2", "column3"]);
    check(
        "x,1,2.5\ny,2,3.5\nz,3,4.5\n",
        0,
        &["column1", "column2", "column3"],
    );
    check("a,b\nx,y\nz,w\n", 1, &["a", "b"]);
    check(",a,b\n0,x,1\n1,y,2\n", 1, &["column1", "a", "b"]);
    check(
        "country,2020,2021,2022\nFR,1,2,3\nDE,4,5,6\n",
        1,
        &["country", "2020", "2021", "2022"],
    );
    check(
        "time,temp\ns,°C\n1,20.1\n2,20.3\n3,20.4\n",
        2,
        &["time s", "temp °C"],
    );
    check(
        ",2023,,2024,\nregion,q1,q2,q1,q2\nN,1,2,3,4\nS,5,6,7,8\nE,9,8,7,6\n",
        2,
        &["region", "2023 q1", "q2", "2024 q1", "q2_2"],
    );
    check("a,b\nNA,NA\n1,2\n3,4\n", 1, &["a", "b"]);
    check("a,b,c\n1,2,3,\n4,5,6,\n", 1, &["a", "b", "c"]);
    check("x,y\nr1,1,2\nr2,3,4\n", 1, &["column1", "x", "y"]);
    check(
        "yes,no\nno,no\nyes,yes\nyes,no\nno,yes\nno,no\nyes,yes\n",
        0,
        &["column1", "column2"],
    );
}

#[test]
fn what_is_stated_is_taken_as_it_is() {
    let read = |text: &str| {
        Recipe::parse(&format!("tidemill = 1\n[read]\n{text}"))
            .unwrap()
            .read
    };
    let found = |text: &str, stated: &str| detect(text.as_bytes(), &read(stated)).unwrap();
    let text = "# x\na;b\n1;2\n3;4\n";
    assert_eq!(found(text, "delimiter = \",\"").dialect.delimiter, b',');
    assert_eq!(found(text, "comment = \"none\"").skip_rows, 1);
    assert_eq!(
        found(text, "skip_rows = 0\ncomment = \"none\"").header,
        ["# x"]
    );
    assert_eq!(found(text, "header = false").header, ["column1", "column2"]);
    assert_eq!(found(text, "header = 2").header, ["a 1", "b 2"]);
    assert_eq!(found(text, "quote = \"none\"").dialect.quote, None);
    assert_eq!(
        found("a，b\n1，2\n", "delimiter = \"，\"").header,
        ["a", "b"]
    );
    assert_eq!(
        found("a::b\n1::2\n", "delimiter = \"::\"").header,
        ["a", "b"]
    );
}

/// Everything that was detected can be stated, and stating it changes nothing.
#[test]
fn what_is_found_reads_the_same_when_it_is_stated() {
    for text in [
        "Sales 2024\n\nregion，q1，q2\nN，1，2\nS，3，4\n",
        ",2023,,2024,\nregion,q1,q2,q1,q2\nN,1,2,3,4\nS,5,6,7,8\nE,9,8,7,6\n",
        "# x\n'a';'b'\n'1';'2'\n'3';'4'\n",
        "a,b,c\n1,2,3,\n4,5,6,\n",
        "x,y\nr1,1,2\nr2,3,4\n",
    ] {
        let one = found(text);
        let json: serde_json::Value = serde_json::from_str(&one.json()).unwrap();
        let recipe = serde_json::json!({"tidemill": 1, "read": json["read"]}).to_string();
        let two = detect(text.as_bytes(), &Recipe::parse(&recipe).unwrap().read).unwrap();
        assert_eq!(
            (&one.header, one.body, one.dialect, one.ragged, one.lines),
            (&two.header, two.body, two.dialect, two.ragged, two.lines),
            "{text}"
        );
    }
}
