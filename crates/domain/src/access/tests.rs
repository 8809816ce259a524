use uuid::Uuid;

use super::*;
use crate::CenterId;

fn center(number: u128) -> CenterId {
    CenterId::from_uuid(Uuid::from_u128(number))
}

fn guest(number: u128) -> GuestId {
    GuestId::from_uuid(Uuid::from_u128(number))
}

fn partner(scopes: &[Scope], centers: Option<&[CenterId]>) -> Access {
    let centers = centers.map(|centers| centers.iter().copied().collect());
    let grant = Grant::new(Role::Partner, scopes.iter().copied().collect(), centers).unwrap();
    Access::granted(Actor::System, &grant)
}

fn staff(centers: &[CenterId]) -> Access {
    let centers = Some(centers.iter().copied().collect());
    Access::granted(Actor::System, &Grant::new(Role::Staff, BTreeSet::new(), centers).unwrap())
}

#[test]
fn an_admin_has_every_permission_and_sees_every_guest() {
    let admin = Access::unlimited(Actor::System);
    assert!(PermissionKind::ALL.iter().all(|permission| admin.ensure(*permission).is_ok()));
    assert_eq!(admin.visibility().guests(), &GuestVisibility::All);
    assert_eq!(admin.visibility().drafts(), &Reach::Everywhere);
}

#[test]
fn staff_see_the_guests_and_drafts_of_their_centers() {
    let (here, there) = (center(1), center(2));
    let visibility = staff(&[here]).visibility();
    assert!(visibility.registrations().includes_registration(guest(1), here));
    assert!(!visibility.registrations().includes_registration(guest(1), there));
    assert!(visibility.guests().includes_guest(guest(1), [&there, &here]));
    assert!(!visibility.guests().includes_guest(guest(1), []));
    assert!(visibility.drafts().includes_any([&there, &here]));
    assert!(!visibility.drafts().includes(there));
}

#[test]
fn a_guest_sees_only_their_own_registrations_and_no_draft() {
    let visibility = Access::guest(guest(1)).visibility();
    assert!(visibility.registrations().includes_registration(guest(1), center(1)));
    assert!(!visibility.registrations().includes_registration(guest(2), center(1)));
    assert!(!visibility.drafts().includes(center(1)));
}

#[test]
fn a_caller_without_credentials_is_unauthenticated_and_another_one_is_forbidden() {
    for permission in PermissionKind::ALL {
        assert_eq!(Access::public().ensure(*permission), Err(Denied::Unauthenticated));
    }
    assert_eq!(Access::guest(guest(1)).ensure(PermissionKind::OperateFrontDesk), Err(Denied::Forbidden));
    assert_eq!(Access::public().ensure_sees_guests(Visibility::guests), Err(Denied::Unauthenticated));
    assert_eq!(partner(&[Scope::WorkshopsWrite], None).ensure_sees_guests(Visibility::guests), Err(Denied::Forbidden));
}

#[test]
fn a_partner_has_the_permissions_of_its_scopes_only() {
    let reads = partner(&[Scope::RegistrationsRead], Some(&[center(1)]));
    assert_eq!(reads.permit::<ManageRegistrations>().err(), Some(Denied::Forbidden));
    assert!(reads.visibility().registrations().includes_registration(guest(1), center(1)));
    assert!(!reads.visibility().drafts().includes(center(1)));
    let creates = partner(&[Scope::GuestsWrite], None);
    assert!(creates.permit::<CreateGuests>().is_ok());
    assert_eq!(creates.visibility().guests(), &GuestVisibility::All);
    assert_eq!(creates.visibility().registrations(), &GuestVisibility::None);
    assert!(partner(&[Scope::WorkshopsWrite], Some(&[center(1)])).visibility().drafts().includes(center(1)));
}

#[test]
fn a_grant_has_the_scopes_and_centers_that_its_role_requires() {
    let (none, here) = (BTreeSet::new, || Some(BTreeSet::from([center(1)])));
    let reads = || BTreeSet::from([Scope::GuestsRead]);
    assert_eq!(Grant::new(Role::Guest, none(), None), Err(GrantInvalid::Role));
    assert_eq!(Grant::new(Role::Admin, none(), here()), Err(GrantInvalid::Centers));
    assert_eq!(Grant::new(Role::Admin, reads(), None), Err(GrantInvalid::Scopes));
    assert_eq!(Grant::new(Role::Staff, none(), None), Err(GrantInvalid::NoCenter));
    assert_eq!(Grant::new(Role::Staff, none(), Some(BTreeSet::new())), Err(GrantInvalid::NoCenter));
    assert_eq!(Grant::new(Role::Partner, none(), None), Err(GrantInvalid::NoScope));
    assert!(Grant::new(Role::Partner, reads(), None).is_ok());
}

#[test]
fn every_role_and_scope_has_a_name_that_parses_back() {
    assert!(Role::ALL.iter().all(|role| role.to_string().parse() == Ok(*role)));
    assert!(Scope::ALL.iter().all(|scope| scope.to_string().parse() == Ok(*scope)));
    let names: Vec<_> = Role::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["admin", "staff", "partner", "guest", "public"]);
    assert_eq!("root".parse::<Role>(), Err(UnknownRole));
    assert_eq!("guests".parse::<Scope>(), Err(UnknownScope));
}
