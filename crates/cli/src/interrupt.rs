//! Ctrl-C and SIGTERM (design.md section 4).
//!
//! Until an apply begins to write, the first of them breaks the command off where it waits for a platform or a person; while it writes, the
//! first asks it to finish what is in flight and the second stops it. One more ends the process, whatever it does. The ledger is valid at
//! every moment, so that nothing is lost but the answers on their way.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::error::{CliError, Trouble};
use crate::exit::Exit;

/// Hears the signals from its creation on. Clones share what they hear.
#[derive(Clone)]
pub struct Interrupt {
    shared: Arc<Shared>,
}

struct Shared {
    who: Mutex<Who>,
    broken_off: Notify,
}

/// Who is told of the next signal.
enum Who {
    /// The command, which is broken off.
    Command,
    /// Nobody: the command has been broken off, and if that takes too long for somebody, the process ends.
    Nobody,
    /// Whoever can do better than to be broken off, and how often that was asked.
    Listener(Box<dyn Fn() + Send>, usize),
}

/// So often a listener is asked; after that the process ends, whatever it does.
const PATIENCE: usize = 2;

impl Interrupt {
    /// Begins to listen, on a thread of its own: the command may be computing.
    ///
    /// # Errors
    /// When the operating system does not let us listen.
    pub fn listen() -> io::Result<Self> {
        let shared = Arc::new(Shared { who: Mutex::new(Who::Command), broken_off: Notify::new() });
        let interrupt = Self { shared: Arc::clone(&shared) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let mut signals = {
            let _inside = runtime.enter();
            Signals::new()?
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            loop {
                runtime.block_on(signals.next());
                shared.hear();
            }
        })?;
        Ok(interrupt)
    }

    /// From now on a signal calls `listener` instead of breaking the command off.
    ///
    /// # Errors
    /// When a signal has broken it off already; then nothing that cannot be broken off may begin.
    pub fn tell(&self, listener: impl Fn() + Send + 'static) -> Result<(), CliError> {
        let mut who = self.shared.who();
        match *who {
            Who::Nobody => Err(Trouble::BrokenOff.into()),
            Who::Command | Who::Listener(..) => {
                *who = Who::Listener(Box::new(listener), 0);
                Ok(())
            }
        }
    }

    /// Does some work of the command, unless a signal breaks it off: then `or` is why it fails. What listens by then is not broken off.
    ///
    /// # Errors
    /// Those of the work, and `or`.
    pub async fn unless<T>(&self, or: Trouble, work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
        tokio::select! {
            biased;
            () = self.shared.broken_off.notified() => Err(or.into()),
            result = work => result,
        }
    }
}

impl Shared {
    fn who(&self) -> MutexGuard<'_, Who> {
        self.who.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self) {
        let mut who = self.who();
        match &mut *who {
            Who::Command => {
                *who = Who::Nobody;
                self.broken_off.notify_one();
            }
            Who::Listener(listener, asked) if *asked < PATIENCE => {
                *asked += 1;
                listener();
            }
            Who::Listener(..) | Who::Nobody => leave(),
        }
    }
}

/// Ends the process now.
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
