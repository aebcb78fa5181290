//! A bucket, and the few things that are done with objects.
//!
//! Requests run on a runtime of their own, with one thread: callers block, whatever runtime they are on, and a lease is renewed however
//! busy they are.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;

use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, UpdateVersion};
use tokio::runtime::{Builder, Runtime};

use super::super::{BucketOptions, LedgerError, LedgerUrl};
use super::cloud;

/// How many objects are fetched at once.
const FETCHES: usize = 8;

/// A bucket that blocking code talks to.
pub(super) struct Connection {
    pub(super) bucket: Bucket,
    runtime: Option<Runtime>,
}

impl Connection {
    pub(super) fn open(url: &LedgerUrl, options: &BucketOptions) -> Result<Self, LedgerError> {
        let failed = |source| LedgerError::Io { doing: "start a thread for", path: url.to_string().into(), source };
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("ledger").enable_all().build().map_err(failed)?;
        let store = cloud::connect(url, options)?;
        Ok(Self { bucket: Bucket { url: url.clone(), store }, runtime: Some(runtime) })
    }

    /// Runs something with the bucket to its end.
    pub(super) fn run<T: Send + 'static, F: Future<Output = T> + Send + 'static>(&self, work: impl FnOnce(Bucket) -> F) -> T {
        let (done, wait) = mpsc::sync_channel(1);
        let work = work(self.bucket.clone());
        self.spawn(async move {
            // Nobody waits for the answer when the caller is gone.
            let _ = done.send(work.await);
        });
        wait.recv().expect("the work answers unless it panics, which it does not")
    }

    /// Starts something that goes on by itself.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.runtime {
            runtime.spawn(work);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting is not allowed where this may be dropped, and there is nothing to wait for.
            runtime.shutdown_background();
        }
    }
}

/// What an object was when it was last looked at; a conditional write succeeds only while it is still so.
pub(super) type Version = UpdateVersion;

/// An object with the version that was read.
pub(super) struct Object {
    pub(super) text: String,
    pub(super) version: Version,
    /// By the object store's own clock, in seconds.
    pub(super) modified: i64,
}

/// How a conditional write ended.
pub(super) enum Written {
    /// It is there, as this version.
    Done(Version),
    /// Somebody else was first.
    Overtaken,
}

/// The objects of one ledger.
#[derive(Clone)]
pub(super) struct Bucket {
    url: LedgerUrl,
    store: Arc<dyn ObjectStore>,
}

impl Bucket {
    /// The place of an object below the ledger's prefix.
    pub(super) fn object(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.url.prefix))
    }

    /// The same as people write it.
    pub(super) fn shown(&self, name: &str) -> PathBuf {
        format!("{}/{name}", self.url).into()
    }

    fn failed(&self, doing: &'static str, name: &str) -> impl FnOnce(StoreError) -> LedgerError {
        let path = self.shown(name);
        move |source| LedgerError::Bucket { doing, path, source: source.into() }
    }

    /// Reads an object, if there is one.
    pub(super) async fn read(&self, name: &str) -> Result<Option<Object>, LedgerError> {
        let failed = |source| self.failed("read", name)(source);
        let found = match self.store.get(&self.object(name)).await {
            Ok(found) => found,
            Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let modified = found.meta.last_modified.timestamp();
        let version = Version { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() };
        let bytes = found.bytes().await.map_err(failed)?;
        let text = String::from_utf8(bytes.into()).map_err(|error| LedgerError::Bucket {
            doing: "read",
            path: self.shown(name),
            source: error.into(),
        })?;
        Ok(Some(Object { text, version, modified }))
    }

    /// The version of an object, if there is one, and when it was written.
    pub(super) async fn look(&self, name: &str) -> Result<Option<(Version, i64)>, LedgerError> {
        match self.store.head(&self.object(name)).await {
            Ok(meta) => Ok(Some((Version { e_tag: meta.e_tag, version: meta.version }, meta.last_modified.timestamp()))),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed("look at", name)(error)),
        }
    }

    /// Writes an object that must not exist yet, or must still be the version that was read.
    pub(super) async fn write(&self, name: &str, payload: PutPayload, over: Option<Version>) -> Result<Written, LedgerError> {
        let mode = over.map_or(PutMode::Create, PutMode::Update);
        match self.store.put_opts(&self.object(name), payload, mode.into()).await {
            Ok(put) => Ok(Written::Done(Version { e_tag: put.e_tag, version: put.version })),
            // S3 says 412 or 409, which come as different errors; an object that has gone was changed as well.
            Err(StoreError::Precondition { .. } | StoreError::AlreadyExists { .. } | StoreError::NotFound { .. })
                if self.bucket_exists(name).await? =>
            {
                Ok(Written::Overtaken)
            }
            Err(error) => Err(self.failed("write", name)(error)),
        }
    }

    /// A bucket that is not there is told as itself, not as somebody else's doing.
    async fn bucket_exists(&self, name: &str) -> Result<bool, LedgerError> {
        match self.store.list(Some(&self.object("segments"))).try_next().await {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound { .. }) => Ok(false),
            Err(error) => Err(self.failed("list", name)(error)),
        }
    }

    /// Now, by the object store's own clock, in seconds: clocks of machines that share a bucket need not agree.
    pub(super) async fn now(&self) -> Result<i64, LedgerError> {
        const CLOCK: &str = "clock";
        self.store.put(&self.object(CLOCK), PutPayload::from_static(b"\n")).await.map_err(self.failed("write", CLOCK))?;
        let looked = self.look(CLOCK).await?;
        looked.map(|(_, modified)| modified).ok_or_else(|| LedgerError::Overtaken { path: self.shown(CLOCK) })
    }

    /// The names of all objects of all segments, in order.
    pub(super) async fn segments(&self) -> Result<Vec<SegmentObject>, LedgerError> {
        let listed = self.store.list(Some(&self.object("segments"))).try_collect::<Vec<_>>().await;
        let mut found: Vec<SegmentObject> =
            listed.map_err(self.failed("list", "segments"))?.iter().filter_map(|meta| SegmentObject::read(&meta.location)).collect();
        found.sort_unstable();
        Ok(found)
    }

    /// The texts of objects, in their order.
    pub(super) async fn read_all(&self, objects: &[SegmentObject]) -> Result<Vec<Option<String>>, LedgerError> {
        let fetches = objects.iter().copied().map(|object| {
            let bucket = self.clone();
            async move { Ok(bucket.read(&object.name()).await?.map(|object| object.text)) }
        });
        futures_util::stream::iter(fetches.collect::<Vec<_>>()).buffered(FETCHES).try_collect().await
    }

    /// Copies the snapshot to its backup, if there is one.
    pub(super) async fn back_up(&self, from: &str, to: &str) -> Result<(), LedgerError> {
        match self.store.copy(&self.object(from), &self.object(to)).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed("write", to)(error)),
        }
    }

    /// Removes objects of segments.
    pub(super) async fn remove(&self, objects: Vec<SegmentObject>) -> Result<(), LedgerError> {
        let paths = objects.iter().map(|object| Ok(self.object(&object.name()))).collect::<Vec<_>>();
        let removed = self.store.delete_stream(futures_util::stream::iter(paths).boxed());
        match removed.try_collect::<Vec<_>>().await {
            Ok(_) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed("remove", "segments")(error)),
        }
    }
}

/// One object of a segment: `segments/<serial>/<number>.jsonl`, with zeros in front so that names sort like numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SegmentObject {
    pub(super) serial: u64,
    pub(super) number: u64,
}

impl SegmentObject {
    pub(super) fn name(self) -> String {
        format!("segments/{:010}/{:010}.jsonl", self.serial, self.number)
    }

    fn read(path: &Path) -> Option<Self> {
        let (folder, name) = path.as_ref().rsplit_once('/')?;
        let serial = folder.rsplit_once('/').map_or(folder, |(_, serial)| serial);
        Some(Self { serial: serial.parse().ok()?, number: name.strip_suffix(".jsonl")?.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_segment_objects_are_read_back_and_others_are_passed_over() {
        let object = SegmentObject { serial: 7, number: 12 };
        assert_eq!(SegmentObject::read(&Path::from(format!("desk/{}", object.name()))), Some(object));
        for other in ["desk/segments/7/readme.txt", "desk/segments/x/1.jsonl", "1.jsonl"] {
            assert_eq!(SegmentObject::read(&Path::from(other)), None, "{other}");
        }
    }
}
