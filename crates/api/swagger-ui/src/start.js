window.ui = SwaggerUIBundle({
  url: '/v1/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  // Keys are kept only in the memory of this tab.
  persistAuthorization: false,
  syntaxHighlight: { activated: true },
  tryItOutEnabled: true,
  // The validator badge would load from another server.
  validatorUrl: null,
});
