use domain::{CenterId, GuestId, WorkshopId};

/// The workshops of a list: all, or those that a center runs.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) enum WorkshopScope {
    #[default]
    All,
    OfCenter(CenterId),
}

/// The registrations of a list: all, or those of a workshop or of a guest.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) enum RegistrationScope {
    #[default]
    All,
    OfWorkshop(WorkshopId),
    OfGuest(GuestId),
}
