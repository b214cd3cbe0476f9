// Verify an export of Egide's journal, and open it, without any of Egide's software; what is checked, and how, stands
// in docs/journal-export.md. Of one alarm it prints the events. Needs Node 20 or newer and nothing else.
//
//     node verify_export.mjs FILE
//
// It ends with 0 when everything holds, with 1 and a sentence when something does not. Checkpoints: verify_export.py.

import { createDecipheriv, createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const NOTHING = Buffer.alloc(32);
const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const bytes = (text) => Buffer.from(text ?? "", "base64");

function check(holds, sentence) {
  if (!holds) throw new Error(sentence);
}

/** Steps 1 to 4; returns the running hash and how many streams there are. */
function checkRows(rows, isWhole) {
  const heads = new Map();
  let running = NOTHING;
  let last = 0;
  for (const row of rows) {
    check(isWhole ? row.seq === last + 1 : row.seq > last, `event ${row.seq} does not follow event ${last}`);
    const [version, before] = heads.get(row.stream) ?? [0, NOTHING];
    check(row.version === version + 1 && bytes(row.prev).equals(before), `event ${row.seq} does not follow in ${row.stream}`);
    const clear = [row.seq, row.stream, row.version, row.kind, row.at_us, row.centre, row.zone, row.key, row.cause ?? ""];
    const hash = sha256(bytes(row.prev), Buffer.from(`${clear.join("\t")}\n`), bytes(row.body));
    check(hash.equals(bytes(row.hash)), `event ${row.seq} was changed: its hash does not fit`);
    heads.set(row.stream, [row.version, hash]);
    running = sha256(running, hash);
    last = row.seq;
  }
  return [running, heads.size, last];
}

/** The event of one row, as it was before it was sealed: 12 bytes of nonce, AES-256-GCM, 16 bytes of tag. */
function opened(row, key) {
  const body = bytes(row.body);
  const decipher = createDecipheriv("aes-256-gcm", key, body.subarray(0, 12));
  decipher.setAAD(Buffer.from(`${row.stream}\t${row.version}\t${row.kind}`));
  decipher.setAuthTag(body.subarray(-16));
  const plain = Buffer.concat([decipher.update(body.subarray(12, -16)), decipher.final()]);
  return { seq: row.seq, at_us: row.at_us, kind: row.kind, ...JSON.parse(plain) };
}

function verified(file) {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
  const [header, rows, footer] = [lines[0], lines.slice(1, -1), lines.at(-1)];
  check(lines.length > 1 && header.format === "egide-journal-1", "this is no export, or of another format");
  check(footer.proof !== undefined, "the last line is no proof: the file was cut off");
  check(!header.stream || rows.every((row) => row.stream === header.stream), "it holds another stream");
  const [running, streams, last] = checkRows(rows, !header.stream);
  const { proof } = footer;
  const isFitting = proof.events === rows.length && proof.streams === streams && proof.last_seq === last;
  check(isFitting && bytes(proof.running).equals(running), "the last line does not fit: events are missing");
  return header.key ? rows.map((row) => opened(row, bytes(header.key))) : [{ whole: rows.length, streams }];
}

try {
  for (const line of verified(process.argv[2])) console.log(JSON.stringify(line));
} catch (error) {
  console.error(`does not hold: ${error.message}`);
  process.exitCode = 1;
}
