#!/usr/bin/env python3
"""Packs small texts in every container that is read, as programs write them and as they break.

`expected.json` says what each holds, a text or a file of the corpus, or why it is refused. Python's own modules pack;
zstd is packed by its command. Packing is not the same in all versions of these, so the files are kept."""

import bz2
import gzip
import io
import json
import lzma
import subprocess
import zipfile
import zlib
from pathlib import Path

HERE = Path(__file__).parent
FIRST = "id,town\n1,Graz\n2,\"Linz, Donau\"\n"
SECOND = "".join(f"{n},Ort {n % 7}\n" for n in range(3, 400))
TEXT = FIRST + SECOND
FLIGHTS = (HERE.parent / "flights.csv").read_bytes()


def member(data, name=None):
    out = io.BytesIO()
    with gzip.GzipFile(name or "", "wb", fileobj=out, mtime=0) as file:
        file.write(data)
    return out.getvalue()


def full_member(data):
    """A member with an extra field, a name, a comment and a checksum of its header."""
    head = b"\x1f\x8b\x08\x1e\0\0\0\0\0\x03" + b"\x04\0ab\0\0" + b"name.csv\0" + b"a comment\0"
    head += (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little")
    return head + member(data)[10:]


def zstd(data, *options):
    return subprocess.run(["zstd", "-q", "-c", *options], input=data, stdout=subprocess.PIPE, check=True).stdout


def archive(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in files:
            file.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def xz(data, check=lzma.CHECK_CRC64):
    return lzma.compress(data, check=check)


def changed(data, at):
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


first, second, text = FIRST.encode(), SECOND.encode(), TEXT.encode()
skipped = b"\x5a\x2a\x4d\x18\x07\0\0\0skipped"
japanese = "番号,町\n1,東京\n2,大阪\n3,京都の町\n"

HOLDS = {
    "members.csv.gz": (full_member(first) + member(b"") + member(second, "b.csv"), TEXT),
    "padded.csv.gz": (member(text) + bytes(512), TEXT),
    "flights.csv.gz": (member(FLIGHTS), FLIGHTS.decode()),
    "utf-16.csv.gz": (member(("\ufeff" + TEXT).encode("utf-16-le")), TEXT),
    "frames.csv.zst": (zstd(first) + skipped + zstd(second, "-19", "--no-check"), TEXT),
    "flights.csv.zst": (zstd(FLIGHTS, "-19"), FLIGHTS.decode()),
    "streams.csv.bz2": (bz2.compress(first) + bz2.compress(second), TEXT),
    "streams.csv.xz": (xz(first) + bytes(8) + xz(second, lzma.CHECK_SHA256), TEXT),
    "shift-jis.csv.xz": (xz(japanese.encode("shift-jis")), japanese),
    "one.csv.zip": (archive([("folder/", b""), ("folder/one.csv", text), ("__MACOSX/._one.csv", b"x")]), TEXT),
    "stored.csv.zip": (archive([("stored.csv", text)], zipfile.ZIP_STORED), TEXT),
}
# An end that comes too soon, and a bit that is another.
REFUSED = {
    "cut.csv.gz": (member(text)[:-9], "gzip data that are cut off"),
    "changed.csv.gz": (changed(member(text), -6), "gzip data that are damaged"),
    "trailing.csv.gz": (member(text) + b"more", "gzip data that are damaged"),
    "cut.csv.zst": (zstd(text)[:-3], "zstd data that are cut off"),
    "changed.csv.zst": (changed(zstd(text), -2), "zstd data that are damaged"),
    "cut.csv.bz2": (bz2.compress(text)[:-3], "bzip2 data that are cut off"),
    "changed.csv.bz2": (changed(bz2.compress(text), 30), "bzip2 data that are damaged"),
    "cut.csv.xz": (xz(text)[:-30], "xz data that are cut off"),
    "changed.csv.xz": (changed(xz(text), 50), "xz data that are damaged"),
    "cut.csv.zip": (archive([("a.csv", text)])[:-20], "a ZIP archive that cannot be read: its end is missing"),
    "changed.csv.zip": (changed(archive([("a.csv", text)], zipfile.ZIP_STORED), 60), "zip data that are damaged"),
    "two.csv.zip": (archive([("a.csv", first), ("b.csv", second)]), "2 files: a.csv, b.csv"),
}


def main():
    texts = [TEXT, japanese]
    expected = {"texts": texts}
    for name, (data, says) in HOLDS.items():
        (HERE / name).write_bytes(data)
        expected[name] = {"file": "../flights.csv"} if name.startswith("flights") else {"text": texts.index(says)}
    for name, (data, says) in REFUSED.items():
        (HERE / name).write_bytes(data)
        expected[name] = {"refused": says}
    (HERE / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
