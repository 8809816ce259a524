import { createClient } from 'graphql-ws';

const isSubscription = (document, operationName) =>
  document?.definitions.some(
    (definition) =>
      definition.kind === 'OperationDefinition' &&
      definition.operation === 'subscription' &&
      (!operationName || definition.name?.value === operationName),
  );

/** What the headers editor says of who is calling. */
const authorizationIn = (headers) =>
  Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1];

/**
 * One POST for a query or a mutation; subscriptions share a WebSocket, which is open while there is one.
 *
 * A browser sends no headers with a WebSocket, so who is calling is said when it begins: another caller has another one.
 */
export function createFetcher(endpoint) {
  const url = new URL(`${endpoint}/ws`, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  let client;
  let caller;
  const clientOf = (authorization) => {
    if (!client || caller !== authorization) {
      client = createClient({ url: url.href, connectionParams: authorization && { authorization } });
      caller = authorization;
    }
    return client;
  };
  return (operation, { headers, documentAST } = {}) =>
    isSubscription(documentAST, operation.operationName)
      ? clientOf(authorizationIn(headers)).iterate(operation)
      : post(endpoint, operation, headers);
}

async function post(endpoint, operation, headers) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json;q=0.9',
      ...headers,
    },
    body: JSON.stringify(operation),
  });
  const body = await response.text();
  try {
    return JSON.parse(body);
  } catch {
    const message = `The server answered ${response.status} ${response.statusText}`.trim();
    return { errors: [{ message: body ? `${message}: ${body}` : message }] };
  }
}
