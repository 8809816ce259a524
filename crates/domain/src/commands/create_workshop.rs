//! Creates a workshop. It is a draft: guests cannot register before it is published.

use std::collections::BTreeSet;

use super::refusal;
use crate::{
    CenterId, EditContext, ExternalId, Fingerprint, FingerprintInputs, TrackDraft, Window,
    editable_workshop::{ensure_centers, ensure_few_centers, ensure_few_sessions, ensure_few_tracks, ensure_times},
    problems::{CenterInvalid, ExternalIdTaken},
};

/// Creates a workshop.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct CreateWorkshop {
    pub title: String,
    pub description: Option<String>,
    pub external_id: Option<ExternalId>,
    pub window: Window,
    pub capacity: Option<u32>,
    pub waitlist_enabled: bool,
    pub waitlist_limit: Option<u32>,
    /// The centers; `None` is a malformed id.
    pub centers: Vec<Option<CenterId>>,
    pub tracks: Vec<TrackDraft>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    CreateWorkshopRefusal {
        InputInvalid,
        TooManyTracks,
        TooManySessions,
        TooManyCenters,
        WindowInvalid,
        SessionTimesInvalid,
        CenterInvalid,
        ExternalIdTaken,
        IdempotencyKeyReused,
        ResultNotVisible,
    }
}

impl CreateWorkshop {
    /// Identifies the input under an idempotency key.
    pub fn fingerprint(&self) -> Fingerprint {
        let Self {
            title,
            description,
            external_id,
            window: Window { opens_at, closes_at },
            capacity,
            waitlist_enabled,
            waitlist_limit,
            centers,
            tracks,
        } = self;
        Fingerprint::of(
            "createWorkshop",
            &FingerprintInputs::default()
                .field("title", title)
                .field("description", description)
                .field("externalId", external_id)
                .field("registrationOpensAt", opens_at)
                .field("registrationClosesAt", closes_at)
                .field("capacity", capacity)
                .field("waitlistEnabled", waitlist_enabled)
                .field("waitlistLimit", waitlist_limit)
                .field("centerIds", centers)
                .field("tracks", tracks),
        )
    }
}

/// Decides and returns the centers of the workshop.
pub fn create_workshop(
    request: &CreateWorkshop,
    context: &EditContext,
) -> Result<BTreeSet<CenterId>, CreateWorkshopRefusal> {
    ensure_few_tracks(request.tracks.len())?;
    for track in &request.tracks {
        ensure_few_sessions(track.sessions.len())?;
    }
    ensure_few_centers(&request.centers)?;
    request.window.ensure_in_order()?;
    let sessions = || request.tracks.iter().flat_map(|track| &track.sessions);
    for session in sessions() {
        ensure_times(session.starts_at, session.ends_at)?;
    }
    let centers = ensure_centers(&request.centers, &BTreeSet::new(), context)?;
    if !sessions().all(|session| session.center.is_some_and(|center| centers.contains(&center))) {
        return Err(CenterInvalid.into());
    }
    if context.is_external_id_taken {
        return Err(ExternalIdTaken.into());
    }
    Ok(centers)
}
