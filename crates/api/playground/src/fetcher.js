/** One POST per operation: the server offers neither subscriptions nor incremental delivery. */
export function createFetcher(endpoint) {
  return async (operation, { headers } = {}) => {
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
  };
}
