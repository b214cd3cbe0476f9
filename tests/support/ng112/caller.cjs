// Somebody's app by ng112-js: it asks LoST who answers where it is, calls whom that names, and says on a line what came
// back. ng112-js has no LoST, so the question and the reading of its answer are here, by another parser than the server's.
const { Agent, Origin } = require("ng112-js/dist/node");
const { JsSipAdapter } = require("ng112-js-sip-adapter-jssip");
const { PidfLo, XMLCompat } = require("pidf-lo/dist/node");
const { DOMParser } = require("@xmldom/xmldom");
const { createInterface } = require("node:readline");

// It writes a place by a word that the version of pidf-lo with which it starts has not.
PidfLo.prototype.toXMLString ??= function toXMLString() { return XMLCompat.toXMLString(this.toXML()); };

const [endpoint, lost, key] = process.argv.slice(2);
const LOST = "urn:ietf:params:xml:ns:lost1";
const tell = (event, more) => process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
const kept = new Map();
let turnedMs = 0;
let agent;
let chat;
// Where each message of a call goes: whom LoST named, or nothing, and then the proxy finds out.
let route = [];

const question = ({ latitude, longitude, radius }) => `<?xml version="1.0"?>
<findService xmlns="${LOST}" xmlns:g="http://www.opengis.net/gml" xmlns:s="http://www.opengis.net/pidflo/1.0">
  <location id="here" profile="geodetic-2d">
    <s:Circle srsName="urn:ogc:def:crs:EPSG::4326"><g:pos>${latitude} ${longitude}</g:pos><s:radius uom="urn:ogc:def:uom:EPSG::9001">${radius}</s:radius></s:Circle>
  </location>
  <service>urn:service:sos.police</service>
</findService>`;

// Raises the name of LoST's error, or the status where the server said no more.
async function ask(place) {
  const authorization = `Basic ${Buffer.from(key).toString("base64")}`;
  const answer = await fetch(lost, { method: "POST", headers: { "Content-Type": "application/lost+xml", authorization }, body: question(place) });
  if (!answer.ok) throw answer.status;
  const text = await answer.text();
  const root = new DOMParser().parseFromString(text, "text/xml").documentElement;
  if (root.namespaceURI !== LOST) throw root.namespaceURI;
  if (root.localName === "errors") throw root.firstChild.localName;
  const [mapping] = Array.from(root.getElementsByTagNameNS(LOST, "mapping"));
  const word = (name) => mapping.getElementsByTagNameNS(LOST, name)[0].textContent;
  return { uri: word("uri"), name: word("displayName"), number: word("serviceNumber"), expires: mapping.getAttribute("expires"), text };
}

// A mapping is used until it expires, and then asked for anew (RFC 5222, section 5.2).
async function mappingOf(place) {
  const where = JSON.stringify(place);
  const known = kept.get(where);
  if (known && Date.parse(known.expires) > Date.now() + turnedMs) return known;
  kept.delete(where);
  const found = await ask(place);
  tell("asked", found);
  kept.set(where, found);
  return found;
}

async function call({ text, asks, ...place }) {
  const uri = asks ? (await mappingOf(place)).uri : "sip:101@people.example";
  route = asks ? [{ key: "Route", value: `<${uri};lr>` }] : [];
  agent.updateLocation({ ...place, method: "GPS" });
  chat = agent.createConversation(uri);
  chat.addMessageListener((message) => {
    if (message.origin !== Origin.REMOTE) return;
    tell("came", { chat: chat.id, type: message.type, text: message.text ?? "" });
    message.event?.accept?.();
  });
  return chat.start({ text, extraHeaders: route }).promise;
}

async function follow(word, text) {
  if (word === "call") return call(JSON.parse(text));
  if (word === "turn") { turnedMs += Number(text) * 1000; return; }
  return (word === "stop" ? chat.stop({ extraHeaders: route }) : chat.sendMessage({ text, extraHeaders: route })).promise;
}

async function main() {
  agent = new Agent({ sipAdapterFactory: JsSipAdapter.factory, endpoint, domain: "people.example", user: "caller", password: "unused" });
  await agent.initialize();
  tell("ready", {});
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  const [, word, text] = line.match(/^(\w+) ?(.*)$/);
  await follow(word, text).then(() => tell("sent", { word }), (error) => tell("refused", { word, error: String(error?.statusCode ?? error) }));
});
main().catch((error) => tell("failed", { error: String(error) }));
