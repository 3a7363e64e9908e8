// Fetches every file of the practice regulator and says what it holds, then hands in one: npm's soap for the calls,
// Node's own digest and cipher, unzip and Python for the archives.
const { execFileSync } = require("node:child_process");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const soap = require("soap");

const [base, filing, folder] = process.argv.slice(2);
const ISP = 440000000001;
const KEY = Buffer.from("1234567890ABCDEF", "ascii");
const VECTOR = Buffer.from("0102030405060708", "ascii");

const md5 = (bytes) => crypto.createHash("md5").update(bytes).digest("base64");

function proof() {
  const randVal = crypto.randomBytes(10).toString("hex");
  return { userName: "practice", randVal, pwdHash: md5("practice-call" + randVal), hashAlgorithm: 0 };
}

/** The text of the first element of a name, none if there is none. */
function text(xml, name) {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml);
  return found ? found[1] : undefined;
}

function unpack(reply) {
  const decipher = crypto.createDecipheriv("aes-128-cbc", KEY, VECTOR);
  const sealed = Buffer.from(text(reply, "beianInfo"), "base64");
  const archive = Buffer.concat([decipher.update(sealed), decipher.final()]);
  if (md5(archive) !== text(reply, "beianInfoHash")) throw new Error("expected the digest of the archive");
  const name = text(reply, "return_FileName");
  const file = path.join(folder, "download.zip");
  fs.writeFileSync(file, archive);
  const xml = new TextDecoder("gbk").decode(execFileSync("unzip", ["-p", file, name]));
  return { name, xml };
}

function pack(file) {
  const archive = path.join(folder, "upload.zip");
  execFileSync(process.env.BEIAN_TEST_PYTHON || "python3", ["-m", "zipfile", "-c", archive, file]);
  const bytes = fs.readFileSync(archive);
  const cipher = crypto.createCipheriv("aes-128-cbc", KEY, VECTOR);
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return { beianInfo: sealed.toString("base64"), beianInfoHash: md5(bytes) };
}

/** Every call of the interface, over a client of each service. */
async function calls() {
  const services = ["ISPWebService/upDownLoad", "BeianStatusWebService/queryBeianStatus"];
  const [files, status] = await Promise.all(services.map((at) => soap.createClientAsync(`${base}/${at}?wsdl`)));
  const call = (client, method) => async (fields) => (await client[`${method}Async`]({ ...fields, ...proof() }))[0].return;
  return {
    download: call(files, "isp_download"),
    acknowledge: call(files, "isp_downloadack"),
    previous: call(files, "isp_querypreviousupload"),
    upload: call(files, "isp_upload"),
    status: call(status, "isp_querybeianstatus"),
  };
}

async function main() {
  const regulator = await calls();
  for (;;) {
    const reply = await regulator.download({ ispID: ISP });
    if (text(reply, "msg_code") === "2") break;
    const { name, xml } = unpack(reply);
    const kind = /<ICP>\s*<(\w+)/.exec(xml)[1];
    console.log(kind, kind === "BAJG" ? text(xml, "Jgdm") : text(/<Wz_xx>[^]*/.exec(xml)[0], "Baxh"));
    const acknowledged = await regulator.acknowledge({ ispID: ISP, fileName: name });
    if (text(acknowledged, "msg_code") !== "0") throw new Error(acknowledged);
  }
  const previous = Number(text(await regulator.previous({ ispId: ISP }), "dataSequence"));
  console.log("previous", previous);
  const handed = { ispID: ISP, dataSequence: previous + 1, ...pack(filing), encryptAlgorithm: 1, compressionFormat: 0 };
  const answer = text(await regulator.upload(handed), "msg_code");
  const last = text(await regulator.previous({ ispId: ISP }), "dataSequence");
  console.log(`upload ${answer}, previous ${last}`);
  const asked = await regulator.status({ ispID: ISP, queryConditionType: 0, queryCondition: "xizuo-one.cn" });
  if (text(asked, "Bazt") !== "0") throw new Error(asked);
  console.log("status", text(asked, "Wzbah"));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
