// One question a line, as JSON, one answer a line: node-saml with whatever options the question brings.
"use strict";

const readline = require("node:readline");
const { SAML } = require("@node-saml/node-saml");

// What requests are under way, for all questions: each makes the library anew.
const requests = new Map();
const cacheProvider = {
  saveAsync: async (id, value) => requests.set(id, value) && { value, createdAt: Date.now() },
  getAsync: async (id) => requests.get(id) ?? null,
  removeAsync: async (id) => (requests.delete(id) ? id : null),
};

const questions = {
  metadata: (saml, { certificate, decrypts }) =>
    saml.generateServiceProviderMetadata(decrypts ? certificate : null, certificate || null),
  authorizeUrl: (saml, { relayState }) => saml.getAuthorizeUrlAsync(relayState, undefined, {}),
  authorizeForm: (saml, { relayState }) => saml.getAuthorizeFormAsync(relayState, undefined, {}),
  response: (saml, { form }) => saml.validatePostResponseAsync(form),
  request: (saml, { form }) => saml.validatePostRequestAsync(form),
  redirected: (saml, { query, raw }) => saml.validateRedirectAsync(query, raw),
  logoutUrl: (saml, { profile }) => saml.getLogoutUrlAsync(profile, "", {}),
  logoutAnswerUrl: (saml, { request, relayState }) =>
    saml.getLogoutResponseUrlAsync(request, relayState, {}, true),
};

async function answer(line) {
  const { ask, options, ...rest } = JSON.parse(line);
  try {
    return { told: await questions[ask](new SAML({ ...options, cacheProvider }), rest) };
  } catch (error) {
    return { error: String(error.message) };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(line)) + "\n");
  }
})();
