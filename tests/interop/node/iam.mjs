// Decides identity policies by @cloud-copilot/iam-simulate: `node iam.mjs DIRECTORY`, where DIRECTORY holds
// node_modules. One JSON object a line in: {policies, principal, action, resource, account, context}; one
// word a line out: Allowed, ExplicitlyDenied or ImplicitlyDenied, or an error's text.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(`${process.argv[2]}/x.js`);
const { runUnsafeSimulation } = require("@cloud-copilot/iam-simulate");

const out = [];
for await (const line of createInterface({ input: process.stdin })) {
  const { policies, principal, action, resource, account, context } = JSON.parse(line);
  let answer;
  try {
    answer = runUnsafeSimulation({
      request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
      identityPolicies: policies.map((policy, index) => ({ name: `p${index}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    }, {});
  } catch (error) {
    answer = `error: ${error.message}`;
  }
  out.push(typeof answer === "string" ? answer : JSON.stringify(answer));
}
process.stdout.write(out.join("\n") + "\n");
