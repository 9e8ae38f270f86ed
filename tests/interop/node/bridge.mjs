// Answers questions about signatures with the libraries of package.json: one JSON object a line on standard input,
// one JSON answer a line on standard output, in the same order. Bytes are hex. A fault is {"error": "..."}.
//
//   smithy.sign     service region credentials date (ms) method host path query (plain, {name: text or [text]})
//                   headers ({name: text}) body (hex) s3 -> {headers}
//   smithy.presign  the same, expires and unhoistable (headers that stay out of the query; optional) -> {query}
//   smithy.event    service region credentials date prior headers (hex) payload (hex) -> signature
//   codec.encode    headers ([name, type, value]) payload (hex) -> frame (hex)
//   codec.decode    frame (hex) -> {headers, payload}
//   shared-files    config credentials (paths) -> {profiles: {name: {key: value}}}
//   aws4.sign       service region credentials method host path headers body signQuery -> {headers, path}
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";

const require = createRequire(join(process.argv[2], "bridge.cjs"));
const { Sha256 } = require("@aws-crypto/sha256-js");
const { SignatureV4 } = require("@smithy/signature-v4");
const { EventStreamCodec } = require("@smithy/eventstream-codec");
const { parseKnownFiles } = require("@smithy/shared-ini-file-loader");
const aws4 = require("aws4");

const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (found) => Buffer.from(found).toString("hex");
const codec = new EventStreamCodec((found) => Buffer.from(found).toString("utf8"), (text) => new Uint8Array(Buffer.from(text, "utf8")));

const smithy = (question) =>
  new SignatureV4({
    service: question.service,
    region: question.region,
    credentials: question.credentials,
    sha256: Sha256,
    uriEscapePath: !question.s3,
    applyChecksum: Boolean(question.s3),
  });

const request = (question) => {
  const [hostname, port] = question.host.split(/:(?=\d+$)/);
  return {
    method: question.method,
    protocol: "https:",
    hostname,
    port: port === undefined ? undefined : Number(port),
    path: question.path,
    query: question.query,
    headers: question.headers,
    body: question.body ? bytes(question.body) : undefined,
  };
};

const kinds = ["boolean", "boolean", "byte", "short", "integer", "long", "binary", "string", "timestamp", "uuid"];

const header = ([name, kind, value]) => {
  const type = kinds[kind];
  if (type === "boolean") return [name, { type, value: kind === 0 }];
  if (type === "long") {
    const found = new DataView(new ArrayBuffer(8));
    found.setBigInt64(0, BigInt(value));
    return [name, { type, value: { bytes: new Uint8Array(found.buffer), valueOf: () => Number(value) } }];
  }
  if (type === "binary") return [name, { type, value: bytes(value) }];
  if (type === "timestamp") return [name, { type, value: new Date(Number(value)) }];
  if (type === "uuid") return [name, { type, value: value.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") }];
  return [name, { type, value }];
};

const plain = ([name, { type, value }]) => {
  const kind = type === "boolean" ? (value ? 0 : 1) : kinds.indexOf(type);
  if (type === "boolean") return [name, kind, null];
  if (type === "long") return [name, kind, String(Buffer.from(value.bytes).readBigInt64BE(0))];
  if (type === "binary") return [name, kind, hex(value)];
  if (type === "timestamp") return [name, kind, String(value.getTime())];
  if (type === "uuid") return [name, kind, value.replaceAll("-", "")];
  return [name, kind, value];
};

const answers = {
  "smithy.sign": async (question) => {
    const signed = await smithy(question).sign(request(question), { signingDate: new Date(question.date) });
    return { headers: signed.headers };
  },
  "smithy.presign": async (question) => {
    const signed = await smithy(question).presign(request(question), {
      signingDate: new Date(question.date),
      expiresIn: question.expires,
      unhoistableHeaders: new Set(question.unhoistable ?? []),
    });
    return { query: signed.query };
  },
  "smithy.event": (question) =>
    smithy(question).sign(
      { headers: bytes(question.headers), payload: bytes(question.payload) },
      { signingDate: new Date(question.date), priorSignature: question.prior },
    ),
  "codec.encode": (question) =>
    hex(codec.encode({ headers: Object.fromEntries(question.headers.map(header)), body: bytes(question.payload) })),
  "codec.decode": (question) => {
    const { headers, body } = codec.decode(bytes(question.frame));
    return { headers: Object.entries(headers).map(plain), payload: hex(body) };
  },
  "shared-files": async (question) => ({
    profiles: await parseKnownFiles({ configFilepath: question.config, filepath: question.credentials, ignoreCache: true }),
  }),
  "aws4.sign": (question) => {
    const { op, credentials, body, ...rest } = question;
    const signed = aws4.sign({ ...rest, body: body ? Buffer.from(body, "hex").toString("utf8") : undefined }, credentials);
    return { headers: signed.headers, path: signed.path };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let answer;
  try {
    answer = await answers[question.op](question);
  } catch (error) {
    answer = { error: `${error.name}: ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
