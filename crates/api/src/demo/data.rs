//! The sample data of the demo: centers, guests, and workshops in every state.

/// The name and the time zone of each center.
pub(super) const CENTERS: [(&str, &str); 5] = [
    ("Indiranagar Studio", "Asia/Kolkata"),
    ("Atelier am Kanal", "Europe/Berlin"),
    ("Casa da Ribeira", "Europe/Lisbon"),
    ("Hudson Yard Rooms", "America/New_York"),
    ("Kichijoji House", "Asia/Tokyo"),
];

pub(super) const GIVEN_NAMES: [&str; 12] =
    ["Ananya", "Bruno", "Chiara", "Daniel", "Emi", "Fatima", "Goran", "Hanna", "Ishaan", "Joana", "Kenji", "Leila"];

pub(super) const FAMILY_NAMES: [&str; 10] =
    ["Almeida", "Becker", "Castro", "Dutta", "Eriksen", "Fujita", "Gupta", "Haddad", "Ito", "Johnson"];

pub(super) const INSTRUCTORS: [&str; 6] =
    ["Meera Nair", "Jonas Falk", "Rita Sousa", "Grace Chen", "Haruka Mori", "Tomas Lind"];

/// The state in which the demo creates a workshop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum PlannedState {
    Draft,
    NotYetOpen,
    Open,
    /// Registration has closed and no session has started.
    WindowClosed,
    /// The first session is in progress.
    Running,
    Completed,
    Cancelled,
}

/// A workshop of the demo.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    /// The centers that run the workshop. Its sessions take place at the first one.
    pub(super) centers: &'static [usize],
    pub(super) state: PlannedState,
    /// Days from today to the first session.
    pub(super) day: i64,
    pub(super) capacity: Option<u32>,
    /// The capacity of the first track; `None`: limited only by the workshop.
    pub(super) track_capacity: Option<u32>,
    pub(super) seated: usize,
    /// The limit of the waitlist; `None`: no waitlist.
    pub(super) waitlist_limit: Option<u32>,
    pub(super) waiting: usize,
}

const fn plan(
    title: &'static str,
    description: &'static str,
    centers: &'static [usize],
    state: PlannedState,
    day: i64,
) -> Plan {
    let waitlist_limit = Some(10);
    Plan {
        title,
        description,
        centers,
        state,
        day,
        capacity: Some(16),
        track_capacity: None,
        seated: 5,
        waitlist_limit,
        waiting: 0,
    }
}

/// An open workshop with seats.
pub(super) const OPEN: usize = 0;
/// A full workshop with room on its waitlist.
pub(super) const FULL: usize = 1;
/// A full workshop with a full waitlist.
pub(super) const WAITLIST_FULL: usize = 2;
/// A workshop that opens later.
pub(super) const NOT_YET_OPEN: usize = 3;

pub(super) const PLANS: [Plan; 20] = [
    plan(
        "Wheel Throwing for Beginners",
        "Centre the clay, raise a wall, keep your bowl.",
        &[0],
        PlannedState::Open,
        12,
    ),
    Plan {
        capacity: Some(8),
        seated: 8,
        waiting: 3,
        ..plan("Natural Indigo Dyeing", "A living vat, and cloth to take home.", &[0, 4], PlannedState::Open, 9)
    },
    Plan {
        capacity: Some(6),
        seated: 6,
        waitlist_limit: Some(2),
        waiting: 2,
        ..plan("Kintsugi: Mending with Gold", "Broken cups welcome.", &[4], PlannedState::Open, 15)
    },
    plan(
        "Bookbinding with Linen Thread",
        "A sewn book, from folded sheet to cover.",
        &[1],
        PlannedState::NotYetOpen,
        40,
    ),
    Plan {
        capacity: Some(10),
        seated: 10,
        waitlist_limit: None,
        ..plan("Screen Printing a Poster", "Two colours, twenty prints.", &[1], PlannedState::Open, 11)
    },
    Plan {
        capacity: None,
        seated: 12,
        waitlist_limit: None,
        ..plan(
            "Open PlannedState Drawing",
            "Long and short poses. No seat is ever the last.",
            &[3],
            PlannedState::Open,
            5,
        )
    },
    Plan {
        capacity: Some(12),
        track_capacity: Some(2),
        seated: 6,
        ..plan("Silver Ring Making", "Saw, solder, polish. The morning bench is small.", &[2], PlannedState::Open, 18)
    },
    Plan { seated: 15, ..plan("Sourdough from Scratch", "Starter, dough, crust.", &[3], PlannedState::Open, 7) },
    Plan {
        waiting: 1,
        ..plan("Analogue Photography", "Shoot a roll, develop it, print one.", &[1, 2], PlannedState::Open, 21)
    },
    plan("Letterpress Cards", "Set type by hand, print a set of cards.", &[3], PlannedState::Open, 25),
    Plan {
        seated: 9,
        ..plan("Block Printing on Cotton", "Carve a block, print a metre.", &[0], PlannedState::WindowClosed, 3)
    },
    Plan {
        capacity: Some(20),
        seated: 14,
        ..plan("Azulejo Painting", "Tin glaze, cobalt, and a steady hand.", &[2], PlannedState::WindowClosed, 2)
    },
    Plan {
        seated: 11,
        ..plan("Basket Weaving in Willow", "A round basket in two days.", &[1], PlannedState::Running, 0)
    },
    Plan {
        seated: 7,
        ..plan("Shodo: The Brush and the Breath", "Four strokes, then one word.", &[4], PlannedState::Running, 0)
    },
    Plan { seated: 16, ..plan("Terrazzo Coasters", "Pour, wait, grind, polish.", &[2], PlannedState::Completed, -20) },
    Plan {
        seated: 10,
        ..plan("Macrame Wall Hanging", "Three knots, many patterns.", &[3], PlannedState::Completed, -30)
    },
    Plan { seated: 13, ..plan("Madhubani Painting", "Line first, then colour.", &[0], PlannedState::Completed, -11) },
    Plan {
        seated: 0,
        ..plan("Glass Bead Making", "Called off: the furnace is being rebuilt.", &[1], PlannedState::Cancelled, 14)
    },
    plan("Woodcut in Three Blocks", "Register marks, and how to keep to them.", &[4], PlannedState::NotYetOpen, 60),
    Plan { seated: 0, ..plan("Natural Perfume", "Being written.", &[2], PlannedState::Draft, 80) },
];
