// A regulator's side that shares no line with this project: npm's soap, driven by the service descriptions, with
// Node's own digest and cipher, unzip and Python for the archives. It refuses what is not as it must be.
//
// node foreign_server.js FOLDER: reads descriptions and the file to be fetched from there, writes what was handed in
// there, prints its port, and ends when its standard input does.
const { execFileSync } = require("node:child_process");
const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const soap = require("soap");

const folder = process.argv[2];
const KEY = Buffer.from("1234567890ABCDEF", "ascii");
const VECTOR = Buffer.from("0102030405060708", "ascii");
const NAME = "20260325145800_zj_3058.xml";
const FILED = { domain: "xizuo-one.cn", sponsor: "浙ICP备00000001号", service: "浙ICP备00000001号-1" };

const md5 = (bytes) => crypto.createHash("md5").update(bytes).digest("base64");
/** As the live service writes it: in lines of 76 characters. */
const lines = (base64) => base64.replace(/(.{76})/g, "$1\n");

let last = { sequence: 0, file: "" };
let acknowledged = false;

function answer(code, inner = "") {
  const status = `<msg_code>${code}</msg_code><msg>${code === 0 ? "操作成功" : "操作失败"}</msg>`;
  return { return: `<?xml version="1.0" encoding="GBK"?><return version="V.3.0">${status}${inner}</return>` };
}

function fileFields(file, sequence, name) {
  const number = sequence === undefined ? "" : `<dataSequence>${sequence}</dataSequence>`;
  const algorithms = "<hashAlgorithm>0</hashAlgorithm><compressionFormat>0</compressionFormat><encryptAlgorithm>1</encryptAlgorithm>";
  const named = name === undefined ? "" : `<return_FileName>${name}</return_FileName>`;
  const content = `<beianInfo>${lines(file.sealed)}</beianInfo><beianInfoHash>${file.digest}</beianInfoHash>`;
  return `<fileInfos>${algorithms}${number}${named}${content}</fileInfos>`;
}

function seal(file) {
  const archive = path.join(folder, "sealed.zip");
  execFileSync(process.env.BEIAN_TEST_PYTHON || "python3", ["-m", "zipfile", "-c", archive, file]);
  const bytes = fs.readFileSync(archive);
  const cipher = crypto.createCipheriv("aes-128-cbc", KEY, VECTOR);
  return { sealed: Buffer.concat([cipher.update(bytes), cipher.final()]).toString("base64"), digest: md5(bytes) };
}

/** The one file of an archive that was handed in. */
function open(sealed, digest) {
  const decipher = crypto.createDecipheriv("aes-128-cbc", KEY, VECTOR);
  const bytes = Buffer.concat([decipher.update(Buffer.from(sealed, "base64")), decipher.final()]);
  if (md5(bytes) !== digest) return undefined;
  const archive = path.join(folder, "opened.zip");
  fs.writeFileSync(archive, bytes);
  const names = execFileSync("unzip", ["-Z1", archive]).toString().trim().split("\n");
  return names.length === 1 ? execFileSync("unzip", ["-p", archive]) : undefined;
}

/** A method that only whoever knows the password is answered by. */
function method(caller, parameters, act) {
  const common = [caller, "userName", "randVal", "pwdHash", "hashAlgorithm"];
  return (fields) => {
    const got = Object.keys(fields).sort().join();
    const expected = [...common, ...parameters].sort().join();
    if (got !== expected) throw new Error(`expected ${expected}, got ${got}`);
    if (String(fields[caller]) !== "330000000001" || fields.userName !== "practice") return answer(4);
    if (!/^[A-Za-z0-9]{20}$/.test(fields.randVal)) return answer(16);
    if (fields.pwdHash !== md5("practice-call" + fields.randVal)) return answer(5);
    return act(fields);
  };
}

const upload = ({ dataSequence, beianInfo, beianInfoHash, encryptAlgorithm, compressionFormat }) => {
  const [sequence, next] = [Number(dataSequence), last.sequence + 1];
  if (sequence !== next) return answer(14, `<dataSequences><dataSequence>${next}</dataSequence></dataSequences>`);
  if (Number(encryptAlgorithm) !== 1) return answer(9);
  if (Number(compressionFormat) !== 0) return answer(11);
  const xml = open(beianInfo, beianInfoHash);
  if (xml === undefined) return answer(7);
  fs.writeFileSync(path.join(folder, `upload-${sequence}.xml`), xml);
  last = { sequence, file: { sealed: beianInfo, digest: beianInfoHash } };
  return answer(0);
};

const status = ({ queryConditionType, queryCondition }) => {
  const isFiled = Number(queryConditionType) === 0 && queryCondition === FILED.domain;
  const found = isFiled ? `<Wzmc>习作网站</Wzmc><Ztbah>${FILED.sponsor}</Ztbah><Wzbah>${FILED.service}</Wzbah>` : "";
  const asked = `<Cxtjlx>${queryConditionType}</Cxtjlx><Cxtj>${queryCondition}</Cxtj>`;
  return answer(0, `<StatusInfo>${asked}${found}<Bazt>${isFiled ? 0 : 1}</Bazt></StatusInfo>`);
};

const SERVICES = {
  UpDownLoad: {
    isp_upload: method(
      "ispID",
      ["beianInfo", "beianInfoHash", "dataSequence", "encryptAlgorithm", "compressionFormat"],
      upload,
    ),
    isp_download: method("ispID", [], () => {
      if (acknowledged) return answer(2);
      return answer(0, fileFields(seal(path.join(folder, NAME)), undefined, NAME));
    }),
    isp_downloadack: method("ispID", ["fileName"], ({ fileName }) => {
      acknowledged = fileName === NAME;
      return answer(acknowledged ? 0 : 999);
    }),
    isp_querypreviousupload: method("ispId", [], () =>
      answer(0, last.sequence === 0 ? "" : fileFields(last.file, last.sequence)),
    ),
  },
  QueryBeianStatus: { isp_querybeianstatus: method("ispID", ["queryConditionType", "queryCondition"], status) },
  VerifyBamm: {
    isp_verifybamm: method("ispID", ["baxh", "bamm"], ({ bamm }) =>
      answer(0, `<VerifyRes>${bamm === "practice-filing" ? 0 : 1}</VerifyRes>`),
    ),
  },
};

const server = http.createServer((_, response) => response.writeHead(404).end());
server.listen(0, "127.0.0.1", () => {
  for (const [name, methods] of Object.entries(SERVICES)) {
    const xml = fs.readFileSync(path.join(folder, `${name}.wsdl`), "utf8");
    const at = new URL(/soap:address location="([^"]+)"/.exec(xml)[1]).pathname;
    soap.listen(server, { path: at, services: { [`${name}Service`]: { [name]: methods } }, xml });
  }
  console.log(server.address().port);
});
process.stdin.resume().on("end", () => process.exit(0));
