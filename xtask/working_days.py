#!/usr/bin/env python3
"""Prints the days off and worked weekends of a year, as rulebook/calendar.toml wants them.

    pip install chinesecalendar && npm pack chinese-days && tar xzf chinese-days-*.tgz
    python3 xtask/working_days.py package/dist/chinese-days.json 2027

Two packages are asked, and must agree. Neither replaces reading the notice: its days in the year before (a worked
30 December) belong under that year, which neither package always has.
"""

import json
import sys
from datetime import date

from chinese_calendar.constants import holidays, workdays


def agreed(ours, theirs, year):
    """The days of the year that the first package names, if the second has the same weekdays."""
    ours = sorted(day for day in ours if day.year == year)
    theirs = sorted(date.fromisoformat(day) for day in theirs if day.startswith(str(year)))
    # Whether a Saturday inside a holiday is "off" is taste; what the weekday is, is not.
    differ = {day for day in set(ours) ^ set(theirs) if day.weekday() < 5 or day in workdays}
    if differ or not ours:
        sys.exit(f"{year}: expected two packages that agree, got {sorted(map(str, differ)) or 'no days'}")
    return ours


def wrapped(days):
    quoted = [f'"{day}"' for day in days]
    lines = [", ".join(quoted[start : start + 7]) for start in range(0, len(quoted), 7)]
    return "[\n    " + ",\n    ".join(lines) + ",\n]"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        second = json.load(file)
    for year in map(int, sys.argv[2:]):
        off = wrapped(agreed(holidays, second["holidays"], year))
        worked = wrapped(agreed(workdays, second["workdays"], year))
        print(f'{year} = [{{ value = {{ off = {off}, worked = {worked} }}, source = "{year}", from = "…" }}]')
