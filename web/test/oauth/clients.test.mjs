// The two certified libraries, unmodified, against the running program: discovery, code
// with PKCE, the id token's signature, userinfo, refresh and revocation.
//
// Plain HTTP on this machine is the one thing that they have to be told to allow.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { EMAIL, setUp, signIn, start } from "./support.mjs";

let program;

before(async () => {
  program = await start();
  await setUp(program);
});

after(() => program?.stop());

test("openid-client signs a person in, refreshes and revokes", async () => {
  const { base } = program;
  const execute = [openid.allowInsecureRequests, openid.enableNonRepudiationChecks];
  const config = await openid.discovery(new URL(base), "smartqueue-web", undefined, openid.None(), { execute });
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [openid.randomState(), openid.randomNonce()];
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: `${base}/agent`,
    scope: "openid email",
    tenant: "bank",
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    max_age: "600",
  });
  const back = await signIn(base, url);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 600, idTokenExpected: true };
  const tokens = await openid.authorizationCodeGrant(config, back, checks);
  assert.equal(tokens.claims().email, EMAIL);
  const who = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(who.tenant, "bank");
  const next = await openid.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(next.refresh_token, tokens.refresh_token);
  const again = await openid.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(again.refresh_token, next.refresh_token, "a repeat within the grace");
  await openid.tokenRevocation(config, next.refresh_token);
  await assert.rejects(openid.refreshTokenGrant(config, next.refresh_token), { error: "invalid_grant" });
  await assert.rejects(openid.fetchUserInfo(config, next.access_token, who.sub));
});

test("oauth4webapi signs a command line in, and its access token is one of RFC 9068", async () => {
  const { base } = program;
  const insecure = { [oauth.allowInsecureRequests]: true };
  const issuer = new URL(base);
  const found = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: "oauth2" });
  const server = await oauth.processDiscoveryResponse(issuer, found);
  const client = { client_id: "smartqueue-cli" };
  const redirect = "http://127.0.0.1:49876/callback";
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: redirect,
    response_type: "code",
    scope: "openid",
    tenant: "bank",
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  }).toString();
  const back = await signIn(base, url);
  assert.ok(back.href.startsWith(redirect));
  const sound = oauth.validateAuthResponse(server, client, back, state);
  const asked = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), sound, redirect, verifier, insecure);
  const expected = { expectedNonce: nonce, requireIdToken: true };
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, asked, expected);
  const request = new Request(`${base}/api/v1/tenants/bank/queues`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  const claims = await oauth.validateJwtAccessToken(server, request, "smartqueue-api", insecure);
  assert.equal(claims.tenant, "bank");
  assert.equal((await fetch(request)).status, 200);
  const renewed = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh_token, insecure);
  const next = await oauth.processRefreshTokenResponse(server, client, renewed);
  assert.equal(next.token_type, "bearer");
  // S13: an answer that belongs to another request, or to another server, is refused by the library.
  assert.throws(() => oauth.validateAuthResponse(server, client, back, oauth.generateRandomState()));
  const mixed = new URL(back);
  mixed.searchParams.set("iss", "https://evil.example");
  assert.throws(() => oauth.validateAuthResponse(server, client, mixed, state));
});
