//! When a segment is folded into a new snapshot.
//!
//! A snapshot costs as much as the whole ledger, a segment as much as what was done, and every reader reads both. So the snapshot is
//! written anew at the end of a run when the segment has grown to a fourth of it: over time that writes each entry a few times, and never
//! makes reading much slower. Small ledgers are always folded, because one file is nicer to look at; and old segments are, however small,
//! so that the backup does not stay behind for ever.

/// Below this a snapshot is written after every run, in bytes.
const SMALL: u64 = 1024 * 1024;
/// The segment is folded when it has this part of the snapshot's size.
const PART: u64 = 4;
/// Most runs that one segment holds.
const RUNS: usize = 20;
/// Most pieces that one segment holds; in a bucket each of them is an object that a reader fetches.
const PIECES: usize = 64;

/// How far snapshot and segment have grown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Growth {
    /// The snapshot's size in bytes.
    pub(super) snapshot: u64,
    /// The segment's size in bytes.
    pub(super) segment: u64,
    /// How many runs have written the segment.
    pub(super) runs: usize,
    /// In how many objects it lies; a file is none.
    pub(super) pieces: usize,
}

impl Growth {
    /// Whether a run should end with a new snapshot.
    pub(super) fn wants_snapshot(self) -> bool {
        self.snapshot < SMALL || self.segment >= self.snapshot / PART || self.runs > RUNS || self.pieces > PIECES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_ledgers_are_folded_by_size_age_or_pieces_and_small_ones_always() {
        let large = Growth { snapshot: 100 * SMALL, segment: SMALL, runs: 1, pieces: 3 };
        for (growth, wanted) in [
            (large, false),
            (Growth { segment: 25 * SMALL, ..large }, true),
            (Growth { segment: 25 * SMALL - 1, ..large }, false),
            (Growth { runs: 21, ..large }, true),
            (Growth { pieces: 65, ..large }, true),
            (Growth { snapshot: SMALL - 1, segment: 0, ..large }, true),
        ] {
            assert_eq!(growth.wants_snapshot(), wanted, "{growth:?}");
        }
    }
}
