#!/usr/bin/env python3
"""Writes the files of this folder and, beside each, how it is to be read when nothing is stated.

An expectation follows from a rule, never from what a reader printed: a table is thought of first,
written by `table` in some dialect, and is then what must come back; what is malformed is written by
hand on both sides. The rules of reading are those in `../edge/make.py`. The rules of detection:

- A dialect is the one under which the file is a table: rows of one width, cells that are values.
- Lines above the table that have other cells than its rows are skipped; lines that begin with # or
  % and have other cells than a row are comments, wherever they stand.
- A header is the first row, unless the cells of that row are values like those below it. Words above
  two or more columns of numbers in several rows are several rows of header, joined by a space.
- A header that lacks the name of the first column, whose cells all differ, gives it `column1`.
- Rows that end with a delimiter which the header lacks are padded.
- Everything else of another width is rejected as `short` or `long`, and a quote that does not end as
  `unterminated`: rows below the table, second tables, stray delimiters.
- Without a byte order mark, text is UTF-8 if it can be, else what its bytes make sense in.
"""

import json
from pathlib import Path

HERE = Path(__file__).parent
CASES: dict[str, tuple[bytes, dict]] = {}
DIALECT = {
    "encoding": "utf-8",
    "delimiter": ",",
    "quote": '"',
    "escape": "double",
    "comment": "none",
    "skip_rows": 0,
    "header": 1,
}


def case(name, data, columns, records, rejected=(), **dialect):
    """One file. `rejected` is a list of (record number, reason)."""
    assert name not in CASES, name
    unknown = set(dialect) - set(DIALECT)
    assert not unknown, unknown
    if isinstance(data, str):
        data = data.encode()
    CASES[name] = (
        data,
        {
            "dialect": {**DIALECT, **dialect},
            "columns": columns,
            "records": records,
            "rejected": [{"record": number, "reason": reason} for number, reason in rejected],
        },
    )


def field(text, delimiter, quote, escape, always):
    """A value as RFC 4180 writes it, with another quote or escape if asked for."""
    special = delimiter in text or quote in text or "\n" in text or "\r" in text
    if not (special or always):
        return text
    if escape == "backslash":
        text = text.replace("\\", "\\\\").replace(quote, "\\" + quote)
    else:
        text = text.replace(quote, quote + quote)
    return quote + text + quote


def text_of(rows, delimiter=",", quote='"', escape="double", end="\n", always=False, last=True):
    lines = [
        delimiter.join(field(cell, delimiter, quote, escape, always) for cell in row)
        for row in rows
    ]
    return end.join(lines) + (end if last else "")


def table(
    name, rows, delimiter=",", quote='"', escape="double", end="\n", always=False, last=True,
    before="", after="", encoding="utf-8", mark=b"", codec=None, header=True, seen=None, **dialect,
):
    """A table in a dialect: what is thought of is what must be read."""
    text = before + text_of(rows, delimiter, quote, escape, end, always, last) + after
    data = mark + text.encode(codec or encoding)
    columns = rows[0] if header else [f"column{n + 1}" for n in range(len(rows[0]))]
    body = rows[1:] if header else rows
    if not header:
        dialect["header"] = 0
    case(
        name, data, seen or columns, body, delimiter=delimiter, quote=quote, escape=escape,
        encoding=encoding, **dialect,
    )


PLAIN = [
    ["id", "name", "price", "day"],
    ["1", "pen", "1.20", "2024-03-05"],
    ["2", "ink", "13.10", "2024-03-06"],
    ["3", "cap", "0.95", "2024-03-07"],
    ["4", "pad", "2.00", "2024-03-08"],
]
SIGNS = {
    "comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|", "colon": ":", "space": " ",
    "caret": "^", "tilde": "~", "fullwidth-comma": "，", "fullwidth-semicolon": "；",
    "fullwidth-pipe": "｜", "comma-space": ", ", "soh": "\x01", "unit-separator": "\x1f",
}

# ---- delimiters: plain, and with the delimiter, a quote and a line end in quotes
for word, sign in SIGNS.items():
    table(f"delimiter-{word}.csv", PLAIN, delimiter=sign)
    rows = [PLAIN[0]] + [
        [row[0], f"{row[1]}{sign}x", row[2], row[3]] if n % 2 else row
        for n, row in enumerate(PLAIN[1:])
    ]
    table(f"delimiter-{word}-quoted.csv", rows, delimiter=sign)
    rows = [PLAIN[0], ["1", 'say "hi"', "1.5", "2024-01-01"], ["2", "two\nlines", "2.5", "2024-01-02"], *PLAIN[3:]]
    table(f"delimiter-{word}-quotes.csv", rows, delimiter=sign)

# ---- a delimiter beside others that stand in the texts
table("semicolon-decimal-comma.csv", [["a", "b", "c"], ["1,5", "2,25", "x"], ["3,0", "4,75", "y"], ["5,5", "6,1", "z"]], delimiter=";")
table("tab-with-commas.tsv", [["when", "note"], ["10:30", "a, b"], ["11:45", "c, d, e"], ["12:15", "f"]], delimiter="\t")
table("pipe-with-all.csv", [["id", "text"], ["1", "a, b; c"], ["2", "d: e\tf"], ["3", "g, h"]], delimiter="|")
table("comma-with-colons.csv", [["host", "url"], ["a", "http://a.example:80/x?y=1"], ["b", "https://b.example/z"], ["c", "ftp://c.example"]])
table("comma-with-times.csv", [["start", "end"], ["10:30:00", "11:30:00"], ["12:00:00", "12:45:00"], ["13:15:00", "14:00:00"]])
table("comma-with-moments.csv", [["at", "n"], ["2024-01-01 10:00:00", "5"], ["2024-01-01 10:10:00", "6"], ["2024-01-01 10:20:00", "7"]])
table("comma-with-spaces.csv", [["first name", "home town"], ["Ann Lee", "New York"], ["Bob May", "Los Angeles"], ["Cy Fox", "San Diego"]])
table("comma-with-cjk-commas.csv", [["姓名", "备注"], ["王小明", "很好，真的"], ["李娜", "一般，还行，吧"], ["张伟", "无"]])
table("comma-with-pipes.csv", [["id", "tags"], ["1", "a|b"], ["2", "c|d"], ["3", "e|f"]])
table("comma-with-semicolons.csv", [["id", "codes"], ["1", "x; y"], ["2", "z; w; v"], ["3", "u"]])
table("comma-json.csv", [["id", "data"], ["1", '{"a": 1, "b": [2, 3]}'], ["2", '{"a": 4, "b": []}'], ["3", "{}"]])
table("comma-html.csv", [["id", "html"], ["1", '<a href="x?a=1&amp;b=2">y</a>'], ["2", "<br>"], ["3", "a &lt; b"]])
table("comma-wkt.csv", [["id", "shape"], ["1", "POLYGON((0 0, 1 0, 1 1))"], ["2", "POINT(1 2)"], ["3", "LINESTRING(0 0, 2 2)"]])
table("comma-paths.csv", [["n", "path"], ["1", "C:\\dir\\file.txt"], ["2", "/usr/lib"], ["3", "D:\\"]])
table("tab-numbers.tsv", [["x", "y", "z"], ["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]], delimiter="\t")
table("space-matrix.txt", [["x", "y", "z"], ["1", "2.5", "3"], ["4", "5.5", "6"], ["7", "8.5", "9"]], delimiter=" ")
case(
    "passwd.txt",
    "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
    "bin:x:2:2:bin:/bin:/usr/sbin/nologin\nsys:x:3:3:sys:/dev:/usr/sbin/nologin\n",
    [f"column{n}" for n in range(1, 8)],
    [
        ["root", "x", "0", "0", "root", "/root", "/bin/bash"],
        ["daemon", "x", "1", "1", "daemon", "/usr/sbin", "/usr/sbin/nologin"],
        ["bin", "x", "2", "2", "bin", "/bin", "/usr/sbin/nologin"],
        ["sys", "x", "3", "3", "sys", "/dev", "/usr/sbin/nologin"],
    ],
    delimiter=":", header=0,
)

# ---- line ends
for word, end in {"lf": "\n", "crlf": "\r\n", "cr": "\r"}.items():
    table(f"line-end-{word}.csv", PLAIN, end=end)
    table(f"line-end-{word}-last-open.csv", PLAIN, end=end, last=False)
    table(f"line-end-{word}-quoted.csv", [PLAIN[0], ["1", f"a{end}b", "1.5", "2024-01-01"], *PLAIN[2:]], end=end)
case(
    "line-end-mixed.csv", b"id,n\r\n1,2\n3,4\r5,6\r\n7,8\n9,10",
    ["id", "n"], [["1", "2"], ["3", "4"], ["5", "6"], ["7", "8"], ["9", "10"]],
)
case("line-end-cr-in-quotes.csv", b'id,t\n1,"a\rb"\n2,c\n', ["id", "t"], [["1", "a\rb"], ["2", "c"]])
case("line-end-blank-lines.csv", b"\n\nid,n\n\n1,2\n\r\n\n3,4\n\n", ["id", "n"], [["1", "2"], ["3", "4"]])

# ---- quotes and escapes
table("quote-all.csv", PLAIN, always=True)
table("quote-single.csv", [["id", "text"], ["1", "a, b"], ["2", "c, d"], ["3", "e"]], quote="'", always=True)
table("quote-single-some.csv", [["id", "text"], ["1", "a, b"], ["2", "c, d"], ["3", "e"]], quote="'")
table("quote-single-doubled.csv", [["id", "text"], ["1", "it's, so"], ["2", "c, d"], ["3", "don't"]], quote="'", always=True)
table("quote-single-semicolon.csv", [["id", "text"], ["1", "a; b"], ["2", "c; d"], ["3", "e"]], quote="'", delimiter=";", always=True)
table("quote-double-single-inside.csv", [["id", "text"], ["1", "it's, so"], ["2", "'quoted'"], ["3", "don't"]], always=True)
table("escape-backslash.csv", [["id", "text"], ["1", 'say "hi", you'], ["2", 'a "b" c'], ["3", "plain"]], escape="backslash", always=True)
table("escape-backslash-tab.tsv", [["id", "text"], ["1", 'say "hi"\tyou'], ["2", 'a "b"'], ["3", "plain"]], escape="backslash", delimiter="\t", always=True)
table("escape-backslash-lines.csv", [["id", "text"], ["1", 'a "b",\n"c"'], ["2", "\\"], ["3", 'd "e"']], escape="backslash", always=True)
table("quote-path-ends-with-backslash.csv", [["path", "n"], ["C:\\dir\\", "1"], ["D:\\", "2"], ["E:\\x", "3"]], always=True)
table("quote-json-doubled.csv", [["id", "json"], ["1", '{"k": "v"}'], ["2", '{"k": "a\\"b"}'], ["3", "{}"]])
table("quote-empty.csv", [["a", "b", "c"], ["", "1", ""], ["x", "2", ""], ["", "3", "y"]], always=True)
table("quote-lines.csv", [["id", "address"], ["1", "1 Road\nTown\nLand"], ["2", "2 Road\n\nTown"], ["3", "3 Road"]])
PROSE = "\n".join(
    f"It was {word}, as far as we know, the best of them, and so it was kept, for a while at least, by all, with care, and in peace"
    for word in ("red", "old", "new", "small", "large", "late", "dear", "rare", "odd", "fair")
)
table("quote-prose.csv", [["Description", "status"]] + [[PROSE, "test"]] * 12)
table("quote-comma-space.csv", [["id", "name"], ["1", "Doe, John"], ["2", "Roe, Jane"], ["3", "Poe, Jim"]], delimiter=", ", always=True)
table("quote-only-quote.csv", [["id", "t"], ["1", '"'], ["2", '""'], ["3", "x"]])
table("quote-none-apostrophes.csv", [["word", "n"], ["'tis", "1"], ["o'clock", "2"], ["don't", "3"]])
INCHES = [["size", "n"]] + [[f'"{n} inch', str(n)] for n in range(1, 13)]
case(
    "quote-none-inches.tsv", "\n".join("\t".join(row) for row in INCHES) + "\n",
    INCHES[0], INCHES[1:], delimiter="\t", quote="none",
)

# ---- headers
table("header-none-numbers.csv", [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]], header=False)
table("header-none-mixed.csv", [["x", "1", "2.5"], ["y", "2", "3.5"], ["z", "3", "4.5"]], header=False)
table("header-none-dates.csv", [["2024-01-01", "a"], ["2024-01-02", "b"], ["2024-01-03", "c"]], header=False)
table("header-none-categories.csv", [["yes", "low"], ["no", "high"], ["yes", "high"], ["yes", "low"], ["no", "low"], ["no", "high"], ["yes", "high"]], header=False)
table("header-none-one-row.csv", [["1", "2", "3"]], header=False)
table("header-words.csv", [["name", "town"], ["Ann", "Rome"], ["Bob", "Oslo"], ["Cy", "Bonn"]])
table("header-only.csv", [["a", "b", "c"]])
table("header-one-row.csv", [["a", "b"], ["1", "2"]])
table("header-years.csv", [["country", "2019", "2020", "2021"], ["FR", "1", "2", "3"], ["DE", "4", "5", "6"], ["IT", "7", "8", "9"]])
table("header-index.csv", [["", "a", "b"], ["0", "1", "x"], ["1", "2", "y"], ["2", "3", "z"]], seen=["column1", "a", "b"])
table("header-empty-names.csv", [["a", "", "c", ""], ["1", "2", "3", "4"], ["5", "6", "7", "8"]], seen=["a", "column2", "c", "column4"])
table("header-duplicates.csv", [["a", "a", "b", "a"], ["1", "2", "3", "4"], ["5", "6", "7", "8"]], seen=["a", "a_2", "b", "a_3"])
table("header-spaces.csv", [[" a ", "b  c", "d"], ["1", "2", "3"], ["4", "5", "6"]])
table("header-lines.csv", [["first\nname", "n"], ["Ann", "1"], ["Bob", "2"]])
table("header-symbols.csv", [["#", "%", "$/kg"], ["1", "2", "3"], ["4", "5", "6"]])
table("header-chinese.csv", [["编号", "名称", "金额"], ["1", "苹果", "3.5"], ["2", "香蕉", "2.0"], ["3", "梨", "1.5"]])
table("header-missing-below.csv", [["a", "b"], ["NA", "NA"], ["1", "2"], ["3", "4"], ["5", "6"]])
table("header-long-names.csv", [["a" * 60, "b" * 90], ["1", "2"], ["3", "4"]])
case(
    "header-units.csv", "time,temp,place\ns,°C,-\n1,20.1,a\n2,20.3,b\n3,20.2,c\n4,20.5,d\n",
    ["time s", "temp °C", "place -"],
    [["1", "20.1", "a"], ["2", "20.3", "b"], ["3", "20.2", "c"], ["4", "20.5", "d"]], header=2,
)
case(
    "header-two-rows.csv",
    ",2023,,2024,\nregion,q1,q2,q1,q2\nN,1,2,3,4\nS,5,6,7,8\nE,9,8,7,6\nW,5,4,3,2\n",
    ["region", "2023 q1", "q2", "2024 q1", "q2_2"],
    [["N", "1", "2", "3", "4"], ["S", "5", "6", "7", "8"], ["E", "9", "8", "7", "6"], ["W", "5", "4", "3", "2"]],
    header=2,
)
case(
    "header-three-rows.csv",
    "sales,sales,costs\nnorth,south,all\nEUR,EUR,EUR\n1,2,3\n4,5,6\n7,8,9\n1,3,5\n",
    ["sales north EUR", "sales south EUR", "costs all EUR"],
    [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], ["1", "3", "5"]], header=3,
)
case(
    "header-row-names.txt", "x y\nr1 1 2\nr2 3 4\nr3 5 6\n",
    ["column1", "x", "y"], [["r1", "1", "2"], ["r2", "3", "4"], ["r3", "5", "6"]], delimiter=" ",
    header=["column1", "x", "y"], skip_rows=1,
)
case(
    "header-row-names-quoted.csv", '"x","y"\n"a",1,2\n"b",3,4\n"c",5,6\n',
    ["column1", "x", "y"], [["a", "1", "2"], ["b", "3", "4"], ["c", "5", "6"]],
    header=["column1", "x", "y"], skip_rows=1,
)
table("header-repeated.csv", [["name", "town"], ["Ann", "Rome"], ["name", "town"], ["Bob", "Oslo"], ["Cy", "Bonn"], ["Di", "Kyiv"], ["Ed", "Bern"]])

# ---- single columns
table("single-words.csv", [["name"], ["Alice"], ["Bob"], ["Carol"]])
table("single-names.csv", [["name"], ["Alice Smith"], ["Bob Jones"], ["Carol White"]])
table("single-numbers.csv", [["n"], ["1"], ["2"], ["3"]])
table("single-numbers-no-header.csv", [["10"], ["20"], ["30"]], header=False)
table("single-moments.csv", [["at"], ["2024-01-01 10:00:00"], ["2024-01-02 11:00:00"], ["2024-01-03 12:00:00"]])
table("single-times.csv", [["t"], ["10:30"], ["11:45"], ["12:00"]])
table("single-quoted-money.csv", [["amount"], ["1.234,50 €"], ["12,00 €"], ["7,10 €"]])
table("single-urls.csv", [["url"], ["http://a.example/x?y=1"], ["https://b.example/"], ["http://c.example:8080"]])
table("single-ip.csv", [["ip"], ["10.0.0.1"], ["10.0.0.2"], ["192.168.1.1"]])

# ---- what stands above a table
AFTER = [["region", "q1", "q2"], ["N", "1", "2"], ["S", "3", "4"], ["E", "5", "6"]]
table("above-title.csv", AFTER, before="Sales 2024\n", skip_rows=1)
table("above-title-blank.csv", AFTER, before="Sales 2024\n\n", skip_rows=2)
table("above-titles.csv", AFTER, before="Sales 2024\nby region\nall figures in thousands\n\n", skip_rows=4)
table("above-title-filled.csv", AFTER, before="Sales 2024,,\n,,\n", skip_rows=2)
table("above-title-quoted.csv", AFTER, before='"Sales, 2024"\n', skip_rows=1)
table("above-title-crlf.csv", AFTER, before="Sales 2024\r\n\r\n", end="\r\n", skip_rows=2)
table("above-title-semicolon.csv", AFTER, before="Sales 2024\n\n", delimiter=";", skip_rows=2)
table("above-title-tab.tsv", AFTER, before="Sales 2024, all\n", delimiter="\t", skip_rows=1)
table("above-title-mark.csv", AFTER, before="Sales 2024\n\n", mark=b"\xef\xbb\xbf", skip_rows=2)
table("above-chinese.csv", [["日期", "金额", "对方"], ["2024-03-05", "10.5", "王"], ["2024-03-06", "3.2", "李"], ["2024-03-07", "8.0", "张"]], before="账户交易明细\n查询日期：2024年3月\n\n", skip_rows=3)
table("above-chinese-fullwidth.csv", [["日期", "金额", "对方"], ["2024-03-05", "10.5", "王"], ["2024-03-06", "3.2", "李"], ["2024-03-07", "8.0", "张"]], before="账户交易明细\n", delimiter="，", skip_rows=1)
table(
    "above-keys.csv", [["day", "rain", "wind"], *[[str(n), str(n * 2), str(n * 3)] for n in range(1, 13)]],
    before="Station;12\nLatitude;4.5\nLongitude;7.25\n\n", delimiter=";", skip_rows=4,
)
table("above-no-header.csv", [["N", "1", "2"], ["S", "3", "4"], ["E", "5", "6"]], before="Sales 2024\n\n", header=False, skip_rows=2)

# ---- comments
table("comment-hash.csv", AFTER, before="# made by hand\n# on a day, at noon\n", comment="#")
table("comment-percent.csv", AFTER, before="% made by hand\n% on a day\n", comment="%")
table("comment-hash-blank.csv", AFTER, before="# made by hand\n\n", comment="#")
case(
    "comment-hash-within.csv", "a,b\n1,2\n# a remark\n3,4\n# another\n5,6\n",
    ["a", "b"], [["1", "2"], ["3", "4"], ["5", "6"]], comment="#",
)
case(
    "comment-hash-no-header.csv", "# x y z\n1,2\n3,4\n5,6\n",
    ["column1", "column2"], [["1", "2"], ["3", "4"], ["5", "6"]], comment="#", header=0,
)
case(
    "comment-hash-is-data.csv", "id,tag\n1,#red\n#2,#blue\n3,green\n",
    ["id", "tag"], [["1", "#red"], ["#2", "#blue"], ["3", "green"]],
)
case(
    "comment-hash-header.tsv", "##version=4\n##source=x\n#chrom\tpos\tid\nchr1\t5\ta\nchr2\t6\tb\nchr3\t7\tc\n",
    ["#chrom", "pos", "id"], [["chr1", "5", "a"], ["chr2", "6", "b"], ["chr3", "7", "c"]],
    delimiter="\t", skip_rows=2,
)

# ---- what stands below a table, and second tables
def below(name, after, rejected, **dialect):
    text = text_of(AFTER, dialect.get("delimiter", ",")) + after
    case(name, text, AFTER[0], AFTER[1:], rejected, **dialect)


below("below-total.csv", "Total 21\n", [(4, "short")])
below("below-blank-note.csv", "\nSource: the office\n", [(4, "short")])
below("below-notes.csv", "\nSource: the office\nAll rights, reserved\n", [(4, "short"), (5, "short")])
below("below-semicolon.csv", "\nTotal\n", [(4, "short")], delimiter=";")
table("below-total-filled.csv", [*AFTER, ["Total", "9", "12"]])
below("second-table.csv", "\nitem,price\npen,1\nink,2\n", [(4, "short"), (5, "short"), (6, "short")])
below("second-table-wider.csv", "\na,b,c,d\n1,2,3,4\n5,6,7,8\n", [(4, "long"), (5, "long"), (6, "long")])

# ---- rows of another width
case("ragged-short.csv", "a,b,c\n1,2,3\n4,5\n6\n7,8,9\n1,2,3\n", ["a", "b", "c"], [["1", "2", "3"], ["7", "8", "9"], ["1", "2", "3"]], [(2, "short"), (3, "short")])
case("ragged-long.csv", "a,b\n1,2\n3,4,5\n6,7\n8,9\n", ["a", "b"], [["1", "2"], ["6", "7"], ["8", "9"]], [(2, "long")])
case("ragged-unquoted-comma.csv", "id,name,n\n1,Doe, John,5\n2,Roe,6\n3,Poe,7\n4,Foe,8\n", ["id", "name", "n"], [["2", "Roe", "6"], ["3", "Poe", "7"], ["4", "Foe", "8"]], [(1, "long")])
case("ragged-first.csv", "a,b,c\n1,2\n3,4,5\n6,7,8\n9,1,2\n", ["a", "b", "c"], [["3", "4", "5"], ["6", "7", "8"], ["9", "1", "2"]], [(1, "short")])
case("ragged-last.csv", "a,b,c\n3,4,5\n6,7,8\n9,1", ["a", "b", "c"], [["3", "4", "5"], ["6", "7", "8"]], [(3, "short")])
case("ragged-spaces-line.csv", "a,b\n1,2\n   \n3,4\n", ["a", "b"], [["1", "2"], ["3", "4"]], [(2, "short")])
case("delimiter-at-line-ends.csv", "a,b,c,\n1,2,3,\n4,5,6,\n7,8,9,\n", ["a", "b", "c", "column4"], [["1", "2", "3", ""], ["4", "5", "6", ""], ["7", "8", "9", ""]])
case("delimiter-at-row-ends.csv", "a,b,c\n1,2,3,\n4,5,6,\n7,8,9,\n", ["a", "b", "c"], [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]])
case("delimiter-at-line-starts.csv", ",a,b\n,1,2\n,3,4\n", ["column1", "a", "b"], [["", "1", "2"], ["", "3", "4"]])
case("delimiters-alone.csv", "a,b,c\n,,\n1,2,3\n,,\n4,5,6\n", ["a", "b", "c"], [["", "", ""], ["1", "2", "3"], ["", "", ""], ["4", "5", "6"]])

# ---- quotes that are wrong
case("stray-quote-within.csv", 'a,b\n1,2"3\n4,5\n6,7\n', ["a", "b"], [["1", '2"3'], ["4", "5"], ["6", "7"]])
case("stray-quote-inches.csv", 'size,n\n5" x 6",1\n7",2\n8,3\n', ["size", "n"], [['5" x 6"', "1"], ['7"', "2"], ["8", "3"]])
case("stray-quote-after-space.csv", 'a,b\n1, "x"\n2, "y"\n3,z\n', ["a", "b"], [["1", ' "x"'], ["2", ' "y"'], ["3", "z"]])
case("text-after-quote.csv", 'a,b\n"x"y,1\n"z" w,2\nv,3\n', ["a", "b"], [["xy", "1"], ["z w", "2"], ["v", "3"]])
case("unterminated.csv", 'a,b\n1,2\n3,"open\n4,5\n6,7\n', ["a", "b"], [["1", "2"], ["4", "5"], ["6", "7"]], [(2, "unterminated")])
case("unterminated-first-row.csv", 'a,b\n1,"open\n2,3\n4,5\n6,7\n', ["a", "b"], [["2", "3"], ["4", "5"], ["6", "7"]], [(1, "unterminated")])
case("unterminated-at-end.csv", 'a,b\n1,2\n3,4\n5,"', ["a", "b"], [["1", "2"], ["3", "4"]], [(3, "unterminated")])
case("unterminated-semicolon.csv", 'a;b\n1;2\n3;"open\n4;5\n6;7\n', ["a", "b"], [["1", "2"], ["4", "5"], ["6", "7"]], [(2, "unterminated")], delimiter=";")
case("unterminated-then-quoted.csv", 'a,b\n1,"open\n2,x\n3,y\n4,"z"\n', ["a", "b"], [["1", 'open\n2,x\n3,y\n4,z"']])

# ---- bytes that are no text
case("nul-within.csv", b"a,b\n1,x\x00y\n2,z\n3,w\n", ["a", "b"], [["1", "x\0y"], ["2", "z"], ["3", "w"]])
case("bell.csv", b"a,b\n1,x\x07\n2,\x1bz\n3,w\n", ["a", "b"], [["1", "x\x07"], ["2", "\x1bz"], ["3", "w"]])
case(
    "utf-8-one-bad-byte.csv", "名,数\n王,1\n李,2\n张,3\n".encode() + b"\xff,4\n",
    ["名", "数"], [["王", "1"], ["李", "2"], ["张", "3"], ["\ufffd", "4"]],
)
case("mark-alone-in-cell.csv", "a,b\n\ufeff1,2\n3,4\n", ["a", "b"], [["\ufeff1", "2"], ["3", "4"]])
table("zero-width.csv", [["a", "b"], ["x\u200by", "1"], ["\u2060", "2"], ["z", "3"]])
table("line-separators.csv", [["a", "b"], ["x\u2028y", "1"], ["\u0085", "2"], ["z\u2029", "3"]])

# ---- size
wide = [[f"c{n}" for n in range(1000)], [str(n) for n in range(1000)], [str(n % 7) for n in range(1000)]]
table("wide-1000.csv", wide)
table("long-field.csv", [["id", "text"], ["1", "word " * 20_000], ["2", "x"], ["3", "y"]])
table("long-quoted-field.csv", [["id", "text"], ["1", "one, two\n" * 5_000], ["2", "x"], ["3", "y"]])
table("many-columns-one-row.csv", [[f"c{n}" for n in range(300)], [str(n) for n in range(300)]])

# ---- encodings
WEST = [["nom", "ville", "n"], ["René", "Orléans", "1"], ["François", "Besançon", "2"], ["Hélène", "Nîmes", "3"]]
CHINA = [["姓名", "城市", "数量"], ["王小明", "北京", "3"], ["李娜", "上海", "4"], ["张伟", "广州", "5"]]
TAIWAN = [["姓名", "城市", "數量"], ["王小明", "臺北", "3"], ["李娜", "高雄", "4"], ["張偉", "臺中", "5"]]
JAPAN = [["名前", "都市", "備考"], ["山田太郎", "東京", "とても良い"], ["佐藤花子", "大阪", "カタカナ"], ["鈴木一郎", "名古屋", "ふつうです"]]
KOREA = [["이름", "도시", "비고"], ["김철수", "서울", "매우 좋음"], ["이영희", "부산", "배송이 느립니다"], ["박민수", "대구", "보통입니다"]]
POLAND = [["imię", "miasto", "n"], ["Łukasz", "Łódź", "1"], ["Małgorzata", "Białystok", "2"], ["Stanisław", "Wrocław", "3"]]
RUSSIA = [["имя", "город", "примечание"], ["Иван", "Москва", "очень хорошо"], ["Мария", "Казань", "доставка медленная"]]
table("encoding-utf-8-mark.csv", WEST, mark=b"\xef\xbb\xbf")
table("encoding-utf-8-mark-semicolon.csv", CHINA, mark=b"\xef\xbb\xbf", delimiter=";", end="\r\n")
table("encoding-utf-8-mark-fullwidth.csv", CHINA, mark=b"\xef\xbb\xbf", delimiter="，")
for word, codec in {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}.items():
    mark = "\ufeff".encode(codec)
    table(f"encoding-{word}-mark.csv", WEST, encoding=word, codec=codec, mark=mark)
    table(f"encoding-{word}-mark-tab.txt", CHINA, encoding=word, codec=codec, mark=mark, delimiter="\t", end="\r\n")
    table(f"encoding-{word}.csv", WEST, encoding=word, codec=codec)
table("encoding-utf-16le-fullwidth.csv", CHINA, encoding="utf-16le", codec="utf-16-le", mark=b"\xff\xfe", delimiter="，")
table("encoding-gb18030.csv", CHINA, encoding="gb18030")
table("encoding-gb18030-crlf.csv", CHINA, encoding="gb18030", end="\r\n")
table("encoding-gb18030-fullwidth.csv", CHINA, encoding="gb18030", delimiter="，")
table("encoding-gb18030-title.csv", CHINA, encoding="gb18030", before="订单明细\n", skip_rows=1)
table("encoding-big5.csv", TAIWAN, encoding="big5")
table("encoding-shift-jis.csv", JAPAN, encoding="shift_jis")
table("encoding-euc-jp.csv", JAPAN, encoding="euc-jp")
table("encoding-euc-kr.csv", KOREA, encoding="euc-kr", codec="cp949")
table("encoding-windows-1252.csv", WEST, encoding="windows-1252", codec="cp1252")
table("encoding-windows-1252-semicolon.csv", [["Straße", "Preis"], ["Königsallee", "1,50 €"], ["Äußere Gasse", "2,75 €"], ["Am Öl", "3,00 €"]], encoding="windows-1252", codec="cp1252", delimiter=";")
table("encoding-windows-1250.csv", POLAND, encoding="windows-1250", codec="cp1250")
table("encoding-windows-1251.csv", RUSSIA, encoding="windows-1251", codec="cp1251")
table("encoding-koi8-r.csv", RUSSIA, encoding="koi8-r")

# ---- values that a reader must leave alone
table("values-leading-zeros.csv", [["zip", "phone"], ["00501", "0049301234"], ["02134", "00861380000"], ["10001", "0"]])
table("values-ids.csv", [["id", "card"], ["110101199003071234", "6222020200112233445"], ["11010119900307123X", "6222020200112233446"], ["110101199003071236", "6222020200112233447"]])
table("values-thousands.csv", [["n", "sum"], ["1", "1,234.50"], ["2", "12,345.00"], ["3", "999.99"]])
table("values-money.csv", [["item", "price"], ["a", "$1,234.50"], ["b", "€99"], ["c", "¥1,000"]])
table("values-parentheses.csv", [["item", "net"], ["a", "(1,234)"], ["b", "500"], ["c", "(7)"]])
table("values-percent.csv", [["item", "share"], ["a", "12.5%"], ["b", "87.5%"], ["c", "0%"]])
table("values-chinese-dates.csv", [["日期", "金额"], ["2024年3月5日", "3万"], ["2024年3月6日", "1.5亿"], ["2024年3月7日", "200"]])
table("values-day-first.csv", [["day", "n"], ["31/12/2024", "1"], ["01/02/2024", "2"], ["15/06/2024", "3"]])
table("values-booleans.csv", [["id", "ok"], ["1", "true"], ["2", "FALSE"], ["3", "yes"], ["4", "否"]])
table("values-special-numbers.csv", [["id", "x"], ["1", "NaN"], ["2", "inf"], ["3", "-1e300"], ["4", "0.1"]])
table("values-fullwidth-digits.csv", [["id", "n"], ["1", "１２"], ["2", "３４"], ["3", "５"]])
table("values-emoji.csv", [["flag", "name"], ["🇨🇳", "👩‍👩‍👧"], ["😀", "e\u0301"], ["👍🏽", "𝕏"]])
table("values-right-to-left.csv", [["اسم", "רחוב"], ["محمد", "הרצל"], ["فاطمة", "דיזנגוף"], ["علي", "אלנבי"]])
table("values-late-text.csv", [["n"], *[[str(n)] for n in range(500)], ["late"]])
table("values-coordinates.csv", [["lat", "lon"], ["52.5200", "13.4050"], ["-33.8688", "151.2093"], ["0", "-0.0"]])
table("values-formulas.csv", [["id", "f"], ["1", "=A1+B1"], ["2", "+1-2"], ["3", "@sum"]])


def main():
    for path in HERE.iterdir():
        if path.name != "make.py":
            path.unlink()
    for name, (data, expect) in CASES.items():
        (HERE / name).write_bytes(data)
        lines = [
            f'"dialect": {json.dumps(expect["dialect"], ensure_ascii=False)}',
            f'"columns": {json.dumps(expect["columns"], ensure_ascii=False)}',
            '"records": [\n  '
            + ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in expect["records"])
            + "\n ]",
            f'"rejected": {json.dumps(expect["rejected"])}',
        ]
        text = "{\n " + ",\n ".join(lines) + "\n}\n"
        (HERE / f"{name}.expect.json").write_text(text, encoding="utf-8")
    print(len(CASES), "files")


if __name__ == "__main__":
    main()
