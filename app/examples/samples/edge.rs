//! How far the snapshot has come.

use nexus_control::views::*;
use nexus_domain::Environment;

use super::{MINUTE, NOW_MS};

pub(crate) fn propagation() -> Propagation {
    let gateway = |id: &str, version: u64, ago: i64, lost: bool| GatewayRow {
        id: id.to_owned(),
        environment: Environment::Production,
        version,
        seen_ms: NOW_MS - ago,
        current: version == 7,
        lost,
        // The other is a Worker.
        streams: (id == "gw-nrt-1").then_some(340),
    };
    Propagation {
        version: 7,
        created_ms: Some(NOW_MS - 4 * MINUTE),
        published_ms: Some(NOW_MS - 4 * MINUTE),
        problem: None,
        gateways: vec![
            gateway("gw-nrt-1", 7, 1_000, false),
            gateway("gw-iad-1", 7, 2_000, false),
        ],
        own_pages: Some(OwnPages {
            version: 7,
            current: true,
            streams: 12,
        }),
    }
}
