"""An object storage that demands signatures, filled with what is in a directory.

    python storage.py DIRECTORY

Moto is the storage. It checks signatures in headers alone, so before it stands a gate that reckons those in addresses
with botocore, AWS' own library: it refuses what is not signed, signed otherwise, too old, or with another token.
Buckets are the first part of a path, or of a host below DOMAIN, for those who take the gate for their proxy.
Prints the port of the gate, and that of another which breaks every connection off after 100 000 bytes.
"""

import logging
import sys
import time
from calendar import timegm
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import boto3
import requests
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.server import ThreadedMotoServer

BUCKET = "beian-logs"
REGION = "cn-test-1"
DOMAIN = ".storage.test"
KEYS = {
    "PLAIN": Credentials("PLAIN", "plain-secret/+="),
    "LENT": Credentials("LENT", "lent-secret", "lent-token/+="),
}
# Pages are shorter than AWS' thousand: of so many objects there are five.
MANY, PAGE = 201, 50
BREAK_AFTER = 100_000

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
upstream = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
storage = boto3.client(
    "s3", endpoint_url=upstream, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
)
storage.create_bucket(Bucket=BUCKET)
root = Path(sys.argv[1])
for path in sorted(root.rglob("*")):
    if path.is_file():
        storage.put_object(Bucket=BUCKET, Key=path.relative_to(root).as_posix(), Body=path.read_bytes())
storage.put_object(Bucket=BUCKET, Key="files/.hidden.log", Body=b"hidden")
storage.put_object(Bucket=BUCKET, Key="files/directory/", Body=b"")
line = b'www.d1.cn 192.0.2.1 - - [10/Oct/2026:13:55:36 +0800] "GET / HTTP/1.1" 200 5\n'
# Names as they may be.
storage.put_object(Bucket=BUCKET, Key="odd/食 狮+%2F&=#?.log", Body=line)
for number in range(MANY):
    storage.put_object(Bucket=BUCKET, Key=f"many/{number:03}.log", Body=line)


def fault(method, path, query, host):
    """What AWS would call it; None if the signature is right."""
    told = dict(parse_qsl(query, keep_blank_values=True))
    signature = told.pop("X-Amz-Signature", None)
    if signature is None:
        return "AccessDenied"
    key, scope = told["X-Amz-Credential"].split("/", 1)
    if key not in KEYS or scope != f"{told['X-Amz-Date'][:8]}/{REGION}/s3/aws4_request":
        return "InvalidAccessKeyId"
    if told.get("X-Amz-Security-Token") != KEYS[key].token:
        return "InvalidToken"
    signed_at = timegm(time.strptime(told["X-Amz-Date"], "%Y%m%dT%H%M%SZ"))
    if not signed_at - 60 < time.time() < signed_at + int(told["X-Amz-Expires"]):
        return "RequestTimeTooSkewed"
    rest = "&".join(part for part in query.split("&") if not part.startswith("X-Amz-Signature="))
    request = AWSRequest(method, f"http://{host}{path}?{rest}", headers={"host": host})
    request.context["timestamp"] = told["X-Amz-Date"]
    auth = S3SigV4QueryAuth(KEYS[key], "s3", REGION, int(told["X-Amz-Expires"]))
    reckoned = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    return None if reckoned == signature else "SignatureDoesNotMatch"


class Gate(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    most = None

    def do_GET(self):
        address = urlsplit(self.path)
        host = self.headers["host"]
        code = fault("GET", address.path, address.query, host)
        if code:
            # AWS tells more than it should, too.
            body = f"<Error><Code>{code}</Code><StringToSign>{self.path}</StringToSign></Error>".encode()
            return self.answer(403, {"Content-Type": "application/xml"}, body)
        query = "&".join(part for part in address.query.split("&") if not part.startswith("X-Amz-"))
        if "list-type=2" in query:
            query += f"&max-keys={PAGE}"
        headers = {name: self.headers[name] for name in ["range", "if-match"] if name in self.headers}
        # Not checked, but whoever has none is nobody.
        headers["authorization"] = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request"
        bucket = f"/{host.removesuffix(DOMAIN)}" if host.endswith(DOMAIN) else ""
        answer = requests.get(f"{upstream}{bucket}{address.path}?{query}", headers=headers, stream=True)
        body = answer.raw.read()
        kept = ["content-range", "etag", "content-type"]
        return self.answer(answer.status_code, {n: answer.headers[n] for n in kept if n in answer.headers}, body)

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.most])
        if self.most and len(body) > self.most:
            self.close_connection = True

    def log_message(self, *_):
        pass


class BreakingGate(Gate):
    most = BREAK_AFTER


gates = [ThreadingHTTPServer(("127.0.0.1", 0), kind) for kind in [Gate, BreakingGate]]
for gate in gates:
    Thread(target=gate.serve_forever).start()
print(*(gate.server_port for gate in gates), flush=True)
