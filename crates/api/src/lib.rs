//! The GraphQL server `atelier`.

mod graphql;

pub use graphql::sdl;
