// The life of a fleet, driven by the JavaScript SDK. Prints, as JSON, what it saw on the way.
//
//     node fleet.mjs <endpoint> <access key id> <secret access key>

import {
  CreateInstancesCommand,
  DeleteInstanceCommand,
  GetInstanceCommand,
  GetInstancesCommand,
  GetInstanceStateCommand,
  InvalidInputException,
  LightsailClient,
  NotFoundException,
  StartInstanceCommand,
  StopInstanceCommand,
} from "@aws-sdk/client-lightsail";

const [endpoint, accessKeyId, secretAccessKey] = process.argv.slice(2);
const client = new LightsailClient({
  region: "us-east-1",
  endpoint,
  credentials: { accessKeyId, secretAccessKey },
  maxAttempts: 1,
});

const order = { availabilityZone: "us-east-1a", blueprintId: "debian_12", bundleId: "nano_3_0" };
const instanceNames = ["js-1", "js-2", "js-3", "js-4", "js-5"];

// By hand: this SDK has paginators for other services, but none for Lightsail.
async function pages() {
  const found = [];
  let pageToken;
  do {
    const page = await client.send(new GetInstancesCommand({ pageToken }));
    found.push(page.instances.map((instance) => instance.name));
    pageToken = page.nextPageToken;
  } while (pageToken);
  return found;
}

async function stateOf(instanceName) {
  return (await client.send(new GetInstanceStateCommand({ instanceName }))).state.name;
}

async function refusal(command, expected) {
  try {
    await client.send(command);
    return null;
  } catch (error) {
    const { name, message, code, $metadata } = error;
    return { name, message, code, status: $metadata.httpStatusCode, isOfItsClass: error instanceof expected };
  }
}

const seen = {};
const created = await client.send(new CreateInstancesCommand({ ...order, instanceNames }));
seen.created = created.operations.map((operation) => [operation.resourceName, operation.status]);
seen.pages = await pages();

const { instance } = await client.send(new GetInstanceCommand({ instanceName: "js-1" }));
seen.createdAtIsADate = instance.createdAt instanceof Date && Math.abs(Date.now() - instance.createdAt) < 600_000;
seen.ramSizeInGb = instance.hardware.ramSizeInGb;

seen.states = [await stateOf("js-1")];
await client.send(new StopInstanceCommand({ instanceName: "js-1" }));
seen.states.push(await stateOf("js-1"));
await client.send(new StartInstanceCommand({ instanceName: "js-1" }));
seen.states.push(await stateOf("js-1"));

seen.nameInUse = await refusal(new CreateInstancesCommand({ ...order, instanceNames: ["js-1"] }), InvalidInputException);
for (const instanceName of instanceNames.slice(0, 4)) {
  await client.send(new DeleteInstanceCommand({ instanceName }));
}
seen.left = await pages();
seen.notFound = await refusal(new GetInstanceCommand({ instanceName: "js-1" }), NotFoundException);

console.log(JSON.stringify(seen));
