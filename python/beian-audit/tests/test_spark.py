"""The audit on Apache Spark, one master and two workers on loopback, against `beian audit`."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import pyarrow as pa
import pyarrow.parquet
import support
from cluster import PATIENCE, Cluster, Gate
from pyspark.sql import SparkSession

import beian_audit
from beian_audit import spark as beian

SLICE = 40_000


class OnSpark(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.directory = pathlib.Path(directory.name)
        cls.index = support.make_index(cls.directory)
        cls.logs = support.make_logs(cls.directory / "logs", 7, 2500)
        cls.expected = support.beian_audit_csv([cls.logs], cls.index)
        cls.cluster = Cluster(cls.directory, ["one", "other"])
        cls.addClassCleanup(cls.cluster.stop)
        environment = mock.patch.dict(os.environ, cls.cluster.environment)
        environment.start()
        cls.addClassCleanup(environment.stop)
        # One application for all tests: to start another takes longer than they do.
        cls.spark = SparkSession.builder.master(cls.cluster.url).appName("tests").getOrCreate()
        cls.addClassCleanup(cls.spark.stop)

    def setUp(self):
        self.cluster.start("one")
        self.cluster.start("other")

    def audit_behind_gate(self, control, slice_bytes=SLICE):
        """Audits while `control` lets tasks go on. Answers with the report, and who began which slices."""
        gate = Gate()
        self.addCleanup(gate.close)
        with mock.patch.object(beian, "scanner", gate.before(beian.scanner)):
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                audit = pool.submit(beian.audit, self.spark, [self.logs], self.index, slice_bytes=slice_bytes)
                try:
                    control(gate, audit)
                    findings = audit.result(PATIENCE)
                finally:
                    # Else a failed test would wait for ever.
                    self.spark.sparkContext.cancelAllJobs()
        self.assertEqual([problem["kind"] for problem in findings.problems], ["NotRecognised"])
        return support.report(findings, self.directory), gate.asked

    def let_all_go_on(self, gate, audit):
        """Lets every task go on until the audit is at its end."""
        while (asked := gate.next(audit)) is not None:
            _, _, go_on = asked
            go_on()

    def slices(self):
        options = beian_audit.Options()
        return len(options.kernel(0, [self.logs]).plan(SLICE)[0])

    def test_a_log_that_is_split_among_workers_gives_what_one_machine_finds(self):
        slices = self.slices()
        self.assertGreater(slices, 12)

        def control(gate, audit):
            # Nobody goes on before both work.
            first, _, go_on = gate.next(audit)
            second, _, other_go_on = gate.next(audit)
            self.assertNotEqual(first, second)
            go_on()
            other_go_on()
            self.let_all_go_on(gate, audit)

        report, asked = self.audit_behind_gate(control)
        self.assertEqual(report, self.expected)
        self.assertEqual({worker for worker, _ in asked}, {"one", "other"})
        self.assertEqual(sorted(number for _, number in asked), list(range(slices)))

    def test_a_worker_that_is_killed_half_way_changes_nothing(self):
        slices = self.slices()

        def control(gate, audit):
            # Each does two slices and is held at its third.
            begun, held = {"one": [], "other": []}, {}
            while len(held) < 2:
                worker, number, go_on = gate.next(audit)
                begun[worker].append(number)
                if len(begun[worker]) < 3:
                    go_on()
                else:
                    held[worker] = go_on
            self.assertFalse(audit.done())
            self.cluster.kill("other")
            held["one"]()
            self.lost = begun["other"]
            self.begun_before = len(gate.asked)
            self.let_all_go_on(gate, audit)

        report, asked = self.audit_behind_gate(control)
        self.assertEqual(report, self.expected)
        self.assertEqual(len(self.lost), 3)
        before, after = asked[: self.begun_before], asked[self.begun_before :]
        self.assertEqual({worker for worker, _ in before}, {"one", "other"})
        self.assertEqual({worker for worker, _ in after}, {"one"})
        # What it had counted is gone with it, as is what it had begun.
        self.assertLessEqual(set(self.lost), {number for _, number in after})
        # Spark may have begun others twice, too.
        self.assertEqual({number for worker, number in asked if worker == "one"}, set(range(slices)))

    def test_rows_of_parquet_give_what_the_same_log_gives(self):
        rows = list(support.requests(11, 20_000))
        log, tables = self.directory / "rows.csv", self.directory / "tables"
        self.addCleanup(shutil.rmtree, tables)
        log.write_text("time,client_ip,host,url\n" + "".join(support.csv_line(*row) + "\n" for row in rows))
        tables.mkdir()
        for number, begin in enumerate(range(0, len(rows), 4000)):
            host, time, address, path = zip(*rows[begin : begin + 4000])
            times = pa.array(time, pa.timestamp("s", tz="UTC"))
            table = pa.table({"v.host": host, "time": times, "client_ip": address, "extra": path, "url": path})
            pyarrow.parquet.write_table(table, tables / f"{number}.parquet")
        expected = support.beian_audit_csv([log], self.index)
        options = beian_audit.Options(host_field="v.host")
        findings = beian.audit_frame(self.spark.read.parquet(str(tables)), beian.Shipped(str(self.index)), options)

        # Which partition comes first is Spark's matter, and with it the sample.
        def but_samples(report):
            return [line.rpartition(b",")[0] for line in report.splitlines()]

        report = support.report(findings, self.directory)
        self.assertEqual(but_samples(report), but_samples(expected))
        self.assertEqual(findings.totals["lines"], len(rows))
        with self.assertRaisesRegex(beian_audit.AuditFailed, "a column with the host"):
            beian.audit_frame(self.spark.createDataFrame([(1,)], "a int"), self.index)

    def test_the_command_audits_on_spark(self):
        # Within one process: the processors of the cluster are taken.
        command = [sys.executable, "-m", "beian_audit", self.logs, "--index", self.index]
        done = subprocess.run(
            [*command, "--master", "local[2]", "--ship-index", "--slice", "1"],
            capture_output=True,
            check=False,
            cwd=self.directory,
        )
        self.assertEqual((done.stdout, done.returncode), (self.expected, 1), done.stderr)

    def test_a_log_that_a_worker_cannot_read_ends_the_audit(self):
        gone = self.directory / "gone.log"
        gone.write_bytes((self.logs / "a.log").read_bytes())
        plan = beian_audit.Options().kernel(0, [gone]).plan(SLICE)
        gone.unlink()
        with mock.patch.object(beian.Options, "kernel", lambda *_: mock.Mock(plan=lambda _: plan)):
            with self.assertRaisesRegex(Exception, "gone.log cannot be read"):
                beian.audit(self.spark, [gone], self.index)

    def test_a_shipped_index_takes_its_delta_along(self):
        context = mock.Mock(defaultParallelism=2)
        index = self.directory / "shipped.index"
        shutil.copy(self.index, index)
        for suffixes in ([""], ["", ".delta"]):
            (self.directory / f"shipped.index{suffixes[-1]}").touch()
            context.reset_mock()
            job = beian._job(mock.Mock(sparkContext=context), beian.Shipped(str(index)), beian_audit.Options(), None)
            sent = [mock.call(job.index.path + suffix) for suffix in suffixes]
            self.assertEqual(context.addFile.call_args_list, sent)

    def test_a_shipped_index_may_be_another_at_the_next_audit(self):
        directory = self.directory / "kept-up"
        directory.mkdir()
        index = support.make_index(directory)
        log = self.logs / "a.log"
        for status in ("not-filed", "cancelled"):
            if status == "cancelled":
                records = directory / "records.csv"
                records.write_text(records.read_text() + "often.cn,cancelled,2026-11-21,7\n")
                command = [support.binary(), "index", "build", records, "--index", index]
                subprocess.run(command, check=True, capture_output=True)
            findings = beian.audit(self.spark, [log], beian.Shipped(str(index)), slice_bytes=SLICE)
            report = support.report(findings, self.directory)
            self.assertEqual(report, support.beian_audit_csv([log], index))
            line = next(line for line in report.decode().splitlines() if line.startswith("often.cn,"))
            self.assertIn(status, line)

    def test_where_there_is_nothing_to_read_no_task_runs(self):
        spark = mock.Mock(sparkContext=mock.Mock(defaultParallelism=2))
        findings = beian.audit(spark, [self.logs / "e.txt", self.logs / "f.log"], self.index)
        self.assertEqual((len(findings), findings.totals["lines"]), (0, 0))
        self.assertEqual([problem["kind"] for problem in findings.problems], ["NotRecognised"])
        spark.range.assert_not_called()


if __name__ == "__main__":
    unittest.main()
