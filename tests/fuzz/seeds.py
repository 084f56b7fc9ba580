#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: small files of the corpus, with the bytes before them that
choose a dialect and a block size. What fuzzing finds is kept beside them by hand."""

from pathlib import Path

HERE = Path(__file__).parent
CORPUS = HERE.parent / "corpus"
HEADS = {
    "blocks_equal_the_machine": [b"\x00\x00", b"\x21\x02", b"\x48\x03"],
    "drivers_equal_the_session": [b"\x03"],
    "pieces_decode_as_one": [b"\x04\x01", b"\x01\x00"],
    "found_and_stated_read_the_same": [b""],
    "written_is_read_back": [b"\x00"],
}


def main():
    files = [
        path
        for folder in ("edge", "reader")
        for path in sorted((CORPUS / folder).iterdir())
        if path.suffix in (".csv", ".tsv", ".txt") and path.stat().st_size <= 200
    ]
    for name, heads in HEADS.items():
        folder = HERE / "corpus" / name
        folder.mkdir(parents=True, exist_ok=True)
        for n, path in enumerate(files[::4]):
            text = path.read_bytes()
            if name == "written_is_read_back":
                text = text.replace(b"\n", b"\0").replace(b",", b"\1")
            (folder / path.name).write_bytes(heads[n % len(heads)] + text)
        print(name, len(list(folder.iterdir())))


if __name__ == "__main__":
    main()
