//! Which object store a URL means, and how it is signed in to: everything comes from the environment, under the names that the cloud's own
//! tools use.
//!
//! Plain http is for endpoints on this machine alone, whatever the environment says.

use std::sync::Arc;
use std::time::Duration;

use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};

use super::super::identity::is_loopback;
use super::super::{BucketOptions, Cloud, LedgerError, LedgerUrl};

/// The object store that holds a ledger.
pub(super) fn connect(url: &LedgerUrl, options: &BucketOptions) -> Result<Arc<dyn ObjectStore>, LedgerError> {
    match url.cloud {
        #[cfg(feature = "s3")]
        Cloud::S3 => s3(url, options),
        #[cfg(feature = "gs")]
        Cloud::Gs => gs(url, options),
        #[cfg(feature = "az")]
        Cloud::Az => az(url, options),
        #[cfg(not(all(feature = "s3", feature = "gs", feature = "az")))]
        _ => Err(url.not_built_in()),
    }
}

/// A request may take as long as a large snapshot needs.
fn client(allow_http: bool) -> ClientOptions {
    ClientOptions::new()
        .with_allow_http(allow_http)
        .with_connect_timeout(Duration::from_secs(10))
        .with_timeout(Duration::from_secs(120))
        .with_user_agent(reqwest::header::HeaderValue::from_static(concat!("deskform/", env!("CARGO_PKG_VERSION"))))
}

fn retries() -> RetryConfig {
    RetryConfig { max_retries: 5, retry_timeout: Duration::from_secs(30), backoff: BackoffConfig::default() }
}

/// Whether an endpoint may be reached over plain http.
fn allows_http(url: &LedgerUrl, endpoint: Option<String>) -> Result<bool, LedgerError> {
    match endpoint {
        Some(endpoint) if endpoint.starts_with("http://") => {
            if is_loopback(&endpoint) {
                return Ok(true);
            }
            let reason = format!("the endpoint {endpoint} is plain http, which is for this machine only");
            Err(LedgerError::Place { url: url.to_string().into(), reason })
        }
        _ => Ok(false),
    }
}

/// The variables that begin with `prefix`, under the names that the object store's settings have.
fn settings<K: std::str::FromStr>(options: &BucketOptions, prefix: &str) -> Vec<(K, String)> {
    let named = options.variables.iter().filter(|(name, value)| name.starts_with(prefix) && !value.is_empty());
    named.filter_map(|(name, value)| Some((name.to_ascii_lowercase().parse().ok()?, value.clone()))).collect()
}

fn failed(url: &LedgerUrl, source: object_store::Error) -> LedgerError {
    LedgerError::Bucket { doing: "use", path: url.to_string().into(), source: source.into() }
}

#[cfg(feature = "s3")]
fn s3(url: &LedgerUrl, options: &BucketOptions) -> Result<Arc<dyn ObjectStore>, LedgerError> {
    use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, S3ConditionalPut};

    let mut builder = AmazonS3Builder::new();
    for (key, value) in settings(options, "AWS_") {
        builder = builder.with_config(key, value);
    }
    let endpoint = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint];
    let allow_http = allows_http(url, endpoint.iter().find_map(|key| builder.get_config_value(key)))?;
    let store = builder
        .with_bucket_name(url.bucket.as_str())
        .with_client_options(client(allow_http))
        .with_retry(retries())
        .with_conditional_put(S3ConditionalPut::ETagMatch)
        .build();
    Ok(Arc::new(store.map_err(|source| failed(url, source))?))
}

#[cfg(feature = "gs")]
fn gs(url: &LedgerUrl, options: &BucketOptions) -> Result<Arc<dyn ObjectStore>, LedgerError> {
    use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};

    let mut builder = GoogleCloudStorageBuilder::new();
    if let Some(path) = options.variables.get("SERVICE_ACCOUNT") {
        builder = builder.with_service_account_path(path);
    }
    for (key, value) in settings(options, "GOOGLE_") {
        builder = builder.with_config(key, value);
    }
    let allow_http = allows_http(url, builder.get_config_value(&GoogleConfigKey::BaseUrl))?;
    let store = builder.with_bucket_name(url.bucket.as_str()).with_client_options(client(allow_http)).with_retry(retries()).build();
    Ok(Arc::new(store.map_err(|source| failed(url, source))?))
}

#[cfg(feature = "az")]
fn az(url: &LedgerUrl, options: &BucketOptions) -> Result<Arc<dyn ObjectStore>, LedgerError> {
    use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};

    let mut builder = MicrosoftAzureBuilder::new();
    for (key, value) in settings(options, "AZURE_") {
        builder = builder.with_config(key, value);
    }
    let allow_http = allows_http(url, builder.get_config_value(&AzureConfigKey::Endpoint))?;
    let store = builder.with_container_name(url.bucket.as_str()).with_client_options(client(allow_http)).with_retry(retries()).build();
    Ok(Arc::new(store.map_err(|source| failed(url, source))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(endpoint: &str) -> Result<(), LedgerError> {
        let variables =
            [("AWS_ENDPOINT", endpoint), ("AWS_ALLOW_HTTP", "true"), ("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let url = LedgerUrl { cloud: Cloud::S3, bucket: "bucket".into(), prefix: "desk".into() };
        connect(&url, &BucketOptions { variables, lease: Default::default() }).map(drop)
    }

    #[cfg(feature = "s3")]
    #[test]
    fn plain_http_is_for_endpoints_on_this_machine() {
        for endpoint in ["http://127.0.0.1:5000", "http://localhost:9", "https://s3.example"] {
            assert!(open(endpoint).is_ok(), "{endpoint}");
        }
        let error = open("http://s3.example").expect_err("refused");
        assert!(error.to_string().contains("http://s3.example is plain http"), "{error}");
    }

    #[cfg(not(feature = "gs"))]
    #[test]
    fn a_cloud_that_is_not_built_in_is_told_with_its_feature() {
        let url = LedgerUrl { cloud: Cloud::Gs, bucket: "bucket".into(), prefix: "".into() };
        let options = BucketOptions { variables: Default::default(), lease: Default::default() };
        let error = connect(&url, &options).expect_err("not built in");
        assert_eq!(error.to_string(), "a ledger cannot be kept in gs://bucket: this deskform was built without the feature gs");
    }
}
