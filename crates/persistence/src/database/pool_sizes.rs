use crate::Options;

/// The maximum number of rows for which a server waits at the same time, each on a connection.
const MAX_WAITING: u32 = 4;

/// The sizes of the pools of PostgreSQL connections.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct PoolSizes {
    /// One connection for each lane, if possible.
    pub(crate) lanes: u32,
    /// Connections that wait for rows that other transactions hold, so that they never wait on those of a lane.
    pub(crate) waiting: u32,
    /// Connections for reads and edits: at least half, if there are four or more.
    pub(crate) other: u32,
}

impl PoolSizes {
    pub(crate) fn new(options: &Options) -> Self {
        let lanes = u32::try_from(options.lanes.lanes).unwrap_or(u32::MAX);
        let half = (options.connections / 2).max(2);
        let waiting = MAX_WAITING.min(half / 2);
        let lanes = lanes.clamp(1, half - waiting);
        let other = options.connections.saturating_sub(lanes + waiting).max(1);
        Self { lanes, waiting, other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LaneSettings;

    fn sizes(connections: u32, lanes: usize) -> PoolSizes {
        PoolSizes::new(&Options {
            connections,
            lanes: LaneSettings { lanes, ..LaneSettings::default() },
            ..Options::default()
        })
    }

    #[test]
    fn each_lane_has_a_connection_and_four_wait_by_default() {
        assert_eq!(PoolSizes::new(&Options::default()), PoolSizes { lanes: 2, waiting: 4, other: 10 });
        assert_eq!(sizes(6, 2), PoolSizes { lanes: 2, waiting: 1, other: 3 });
        assert_eq!(sizes(16, 256), PoolSizes { lanes: 4, waiting: 4, other: 8 });
    }

    #[test]
    fn three_connections_suffice_for_all_pools() {
        for (connections, lanes) in (3..100).flat_map(|connections| (1..9).map(move |lanes| (connections, lanes))) {
            let PoolSizes { lanes, waiting, other } = sizes(connections, lanes);
            assert_eq!(lanes + waiting + other, connections);
            assert!(lanes >= 1 && waiting >= 1 && other >= 1 && other >= lanes + waiting - 1);
        }
    }
}
