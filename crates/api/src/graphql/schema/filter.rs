//! What lists can be narrowed to, as clients say it. A filter by an id that names nothing finds nothing.

use async_graphql::{Error, ID, InputObject, Result};
use domain::{ExternalId, SearchText, TrackId};

use super::{
    enums::{ChangeKind, RegistrationState, RegistrationStatus, When, WorkshopStatus},
    scalars::{Date, Instant},
};
use crate::graphql::execution::fault::bad_input;

/// Why a filter is not looked up.
pub(in crate::graphql) enum FilterError {
    /// It names what there is not, so it can find nothing.
    FindsNothing,
    /// It is none.
    Refused(Error),
}

impl FilterError {
    /// The filter to look up; `None` where it can find nothing.
    pub(in crate::graphql) fn refuse<F>(parsed: Result<F, Self>) -> Result<Option<F>> {
        match parsed {
            Ok(filter) => Ok(Some(filter)),
            Err(Self::FindsNothing) => Ok(None),
            Err(Self::Refused(error)) => Err(error),
        }
    }
}

/// A time, from one instant until another.
#[derive(Clone, Copy, Debug, InputObject)]
pub(in crate::graphql) struct InstantRange {
    /// The first instant; from the beginning when it is not given.
    from: Option<Instant>,
    /// The first instant that is no longer meant; without an end when it is not given.
    until: Option<Instant>,
}

/// Calendar days, from one to another.
#[derive(Clone, Copy, Debug, InputObject)]
pub(in crate::graphql) struct DateRange {
    /// The first day.
    pub(in crate::graphql) from: Date,
    /// The last day, itself included; the same one for a single day.
    pub(in crate::graphql) to: Date,
}

impl From<InstantRange> for persistence::InstantRange {
    fn from(InstantRange { from, until }: InstantRange) -> Self {
        Self { from: from.map(|instant| instant.0), until: until.map(|instant| instant.0) }
    }
}

/// Which workshops; every field that is given must hold.
#[derive(Debug, Default, InputObject)]
pub(in crate::graphql) struct WorkshopFilter {
    /// With words in the title or the description that begin like all of these, in any order and regardless of case and
    /// accents. At most 200 characters and 10 words; a text without any word finds all.
    text: Option<String>,
    /// In one of these states.
    status: Option<Vec<WorkshopStatus>>,
    /// At which a guest can do one of these things now.
    registration_state: Option<Vec<RegistrationState>>,
    /// With at least so many seats that nobody holds. One with unlimited seats has enough.
    seats_available_at_least: Option<i32>,
    /// With a session that goes on at some time in here, even if it began before. Sessions that were cancelled do not
    /// count.
    period: Option<InstantRange>,
    /// The same for calendar days, each session by the clock of the center where it takes place.
    on_dates: Option<DateRange>,
    /// Run by this center, alone or with others.
    center_id: Option<ID>,
    /// Known to the caller's own system by this id.
    external_id: Option<String>,
}

impl WorkshopFilter {
    /// The filter once it is read.
    pub(in crate::graphql) fn parse(self) -> Result<persistence::WorkshopFilter, FilterError> {
        Ok(persistence::WorkshopFilter {
            text: search(self.text)?,
            statuses: any_of(self.status),
            states: any_of(self.registration_state),
            seats: self.seats_available_at_least,
            period: self.period.map(Into::into),
            dates: self.on_dates.map(|dates| persistence::DateRange { from: dates.from.0, to: dates.to.0 }),
            center: id(self.center_id)?,
            external_id: external_id(self.external_id)?,
        })
    }
}

/// Which registrations; every field that is given must hold.
#[derive(Debug, Default, InputObject)]
pub(in crate::graphql) struct RegistrationFilter {
    /// In one of these states.
    status: Option<Vec<RegistrationStatus>>,
    /// To this workshop.
    workshop_id: Option<ID>,
    /// To the track with this number.
    track_id: Option<i32>,
    /// Made at this center.
    center_id: Option<ID>,
    /// Of this guest.
    guest_id: Option<ID>,
    /// Made in this period.
    registered: Option<InstantRange>,
    /// To workshops that are still to come, or to those that are over.
    when: Option<When>,
}

impl RegistrationFilter {
    /// The filter once it is read.
    pub(in crate::graphql) fn parse(self) -> Result<persistence::RegistrationFilter, FilterError> {
        let track = self.track_id.map(|number| TrackId::new(number).ok_or(FilterError::FindsNothing));
        Ok(persistence::RegistrationFilter {
            statuses: any_of(self.status),
            workshop: id(self.workshop_id)?,
            track: track.transpose()?,
            session: None,
            center: id(self.center_id)?,
            guest: id(self.guest_id)?,
            registered: self.registered.map(Into::into),
            when: self.when.map(Into::into),
        })
    }
}

/// Which guests; every field that is given must hold.
#[derive(Debug, Default, InputObject)]
pub(in crate::graphql) struct GuestFilter {
    /// With words in their names that begin like all of these, in any order and regardless of case and accents: `ann mue`
    /// finds Ann-Marie Müller. A mail address is found by its beginning, a telephone number by any digits in it, as long
    /// as four follow. At most 200 characters and 10 words; a text without any word finds all.
    text: Option<String>,
    /// Known to the caller's own system by this id.
    external_id: Option<String>,
    /// At home in this center.
    home_center_id: Option<ID>,
}

impl GuestFilter {
    /// The filter once it is read.
    pub(in crate::graphql) fn parse(self) -> Result<persistence::GuestFilter, FilterError> {
        Ok(persistence::GuestFilter {
            text: search(self.text)?,
            external_id: external_id(self.external_id)?,
            home_center: id(self.home_center_id)?,
        })
    }
}

/// Which centers; every field that is given must hold.
#[derive(Debug, Default, InputObject)]
pub(in crate::graphql) struct CenterFilter {
    /// With words in the name that begin like all of these, in any order and regardless of case and accents. At most 200
    /// characters and 10 words; a text without any word finds all.
    text: Option<String>,
    /// Known to the caller's own system by this id.
    external_id: Option<String>,
}

impl CenterFilter {
    /// The filter once it is read.
    pub(in crate::graphql) fn parse(self) -> Result<persistence::CenterFilter, FilterError> {
        Ok(persistence::CenterFilter { text: search(self.text)?, external_id: external_id(self.external_id)? })
    }
}

/// Which changes; every field that is given must hold.
#[derive(Debug, Default, InputObject)]
pub(in crate::graphql) struct ChangeFilter {
    /// Of one of these kinds.
    kind: Option<Vec<ChangeKind>>,
    /// At this workshop.
    workshop_id: Option<ID>,
    /// To this registration.
    registration_id: Option<ID>,
    /// In this period.
    period: Option<InstantRange>,
}

impl ChangeFilter {
    /// The filter once it is read; `None` where it can find nothing.
    pub(in crate::graphql) fn parse(self) -> Option<persistence::ChangeFilter> {
        Some(persistence::ChangeFilter {
            kinds: any_of(self.kind),
            workshop: id(self.workshop_id).ok()?,
            registration: id(self.registration_id).ok()?,
            period: self.period.map(Into::into),
        })
    }
}

fn id<T: std::str::FromStr>(given: Option<ID>) -> Result<Option<T>, FilterError> {
    given.map(|id| id.parse()).transpose().map_err(|_| FilterError::FindsNothing)
}

fn external_id(given: Option<String>) -> Result<Option<ExternalId>, FilterError> {
    given.map(|id| ExternalId::parse(&id)).transpose().map_err(|_| FilterError::FindsNothing)
}

/// Each once, however often it is given: as many as there are at most.
fn any_of<T, D: From<T> + PartialEq>(given: Option<Vec<T>>) -> Option<Vec<D>> {
    given.map(|given| {
        given.into_iter().map(D::from).fold(Vec::new(), |mut all, one| {
            if !all.contains(&one) {
                all.push(one);
            }
            all
        })
    })
}

fn search(given: Option<String>) -> Result<SearchText, FilterError> {
    let text = SearchText::parse(&given.unwrap_or_default());
    text.map_err(|error| FilterError::Refused(bad_input(format!("`text`: {error}"))))
}
