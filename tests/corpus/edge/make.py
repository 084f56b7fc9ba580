#!/usr/bin/env python3
"""Writes the edge files of this folder and, beside each, what a reader must make of it.

Both sides are written out by hand: the bytes so that no editor or checkout can change an ending,
the expectation so that it follows from the rules and not from a reader's habits. `read` below is
a second opinion. It is slow and plain, and nothing is written when it disagrees with a hand.

The rules:
- RFC 4180. A comma separates unless `delimiter` says otherwise; CRLF, LF and CR all terminate.
- A UTF-8 byte order mark at the very start is dropped.
- A line without a byte is skipped. It is no record and has no number.
- A quote opens a quoted field only as the field's first byte; elsewhere it is itself.
- Inside, two quotes are one, and delimiters and terminators are text. After the closing quote
  the field goes on unquoted.
- A quoted field without a closing quote rejects its record ("unterminated"), and reading resumes
  at the line after the one that holds the opening quote.
- A record with another number of fields than the header is rejected ("short", "long").
- Records are numbered from 1 after the header; rejected ones have their number.
- Fields are bytes. Here they are shown as text, with U+FFFD for each maximal run of bytes that
  cannot be part of a UTF-8 character.
"""

import json
from pathlib import Path

HERE = Path(__file__).parent
BOM = b"\xef\xbb\xbf"
CASES: dict[str, dict] = {}


def case(name, data, header, records, rejected=(), delimiter=","):
    """One file. `rejected` is a list of (record number, reason)."""
    assert name not in CASES, name
    if isinstance(data, str):
        data = data.encode()
    expect = {
        "header": header,
        "records": records,
        "rejected": [{"record": number, "reason": reason} for number, reason in rejected],
    }
    if delimiter != ",":
        expect["delimiter"] = delimiter
    CASES[name] = {"data": data, "expect": expect}


# ---- terminators and the ends of a file

case("crlf.csv", b"a,b\r\n1,2\r\n3,4\r\n", ["a", "b"], [["1", "2"], ["3", "4"]])
case("cr-only.csv", b"a,b\r1,2\r3,4\r", ["a", "b"], [["1", "2"], ["3", "4"]])
case(
    "mixed-endings.csv",
    b"a,b\r\n1,2\n3,4\r5,6\r\n7,8\n\r9,10\r\r\n11,12",
    ["a", "b"],
    [["1", "2"], ["3", "4"], ["5", "6"], ["7", "8"], ["9", "10"], ["11", "12"]],
)
case("bom.csv", BOM + b"a,b\n1,2\n", ["a", "b"], [["1", "2"]])
case("bom-quoted.csv", BOM + b'"a",b\n"1",2\n', ["a", "b"], [["1", "2"]])
# A second mark, or one further on, is text (U+FEFF).
case("bom-inside.csv", BOM + b"a,b\n" + BOM + b"1,2\n", ["a", "b"], [["\ufeff1", "2"]])
case("no-final-newline.csv", b"a,b\n1,2\n3,4", ["a", "b"], [["1", "2"], ["3", "4"]])
# The file ends right after a delimiter: the last field is there, and empty.
case("ends-at-delimiter.csv", b"a,b\n1,2\n3,", ["a", "b"], [["1", "2"], ["3", ""]])
# The file ends right after a closing quote.
case("ends-at-quote.csv", b'a,b\n1,"2"', ["a", "b"], [["1", "2"]])
case("header-only.csv", b"a,b,c\n", ["a", "b", "c"], [])
case("header-only-no-newline.csv", b"a,b,c", ["a", "b", "c"], [])
case("empty.csv", b"", [], [])
case("bom-only.csv", BOM, [], [])
case("blank-only.csv", b"\n\r\n\r", [], [])

# ---- blank lines

case(
    "blank-lines.csv",
    b"\n\na,b\n\n1,2\n\n\n3,4\r\n\r\n5,6\n\n",
    ["a", "b"],
    [["1", "2"], ["3", "4"], ["5", "6"]],
)
# Spaces are bytes: such a line is a record, and a short one.
case(
    "blank-with-spaces.csv",
    b"a,b\n1,2\n  \n3,4\n",
    ["a", "b"],
    [["1", "2"], ["3", "4"]],
    [(2, "short")],
)
case("one-column.csv", b"a\n1\n2\n3\n", ["a"], [["1"], ["2"], ["3"]])
# A missing value of a lone column has to be written as "" to be seen at all.
case("one-column-blank.csv", b'a\n1\n\n2\n""\n\n3\n', ["a"], [["1"], ["2"], [""], ["3"]])

# ---- quotes

case(
    "quoted-newlines.csv",
    b'a,b\n1,"line one\nline two"\n2,"crlf\r\nhere"\n3,"cr\rhere"\n4,"\n"\n5,"\n\na,b\n\n"\n6,z\n',
    ["a", "b"],
    [
        ["1", "line one\nline two"],
        ["2", "crlf\r\nhere"],
        ["3", "cr\rhere"],
        ["4", "\n"],
        ["5", "\n\na,b\n\n"],
        ["6", "z"],
    ],
)
case(
    "quoted-delimiters.csv",
    b'a,b\n"1,5","x, y, z"\n",","\n,,,\n"\n',
    ["a", "b"],
    [["1,5", "x, y, z"], [",", "\n,,,\n"]],
)
case(
    "quoted-header.csv",
    b'"a, b","c ""d""","e\nf"\n1,2,3\n',
    ["a, b", 'c "d"', "e\nf"],
    [["1", "2", "3"]],
)
case(
    "doubled-quotes.csv",
    b'a,b\n1,"say ""hi"""\n2,""""\n3,""""""\n4,"a""b""c"\n5,"""x"\n6,"x"""\n',
    ["a", "b"],
    [
        ["1", 'say "hi"'],
        ["2", '"'],
        ["3", '""'],
        ["4", 'a"b"c'],
        ["5", '"x'],
        ["6", 'x"'],
    ],
)
case(
    "stray-quote.csv",
    b'a,b\n1,2"3\n4,5" x 6"\n7, "8"\n9,x""y\n10,11"\n',
    ["a", "b"],
    [["1", '2"3'], ["4", '5" x 6"'], ["7", ' "8"'], ["9", 'x""y'], ["10", '11"']],
)
case(
    "text-after-quote.csv",
    b'a,b\n"a"b,1\n"a" b,2\n"a"b"c",3\n"a""b"c""d,4\n""x,5\n"a,b"c,6\n"a" ,7\n',
    ["a", "b"],
    [
        ["ab", "1"],
        ["a b", "2"],
        ['ab"c"', "3"],
        ['a"bc""d', "4"],
        ["x", "5"],
        ["a,bc", "6"],
        ["a ", "7"],
    ],
)
case(
    "quoted-empty.csv",
    b'a,b,c\n"","",""\n,,\n"",,""\n',
    ["a", "b", "c"],
    [["", "", ""], ["", "", ""], ["", "", ""]],
)
# One apostrophe has no meaning.
case("apostrophes.csv", b"a,b\n'1,2'\n3,it's\n", ["a", "b"], [["'1", "2'"], ["3", "it's"]])
case("backslash.csv", b'a,b\n1,"c:\\"\n2,x\\,3\n', ["a", "b"], [["1", "c:\\"]], [(2, "long")])

# ---- a quote that never closes

case(
    "unterminated-quote.csv",
    b'a,b\n1,2\n3,"open\n4,5\n6,7\n',
    ["a", "b"],
    [["1", "2"], ["4", "5"], ["6", "7"]],
    [(2, "unterminated")],
)
case(
    "unterminated-crlf.csv",
    b'a,b\r\n1,"open\r\n\r\n2,3\r\n',
    ["a", "b"],
    [["2", "3"]],
    [(1, "unterminated")],
)
case(
    "unterminated-cr.csv", b'a,b\r1,"open\r2,3\r', ["a", "b"], [["2", "3"]], [(1, "unterminated")]
)
# The opener is the last byte of the file.
case("unterminated-at-end.csv", b'a,b\n1,2\n3,"', ["a", "b"], [["1", "2"]], [(2, "unterminated")])
# The record starts a line before the opener's line; that whole start goes with it.
case(
    "unterminated-late-opener.csv",
    b'a,b\n"one\ntwo","three\nfour,five\n',
    ["a", "b"],
    [["four", "five"]],
    [(1, "unterminated")],
)
# Doubled quotes do not close.
case(
    "unterminated-doubled.csv",
    b'a,b\n1,"x""\n2,y\n3,z""\n4,w\n',
    ["a", "b"],
    [["2", "y"], ["3", 'z""'], ["4", "w"]],
    [(1, "unterminated")],
)
# Three openers: the second closes the first, so only the third is open at the end.
case(
    "unterminated-third.csv",
    b'a,b\n1,"x\n2,"y\n3,"z\n4,w\n',
    ["a", "b"],
    [["1", "x\n2,y"], ["4", "w"]],
    [(2, "unterminated")],
)
# What follows the opener's line is read afresh, ragged records and all.
case(
    "unterminated-then-ragged.csv",
    b'a,b\n1,"x\n2\n3,4,5\n6,7\n',
    ["a", "b"],
    [["6", "7"]],
    [(1, "unterminated"), (2, "short"), (3, "long")],
)

# ---- numbers of fields

case(
    "ragged-short.csv",
    b"a,b,c\n1,2,3\n4,5\n6\n7,8,9\n",
    ["a", "b", "c"],
    [["1", "2", "3"], ["7", "8", "9"]],
    [(2, "short"), (3, "short")],
)
case(
    "ragged-long.csv",
    b"a,b\n1,2\n3,4,5\n6,7,\n8,9\n,,,\n",
    ["a", "b"],
    [["1", "2"], ["8", "9"]],
    [(2, "long"), (3, "long"), (5, "long")],
)
case(
    "ragged-quoted.csv",
    b'a,b\n"1\n,2"\n"3","4\n5","6"\n7,8\n',
    ["a", "b"],
    [["7", "8"]],
    [(1, "short"), (2, "long")],
)
case("duplicate-header.csv", b"a,a,b,a\n1,2,3,4\n", ["a", "a", "b", "a"], [["1", "2", "3", "4"]])
case("empty-header.csv", b"a,,c,\n1,2,3,4\n", ["a", "", "c", ""], [["1", "2", "3", "4"]])

# ---- other delimiters

case(
    "semicolon.csv",
    b'a;b;c\n1,5;"x;y";z\n2,25;"say ""hi""";\n3,0;u;v\n',
    ["a", "b", "c"],
    [["1,5", "x;y", "z"], ["2,25", 'say "hi"', ""], ["3,0", "u", "v"]],
    delimiter=";",
)
case(
    "tab.tsv",
    b'a\tb\tc\n1\tx, y\tz\n2\t"x\ty"\t\n3\t\t \n',
    ["a", "b", "c"],
    [["1", "x, y", "z"], ["2", "x\ty", ""], ["3", "", " "]],
    delimiter="\t",
)
case(
    "pipe.csv",
    b'a|b|c\n1|x, y|z\n2|"x|y"|\n3||w\n',
    ["a", "b", "c"],
    [["1", "x, y", "z"], ["2", "x|y", ""], ["3", "", "w"]],
    delimiter="|",
)

# ---- text

case(
    "chinese.csv",
    "姓名,城市,数量,备注\n王小明,北京,3,很好\n李娜,上海,无,“质量一般”,\n张伟,“广州”,12,无\n"
    '欧阳锋,深圳,暂无,"好,很好"\n陈静,重庆，渝中,4,"他说""不错"""\n',
    ["姓名", "城市", "数量", "备注"],
    [
        ["王小明", "北京", "3", "很好"],
        ["张伟", "“广州”", "12", "无"],
        ["欧阳锋", "深圳", "暂无", "好,很好"],
        ["陈静", "重庆，渝中", "4", '他说"不错"'],
    ],
    [(2, "long")],
)
case(
    "emoji.csv",
    "😀,flag,family\n👍🏽,🇨🇳,👩‍👩‍👧\ne\u0301,é,\U0001d54f\n",
    ["😀", "flag", "family"],
    [["👍🏽", "🇨🇳", "👩‍👩‍👧"], ["e\u0301", "é", "\U0001d54f"]],
)
# U+0085, U+2028 and U+2029 end no line; U+00A0 and U+3000 are no spaces to a reader.
case(
    "unicode-lines.csv",
    "a,b\nx\u2028y,z\u2029\n\u0085,\u00a01\u3000\n\x0b,\x0c\n",
    ["a", "b"],
    [["x\u2028y", "z\u2029"], ["\u0085", "\u00a01\u3000"], ["\x0b", "\x0c"]],
)
case(
    "spaces.csv",
    b" a , b\n 1,2 \n  , \n\t3\t,4\n x y ,\n",
    [" a ", " b"],
    [[" 1", "2 "], ["  ", " "], ["\t3\t", "4"], [" x y ", ""]],
)
case(
    "nul.csv",
    b'a,b\n1,x\x00y\n\x00,2\n"\x00\n",\x00\n',
    ["a", "b"],
    [["1", "x\0y"], ["\0", "2"], ["\0\n", "\0"]],
)
case(
    "invalid-utf8.csv",
    b"a,b\n1,\xff\n2,caf\xe9\n3,\xe4\xb8\n4,\xc3\xa9\xc3\n5,\xf0\x9f\x98x\n"
    b'6,\xed\xa0\x80\n7,\xc0\xaf\n8,"\xe4\xb8"\n9,\xe4\xb8\xad\n',
    ["a", "b"],
    [
        ["1", "\ufffd"],
        ["2", "caf\ufffd"],
        ["3", "\ufffd"],
        ["4", "é\ufffd"],
        ["5", "\ufffdx"],
        ["6", "\ufffd\ufffd\ufffd"],
        ["7", "\ufffd\ufffd"],
        ["8", "\ufffd"],
        ["9", "中"],
    ],
)

# ---- size

case(
    "wide-200.csv",
    "\n".join(",".join(f"{lead}{i}" for i in range(1, 201)) for lead in ("c", "1.", "")) + "\n",
    [f"c{i}" for i in range(1, 201)],
    [[f"1.{i}" for i in range(1, 201)], [f"{i}" for i in range(1, 201)]],
)
# 20,000 bytes of text in one quoted field: 200 lines of 100 bytes, with a delimiter and quotes.
case(
    "long-field.csv",
    'a,b\n1,"' + "".join(f'{i:04d}, said ""yes"" {"x" * 82}\n' for i in range(200)) + '"\n2,z\n',
    ["a", "b"],
    [["1", "".join(f'{i:04d}, said "yes" {"x" * 82}\n' for i in range(200))], ["2", "z"]],
)

# ---- values: a reader changes none of them

NUMBERS = [
    ("zero", "0"),
    ("minus zero", "-0"),
    ("minus zero point", "-0.0"),
    ("plus", "+7"),
    ("tenth", "0.1"),
    ("bare point", ".5"),
    ("point at end", "5."),
    ("trailing zeros", "1.500"),
    ("huge", "1e300"),
    ("tiny", "1e-300"),
    ("too huge", "1e400"),
    ("beyond", "1e401"),
    ("too tiny", "1e-400"),
    ("denormal", "5e-324"),
    ("largest", "1.7976931348623157e308"),
    ("upper e", "1E5"),
    ("plus e", "1e+5"),
    ("2^53 + 1", "9007199254740993"),
    ("2^63", "9223372036854775808"),
    ("38 digits", "99999999999999999999999999999999999999"),
    ("39 digits", "100000000000000000000000000000000000000"),
    ("38 after point", "0.12345678901234567890123456789012345678"),
    ("halfway", "0.1000000000000000055511151231257827"),
    ("not a number", "NaN"),
    ("nan", "nan"),
    ("infinite", "inf"),
    ("minus infinite", "-inf"),
    ("infinity", "Infinity"),
    ("hex", "0x1F"),
    ("underscore", "1_000"),
    ("only e", "e5"),
    ("only sign", "-"),
    ("two points", "1.2.3"),
    ("space inside", "1 000"),
    ("fullwidth", "１２"),
    ("arabic-indic", "٣"),
    ("empty", ""),
    ("missing", "NA"),
]
case(
    "numbers.csv",
    "".join(f"{a},{b}\n" for a, b in [("name", "value"), *NUMBERS]),
    ["name", "value"],
    [list(pair) for pair in NUMBERS],
)
case(
    "leading-zeros.csv",
    b"zip,phone,n\n02134,0049301234,007\n00501,00,0\n10001,08613800000000,0.0\n",
    ["zip", "phone", "n"],
    [["02134", "0049301234", "007"], ["00501", "00", "0"], ["10001", "08613800000000", "0.0"]],
)
DATES = [
    ("iso", "2020-02-29"),
    ("no such day", "2021-02-29"),
    ("slashes, day first", "31/12/2020"),
    ("slashes, either", "03/04/2020"),
    ("dashes, month first", "12-31-2020"),
    ("year first, slashes", "2020/1/5"),
    ("dots", "05.01.2020"),
    ("two-digit year", "05/01/20"),
    ("compact", "20200105"),
    ("named", "5 Jan 2020"),
    ("cjk", "2020年1月5日"),
    ("cjk, spaced", "2020 年 1 月 5 日"),
    ("datetime", "2020-01-05T06:07:08Z"),
    ("datetime, space", "2020-01-05 06:07:08.123456"),
    ("offset", "2020-01-05T06:07:08+08:00"),
    ("leap second", "2016-12-31T23:59:60Z"),
    ("zero date", "0000-00-00"),
    ("serial", "43835"),
    ("missing", "-"),
    ("empty", ""),
]
case(
    "dates.csv",
    "kind,day\n"
    + "".join(f'"{a}",{b}\n' for a, b in DATES)
    + '"named, comma","Jan 05, 2020"\n'
    + '"named, long","January 5, 2020"\n',
    ["kind", "day"],
    [list(pair) for pair in DATES]
    + [["named, comma", "Jan 05, 2020"], ["named, long", "January 5, 2020"]],
)
PRICES = [
    ("dollar", "$1,234.50"),
    ("dollar, negative", "-$5.00"),
    ("parentheses", "(45.00)"),
    ("yen or yuan", "¥1,000"),
    ("fullwidth yen", "￥88.8"),
    ("yuan, word", "12.5元"),
    ("euro, after", "1.234,50 €"),
    ("euro, before", "€0.99"),
    ("pound", "£1,000,000.01"),
    ("rupee, lakhs", "₹1,23,456"),
    ("real", "R$ 10,00"),
    ("code", "5 USD"),
    ("swiss", "CHF 1'234.50"),
    ("percent", "15%"),
    ("only a sign", "$"),
    ("plain", "7"),
    ("empty", ""),
]
case(
    "currencies.csv",
    "kind,price\n" + "".join(f'"{a}","{b}"\n' for a, b in PRICES),
    ["kind", "price"],
    [list(pair) for pair in PRICES],
)


# ---- the second opinion


def line_end(data, at):
    """The place just after the terminator of the line that holds `at`."""
    while at < len(data) and data[at] not in b"\r\n":
        at += 1
    if data[at : at + 2] == b"\r\n":
        return at + 2
    return min(at + 1, len(data))


def read_record(data, at, delimiter):
    """Fields from `at`, or None where a quote stays open, and the place where reading goes on."""
    fields, field, opener = [], bytearray(), None
    fresh = True
    while True:
        byte = data[at : at + 1]
        if opener is not None:
            if not byte:
                return None, line_end(data, opener)
            if byte != b'"':
                field += byte
            elif data[at + 1 : at + 2] == b'"':
                field += byte
                at += 1
            else:
                opener = None
            at += 1
        elif byte == b'"' and fresh:
            opener, fresh = at, False
            at += 1
        elif byte == delimiter:
            fields.append(bytes(field))
            field.clear()
            fresh = True
            at += 1
        elif not byte or byte in b"\r\n":
            fields.append(bytes(field))
            return fields, line_end(data, at)
        else:
            field += byte
            fresh = False
            at += 1


def read(data, delimiter=","):
    at = len(BOM) if data.startswith(BOM) else 0
    header, records, rejected, number = None, [], [], 0
    while at < len(data):
        if data[at] in b"\r\n":
            at = line_end(data, at)
            continue
        fields, at = read_record(data, at, delimiter.encode())
        if header is None:
            assert fields is not None, "an open quote in the header has no rule here"
            header = fields
            continue
        number += 1
        if fields is None:
            rejected.append({"record": number, "reason": "unterminated"})
        elif len(fields) != len(header):
            reason = "short" if len(fields) < len(header) else "long"
            rejected.append({"record": number, "reason": reason})
        else:
            records.append(fields)
    text = [[f.decode(errors="replace") for f in fields] for fields in [header or [], *records]]
    return {"header": text[0], "records": text[1:], "rejected": rejected}


def layout(expect):
    """JSON with one record a line, so that a difference reads as one."""

    def dump(value):
        return json.dumps(value, ensure_ascii=False)

    def block(rows):
        return "[\n" + ",\n".join("  " + dump(row) for row in rows) + "\n ]" if rows else "[]"

    parts = []
    for key, value in expect.items():
        rows = key in ("records", "rejected")
        parts.append(f" {dump(key)}: {block(value) if rows else dump(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main():
    for name, it in CASES.items():
        expect = it["expect"]
        got = read(it["data"], expect.get("delimiter", ","))
        for key, value in got.items():
            assert value == expect[key], f"{name}: {key}: hand {expect[key]!r}, read {value!r}"
        text = layout(expect)
        assert json.loads(text) == expect, name
        it["text"] = text.encode()
    for name, it in CASES.items():
        (HERE / name).write_bytes(it["data"])
        (HERE / name).with_suffix(".expect.json").write_bytes(it["text"])
    print(f"{len(CASES)} edge files")


if __name__ == "__main__":
    main()
