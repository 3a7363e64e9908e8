"""Fetches every file of the practice regulator and says what it holds, then hands in one."""
import base64
import hashlib
import io
import random
import re
import string
import subprocess
import sys
import zipfile
from xml.etree import ElementTree

import zeep

BASE = sys.argv[1]
ISP = 440000000001
KEY, IV = b"1234567890ABCDEF".hex(), b"0102030405060708".hex()


def proof():
    value = "".join(random.choice(string.ascii_letters + string.digits) for _ in range(20))
    digest = hashlib.md5(("practice-call" + value).encode("gbk")).digest()
    return {"userName": "practice", "randVal": value, "pwdHash": base64.b64encode(digest).decode(), "hashAlgorithm": 0}


def parse(text):
    return ElementTree.fromstring(re.sub(r"^<\?xml[^>]*\?>", "", text))


def unpack(file):
    sealed = base64.b64decode(file.findtext("beianInfo"))
    command = ["openssl", "enc", "-d", "-aes-128-cbc", "-K", KEY, "-iv", IV]
    archive = subprocess.run(command, input=sealed, capture_output=True, check=True).stdout
    assert base64.b64encode(hashlib.md5(archive).digest()).decode() == file.findtext("beianInfoHash")
    name = file.findtext("return_FileName")
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.namelist() == [name]
        return name, parse(opened.read(name).decode("gbk"))


def pack(path):
    opened = io.BytesIO()
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "beianinfo.xml")
    archive = opened.getvalue()
    command = ["openssl", "enc", "-aes-128-cbc", "-K", KEY, "-iv", IV]
    sealed = subprocess.run(command, input=archive, capture_output=True, check=True).stdout
    digest = base64.b64encode(hashlib.md5(archive).digest()).decode()
    return base64.b64encode(sealed).decode(), digest


files = zeep.Client(BASE + "/ISPWebService/upDownLoad?wsdl").service
status = zeep.Client(BASE + "/BeianStatusWebService/queryBeianStatus?wsdl").service
while True:
    reply = parse(files.isp_download(ispID=ISP, **proof()))
    if reply.findtext("msg_code") == "2":
        break
    name, document = unpack(reply.find("fileInfos"))
    kind = document.find("ICP")[0].tag
    path = ".//Jgdm" if kind == "BAJG" else ".//Wz_xx/Baxh"
    print(kind, document.findtext(path))
    acknowledged = parse(files.isp_downloadack(ispID=ISP, fileName=name, **proof()))
    assert acknowledged.findtext("msg_code") == "0"
previous = parse(files.isp_querypreviousupload(ispId=ISP, **proof()))
sequence = int(previous.findtext(".//dataSequence"))
print("previous", sequence)
content, digest = pack(sys.argv[2])
answer = parse(files.isp_upload(
    ispID=ISP, dataSequence=sequence + 1, beianInfo=content, beianInfoHash=digest,
    encryptAlgorithm=1, compressionFormat=0, **proof()))
last = parse(files.isp_querypreviousupload(ispId=ISP, **proof())).findtext(".//dataSequence")
print(f"upload {answer.findtext('msg_code')}, previous {last}")
asked = parse(status.isp_querybeianstatus(ispID=ISP, queryConditionType=0, queryCondition="xizuo-one.cn", **proof()))
assert asked.findtext(".//Bazt") == "0"
print("status", asked.findtext(".//Wzbah"))
