//! The filters of lists. A filter by an id that does not exist matches nothing.

use async_graphql::{Error, ID, InputObject, Result};
use domain::{ExternalId, SearchText, TrackId};

use super::{
    enums::{ChangeKind, RegistrationState, RegistrationStatus, When, WorkshopStatus},
    scalars::{Date, Instant},
};
use crate::graphql::execution::fault::bad_input;

/// Why a filter cannot be queried.
pub(in crate::graphql) enum FilterError {
    /// An id in the filter does not exist, so the filter matches nothing.
    MatchesNothing,
    /// A value in the filter is invalid.
    Invalid(Error),
}

impl FilterError {
    /// Returns the filter to query; `None` if it matches nothing.
    pub(in crate::graphql) fn reject_invalid<F>(parsed: Result<F, Self>) -> Result<Option<F>> {
        match parsed {
            Ok(filter) => Ok(Some(filter)),
            Err(Self::MatchesNothing) => Ok(None),
            Err(Self::Invalid(error)) => Err(error),
        }
    }
}

/// A period between two instants.
#[derive(Clone, Copy, Debug, InputObject)]
pub(in crate::graphql) struct InstantRange {
    /// The first instant of the period. Omitted or null means no beginning.
    from: Option<Instant>,
    /// The first instant after the period. Omitted or null means no end.
    until: Option<Instant>,
}

/// A period of calendar days.
#[derive(Clone, Copy, Debug, InputObject)]
pub(in crate::graphql) struct DateRange {
    /// The first day.
    pub(in crate::graphql) from: Date,
    /// The last day, inclusive. Equal to `from` for a single day.
    pub(in crate::graphql) to: Date,
}

impl From<InstantRange> for persistence::InstantRange {
    fn from(InstantRange { from, until }: InstantRange) -> Self {
        Self { from: from.map(|instant| instant.0), until: until.map(|instant| instant.0) }
    }
}

/// Selects workshops. Every given field must match.
#[derive(Debug, Default, InputObject)]
pub(in crate::graphql) struct WorkshopFilter {
    /// Matches workshops by words: each word of this text must begin a word of the title or the description. Order,
    /// case and accents do not matter. At most 200 characters and 10 words; a text without words matches every
    /// workshop.
    text: Option<String>,
    /// Matches any of these states.
    status: Option<Vec<WorkshopStatus>>,
    /// Matches workshops in any of these registration states.
    registration_state: Option<Vec<RegistrationState>>,
    /// Matches workshops with at least this many free seats. A workshop with unlimited seats always matches.
    seats_available_at_least: Option<i32>,
    /// Matches workshops with a session that overlaps this period. Cancelled sessions do not count.
    period: Option<InstantRange>,
    /// Matches workshops with a session that overlaps these days, in the time zone of the session's center. Cancelled
    /// sessions do not count.
    on_dates: Option<DateRange>,
    /// Matches workshops that this center runs, alone or with other centers.
    center_id: Option<ID>,
    /// Matches the external id, the id in the caller's own system.
    external_id: Option<String>,
}

impl WorkshopFilter {
    /// Reads the filter.
    pub(in crate::graphql) fn parse(self) -> Result<persistence::WorkshopFilter, FilterError> {
        Ok(persistence::WorkshopFilter {
            text: parse_text(self.text)?,
            statuses: distinct(self.status),
            states: distinct(self.registration_state),
            seats: self.seats_available_at_least,
            period: self.period.map(Into::into),
            dates: self.on_dates.map(|dates| persistence::DateRange { from: dates.from.0, to: dates.to.0 }),
            center: parse_id(self.center_id)?,
            external_id: parse_external_id(self.external_id)?,
        })
    }
}

/// Selects registrations. Every given field must match.
#[derive(Debug, Default, InputObject)]
pub(in crate::graphql) struct RegistrationFilter {
    /// Matches any of these states.
    status: Option<Vec<RegistrationStatus>>,
    /// Matches registrations to this workshop.
    workshop_id: Option<ID>,
    /// Matches registrations to the track with this number.
    track_id: Option<i32>,
    /// Matches registrations that were made at this center.
    center_id: Option<ID>,
    /// Matches registrations of this guest.
    guest_id: Option<ID>,
    /// Matches registrations that were made in this period.
    registered: Option<InstantRange>,
    /// Matches registrations to upcoming or to past workshops.
    when: Option<When>,
}

impl RegistrationFilter {
    /// Reads the filter.
    pub(in crate::graphql) fn parse(self) -> Result<persistence::RegistrationFilter, FilterError> {
        let track = self.track_id.map(|number| TrackId::new(number).ok_or(FilterError::MatchesNothing));
        Ok(persistence::RegistrationFilter {
            statuses: distinct(self.status),
            workshop: parse_id(self.workshop_id)?,
            track: track.transpose()?,
            session: None,
            center: parse_id(self.center_id)?,
            guest: parse_id(self.guest_id)?,
            registered: self.registered.map(Into::into),
            when: self.when.map(Into::into),
        })
    }
}

/// Selects guests. Every given field must match.
#[derive(Debug, Default, InputObject)]
pub(in crate::graphql) struct GuestFilter {
    /// Matches guests by words: each word of this text must begin a word of their names, so `ann mue` finds Ann-Marie
    /// Müller. Order, case and accents do not matter. An email address matches by its beginning. A phone number matches
    /// by consecutive digits that start at least four digits before its end. At most 200 characters and 10 words; a
    /// text without words matches every guest.
    text: Option<String>,
    /// Matches the external id, the id in the caller's own system.
    external_id: Option<String>,
    /// Matches guests with this home center.
    home_center_id: Option<ID>,
}

impl GuestFilter {
    /// Reads the filter.
    pub(in crate::graphql) fn parse(self) -> Result<persistence::GuestFilter, FilterError> {
        Ok(persistence::GuestFilter {
            text: parse_text(self.text)?,
            external_id: parse_external_id(self.external_id)?,
            home_center: parse_id(self.home_center_id)?,
        })
    }
}

/// Selects centers. Every given field must match.
#[derive(Debug, Default, InputObject)]
pub(in crate::graphql) struct CenterFilter {
    /// Matches centers by words: each word of this text must begin a word of the name. Order, case and accents do not
    /// matter. At most 200 characters and 10 words; a text without words matches every center.
    text: Option<String>,
    /// Matches the external id, the id in the caller's own system.
    external_id: Option<String>,
}

impl CenterFilter {
    /// Reads the filter.
    pub(in crate::graphql) fn parse(self) -> Result<persistence::CenterFilter, FilterError> {
        Ok(persistence::CenterFilter {
            text: parse_text(self.text)?,
            external_id: parse_external_id(self.external_id)?,
        })
    }
}

/// Selects changes. Every given field must match.
#[derive(Debug, Default, InputObject)]
pub(in crate::graphql) struct ChangeFilter {
    /// Matches any of these kinds.
    kind: Option<Vec<ChangeKind>>,
    /// Matches changes at this workshop.
    workshop_id: Option<ID>,
    /// Matches changes to this registration.
    registration_id: Option<ID>,
    /// Matches changes in this period.
    period: Option<InstantRange>,
}

impl ChangeFilter {
    /// Reads the filter; `None` if it matches nothing.
    pub(in crate::graphql) fn parse(self) -> Option<persistence::ChangeFilter> {
        Some(persistence::ChangeFilter {
            kinds: distinct(self.kind),
            workshop: parse_id(self.workshop_id).ok()?,
            registration: parse_id(self.registration_id).ok()?,
            period: self.period.map(Into::into),
        })
    }
}

fn parse_id<T: std::str::FromStr>(id: Option<ID>) -> Result<Option<T>, FilterError> {
    id.map(|id| id.parse()).transpose().map_err(|_| FilterError::MatchesNothing)
}

fn parse_external_id(id: Option<String>) -> Result<Option<ExternalId>, FilterError> {
    id.map(|id| ExternalId::parse(&id)).transpose().map_err(|_| FilterError::MatchesNothing)
}

/// Removes duplicates, which bounds the number of values by the size of the enum.
fn distinct<T, D: From<T> + PartialEq>(values: Option<Vec<T>>) -> Option<Vec<D>> {
    values.map(|values| {
        values.into_iter().map(D::from).fold(Vec::new(), |mut distinct, value| {
            if !distinct.contains(&value) {
                distinct.push(value);
            }
            distinct
        })
    })
}

fn parse_text(text: Option<String>) -> Result<SearchText, FilterError> {
    let text = SearchText::parse(&text.unwrap_or_default());
    text.map_err(|error| FilterError::Invalid(bad_input(format!("`text`: {error}"))))
}
