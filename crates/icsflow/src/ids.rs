//! Typed indices into the compiled network, so that a node is never taken for a source.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $Id:ident($number:ty)) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub struct $Id(pub $number);

        impl $Id {
            /// The position in the network's arrays.
            #[inline(always)]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A node.
    NodeId(u32)
);
id!(
    /// A source of arrivals.
    SourceId(u32)
);
id!(
    /// A cohort.
    CohortId(u16)
);
id!(
    /// The people of a cohort, or, where an attribute is told apart, those of them with one of its labels.
    StratumId(u16)
);

impl From<CohortId> for StratumId {
    #[inline(always)]
    fn from(cohort: CohortId) -> Self {
        StratumId(cohort.0)
    }
}

/// No node: out of the system.
pub const NOWHERE: NodeId = NodeId(u32::MAX);
