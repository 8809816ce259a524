use std::collections::BTreeSet;

use domain::{
    CenterId,
    access::{Authority, GuestVisibility, Visibility},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Select,
    sea_query::{Expr, ExprTrait, IntoColumnRef, Query},
};

use crate::{
    Clock, Store,
    database::reader::Reader,
    entities::{center, guest, journal, registration, session, track, workshop, workshop_center},
    rows::{row_decoding::DecodeRow, row_set::one_of},
};

/// The database as somebody sees it: all that is read for a client is read through one of these.
#[derive(Clone)]
pub struct View {
    pub(crate) read: Reader,
    pub(crate) clock: Clock,
    authority: Authority,
}

impl Store {
    /// What whoever has this authority sees.
    pub fn view(&self, authority: Authority) -> View {
        View { read: self.reader.clone(), clock: self.clock.clone(), authority }
    }
}

impl View {
    /// The clock that the rules are read by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// On whose context it is looked.
    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    pub(crate) fn visibility(&self) -> &Visibility {
        self.authority.visibility()
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Those rows of a list that are seen.
    pub(crate) fn seen<E: Guarded>(&self, list: Select<E>) -> Select<E> {
        match E::seen(self.visibility(), self.backend()) {
            Some(which) => list.filter(which),
            None => list,
        }
    }
}

/// What is not for everybody to see.
#[doc(hidden)]
pub trait Guarded: EntityTrait<Model: DecodeRow> {
    /// Which rows are seen; `None`: all.
    fn seen(visibility: &Visibility, backend: DbBackend) -> Option<Condition>;
}

impl Guarded for center::Entity {
    fn seen(_: &Visibility, _: DbBackend) -> Option<Condition> {
        None
    }
}

impl Guarded for workshop::Entity {
    fn seen(visibility: &Visibility, backend: DbBackend) -> Option<Condition> {
        let centers = visibility.drafts().centers()?;
        let published = Condition::any().add(workshop::Column::PublishedAt.is_not_null());
        if centers.is_empty() {
            return Some(published);
        }
        let theirs = Query::select()
            .column(workshop_center::Column::WorkshopId)
            .from(workshop_center::Entity)
            .and_where(at(backend, workshop_center::Column::CenterId, centers))
            .to_owned();
        Some(published.add(workshop::Column::Id.in_subquery(theirs)))
    }
}

/// Writes that a part of a workshop is seen with it.
macro_rules! seen_with_workshop {
    ($($part:ident),+) => {
        $(impl Guarded for $part::Entity {
            fn seen(visibility: &Visibility, backend: DbBackend) -> Option<Condition> {
                let seen = workshop::Entity::seen(visibility, backend)?;
                let its_workshop = Expr::col((workshop::Entity, workshop::Column::Id))
                    .equals(($part::Entity, $part::Column::WorkshopId));
                let workshop = Query::select()
                    .expr(Expr::val(1))
                    .from(workshop::Entity)
                    .and_where(its_workshop)
                    .cond_where(seen)
                    .to_owned();
                Some(Condition::all().add(Expr::exists(workshop)))
            }
        })+
    };
}
seen_with_workshop!(track, session);

impl Guarded for registration::Entity {
    fn seen(visibility: &Visibility, backend: DbBackend) -> Option<Condition> {
        whose(visibility.registrations(), backend, registration::Column::GuestId, registration::Column::CenterId)
    }
}

impl Guarded for journal::Entity {
    fn seen(visibility: &Visibility, backend: DbBackend) -> Option<Condition> {
        whose(visibility.registrations(), backend, journal::Column::GuestId, journal::Column::CenterId)
    }
}

impl Guarded for guest::Entity {
    fn seen(visibility: &Visibility, backend: DbBackend) -> Option<Condition> {
        let GuestVisibility::AtCenters(centers) = visibility.guests() else {
            return whose(visibility.guests(), backend, guest::Column::Id, guest::Column::HomeCenterId);
        };
        let registered = Query::select()
            .expr(Expr::val(1))
            .from(registration::Entity)
            .and_where(
                Expr::col((registration::Entity, registration::Column::GuestId))
                    .equals((guest::Entity, guest::Column::Id)),
            )
            .and_where(at(backend, (registration::Entity, registration::Column::CenterId), centers))
            .to_owned();
        let at_home = at(backend, (guest::Entity, guest::Column::HomeCenterId), centers);
        Some(Condition::any().add(at_home).add(Expr::exists(registered)))
    }
}

/// Which rows are of these people.
fn whose(
    people: &GuestVisibility,
    backend: DbBackend,
    guest: impl ColumnTrait,
    center: impl ColumnTrait,
) -> Option<Condition> {
    let which = match people {
        GuestVisibility::All => return None,
        GuestVisibility::AtCenters(centers) => at(backend, center.as_column_ref(), centers),
        GuestVisibility::Only(only) => guest.eq(only.uuid()),
        GuestVisibility::None => Expr::val(false),
    };
    Some(Condition::all().add(which))
}

/// At one of these centers. One alone is said as such: an index then has its rows in order.
pub(crate) fn at(backend: DbBackend, column: impl IntoColumnRef, centers: &BTreeSet<CenterId>) -> Expr {
    match centers.first() {
        Some(only) if centers.len() == 1 => Expr::col(column).eq(only.uuid()),
        _ => one_of(backend, column, centers.iter().map(|id| id.uuid())),
    }
}
