//! The client: sends one [`Request`] through its platform's lane and judges the reply.
//!
//! It is the only place that knows credentials and tenant, and the only one that sends. What a reply means beyond its wrapper is for
//! [`crate::wire`]; what to do about an uncertain write is for the executor.

mod options;
pub(crate) mod redact;
pub(crate) mod transport;

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use deskform_model::{Platform, Text};
use jiff::Timestamp;
use serde_json::Value as Json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

pub use options::{CallCenterOptions, ClientOptions, HelpdeskAuth, HelpdeskOptions};

use crate::error::{ClientError, Fault, RequestError};
use crate::lane::{Lane, Pause};
use crate::request::{Request, Wrapper};
use crate::retry::{Attempt, RetryPolicy, Verdict, retry_after};
use crate::wire::envelope;
use crate::wire::rows::Streamed;
use transport::{Failed, Transport};

/// Sends requests. Cheap to clone; clones share lanes and connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    helpdesk: Option<Channel>,
    call_center: Option<Channel>,
    retry: RetryPolicy,
    caller: Option<Text>,
}

/// One platform: the way to it, and how to talk there.
struct Channel {
    lane: Lane,
    transport: Transport,
}

/// A successful reply.
#[derive(Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status, 2xx.
    pub status: u16,
    /// The `Location` header, where there is one (api-spec.md H13). Never to be followed; its last segment holds an id.
    pub location: Option<String>,
    /// What stood below the wrapper; null when an envelope had no `data`.
    pub content: Json,
    /// What stood beside it: `count`, links, `code`.
    pub rest: Json,
}

/// Replies may hold generated passwords.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({})", self.status)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { helpdesk, call_center, retry, caller: _ } = &*self.shared;
        f.debug_struct("Client")
            .field("helpdesk", &helpdesk.is_some())
            .field("call_center", &call_center.is_some())
            .field("retry", retry)
            .finish()
    }
}

impl Client {
    /// Prepares to talk to the platforms that the options name. Nothing is sent.
    ///
    /// # Errors
    /// When a URL is unusable or would carry credentials in the clear, or the HTTP library refuses the settings.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let caller = options.helpdesk.as_ref().and_then(|helpdesk| helpdesk.auth.account().cloned());
        let retry = options.retry;
        let helpdesk = match &options.helpdesk {
            Some(helpdesk) => {
                Some(Channel { lane: Lane::new(Platform::Helpdesk, helpdesk.pace), transport: Transport::helpdesk(helpdesk, &options)? })
            }
            None => None,
        };
        let call_center = match &options.call_center {
            Some(center) => {
                let transport = Transport::call_center(center, &options, helpdesk.as_ref().map(|helpdesk| &helpdesk.transport))?;
                Some(Channel { lane: Lane::new(Platform::CallCenter, center.pace), transport })
            }
            None => None,
        };
        Ok(Self { shared: Arc::new(Shared { helpdesk, call_center, retry, caller }) })
    }

    /// The helpdesk account that requests are made with, where it is known. It must never be recycled or demoted (api-spec.md H49).
    pub fn caller(&self) -> Option<&Text> {
        self.shared.caller.as_ref()
    }

    /// Sends a request, again where that is safe, and returns what its wrapper holds.
    ///
    /// # Errors
    /// After the last attempt: what went wrong with it, and whether the platform may have carried it out.
    pub async fn send(&self, request: &Request) -> Result<Reply, RequestError> {
        self.send_streamed(request, None).await
    }

    /// The same for a reply with a long list, whose items are handed over while it is read. They count only if this succeeds.
    pub(crate) async fn send_streamed(&self, request: &Request, mut streamed: Option<Streamed<'_>>) -> Result<Reply, RequestError> {
        let channel = match request.platform {
            Platform::Helpdesk => &self.shared.helpdesk,
            Platform::CallCenter => &self.shared.call_center,
        };
        let Some(channel) = channel else {
            return Err(RequestError::new(request, 0, Fault::NotConfigured));
        };
        let prepared = channel.transport.prepare(request);
        // Waiting for a place in the lane is no fault of the request and does not count.
        let mut spent = Duration::ZERO;
        let mut number = 0;
        let mut renewed = false;
        loop {
            number += 1;
            let permit = channel.lane.enter().await;
            let start = Instant::now();
            let result = channel.transport.attempt(&prepared, streamed.as_mut()).await;
            drop(permit);
            let (fault, wait, id) = match result {
                Ok(reply) => return Ok(reply),
                // A token may have ended before its time. What was refused for it was not carried out, so it is sent again, once.
                Err(Failed { token: Some(token), .. }) if !renewed => {
                    channel.transport.refuse(&token).await;
                    renewed = true;
                    number -= 1;
                    continue;
                }
                Err(failed) => (failed.fault, failed.retry_after, failed.request_id),
            };
            let took = start.elapsed();
            spent += took;
            let wait = wait.and_then(|header| retry_after(&header, Timestamp::now()));
            if let Some(wait) = wait.filter(|_| matches!(fault.http_status(), Some(429 | 503))) {
                channel.lane.pause_for(wait.min(self.shared.retry.budget));
            }
            if fault.is_throttled() {
                channel.lane.slow_down();
            }
            let attempt =
                Attempt { number, repeatable: request.repeatable, trouble: fault.trouble(), retry_after: wait, spent, jitter: jitter() };
            match self.shared.retry.decide(&attempt) {
                Verdict::Wait(wait) => {
                    channel.lane.tell(took, wait, || fault.to_string());
                    sleep(wait).await;
                    spent += wait;
                }
                Verdict::GiveUp => {
                    let request_id = id.or_else(|| prepared.request_id().map(str::to_owned));
                    return Err(RequestError { request_id, ..RequestError::new(request, number, fault) });
                }
            }
        }
    }

    /// Does some work and tells the long waits of this client's requests meanwhile.
    pub async fn telling_pauses<T>(&self, tell: &mut dyn FnMut(Pause), work: impl Future<Output = T>) -> T {
        let mut pauses = self.pauses();
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                result = &mut work => return result,
                pause = pauses.next() => tell(pause),
            }
        }
    }

    /// Long waits of its requests, from now on.
    pub(crate) fn pauses(&self) -> Pauses {
        let of = |channel: &Option<Channel>| channel.as_ref().map(|channel| channel.lane.pauses());
        Pauses { helpdesk: of(&self.shared.helpdesk), call_center: of(&self.shared.call_center) }
    }

    /// How long to wait before something that went wrong once is tried again.
    pub(crate) fn first_wait(&self) -> Duration {
        self.shared.retry.first_wait
    }
}

/// Long waits of a client's requests, as they begin.
pub(crate) struct Pauses {
    helpdesk: Option<watch::Receiver<Option<Pause>>>,
    call_center: Option<watch::Receiver<Option<Pause>>>,
}

impl Pauses {
    /// The next long wait. Cancel safe; pending for ever when there is none.
    pub(crate) async fn next(&mut self) -> Pause {
        loop {
            let pause = tokio::select! {
                pause = changed(&mut self.helpdesk) => pause,
                pause = changed(&mut self.call_center) => pause,
            };
            if let Some(pause) = pause {
                return pause;
            }
        }
    }
}

async fn changed(told: &mut Option<watch::Receiver<Option<Pause>>>) -> Option<Pause> {
    // Without a lane nothing will ever be told.
    let Some(told) = told else { return std::future::pending().await };
    match told.changed().await {
        Ok(()) => told.borrow_and_update().clone(),
        Err(_) => std::future::pending().await,
    }
}

impl Reply {
    fn new(status: u16, location: Option<String>, wrapper: Wrapper, mut body: Json) -> Self {
        let content = envelope::content(wrapper, &mut body);
        Self { status, location, content, rest: body }
    }
}

/// A random number from 0 to 1. Without randomness from the system the waits are merely not spread.
fn jitter() -> f64 {
    f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}
