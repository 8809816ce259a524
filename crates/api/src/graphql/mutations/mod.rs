//! What can be changed, one file a command.

pub(super) mod register_guest;

use async_graphql::MergedObject;

/// What can be changed. A refusal is a member of the result, not an entry of `errors`.
#[derive(Default, MergedObject)]
pub(crate) struct Mutation(register_guest::RegisterGuestMutation);

/// Writes the result of a command, and how each of its refusals becomes a member of it: leave one out and the build
/// fails naming it.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident = $success:ident or $refusal:ident { $($problem:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(async_graphql::Union)]
        pub(crate) enum $name {
            $success($success),
            $($problem($problem)),+
        }

        impl From<$refusal> for $name {
            fn from(refusal: $refusal) -> Self {
                match refusal {
                    $($refusal::$problem(problem) => Self::$problem(problem.into())),+
                }
            }
        }

        impl From<$refusal> for $crate::graphql::problems::Problem {
            fn from(refusal: $refusal) -> Self {
                match refusal {
                    $($refusal::$problem(problem) => Self::$problem(problem.into())),+
                }
            }
        }
    };
}
use payload;
