import { createClient } from 'graphql-ws';

const isSubscription = (document, operationName) =>
  document?.definitions.some(
    (definition) =>
      definition.kind === 'OperationDefinition' &&
      definition.operation === 'subscription' &&
      (!operationName || definition.name?.value === operationName),
  );

/** The value of `Authorization` in the headers editor. */
const authorizationIn = (headers) =>
  Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1];

/**
 * Sends a query or a mutation by POST. Subscriptions share a WebSocket, which is open while one runs.
 *
 * A browser cannot send headers with a WebSocket, so the credential is a connection parameter. Another credential opens
 * another WebSocket.
 */
export function createFetcher(endpoint) {
  const url = new URL(`${endpoint}/ws`, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  let client;
  let credential;
  const clientOf = (authorization) => {
    if (!client || credential !== authorization) {
      client = createClient({ url: url.href, connectionParams: authorization && { authorization } });
      credential = authorization;
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
    const message = `The server responded ${response.status} ${response.statusText}`.trim();
    return { errors: [{ message: body ? `${message}: ${body}` : message }] };
  }
}
