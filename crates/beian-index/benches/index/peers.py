"""Domains looked up as a user of SQLite, Redis or DuckDB would: many at once, in the way that suits each.

Nothing is asked of a peer that it does not do as well: domains are given, not hosts, and the answer is only how many
are there. Loading is not timed. For each file of questions prints the seconds of the processors (of Redis those of the
server alone), the seconds of the clock, and how many were found.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time

peer, registry, *questions = sys.argv[1:]


def lines(path):
    with open(path, encoding="ascii") as file:
        for line in file:
            yield line.rstrip("\n")


def sqlite():
    import sqlite3

    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE filed (domain TEXT PRIMARY KEY, id INTEGER) WITHOUT ROWID")
    connection.execute("BEGIN")
    rows = ((domain, number) for number, domain in enumerate(sorted(lines(registry))))
    connection.executemany("INSERT INTO filed VALUES (?, ?)", rows)
    connection.execute("COMMIT")
    for path in questions:
        connection.execute("CREATE TABLE asked (domain TEXT)")
        connection.executemany("INSERT INTO asked VALUES (?)", ((domain,) for domain in lines(path)))
        question = "SELECT count(filed.id) FROM asked CROSS JOIN filed USING (domain)"
        measure(lambda: connection.execute(question).fetchone()[0])
        connection.execute("DROP TABLE asked")


def duckdb():
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 1")

    def load(table, path):
        options = "delim = '\x01', header = false, quote = '', escape = '', columns = {'domain': 'VARCHAR'}"
        connection.execute(
            f"CREATE OR REPLACE TABLE {table} AS "
            f"SELECT domain, row_number() OVER () AS id FROM read_csv('{path}', {options})"
        )

    load("filed", registry)
    for path in questions:
        load("asked", path)
        question = "SELECT count(filed.id) FROM asked JOIN filed USING (domain)"
        measure(lambda: connection.execute(question).fetchone()[0])


def redis():
    at_once = 1000
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "redis")
        options = ["--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no"]
        server = subprocess.Popen(["redis-server", *options], cwd=directory, stdout=subprocess.DEVNULL)
        try:
            while not os.path.exists(path):
                time.sleep(0.05)
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(path)
                replies = connection.makefile("rb")

                def command(words):
                    parts = [f"*{len(words)}\r\n".encode()]
                    parts.extend(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
                    return b"".join(parts)

                def batches(of):
                    batch = []
                    for word in of:
                        batch.append(word)
                        if len(batch) == at_once:
                            yield batch
                            batch = []
                    if batch:
                        yield batch

                for batch in batches(enumerate(lines(registry))):
                    words = [b"MSET"]
                    for number, domain in batch:
                        words += [domain.encode(), b"%d" % number]
                    connection.sendall(command(words))
                    assert replies.readline() == b"+OK\r\n"
                for path in questions:
                    asked = [
                        (command([b"MGET", *batch]), len(batch))
                        for batch in batches(domain.encode() for domain in lines(path))
                    ]

                    def ask():
                        found = 0
                        for request, count in asked:
                            connection.sendall(request)
                            assert replies.readline() == b"*%d\r\n" % count
                            for _ in range(count):
                                if replies.readline() != b"$-1\r\n":
                                    replies.readline()
                                    found += 1
                        return found

                    measure(ask, server.pid)
        finally:
            server.kill()
            server.wait()


def processors(pid):
    if pid is None:
        return time.process_time()
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(question, pid=None):
    clock, ran = time.time(), processors(pid)
    found = question()
    print(processors(pid) - ran, time.time() - clock, found, flush=True)


{"sqlite": sqlite, "duckdb": duckdb, "redis": redis}[peer]()
