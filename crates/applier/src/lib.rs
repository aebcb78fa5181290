//! Talks to the two platforms.

pub mod client;
pub mod error;
pub mod lane;
pub mod observe;
pub mod reader;
pub mod request;
pub mod retry;
pub mod secret;
pub mod wire;

pub use client::{CallCenterOptions, Client, ClientOptions, HelpdeskOptions, Reply};
pub use error::{ClientError, Fault, RequestError};
pub use lane::Pace;
pub use observe::{ObserveError, ReadProgress};
pub use reader::Reader;
pub use request::{Method, Repeat, Request, Wrapper};
pub use retry::RetryPolicy;
pub use secret::{Credential, SecretError, Secrets};
