"""Apache Spark for real: a standalone master and workers, processes on the loopback interface."""

import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import sys
import threading
import time

import pyspark

HOST = "127.0.0.1"
HOME = pathlib.Path(pyspark.__file__).parent
#: Nobody waits longer for a process to say that it is ready, or to end.
PATIENCE = 180


class Daemon:
    """A process of Spark, with all that it starts in a session of its own."""

    def __init__(self, directory, name, arguments, ready):
        self.name, self._lines = name, queue.Queue()
        environment = os.environ | {
            "SPARK_HOME": str(HOME),
            "SPARK_LOCAL_IP": HOST,
            "SPARK_LOCAL_DIRS": str(directory / f"{name}-scratch"),
            "SPARK_DAEMON_MEMORY": "256m",
        }
        # Drivers are told to be quiet; a daemon must say that it is ready.
        environment.pop("SPARK_CONF_DIR", None)
        self.process = subprocess.Popen(
            # Not even a killed test leaves it behind.
            ["setpriv", "--pdeathsig", "KILL", HOME / "bin/spark-class", *arguments],
            env=environment,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.told = self._await(ready)

    def _read(self):
        for line in self.process.stderr:
            self._lines.put(line)
        self._lines.put(None)

    def _await(self, words):
        seen = []
        while True:
            line = self._lines.get(timeout=PATIENCE)
            if line is None:
                raise RuntimeError(f"{self.name} ended: {''.join(seen)}")
            seen.append(line)
            if words in line:
                return line

    def kill(self):
        """Ends it and all that it started, at once: no process of it runs when this returns."""
        for pid in self._session():
            # Some may have ended by the loss of the others.
            try:
                handle = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            try:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            except ProcessLookupError:
                pass
            finally:
                os.close(handle)
        self.process.wait(PATIENCE)
        if self._session():
            self.kill()
        self._reader.join(PATIENCE)
        self.process.stderr.close()

    def _session(self):
        """Every process of the session that is no zombie."""
        pids = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    state = pathlib.Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
                except (FileNotFoundError, ProcessLookupError):
                    continue
                if int(state[3]) == self.process.pid and state[0] not in "ZX":
                    pids.append(int(entry))
        return pids


class Cluster:
    """A master, and workers with one processor each."""

    def __init__(self, directory, workers):
        self.directory, self.workers = directory, {}
        self._configure()
        master = ["org.apache.spark.deploy.master.Master", "--host", HOST, "--port", "0", "--webui-port", "0"]
        self.master = Daemon(directory, "master", master, "Starting Spark master at")
        self.url = self.master.told.split(" at ")[1].split()[0]
        for name in workers:
            self.start(name)

    def _configure(self):
        """What every driver reads that the tests start: this interpreter, this interface, little memory."""
        conf = self.directory / "conf"
        conf.mkdir()
        settings = {
            "spark.driver.host": HOST,
            "spark.driver.bindAddress": HOST,
            "spark.driver.memory": "512m",
            "spark.executor.memory": "512m",
            "spark.cores.max": 2,
            # Tasks begin when both workers are there.
            "spark.scheduler.minRegisteredResourcesRatio": 1,
            "spark.scheduler.maxRegisteredResourcesWaitingTime": f"{PATIENCE}s",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }
        (conf / "spark-defaults.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        (conf / "log4j2.properties").write_text(
            "rootLogger.level = error\nrootLogger.appenderRef.stderr.ref = stderr\n"
            "appender.stderr.type = Console\nappender.stderr.name = stderr\nappender.stderr.target = SYSTEM_ERR\n"
            "appender.stderr.layout.type = PatternLayout\nappender.stderr.layout.pattern = %p %c{1}: %m%n\n"
        )
        self.environment = {"SPARK_CONF_DIR": str(conf), "SPARK_LOCAL_IP": HOST, "SPARK_HOME": str(HOME)}
        self.environment["PYSPARK_PYTHON"] = sys.executable

    def start(self, name):
        """Starts a worker that does not run."""
        if name in self.workers:
            return
        worker = ["org.apache.spark.deploy.worker.Worker", "--host", HOST, "--port", "0", "--webui-port", "0"]
        worker += ["--cores", "1", "--memory", "1g", "--work-dir", str(self.directory / name), self.url]
        self.workers[name] = Daemon(self.directory, name, worker, "Successfully registered with master")

    def kill(self, name):
        """Kills a worker with its executors and their Pythons."""
        self.workers.pop(name).kill()

    def stop(self):
        """Ends everything."""
        for name in list(self.workers):
            self.kill(name)
        self.master.kill()


class Gate:
    """Holds tasks: each asks here before it begins with a slice, and goes on when it is told."""

    def __init__(self):
        self._socket = socket.create_server((HOST, 0))
        self._held, self._connections = queue.Queue(), []
        #: Worker and slice of all that have asked, in their order.
        self.asked = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._connections.append(connection)
            with connection.makefile() as lines:
                self._held.put((*json.loads(lines.readline()), connection))

    def next(self, audit):
        """The next that asks, as worker, slice, and what lets it go on; none if the audit ends instead."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                worker, number, connection = self._held.get(timeout=0.2)
                break
            except queue.Empty:
                if audit.done():
                    return None
                if time.monotonic() > deadline:
                    raise RuntimeError(f"nobody asks any more; so far did {self.asked}") from None
        self.asked.append((worker, number))

        def go_on():
            connection.sendall(b"go")

        return worker, number, go_on

    def before(self, scanner):
        """The same scanner, asking here before each slice."""
        port = self._socket.getsockname()[1]

        def gated_scanner(job, slices):
            scan = scanner(job, slices)

            # A function within a function goes to the workers as it is: they have no tests to import.
            def gated(batches):
                import json
                import os
                import socket

                for batch in batches:
                    with socket.create_connection(("127.0.0.1", port)) as connection:
                        worker = os.getcwd().split("/")[-3]
                        connection.sendall(json.dumps([worker, batch.column(0)[0].as_py()]).encode() + b"\n")
                        if connection.recv(2) != b"go":
                            raise RuntimeError("the gate is gone")
                    yield from scan(iter([batch]))

            return gated

        return gated_scanner

    def close(self):
        """Nobody asks any more, and who is held learns it."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._connections:
            connection.close()
