// A provider of identities for the tests: the certified one of the package oidc-provider, with its own pages for
// signing in. Whoever types a name is that person; the provider vouches for the address of all but "unsure".
// Arguments: port, address that our service answers at.
import Provider from "oidc-provider";

const [port, back] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "veche", client_secret: "not-a-secret-in-a-test", redirect_uris: [back] }],
  claims: { email: ["email", "email_verified"], openid: ["sub"], profile: ["name"] },
  cookies: { keys: ["test"] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, email: `${id}@veche.example`, email_verified: id !== "unsure" }),
  }),
  pkce: { required: () => true },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
