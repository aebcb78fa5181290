//! Ctrl-C and SIGTERM (design.md section 4).
//!
//! Until an apply begins to write, either of them ends the process at once. While it writes, the first asks it to finish what is in flight
//! and the second ends the process; the ledger is valid at every moment, so that nothing is lost but the answers on their way.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use crate::exit::Exit;

/// Hears the signals from its creation on.
#[derive(Clone, Debug)]
pub struct Interrupt {
    patient: Arc<AtomicBool>,
    asked: watch::Receiver<bool>,
}

impl Interrupt {
    /// Begins to listen. Must be called within the runtime.
    ///
    /// # Errors
    /// When the operating system does not let us listen.
    pub fn listen() -> io::Result<Self> {
        let mut signals = Signals::new()?;
        let patient = Arc::new(AtomicBool::new(false));
        let (ask, asked) = watch::channel(false);
        let shared = Arc::clone(&patient);
        tokio::spawn(async move {
            loop {
                signals.next().await;
                if !shared.load(Ordering::SeqCst) || *ask.borrow() {
                    leave();
                }
                ask.send_replace(true);
            }
        });
        Ok(Self { patient, asked })
    }

    /// From now on the first signal asks, and only the second ends the process.
    pub fn be_patient(&self) {
        self.patient.store(true, Ordering::SeqCst);
    }

    /// Whether somebody has asked to stop.
    pub fn is_asked(&self) -> bool {
        *self.asked.borrow()
    }

    /// Waits until somebody asks to stop.
    pub async fn asked(&self) {
        let mut asked = self.asked.clone();
        if asked.wait_for(|asked| *asked).await.is_err() {
            // The listener lives as long as the runtime, which is about to end.
            std::future::pending::<()>().await;
        }
    }
}

/// Ends the process now: the main task may be computing or waiting for a line of input, and cannot be asked.
#[expect(clippy::exit, reason = "an interrupt ends the process from outside of the main task")]
fn leave() -> ! {
    std::process::exit(i32::from(Exit::Interrupted.code()))
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
