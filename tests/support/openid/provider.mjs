// A real OpenID provider (npm `oidc-provider`) for the tests: plain HTTP on a free port of this machine, behind the
// TLS of `tests/support/openid/provider.py`, which may rewrite what it says. Everything that it is comes as JSON on
// standard input, first line; it answers with its port. Signing in is a form of one field for each claim.
import http from "node:http";
import { createInterface } from "node:readline";
import { once } from "node:events";
import Provider from "oidc-provider";

const lines = createInterface({ input: process.stdin });
const [first] = await once(lines, "line");
const told = JSON.parse(first);
lines.on("close", () => process.exit(0));

const provider = new Provider(told.issuer, {
  jwks: { keys: told.keys },
  clients: told.clients,
  claims: { openid: ["sub", "acr", "amr"], profile: ["name", "preferred_username"], email: ["email", "email_verified"] },
  // Whoever has the sub of somebody else in mind can claim any name and any address.
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: told.claimed, preferred_username: told.claimed, email: told.claimed, email_verified: true }),
  }),
  acrValues: told.acrs,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  conformIdTokenClaims: false,
  // By itself it calls nobody on this machine, where the back channel of the tests leads.
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
  cookies: { keys: ["of the tests"] },
  ttl: { AuthorizationCode: 60, IdToken: 300, AccessToken: 300, Interaction: 300, Session: 3600, Grant: 3600 },
  // Nobody is asked whether Egide may know who they are.
  loadExistingGrant: async (context) => {
    const grant = new provider.Grant({
      clientId: context.oidc.client.clientId,
      accountId: context.oidc.session.accountId,
    });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
});
provider.proxy = true;
provider.on("backchannel.error", (_context, error) => console.error("back channel:", error.message, error.cause ?? ""));

const form = (uid) => `<!doctype html><html lang="en"><title>Authority</title><h1>Authority</h1>
<form method="post" action="/interaction/${uid}"><label>Account <input name="sub"></label>
<label>acr <input name="acr"></label><label>amr <input name="amr"></label>
<button id="in">Sign in</button><button name="no" value="1" id="no">Cancel</button></form>`;

async function interact(request, response) {
  const uid = request.url.split("/").pop();
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(form(uid));
    return;
  }
  let body = "";
  for await (const part of request) body += part;
  const answers = new URLSearchParams(body);
  const result = answers.get("no")
    ? { error: "access_denied", error_description: "no" }
    : {
        login: {
          accountId: answers.get("sub"),
          acr: answers.get("acr") || undefined,
          amr: answers.get("amr") ? answers.get("amr").split(" ") : undefined,
        },
      };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
const server = http.createServer((request, response) =>
  request.url.startsWith("/interaction/")
    ? interact(request, response).catch((error) => {
        response.statusCode = 500;
        response.end(String(error));
      })
    : answer(request, response),
);
server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
