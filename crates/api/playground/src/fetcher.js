import { createClient } from 'graphql-ws';

const isSubscription = (document, operationName) =>
  document?.definitions.some(
    (definition) =>
      definition.kind === 'OperationDefinition' &&
      definition.operation === 'subscription' &&
      (!operationName || definition.name?.value === operationName),
  );

/** One POST for a query or a mutation; subscriptions share a WebSocket, which is open while there is one. */
export function createFetcher(endpoint) {
  const url = new URL(`${endpoint}/ws`, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  const client = createClient({ url: url.href });
  return (operation, { headers, documentAST } = {}) =>
    isSubscription(documentAST, operation.operationName) ? client.iterate(operation) : post(endpoint, operation, headers);
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
