"""Makes NotoSansCJKsc-subset.otf: see README.md beside it."""

import bz2
import pathlib
import subprocess
import sys

UNIHAN = "usr/share/unicode/Unihan_OtherMappings.txt.bz2"
FONT = "usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
# Number of the simplified Chinese face in the collection.
FACE = 2


def gb2312():
    """Every character of GB 2312-80."""
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield bytes([row, cell]).decode("gb2312")
            except UnicodeDecodeError:
                pass


def general_standard(unihan):
    """Every character of the Table of General Standard Chinese Characters of 2013."""
    with bz2.open(unihan, "rt", encoding="utf-8") as lines:
        for line in lines:
            if "\tkTGH\t" in line:
                yield chr(int(line.split("\t")[0][2:], 16))


def main(root, output):
    characters = set(gb2312()) | set(general_standard(root / UNIHAN))
    characters |= {chr(code) for code in [*range(0x20, 0x7F), *range(0xA0, 0x100)]}
    characters |= set("—…“”‘’·•№□■√×")
    unicodes = ",".join(f"{ord(character):04X}" for character in sorted(characters))
    subprocess.run(
        [
            "pyftsubset",
            root / FONT,
            f"--font-number={FACE}",
            f"--unicodes={unicodes}",
            f"--output-file={output}",
            "--layout-features=",
            "--no-hinting",
            "--notdef-outline",
            "--name-IDs=0,1,2,3,4,5,6,13,14",
            "--drop-tables+=vmtx,vhea,VORG,BASE,GPOS,GSUB,GDEF,DSIG",
            "--no-recalc-timestamp",
        ],
        check=True,
    )


main(pathlib.Path(sys.argv[1]), sys.argv[2])
