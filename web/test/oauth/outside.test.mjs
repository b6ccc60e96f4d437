// A provider that others wrote (oidc-provider), unmodified, as the place where people of a
// bank sign in: with each algorithm that is taken, and every redirect followed as a browser does.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import * as openid from "openid-client";
import { Provider } from "oidc-provider";
import { setUp, signIn, start, Traveller } from "./support.mjs";

const CLIENT_SECRET = "a secret of the client, kept by both";
const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];
const PEOPLE = {
  binta: { name: "Binta Sarr", email: "binta@bank.example", email_verified: true, groups: ["heads", "tellers"] },
  guest: { name: "Guest", email: "guest@bank.example", email_verified: true, groups: ["guests"] },
  unsure: { name: "Unsure", email: "unsure@bank.example", email_verified: false, groups: ["tellers"] },
};

let program;
let outside;
let admin;
let somebody = "binta";

function keys() {
  const pair = (kind, options) => generateKeyPairSync(kind, options).privateKey.export({ format: "jwk" });
  return [
    { ...pair("rsa", { modulusLength: 2048 }), kid: "rsa", use: "sig" },
    { ...pair("ec", { namedCurve: "P-256" }), kid: "ec", use: "sig" },
    { ...pair("ed25519"), kid: "ed", use: "sig" },
  ];
}

function configuration(base) {
  const client = (alg) => ({
    client_id: `queue-${alg}`,
    client_secret: CLIENT_SECRET,
    redirect_uris: [`${base}/oidc/bank/${alg.toLowerCase()}/callback`],
    id_token_signed_response_alg: alg,
  });
  return {
    clients: ALGORITHMS.map(client),
    claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["a key for cookies of this test"] },
    enabledJWA: { idTokenSigningAlgValues: ALGORITHMS },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    jwks: { keys: keys() },
    pkce: { required: () => true },
  };
}

/** The provider's own page would ask for a password; here whoever is `somebody` has given it. */
async function interact(provider, request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: somebody, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const result = { login: { accountId: somebody, amr: ["pwd", "mfa"] }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function startOutside(base) {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration(base));
  const serve = provider.callback();
  server.on("request", (request, response) => {
    if (!request.url.startsWith("/interaction/")) return serve(request, response);
    return interact(provider, request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  return { issuer, stop: () => new Promise((done) => server.close(done)) };
}

const config = (base) =>
  openid.discovery(new URL(base), "smartqueue-web", undefined, openid.None(), { execute: [openid.allowInsecureRequests] });

/** Asks for a code at the program, lets `go` bring it back, and exchanges it. */
async function tokens(base, go) {
  const known = await config(base);
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [openid.randomState(), openid.randomNonce()];
  const url = openid.buildAuthorizationUrl(known, {
    redirect_uri: `${base}/agent`,
    scope: "openid email",
    tenant: "bank",
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const back = await go(url);
  return openid.authorizationCodeGrant(known, back, { pkceCodeVerifier, expectedState, expectedNonce });
}

async function api(method, path, body) {
  const answer = await fetch(`${program.base}/api/v1/tenants/bank${path}`, {
    method,
    headers: {
      authorization: `Bearer ${admin}`,
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
    },
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

/** Through the button of the sign-in page; the answer is the last one. */
async function enter(traveller, url, alg) {
  const page = await traveller.get(url.href);
  const link = page.text.match(new RegExp(`href="(/oidc/bank/${alg.toLowerCase()}/start[^"]*)"`))?.[1];
  assert.ok(link, page.text);
  return traveller.get(new URL(link.replaceAll("&amp;", "&"), program.base).href);
}

before(async () => {
  program = await start('[outgoing]\nallowed_networks = ["127.0.0.1/32"]\n');
  await setUp(program);
  outside = await startOutside(program.base);
  admin = (await tokens(program.base, (url) => signIn(program.base, url))).access_token;
  for (const alg of ALGORITHMS) {
    const made = await api("POST", "/identity-providers", {
      slug: alg.toLowerCase(),
      name: `Staff ${alg}`,
      issuer: outside.issuer,
      client_id: `queue-${alg}`,
      client_secret: CLIENT_SECRET,
      roles: { heads: "manager", tellers: "agent" },
    });
    assert.equal(made.status, 201, made.text);
    assert.ok(!made.text.includes(CLIENT_SECRET));
  }
});

after(async () => {
  await outside?.stop();
  await program?.stop();
});

for (const alg of ALGORITHMS) {
  test(`somebody signs in at oidc-provider with ${alg} and comes back with a code`, async () => {
    somebody = "binta";
    const traveller = new Traveller(`${program.base}/agent`);
    const got = await tokens(program.base, async (url) => new URL((await enter(traveller, url, alg)).url));
    assert.equal(got.claims().email, PEOPLE.binta.email);
    const members = JSON.parse((await api("GET", "/members")).text).items;
    const binta = members.filter((member) => member.email === PEOPLE.binta.email);
    assert.deepEqual(binta.map(({ role, sign_in }) => [role, sign_in]), [["manager", "joined"]]);
    // S13: the way back is gone once, whatever the code would be.
    const callback = traveller.visited.find((address) => address.includes("/callback?"));
    assert.equal((await traveller.get(callback)).status, 400);
  });
}

test("who has no group, or no confirmed address, is told so and not let in", async () => {
  for (const [person, said] of [["guest", "groupes"], ["unsure", "adresse e-mail"]]) {
    somebody = person;
    const traveller = new Traveller(`${program.base}/agent`);
    const page = await enter(traveller, new URL(`${program.base}/signin?tenant=bank`), "ES256");
    assert.equal(page.status, 403);
    assert.ok(page.text.includes(said), page.text);
    assert.ok(!traveller.has("sq_session"));
  }
});
