//! A sandbox with a client that knows its credentials.

use deskform_sandbox::{Clock, Options, Running, Sandbox};
use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

/// One answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

pub struct Centre {
    pub sandbox: Running,
    client: Client,
}

/// 2023-12-01 12:00, a Friday.
pub fn options() -> Options {
    Options { clock: Clock::Fixed(jiff::civil::date(2023, 12, 1).at(12, 0, 0, 0)), ..Options::default() }
}

impl Centre {
    pub async fn start() -> Self {
        Self::with(options()).await
    }

    pub async fn with(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.expect("a free port");
        let client = Client::builder().no_proxy().build().expect("a client");
        Self { sandbox, client }
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().expect("a method");
        self.client.request(method, format!("{}{path}", self.sandbox.helpdesk_url()))
    }

    /// A call of the helpdesk by its administrator.
    pub async fn helpdesk(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.helpdesk_as("admin", "admin-pass", method, path, body).await
    }

    pub async fn helpdesk_as(&self, account: &str, password: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path).basic_auth(account, Some(password));
        answer(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// A call of the call centre; `abbreviate` is added.
    pub async fn agent(&self, call: &str, mut body: Value) -> Answer {
        body["abbreviate"] = json!("demo");
        let path = format!("/api/v1/config/openapi/agent/{call}");
        answer(self.request("POST", &path).header("token", "test-token").json(&body)).await
    }

    /// Creates a support and returns its number.
    pub async fn support(&self, account: &str) -> i64 {
        let body = json!({"support": {"sPassportName": account, "sNum": "001", "name": account}});
        let answer = self.helpdesk("POST", "/api/v1/supports.json", Some(body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["support"]["sId"].as_i64().expect("sId is a number")
    }
}

pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.json().await.expect("every answer is JSON");
    Answer { status, headers, body }
}
