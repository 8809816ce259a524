//! The stored form of the fingerprints. Where a digest changes, a retry across the upgrade counts as a reused key.

use uuid::Uuid;

use super::{
    OnRegistration, OnWorkshop,
    add_session::AddSession,
    add_track::AddTrack,
    cancel_registration::CancelRegistration,
    cancel_session::CancelSession,
    cancel_workshop::CancelWorkshop,
    change_track::ChangeTrack,
    check_in_guest::CheckInGuest,
    create_center::CreateCenter,
    create_guest::CreateGuest,
    create_workshop::CreateWorkshop,
    import_guests::ImportGuests,
    mark_no_show::MarkNoShow,
    promote_from_waitlist::PromoteFromWaitlist,
    publish_workshop::PublishWorkshop,
    register_guest::{RegisterGuest, RegistrationForm},
    register_guests::{Mode, RegisterGuests},
    remove_track::RemoveTrack,
    undo_check_in::UndoCheckIn,
    update_center::UpdateCenter,
    update_guest::UpdateGuest,
    update_registration_note::UpdateRegistrationNote,
    update_session::UpdateSession,
    update_track::UpdateTrack,
    update_workshop::UpdateWorkshop,
};
use crate::{
    CenterForm, ExternalId, Fingerprint, GuestForm, Patch, RegistrationId, SessionDraft, SessionId, TrackDraft, Window,
    WorkshopId,
    fixtures::{NOW, at, center, registration, track, update_workshop},
};

fn workshop() -> WorkshopId {
    WorkshopId::from_uuid(Uuid::from_u128(1))
}

fn session(number: u128) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(number))
}

fn set(text: &str) -> Patch<String> {
    Patch::Set(text.to_owned())
}

fn session_draft() -> SessionDraft {
    SessionDraft {
        title: "Glazes".to_owned(),
        starts_at: at(NOW),
        ends_at: at(NOW + 10),
        center: Some(center()),
        room: None,
        instructor: Some("Mia".to_owned()),
    }
}

fn create_workshop() -> CreateWorkshop {
    CreateWorkshop {
        title: "Clay".to_owned(),
        description: None,
        external_id: None,
        window: Window { opens_at: None, closes_at: None },
        capacity: Some(12),
        waitlist_enabled: true,
        waitlist_limit: None,
        centers: vec![Some(center())],
        tracks: vec![TrackDraft { name: "Mornings".to_owned(), capacity: None, sessions: vec![session_draft()] }],
    }
}

fn update_session() -> UpdateSession {
    UpdateSession {
        session: Some(session(1)),
        title: None,
        starts_at: None,
        ends_at: None,
        center: None,
        room: Patch::Keep,
        instructor: Patch::Keep,
    }
}

fn register_guest(waitlist: bool) -> RegisterGuest {
    let input = RegistrationForm { workshop: "w", track: Some(1), guest: Some("g"), center: Some("c"), waitlist };
    RegisterGuest::parse(input, registration(1)).unwrap()
}

fn register_guests() -> RegisterGuests {
    let missing = RegisterGuest::parse(RegistrationForm::default(), registration(2)).unwrap_err();
    let requests = vec![Ok(register_guest(true)), Err(missing)];
    RegisterGuests { workshop: Some(workshop()), mode: Mode::PerGuest, requests }
}

fn guest_form() -> GuestForm {
    GuestForm { given_name: set("Ann"), family_name: set("Lee"), email: Patch::Clear, ..GuestForm::default() }
}

fn center_form() -> CenterForm {
    CenterForm { name: set("North"), time_zone: set("Asia/Kolkata"), ..CenterForm::default() }
}

fn import_guests(external_ids: &[&str]) -> ImportGuests {
    let form = |id: &&str| GuestForm { external_id: set(id), ..guest_form() };
    let forms: Vec<_> = external_ids.iter().map(form).collect();
    ImportGuests::parse(&forms, || crate::fixtures::guest(1)).unwrap()
}

fn all() -> Vec<Fingerprint> {
    let id: Option<RegistrationId> = Some(registration(1));
    vec![
        register_guest(false).fingerprint,
        register_guests().fingerprint(),
        CancelRegistration { registration: id, reason: Some("ill".to_owned()) }.fingerprint(),
        ChangeTrack { registration: id, track: Some(track(2)) }.fingerprint(),
        CheckInGuest { registration: id }.fingerprint(),
        UndoCheckIn { registration: id }.fingerprint(),
        MarkNoShow { registration: id }.fingerprint(),
        PromoteFromWaitlist { registration: id }.fingerprint(),
        UpdateRegistrationNote { registration: id, note: Some("Vegan".to_owned()) }.fingerprint(),
        create_workshop().fingerprint(),
        UpdateWorkshop {
            expected_version: Some(3),
            title: Some("Clay".to_owned()),
            description: Patch::Clear,
            external_id: Patch::Set(ExternalId::parse("4711").unwrap()),
            opens_at: Patch::Set(at(NOW)),
            closes_at: Patch::Clear,
            capacity: Patch::Set(12),
            waitlist_enabled: Some(false),
            waitlist_limit: Patch::Set(0),
            centers: Some(vec![Some(center()), None]),
            ..update_workshop()
        }
        .fingerprint(),
        PublishWorkshop { workshop: Some(workshop()) }.fingerprint(),
        CancelWorkshop { workshop: Some(workshop()), reason: None }.fingerprint(),
        AddTrack { workshop: Some(workshop()), name: "Mornings".to_owned(), capacity: Some(4) }.fingerprint(),
        UpdateTrack { track: Some(track(1)), name: None, capacity: Patch::Clear }.fingerprint(),
        RemoveTrack { track: Some(track(1)) }.fingerprint(),
        AddSession { session: session(1), track: Some(track(1)), draft: session_draft() }.fingerprint(),
        UpdateSession { center: Some(Ok(center())), room: set("2"), ..update_session() }.fingerprint(),
        CancelSession { session: Some(session(1)) }.fingerprint(),
        CreateCenter::parse(&center_form(), center()).unwrap().fingerprint,
        UpdateCenter::parse(&center_form(), "ctr_1").unwrap().fingerprint,
        CreateGuest::parse(&guest_form(), crate::fixtures::guest(1)).unwrap().fingerprint,
        UpdateGuest::parse(&guest_form(), "gst_1").unwrap().fingerprint,
        import_guests(&["a", "b"]).fingerprint,
    ]
}

fn hex(fingerprint: &Fingerprint) -> String {
    let (high, low) = fingerprint.as_bytes().split_at(16);
    let number = |half: &[u8]| u128::from_be_bytes(half.try_into().unwrap());
    format!("{:032x}{:032x}", number(high), number(low))
}

#[test]
fn the_digest_of_every_operation_stays_the_same() {
    let digests: Vec<_> =
        all().iter().map(|fingerprint| format!("{} {}", fingerprint.operation(), hex(fingerprint))).collect();
    let expected = [
        "registerGuest e5fe6c3c5d38e0d28c271a9444f23ed147a12c189ee8fdc4deb4b887524ce565",
        "registerGuests b96ff339d7894d9d94e3a4053c047d957e4bc004ef3085166bdf931bc8e592df",
        "cancelRegistration 2987c76f6486b4771d94b8b5a33b650f68bebfd9afa2d917a114ac1a6039aa4e",
        "changeTrack 2eaa1bf5194e3c01efb46c8e3ade0623a39cd9e56ff586a1c5c28977418fb48f",
        "checkInGuest a9f2eba9aa5f71aaa395044ed2851fbda1e423cb07939e99b095bda4ba2dc3c5",
        "undoCheckIn 49787dfbb32026d66c936afc1eb67b921f425966a85149f9c7314821ed29703a",
        "markNoShow b443451e7082d82e7b540494e0852250744e4b6fbb5a305ce57fc2c7e28a22a5",
        "promoteFromWaitlist 48f19ca0c183b2277900019e656440a842ce8d95eb0a99a3b312dd28e0366cf6",
        "updateRegistrationNote 265c67eebc59cbc3b10697cf360582cf55fe0b6a92b7470bca1e07c581b8e522",
        "createWorkshop 9d5114407c14d01a1b7e9d1bdad57c9e479766298505082f53221b7e1e7b6223",
        "updateWorkshop 84eaa862476cb39d36cc1ef64bbdf661cfa2b9a4195a9c67b03f39d6f503e320",
        "publishWorkshop 7e641c8e51a309b3930e1f5721e8fdbd1c3e74f7f8b62756575fffb1a32da37f",
        "cancelWorkshop b7e9c63ba41e1e5de3cb9dae6042a5fb4a8cf859e43837d6a4595e0938d0aa00",
        "addTrack 47dde3bcef349823fe4a9285d57e66d9427b7fdd5417ecb6bc62e7bc02f645bd",
        "updateTrack 75bf5023362034e8dca48e13e8f9c036634b66549dff0bbda940ac8d518bc6f0",
        "removeTrack 9ecc480980606047eee824c705514a59b27382ff5bcd3ccf116c4a29947d92a9",
        "addSession 460a2fa63a9824a28b10a82877ba7e2ba695b41f6e2f2892f4abcd8a43149055",
        "updateSession 4cc4b565eae1dd5c7b9adc33d716500d727fff4f6a584c3b463b1e8da50957dc",
        "cancelSession 0984651f2bda106d4ac085117d46901230f7b8642e97f857c8154d4934b563fa",
        "createCenter c624020836db6ce6638b90e7860fbed7d9719982dd55107a9594c84accb5bf7c",
        "updateCenter c380d659ef885527452098d908dcef4627a91f3cf008bf16913adc9393f46eff",
        "createGuest f63bff0719bdf6464c2c62ee51aaaf08e8ae7e26317686caaf64cf8988599012",
        "updateGuest 3792ecaf5d27b501a869a00f49195b2c653eabf971c5194173a2476a091f4c8b",
        "importGuests 976e52d8e14df41ca7c255d694f4afab6c314263e2649c5a354e85b499744605",
    ];
    assert_eq!(digests, expected, "{digests:#?}");
}

#[test]
fn an_omitted_field_does_not_change_the_digest() {
    // The inputs that the operation had before it got its other fields.
    let before = |field: &str, value: &str| crate::FingerprintInputs::default().field(field, value);
    let workshop_id = workshop().to_string();
    let workshop = Fingerprint::of("updateWorkshop", &before("workshopId", &workshop_id));
    assert_eq!(update_workshop().fingerprint(), workshop);
    let session_id = session(1).to_string();
    assert_eq!(update_session().fingerprint(), Fingerprint::of("updateSession", &before("sessionId", &session_id)));
    let guest = UpdateGuest::parse(&GuestForm::default(), "gst_1").unwrap();
    assert_eq!(guest.fingerprint, Fingerprint::of("updateGuest", &before("guestId", "gst_1")));
}

#[test]
fn two_different_inputs_have_two_fingerprints() {
    let update = |changed: UpdateWorkshop| changed.fingerprint();
    let with_center = |center| UpdateSession { center, ..update_session() }.fingerprint();
    let mode = |mode| RegisterGuests { mode, ..register_guests() }.fingerprint();
    let add = |draft: SessionDraft| AddSession { session: session(1), track: Some(track(1)), draft }.fingerprint();
    let fingerprints = [
        update(update_workshop()),
        update(UpdateWorkshop { description: Patch::Clear, ..update_workshop() }),
        update(UpdateWorkshop { description: set(""), ..update_workshop() }),
        update(UpdateWorkshop { title: Some(String::new()), ..update_workshop() }),
        update(UpdateWorkshop { centers: Some(vec![]), ..update_workshop() }),
        update(UpdateWorkshop { centers: Some(vec![None]), ..update_workshop() }),
        with_center(None),
        with_center(Some(Err(crate::problems::CenterInvalid))),
        with_center(Some(Ok(center()))),
        mode(Mode::PerGuest),
        mode(Mode::AllOrNothing),
        RegisterGuests { requests: vec![Ok(register_guest(false))], ..register_guests() }.fingerprint(),
        RegisterGuests { requests: vec![Ok(register_guest(true))], ..register_guests() }.fingerprint(),
        add(session_draft()),
        add(SessionDraft { room: Some("2".to_owned()), ..session_draft() }),
        create_workshop().fingerprint(),
        CreateWorkshop { tracks: Vec::new(), ..create_workshop() }.fingerprint(),
        import_guests(&["a", "b"]).fingerprint,
        import_guests(&["b", "a"]).fingerprint,
    ];
    for (index, fingerprint) in fingerprints.iter().enumerate() {
        let same = fingerprints.iter().position(|other| other == fingerprint);
        assert_eq!(same, Some(index), "the inputs {same:?} and {index} have one fingerprint");
    }
}

#[test]
fn a_generated_id_is_not_part_of_the_fingerprint() {
    let with_id = |number| AddSession { session: session(number), track: Some(track(1)), draft: session_draft() };
    assert_eq!(with_id(1).fingerprint(), with_id(2).fingerprint());
}
