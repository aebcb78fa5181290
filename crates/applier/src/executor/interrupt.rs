//! How somebody outside stops a run: once to finish what is under way, twice to leave at once.

use std::sync::Arc;

use tokio::sync::watch;

/// A shared count of presses. Clones share it.
#[derive(Clone, Debug)]
pub struct Interrupt {
    presses: Arc<watch::Sender<usize>>,
}

impl Default for Interrupt {
    fn default() -> Self {
        Self { presses: Arc::new(watch::Sender::new(0)) }
    }
}

impl Interrupt {
    /// Not pressed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Presses once more.
    pub fn press(&self) {
        self.presses.send_modify(|presses| *presses += 1);
    }

    /// How often it was pressed.
    pub fn presses(&self) -> usize {
        *self.presses.borrow()
    }

    /// Waits until it was pressed so often in all.
    pub(super) async fn pressed(&self, times: usize) {
        let mut receiver = self.presses.subscribe();
        // The sender lives as long as this handle.
        let _ = receiver.wait_for(|presses| *presses >= times).await;
    }
}
