use std::sync::LazyLock;

use async_graphql::{ObjectType, SDLExportOptions, Schema, SchemaBuilder};

use super::{
    execution::federation::{self, SubgraphSdl},
    schema::{
        connection::Listing,
        lists::RegistrationListing,
        mutations::Mutation,
        queries::{Query, Subgraph},
        root::Root,
        subscriptions::Subscription,
        types::{api_key::ApiKey, center::Center, change::Change, guest::Guest, workshop::Workshop},
    },
};

/// The schema with this query root: [`Query`] for clients, or [`Subgraph`] for the gateway of a federated graph too.
pub(super) type AtelierSchema<Q> = Schema<Root<Q>, Root<Mutation>, Root<Subscription>>;

/// The schema that the server executes.
pub(super) type SubgraphSchema = AtelierSchema<Subgraph>;

/// Returns the schema as text, the content of `schema.graphql`.
pub fn sdl() -> String {
    builder::<Query>().finish().sdl_with_options(options())
}

/// Returns the schema as text for the gateway of a federated graph. It omits the types that Federation adds to every
/// subgraph, and has a key on each type that other subgraphs can refer to.
pub fn subgraph_sdl() -> String {
    federation::add_keys(builder::<Query>().finish().sdl_with_options(options().federation()))
}

fn options() -> SDLExportOptions {
    SDLExportOptions::new().include_specified_by().use_space_ident().prefer_single_line_descriptions()
}

pub(super) fn builder<Q: Default + ObjectType + 'static>() -> SchemaBuilder<Root<Q>, Root<Mutation>, Root<Subscription>>
{
    Schema::build(Root::<Q>::default(), Root::<Mutation>::default(), Root::<Subscription>::default())
        .data(SubgraphSdl(LazyLock::new(subgraph_sdl)))
        .enable_subscription_in_federation()
        // async-graphql's own limits report no number, and this one cannot be disabled. See `DocumentLimits`.
        .limit_recursive_depth(usize::MAX)
        .disable_suggestions()
        .override_output_type_description::<Listing<Workshop>>("A page of workshops.")
        .override_output_type_description::<RegistrationListing>("A page of registrations.")
        .override_output_type_description::<Listing<Guest>>("A page of guests.")
        .override_output_type_description::<Listing<Center>>("A page of centers.")
        .override_output_type_description::<Listing<ApiKey>>("A page of API keys.")
        .override_output_type_description::<Listing<Change>>("A page of changes.")
}
