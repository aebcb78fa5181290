//! Starting and stopping: one listener, one database, one journal.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::auth::{Tokens, check_token, helpdesk_caller};
use crate::envelope::{Form, Rejection, json_response, refusal};
use crate::fault::{self, Director, Faults, View};
use crate::journal::{Entry, Journal, JournalEntry, record};
use crate::line::{Cutter, Lines};
use crate::options::Options;
use crate::routes::{AgentCall, ENDPOINTS, Endpoint, HelpdeskCall, TokenCall, Work, resource_id, token};
use crate::store::{self, Store};

/// How long [`Running::stop`] waits for open connections.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts sandboxes.
#[derive(Debug)]
pub struct Sandbox;

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("failed to listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The data cannot be opened or prepared.
    #[error("failed to open the sandbox data {data}")]
    Data {
        /// The file, or `in memory`.
        data: String,
        /// Why not.
        #[source]
        source: rusqlite::Error,
    },
    /// The journal's file cannot be opened.
    #[error("failed to open the journal {path}")]
    Journal {
        /// The file.
        path: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The file was written by a newer deskform.
    #[error("the sandbox data {data} has format {found}, this deskform knows up to {known}")]
    NewerFormat {
        /// The file.
        data: String,
        /// The format found.
        found: i64,
        /// The newest format known.
        known: i64,
    },
}

/// What all handlers share.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) options: Options,
    director: Director,
    tokens: Tokens,
}

impl Sandbox {
    /// Opens the data and serves both APIs until the returned handle is stopped or dropped.
    ///
    /// Must be called within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// When the data cannot be opened or the address cannot be listened on.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let store = Store::open(&options)?;
        let listen = |source| StartError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let journal = match &options.journal {
            Some(path) => {
                let failed = |source| StartError::Journal { path: path.display().to_string(), source };
                Journal::with_file(path).map_err(failed)?
            }
            None => Journal::default(),
        };
        let journal = Arc::new(journal);
        let director = Director::new(options.faults.clone());
        let app = Arc::new(App { store, options, director, tokens: Tokens::default() });
        let service = router(Arc::clone(&app), Arc::clone(&journal)).into_make_service_with_connect_info::<Cutter>();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move {
            // A dropped handle means stop, just as a message does.
            let signal = async move { drop(stopped.await) };
            // Serving ends only by the signal: failures to accept are retried inside.
            let _ended = axum::serve(Lines(listener), service).with_graceful_shutdown(signal).await;
        });
        Ok(Running { url: format!("http://{address}"), app, journal, stop, server })
    }
}

/// A running sandbox; dropping it stops it.
pub struct Running {
    url: String,
    app: Arc<App>,
    journal: Arc<Journal>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Running {
    /// Base URL of the helpdesk, without a slash at the end.
    pub fn helpdesk_url(&self) -> &str {
        &self.url
    }

    /// Base URL of the call centre, without a slash at the end.
    pub fn call_center_url(&self) -> &str {
        &self.url
    }

    /// The requests seen so far, in order of arrival; the newest 20,000.
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.journal.entries()
    }

    /// Forgets the requests seen so far.
    pub fn clear_journal(&self) {
        self.journal.clear();
    }

    /// Takes back every token that was given, as somebody in the back office might.
    pub fn revoke_tokens(&self) {
        self.app.tokens.revoke();
    }

    /// Begins another script of faults, at its first call; the default ends all trouble.
    ///
    /// # Errors
    ///
    /// When the data cannot be prepared for lists that lag.
    pub fn set_faults(&self, faults: Faults) -> Result<(), StartError> {
        let failed = |source| StartError::Data { data: store::name(&self.app.options), source };
        self.app.store.watch_age(faults.has_lag()).map_err(failed)?;
        self.app.director.replace(faults);
        Ok(())
    }

    /// Stops listening, lets requests under way finish for some seconds, and closes the data.
    pub async fn stop(self) {
        let Self { stop, mut server, .. } = self;
        drop(stop);
        if tokio::time::timeout(PATIENCE, &mut server).await.is_err() {
            server.abort();
        }
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Running").field("url", &self.url).finish_non_exhaustive()
    }
}

fn router(app: Arc<App>, journal: Arc<Journal>) -> Router {
    let mut router = Router::new();
    for endpoint in ENDPOINTS {
        // The router knows parameters only as whole segments.
        let path = endpoint.path.replace("{id}.json", "{id}");
        let handler = move |State(app): State<Arc<App>>, request: Request| serve(app, endpoint, request);
        router = router.route(&path, on(method_filter(endpoint), handler));
    }
    router
        .fallback(|| async {
            let body = r#"{"errcode":"100047","errmsg":"Invalid resource URI"}"#;
            json_response(StatusCode::NOT_FOUND, body.to_owned())
        })
        .method_not_allowed_fallback(|| async {
            let body = r#"{"status":405,"message":"method not allowed"}"#;
            json_response(StatusCode::METHOD_NOT_ALLOWED, body.to_owned())
        })
        .layer(from_fn_with_state(journal, record))
        .with_state(app)
}

fn method_filter(endpoint: &Endpoint) -> MethodFilter {
    match endpoint.method {
        "GET" => MethodFilter::GET,
        "PUT" => MethodFilter::PUT,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::POST,
    }
}

/// Answers one request, or spoils the answer as the script of faults says: behind the journal, so that it shows that, and around the
/// handler, so that it decides whether the request is carried out.
async fn serve(app: Arc<App>, endpoint: &'static Endpoint, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let form = endpoint.work.form();
    // The journal has read the body already and bounded its length.
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return refusal(&Rejection::Missing("body".to_owned()), form);
    };
    let entry = parts.extensions.get::<Entry>().cloned();
    if let Some(entry) = &entry {
        entry.belongs_to(endpoint.name);
    }
    let line = parts.extensions.get::<ConnectInfo<Cutter>>().map(|info| info.0.clone());
    let treatment = app.director.next(endpoint);
    let (view, body) = (treatment.view, treatment.asked(body));
    let work = async move {
        let answer = spawn_blocking(move || answer(&app, endpoint, view, &parts.method, &parts.uri, &parts.headers, &body));
        let failed = r#"{"status":500,"message":"the sandbox failed"}"#;
        answer.await.unwrap_or_else(|_| json_response(StatusCode::INTERNAL_SERVER_ERROR, failed.to_owned()))
    };
    fault::treat(treatment, form, line.as_ref(), entry.as_ref(), work).await
}

/// Answers one request in one transaction: what is refused has changed nothing.
fn answer(app: &App, endpoint: &Endpoint, view: View, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Response {
    let form = endpoint.work.form();
    let outcome = app.store.transact(method == Method::GET, view, |database| match endpoint.work {
        Work::Helpdesk { role, work, .. } => {
            let caller = helpdesk_caller(database, headers, role, &app.tokens, &app.options.account)?;
            let id = resource_id(endpoint, uri)?;
            work(&HelpdeskCall { database, options: &app.options, caller, id, uri, body })
        }
        Work::CallCenter { work } => {
            check_token(headers, &app.options.token)?;
            let call = AgentCall::new(database, &app.options, headers, body)?;
            work(&call)
        }
        Work::Token => token::give(&TokenCall { database, options: &app.options, tokens: &app.tokens, headers, body }),
    });
    match outcome {
        Ok(reply) => reply.into_response(),
        Err(rejection) => refusal(&rejection, form),
    }
}

impl Work {
    fn form(&self) -> Form {
        match self {
            Self::Helpdesk { form, .. } => *form,
            Self::CallCenter { .. } => Form::CallCenter,
            Self::Token => Form::OAuth,
        }
    }
}
