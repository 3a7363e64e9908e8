"""Logs from a seed, and what `beian audit` says of them: the oracle of all tests here."""

import gzip
import json
import os
import pathlib
import random
import subprocess

RECORDS = """\
domain,status,as_of,id
filed.cn,filed-here,2026-11-20,1
filed.com.cn,filed-here,2026-11-20,2
elsewhere.cn,filed-elsewhere,2026-11-20,3
cancelled.com,cancelled,2026-11-20,4
blacklisted.cn,blacklisted,2026-11-20,5
shell.net,shell,2026-11-20,6
"""
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def binary():
    """The program that an access provider runs."""
    path = os.environ.get("BEIAN_TEST_BINARY")
    if not path or not os.access(path, os.X_OK):
        raise RuntimeError("BEIAN_TEST_BINARY must name the program beian: `cargo xtask test spark` does")
    return path


def make_index(directory):
    """An index as an access provider builds it."""
    records, index = directory / "records.csv", directory / "hosts.index"
    records.write_text(RECORDS)
    subprocess.run([binary(), "index", "build", records, "--index", index], check=True, capture_output=True)
    return index


def beian_audit_csv(logs, index, *options):
    """The report of the program, and with what it ended."""
    command = [binary(), "audit", *logs, "--index", index, "--format", "csv", *options]
    done = subprocess.run(command, capture_output=True, timeout=120)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr.decode())
    return done.stdout


def requests(seed, count):
    """Host, time, address and path of some requests: of few domains many, and of many a few."""
    drawn = random.Random(seed)
    hosts = ["www.filed.cn", "FILED.com.cn.", "a.elsewhere.cn", "cancelled.com:8080", "blacklisted.cn", "x.y.shell.net"]
    hosts += ["192.0.2.80", "localhost", "x..y.cn", "食狮.cn".encode("idna").decode(), "often.cn"]
    for _ in range(count):
        if drawn.random() < 0.5:
            host = drawn.choice(hosts)
        else:
            host = f"www.d{int(drawn.paretovariate(0.7)) % 900}.{drawn.choice(('cn', 'com.cn', 'net'))}"
        address = f"198.51.{drawn.randrange(2)}.{drawn.randrange(250)}"
        time = 1_791_600_000 + drawn.randrange(400_000)
        yield host, time, address, drawn.choice(("/", "/a,b?token=secret", "/%E4/long/path", "/i.html#x"))


def local(time):
    """As nginx writes it in China; every such time is of October 2026."""
    day, rest = divmod(time + 8 * 3600 - 1_790_812_800, 86_400)
    return f"{day + 1:02}/Oct/2026:{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02} +0800"


def nginx_line(host, time, address, path):
    return f'{host} {address} - - [{local(time)}] "GET {path} HTTP/1.1" 200 5 "-" "curl"'


def json_line(host, time, address, path):
    return json.dumps({"ts": time, "host": host, "remote_addr": address, "uri": path})


def csv_line(host, time, address, path):
    return f'{time},{address},"{host}","{path}"'


def make_logs(directory, seed, count):
    """A directory of logs of several formats, with noise: CRLF, cut-off lines, bytes that no text has, a line that is
    far too long, no line feed at the end, an archive, something that is no log."""
    directory.mkdir()
    noise = random.Random(seed)

    def lines(line, number, head=""):
        text = [head.encode()] if head else []
        for request in requests(seed + number, count):
            row = line(*request).encode() + noise.choice((b"\n", b"\n", b"\r\n"))
            text.append(row)
            if noise.random() < 0.01:
                cut_off, binary_data = row[: len(row) // 3] + b"\n", noise.randbytes(60) + b"\n"
                text.append(noise.choice((b"\n", b"\r\n", cut_off, binary_data)))
        return b"".join(text)

    (directory / "a.log").write_bytes(lines(nginx_line, 1) + b"often.cn 192.0.2.1 cut off")
    long_line = b'{"host":"' + b"x" * 400_000 + b'"}\n'
    (directory / "b.json").write_bytes(lines(json_line, 2) + long_line + lines(json_line, 3))
    (directory / "c.csv").write_bytes(lines(csv_line, 4, "time,client_ip,host,url\n"))
    (directory / "d.log.gz").write_bytes(gzip.compress(lines(nginx_line, 5), 1, mtime=0))
    (directory / "e.txt").write_bytes(b"no log\nbut a poem\n")
    (directory / "f.log").write_bytes(b"")
    return directory


def report(findings, directory):
    """The findings as the program would print them."""
    path = pathlib.Path(directory) / "report.csv"
    findings.write(path)
    return path.read_bytes()
