//! What care costs.

use crate::ids::NodeId;
use crate::model::cost::ITEMS;

/// Prices at some nodes.
#[derive(Clone, Debug)]
pub struct Cost {
    /// The nodes, each once.
    pub nodes: Box<[NodeId]>,
    /// Prices of its items; nothing for what has none.
    pub prices: [Option<f64>; ITEMS.len()],
}
