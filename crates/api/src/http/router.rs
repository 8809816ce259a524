use std::any::Any;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, Method, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};

use super::{
    address, app::App, connections, error::HttpError, fallback, graphql, ingress, origin, playground, request_id,
    shutdown, v1, websocket,
};

impl App {
    /// The routes. They contain the app: [`super::Shutdown::finish`] waits until they are dropped.
    pub fn router(self) -> Router {
        let layers = ServiceBuilder::new()
            .layer(middleware::from_fn_with_state(self.metrics(), request_id::identify))
            .layer(middleware::from_fn_with_state(self.shutdown.progress(), shutdown::close_connection))
            .layer(default_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(default_header(header::REFERRER_POLICY, "no-referrer"))
            .layer(default_header(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
            // The playground and Swagger UI set their own policies; other responses are not pages.
            .layer(default_header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
            .layer(default_header(header::CACHE_CONTROL, "no-store"))
            .layer(middleware::from_fn(v1::wrap))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(middleware::from_fn_with_state(self.ingress.clone(), ingress::ensure_known_host))
            .layer(middleware::from_fn_with_state(self.limits.trusted_proxies, address::resolve))
            .layer(middleware::from_fn_with_state(self.connections(), connections::admit));
        let vary = HeaderValue::from_static("accept, origin, authorization");
        let graph = Router::new()
            .route("/graphql", get(graphql::get).post(graphql::post).options(graphql::options))
            .route("/graphql/ws", get(websocket::upgrade));
        let graph = self.with_origin_checks(graph, [Method::GET, Method::POST], None);
        let rest_methods = [Method::GET, Method::POST, Method::PUT];
        let rest = self.with_origin_checks(v1::operations(), rest_methods, Some(v1::IDEMPOTENCY_KEY));
        Router::new()
            .route("/", get(playground::page).with_state(self.playground.clone()))
            .route("/playground/assets/{name}", get(playground::asset))
            .merge(self.probes().router())
            .merge(v1::pages())
            .method_not_allowed_fallback(fallback::unknown_method)
            .fallback(fallback::unknown_path)
            .merge(graph.merge(rest).layer(SetResponseHeaderLayer::overriding(header::VARY, vary)))
            .layer(layers)
            .with_state(self)
    }

    /// Routes that pages of the permitted origins can call with these methods and this additional header.
    fn with_origin_checks<const N: usize>(
        &self,
        routes: Router<Self>,
        methods: [Method; N],
        header: Option<HeaderName>,
    ) -> Router<Self> {
        let routes = routes
            .method_not_allowed_fallback(fallback::unknown_method)
            .layer(middleware::from_fn_with_state(self.clone(), ingress::ensure_permitted_origin));
        // Without a permitted origin no CORS header is sent, which browsers treat as a rejection.
        let origins = &self.ingress.origins;
        if origins.is_empty() { routes } else { routes.layer(origin::cors(origins, methods, header)) }
    }
}

/// Sets a header on each response that does not have it.
fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// The response to a request whose handler panicked. The panic hook has logged the message.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    HttpError::internal().into_response()
}
