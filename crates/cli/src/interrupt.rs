//! Ctrl-C and SIGTERM (design.md section 4).
//!
//! Until an apply begins to write, either of them ends the process at once. While it writes, the first asks it to finish what is in flight
//! and the second stops it; the ledger is valid at every moment, so that nothing is lost but the answers on their way.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::exit::Exit;

/// Hears the signals from its creation on.
#[derive(Clone)]
pub struct Interrupt {
    listener: Arc<Mutex<Option<Listener>>>,
}

type Listener = Box<dyn Fn() + Send>;

/// So often a process is asked; after that it ends, whatever it does.
const PATIENCE: usize = 2;

impl Interrupt {
    /// Begins to listen. Must be called within the runtime.
    ///
    /// # Errors
    /// When the operating system does not let us listen.
    pub fn listen() -> io::Result<Self> {
        let mut signals = Signals::new()?;
        let listener: Arc<Mutex<Option<Listener>>> = Arc::default();
        let shared = Arc::clone(&listener);
        tokio::spawn(async move {
            let mut asked = 0;
            loop {
                signals.next().await;
                match &*shared.lock().unwrap_or_else(PoisonError::into_inner) {
                    Some(listener) if asked < PATIENCE => listener(),
                    _ => leave(),
                }
                asked += 1;
            }
        });
        Ok(Self { listener })
    }

    /// From now on a signal calls `listener` instead of ending the process.
    pub fn tell(&self, listener: impl Fn() + Send + 'static) {
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(listener));
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
