//! Names of ledgers in buckets: `s3://bucket/prefix`.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use deskform_model::Text;

use super::LedgerError;

/// Whose object store it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// Amazon S3, and what speaks like it.
    S3,
    /// Google Cloud Storage.
    Gs,
    /// Azure Blob Storage; the bucket is a container.
    Az,
}

impl Cloud {
    /// The scheme of its URLs, which is also the name of the cargo feature.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Gs => "gs",
            Self::Az => "az",
        }
    }
}

/// The place of a shared ledger. One prefix holds one ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerUrl {
    /// Whose object store.
    pub cloud: Cloud,
    /// The bucket.
    pub bucket: Text,
    /// The folder in it, without slashes at its ends; may be empty.
    pub prefix: Text,
}

impl LedgerUrl {
    /// Reads `s3://bucket/prefix`.
    ///
    /// # Errors
    /// When it is no URL of an object store that is known here.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let refuse = |reason: &str| LedgerError::Place { url: text.into(), reason: reason.to_owned() };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| refuse("it is no URL"))?;
        let cloud = [Cloud::S3, Cloud::Gs, Cloud::Az].into_iter().find(|cloud| cloud.scheme() == scheme);
        let cloud = cloud.ok_or_else(|| refuse("its scheme is none of s3, gs and az"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() || bucket.contains(['@', ':', '?', '#']) || prefix.contains(['?', '#']) {
            return Err(refuse("it is not of the form s3://bucket/prefix"));
        }
        Ok(Self { cloud, bucket: bucket.into(), prefix: prefix.trim_matches('/').into() })
    }

    /// This program was built without the cloud.
    #[cfg_attr(all(feature = "s3", feature = "gs", feature = "az"), expect(dead_code, reason = "every cloud is built in"))]
    pub(super) fn not_built_in(&self) -> LedgerError {
        let reason = format!("this deskform was built without the feature {}", self.cloud.scheme());
        LedgerError::Place { url: self.to_string().into(), reason }
    }
}

impl fmt::Display for LedgerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.cloud.scheme(), self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

/// How a bucket is reached.
#[derive(Clone)]
pub struct BucketOptions {
    /// The process's environment, in which the cloud's credentials, region and endpoint are looked up under the names that its own tools
    /// use (`AWS_*`, `GOOGLE_*`, `AZURE_*`).
    pub variables: BTreeMap<String, String>,
    /// How long its lock lasts.
    pub lease: LeaseTimes,
}

/// Leaves the variables out: they hold credentials.
impl fmt::Debug for BucketOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketOptions").field("lease", &self.lease).finish_non_exhaustive()
    }
}

impl BucketOptions {
    /// With this process's environment and the documented lease.
    pub fn from_environment() -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self { variables: variables.collect(), lease: LeaseTimes::default() }
    }
}

/// How long the lock of a bucket lasts.
#[derive(Clone, Copy, Debug)]
pub struct LeaseTimes {
    /// Without renewal it ends after this.
    pub lasts: Duration,
    /// It is renewed this long after the last time.
    pub renewed_after: Duration,
}

impl Default for LeaseTimes {
    fn default() -> Self {
        Self { lasts: Duration::from_secs(60), renewed_after: Duration::from_secs(20) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_cloud_bucket_and_folder() {
        for (text, shown) in [
            ("s3://bucket/desk/prod", "s3://bucket/desk/prod"),
            ("gs://bucket", "gs://bucket"),
            ("az://container/desk/", "az://container/desk"),
        ] {
            assert_eq!(LedgerUrl::parse(text).map(|url| url.to_string()).ok().as_deref(), Some(shown));
        }
    }

    #[test]
    fn other_schemes_credentials_and_queries_are_refused() {
        for text in ["bucket/desk", "https://bucket/desk", "s3://", "s3:///desk", "s3://key:secret@bucket/desk", "s3://bucket/desk?a=b"] {
            assert!(matches!(LedgerUrl::parse(text), Err(LedgerError::Place { .. })), "{text}");
        }
    }
}
