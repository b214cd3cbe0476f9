// A control room by ng112-js: it says on a line what came in each chat, and does what it reads ("start TEXT", "say TEXT", "stop").
const { Agent, Origin } = require("ng112-js/dist/node");
const { JsSipAdapter } = require("ng112-js-sip-adapter-jssip");
const { createInterface } = require("node:readline");

const [endpoint] = process.argv.slice(2);
const tell = (event, more) => process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
let chat;

async function main() {
  const agent = new Agent({ sipAdapterFactory: JsSipAdapter.factory, endpoint, domain: "control.example", user: "psap", password: "unused" });
  await agent.initialize();
  agent.addConversationListener((conversation) => {
    chat = conversation;
    conversation.addMessageListener((message) => {
      if (message.origin !== Origin.REMOTE) return;
      const at = message.location?.simple;
      tell("came", { chat: conversation.id, type: message.type, text: message.text ?? "", lat: at?.latitude ?? null, radius: at?.radius ?? null, body: message.event?.request?.body ?? "" });
      message.event?.accept?.();
    });
  });
  tell("ready", {});
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  const [, word, text] = line.match(/^(\w+) ?(.*)$/);
  const message = word === "start" ? chat.start({ text }) : word === "stop" ? chat.stop() : chat.sendMessage({ text });
  await message.promise.then(() => tell("sent", { word }), (error) => tell("refused", { word, error: String(error?.reason ?? error) }));
});
main().catch((error) => tell("failed", { error: String(error) }));
