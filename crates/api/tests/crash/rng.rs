use fastrand::Rng;
use uuid::Uuid;

use crate::options::variable;

/// A generator with the seed `ATELIER_CRASH_SEED`, which repeats the choices of an earlier run, or with a new seed.
pub(crate) fn new_rng() -> Rng {
    let (time_and_version, random) = Uuid::now_v7().as_u64_pair();
    Rng::with_seed(variable("ATELIER_CRASH_SEED").unwrap_or(time_and_version ^ random))
}
