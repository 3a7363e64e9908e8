"""The package in one process, against `beian audit`."""

import csv
import datetime
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet
import support

import beian_audit
from beian_audit import _columns


class Alone(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.index = support.make_index(self.directory)

    def report(self, findings):
        return support.report(findings, self.directory)

    def test_logs_give_what_the_program_prints(self):
        logs = support.make_logs(self.directory / "logs", 1, 1500)
        expected = support.beian_audit_csv([logs], self.index)
        self.assertGreater(expected.count(b"\n"), 300)
        findings = beian_audit.audit([logs], self.index)
        self.assertEqual(self.report(findings), expected)
        self.assertEqual([problem["kind"] for problem in findings.problems], ["NotRecognised"])
        few = beian_audit.Options(threads=3, memory=0, spill=str(self.directory))
        self.assertEqual(self.report(beian_audit.audit([logs], self.index, few)), expected)

    def test_options_are_those_of_the_program(self):
        log = self.directory / "own.jsonl"
        log.write_text('{"site":"a.cn","when":"2026-10-10 08:00:00","who":"192.0.2.1","what":"/x?y"}\n')
        names = {"host": "site", "time": "when", "address": "who", "path": "what"}
        told = [word for name, value in names.items() for word in (f"--{name}-field", value)]
        expected = support.beian_audit_csv([log], self.index, *told, "--log-format", "json", "--time-zone", "Z")
        self.assertIn(b"2026-10-10T16:00:00+08:00", expected)
        options = beian_audit.Options(
            log_format="json", time_zone="Z", **{f"{name}_field": value for name, value in names.items()}
        )
        self.assertEqual(self.report(beian_audit.audit([log], self.index, options)), expected)

    def test_reports_of_every_kind_tell_the_same(self):
        logs = support.make_logs(self.directory / "logs", 2, 400)
        findings = beian_audit.audit([logs], self.index)
        rows = list(csv.DictReader(io.StringIO(self.report(findings).decode())))
        parquet, arrow, lines = (self.directory / name for name in ("r.parquet", "r.arrow", "r.jsonl"))
        for path in (parquet, arrow, lines):
            findings.write(path)
        table = pyarrow.parquet.read_table(parquet)
        self.assertEqual(table.to_pylist(), findings.table().to_pylist())
        self.assertTrue(pa.ipc.open_file(arrow).read_all().equals(findings.table()))
        self.assertEqual(table.column_names, list(rows[0]))
        told = [json.loads(line) for line in lines.read_text().splitlines()]
        self.assertEqual(told[-1]["summary"]["domains"], len(rows))
        self.assertEqual(len(findings), len(rows))

        def cell(value):
            if isinstance(value, datetime.datetime):
                return value.isoformat()
            if isinstance(value, list):
                return " ".join(value)
            return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

        for row, typed in zip(rows, table.to_pylist(), strict=True):
            typed["sample_url"] = typed["sample_url"].replace(",", "%2C")
            self.assertEqual({name: cell(value) for name, value in typed.items()}, row)
        with self.assertRaisesRegex(beian_audit.AuditFailed, "expected a name with"):
            findings.write("report.xlsx")

    def test_tables_give_what_the_same_log_gives(self):
        rows = list(support.requests(3, 5000))
        log = self.directory / "a.csv"
        log.write_text("ts,remote_addr,host,url\n" + "".join(support.csv_line(*row) + "\n" for row in rows))
        expected = support.beian_audit_csv([log], self.index)
        host, time, address, path = zip(*rows)
        utc = pa.array(time, pa.timestamp("s", tz="UTC"))
        china = [value + 8 * 3600 for value in time]
        times = {
            "seconds": pa.array(time, pa.int64()),
            "milliseconds": pa.array([value * 1000 + 7 for value in time], pa.int64()),
            "floats": pa.array([value + 0.25 for value in time], pa.float64()),
            "instants": utc.cast(pa.timestamp("ns", tz="America/New_York")),
            "by the clock on the wall": pa.array(china, pa.timestamp("s")).cast(pa.timestamp("us")),
            "text": pa.array([support.local(value) for value in time]),
        }
        for name, column in times.items():
            with self.subTest(name):
                table = pa.table({"url": path, "host": host, "ts": column, "remote_addr": address})
                self.assertEqual(self.report(beian_audit.audit_table(table, self.index)), expected)
        parquet = self.directory / "a.parquet"
        pyarrow.parquet.write_table(table, parquet, row_group_size=777)
        ways = {
            "a dataset": pyarrow.dataset.dataset(parquet),
            "a reader": table.to_reader(333),
            "slices of the same buffers": [
                batch.slice(begin, 100) for batch in table.to_batches() for begin in range(0, len(batch), 100)
            ],
            "dictionaries": table.set_column(1, "host", table["host"].dictionary_encode()),
            "views": table.set_column(1, "host", table["host"].cast(pa.string_view())),
            "bytes": table.set_column(1, "host", table["host"].cast(pa.binary())),
        }
        for name, data in ways.items():
            with self.subTest(name):
                self.assertEqual(self.report(beian_audit.audit_table(data, self.index)), expected)
        done = subprocess.run(
            [sys.executable, "-m", "beian_audit", parquet, "--index", self.index], capture_output=True, check=False
        )
        self.assertEqual((done.stdout, done.returncode, done.stderr), (expected, 1, b""))

    def test_what_is_null_is_not_there(self):
        table = pa.table(
            {
                "host": ["a.cn", None, "a.cn", "-"],
                "time": pa.array([None, 1_791_611_736, 1_791_611_737, None], pa.int64()),
                "remote_addr": pa.array([None] * 4, pa.null()),
            }
        )
        findings = beian_audit.audit_table(table, self.index)
        [row] = findings.table().to_pylist()
        self.assertEqual((row["domain"], row["lines"], row["addresses"]), ("a.cn", 2, 0))
        self.assertEqual(row["first_seen"], row["last_seen"])
        self.assertEqual(findings.totals["without_host"], 2)
        self.assertEqual(_columns.laid_out(pa.array([], pa.string())), (bytes(8), b""))
        self.assertEqual(len(beian_audit.audit_table([], self.index)), 0)

    def test_what_cannot_be_done_is_told(self):
        for wrong, told in [
            (lambda: beian_audit.audit(["/nowhere.log"], self.index), "/nowhere.log cannot be read: No such file"),
            (lambda: beian_audit.audit([self.index], "/nowhere.index"), "nowhere.index"),
            (lambda: beian_audit.audit([], self.index, beian_audit.Options(time_zone="noon")), "a zone such as"),
            (lambda: beian_audit.audit_table(pa.table({"a": ["x"]}), self.index), "a column with the host"),
        ]:
            with self.assertRaisesRegex(beian_audit.AuditFailed, told):
                wrong()
        with self.assertRaises(ZeroDivisionError):
            beian_audit.audit_table((1 // 0 for _ in range(1)), self.index)
        command = [sys.executable, "-m", "beian_audit", "/nowhere.log", "--index", self.index]
        done = subprocess.run(command, capture_output=True, check=False)
        self.assertEqual((done.stdout, done.returncode), (b"", 2))
        self.assertIn(b"/nowhere.log cannot be read", done.stderr)
        # "All is filed" is not said of what nobody could judge.
        blind = self.directory / "blind.csv"
        blind.write_text("time,host\n1791611736,-\n")
        done = subprocess.run([*command[:3], blind, "--index", self.index], capture_output=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"no line of the logs names a domain", done.stderr)


if __name__ == "__main__":
    unittest.main()
