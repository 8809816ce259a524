//! Ids: a type prefix and a sortable body, as in `wks_01h455vb4pex5vsknk084sn02q`. They are `TypeID`s (version 0.3 of
//! the specification) over a UUID v7.

use std::{fmt, num::NonZeroI32, str::FromStr};

use type_safe_id::{StaticType, TypeSafeId};

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident of $kind:ident, $prefix:literal;)+) => {
        $(
            $(#[$doc])*
            pub type $id = TypeSafeId<kinds::$kind>;
        )+

        /// The marker types of the ids.
        mod kinds {
            $(
                #[doc = concat!("Marks the ids with the prefix `", $prefix, "_`.")]
                #[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
                pub struct $kind;

                impl super::StaticType for $kind {
                    const TYPE: &'static str = $prefix;
                }
            )+
        }
    };
}

ids! {
    /// A workshop: `wks_…`.
    WorkshopId of Workshop, "wks";
    /// A session of a track: `ses_…`.
    SessionId of Session, "ses";
    /// A center that runs workshops: `ctr_…`.
    CenterId of Center, "ctr";
    /// A guest: `gst_…`.
    GuestId of Guest, "gst";
    /// A registration of a guest for a workshop: `reg_…`.
    RegistrationId of Registration, "reg";
    /// An entry of the journal: `chg_…`.
    JournalEntryId of JournalEntry, "chg";
    /// An API key, without its secret: `key_…`.
    ApiKeyId of ApiKey, "key";
}

/// The documented number of a track: a positive int32. Its global id is `trk_<number>`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TrackId(NonZeroI32);

impl TrackId {
    /// The id with this number, if the number is positive.
    pub fn new(number: i32) -> Option<Self> {
        NonZeroI32::new(number).filter(|number| number.is_positive()).map(Self)
    }

    /// The documented number.
    pub fn number(self) -> i32 {
        self.0.get()
    }
}

impl fmt::Display for TrackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "trk_{}", self.0)
    }
}

/// A text that is not the global id of a track.
#[derive(Debug, thiserror::Error)]
#[error("not the id of a track")]
pub struct TrackIdMalformed;

impl FromStr for TrackId {
    type Err = TrackIdMalformed;

    fn from_str(text: &str) -> Result<Self, TrackIdMalformed> {
        let id = text
            .strip_prefix("trk_")
            .and_then(|digits| digits.parse().ok())
            .and_then(Self::new)
            .ok_or(TrackIdMalformed)?;
        // An id has one spelling because caches compare ids as text: `trk_+7` and `trk_007` are malformed.
        if id.to_string() == text { Ok(id) } else { Err(TrackIdMalformed) }
    }
}

/// The global id of an object.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum NodeId {
    /// `wks_…`
    Workshop(WorkshopId),
    /// `trk_<number>`
    Track(TrackId),
    /// `ses_…`
    Session(SessionId),
    /// `ctr_…`
    Center(CenterId),
    /// `gst_…`
    Guest(GuestId),
    /// `reg_…`
    Registration(RegistrationId),
    /// `chg_…`
    Change(JournalEntryId),
    /// `key_…`
    ApiKey(ApiKeyId),
}

impl NodeId {
    /// Parses a global id. The object need not exist.
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, _) = text.split_once('_')?;
        match prefix {
            "wks" => text.parse().ok().map(Self::Workshop),
            "trk" => text.parse().ok().map(Self::Track),
            "ses" => text.parse().ok().map(Self::Session),
            "ctr" => text.parse().ok().map(Self::Center),
            "gst" => text.parse().ok().map(Self::Guest),
            "reg" => text.parse().ok().map(Self::Registration),
            "chg" => text.parse().ok().map(Self::Change),
            "key" => text.parse().ok().map(Self::ApiKey),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_parses_back() {
        let id = WorkshopId::from_uuid(uuid::Uuid::from_u128(0x0190_5a7e_0000_7000_8000_0000_0000_0001));
        assert!(id.to_string().starts_with("wks_"));
        assert_eq!(id.to_string().parse::<WorkshopId>().unwrap(), id);
        assert_eq!(NodeId::parse(&id.to_string()), Some(NodeId::Workshop(id)));
    }

    #[test]
    fn an_id_with_another_prefix_is_rejected() {
        let guest = GuestId::from_uuid(uuid::Uuid::from_u128(1)).to_string();
        assert!(guest.parse::<WorkshopId>().is_err());
        assert_eq!(NodeId::parse("xyz_00000000000000000000000001"), None);
    }

    #[test]
    fn a_track_number_has_one_spelling() {
        assert_eq!("trk_7".parse::<TrackId>().unwrap().number(), 7);
        for misspelt in ["trk_07", "trk_+7", "trk_0", "trk_-7", "trk_2147483648", "7", "trk_"] {
            assert!(misspelt.parse::<TrackId>().is_err(), "{misspelt}");
        }
    }

    #[test]
    fn a_malformed_id_is_rejected_without_a_panic() {
        for text in ["", "_", "wks", "wks_", "wks_é", "wks_zzzzzzzzzzzzzzzzzzzzzzzzzz", "wks_ÀÀÀÀÀÀÀÀÀÀÀÀÀ"]
        {
            assert_eq!(NodeId::parse(text), None, "{text}");
        }
        assert_eq!(NodeId::parse(&"w".repeat(1_000_000)), None);
    }
}
