// Calls one SageMaker operation with the AWS SDK for JavaScript, configured by the environment alone.
// Arguments: the folder of node_modules, the operation, its parameters as JSON. Prints the result, or
// {"code", "message"} of the refusal.
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, operation, params] = process.argv.slice(2);
const sdk = createRequire(join(folder, "sagemaker.cjs"))("@aws-sdk/client-sagemaker");
const client = new sdk.SageMakerClient({});
try {
  const { $metadata, ...found } = await client.send(new sdk[`${operation}Command`](JSON.parse(params)));
  console.log(JSON.stringify(found));
} catch (error) {
  console.log(JSON.stringify({ code: error.name, message: error.message }));
}
