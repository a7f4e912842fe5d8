//! Leaving by a way of which more is known than where it leads: that it takes time, or that people are
//! received at the other end within windows.

use super::extras::Lengths;
use super::network::Leave;

pub use crate::model::transfer::Hold;

/// How people leave a node some of whose ways take time or end at a window.
#[derive(Debug)]
pub struct Ways {
    /// When they may leave by the node's own window.
    pub leave: Leave,
    /// The ways that take time.
    pub transfers: Box<[Transfer]>,
}

impl Ways {
    /// The transfer on a flow, if the way takes time.
    pub fn transfer(&self, flow: u32) -> Option<&Transfer> {
        self.transfers.iter().find(|transfer| transfer.flow == flow)
    }

    /// Whether people set out on a way before a place at its end is sought.
    pub fn conveyed_first(&self, flow: u32) -> bool {
        self.transfer(flow).is_some_and(|transfer| transfer.hold == Hold::UntilStart)
    }
}

/// A way that takes time.
#[derive(Debug)]
pub struct Transfer {
    /// The flow on which it is counted.
    pub flow: u32,
    /// How long it takes; no time for whom no case holds.
    pub time: Lengths,
    /// How long the place left behind is held.
    pub hold: Hold,
}
