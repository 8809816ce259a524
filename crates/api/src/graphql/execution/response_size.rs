//! The size of a response, counted while it is built.
//!
//! The cost of an operation is an estimate: it assumes a usual length for a list without a page size. The size is exact.
//! It stops a response before it takes more memory than its limits allow, and what the response has beyond its estimate
//! is charged in the end.

use std::{
    future::{pending, poll_fn},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Poll,
};

use async_graphql::{ContextBase, Error, ErrorExtensions, ServerError, Value};

use super::{
    error_codes::{Code, OVERLOADED},
    response_pool::{Reservation, ResponsePool},
};

/// The bytes of a response that cost one point. A usual field is shorter and costs a point of its own.
pub(crate) const BYTES_PER_POINT: usize = 100;

/// The limits of the response to an operation, or of each event of a subscription.
#[derive(Clone, Copy, Debug)]
pub struct ResponseLimits {
    /// The maximum number of objects.
    pub objects: usize,
    /// The maximum size in bytes, without escaped characters.
    pub bytes: usize,
}

impl Default for ResponseLimits {
    fn default() -> Self {
        Self { objects: 12_000, bytes: 8 * 1024 * 1024 }
    }
}

/// Counts the objects and bytes of a response. Clones count the same response.
#[derive(Clone, Debug)]
pub(crate) struct ResponseMeter(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    limits: ResponseLimits,
    objects: AtomicUsize,
    bytes: AtomicUsize,
    reservation: Reservation,
    /// Whether the pool had no room for the response.
    is_overloaded: AtomicBool,
}

/// Why a response is not completed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ResponseRejected {
    /// The response exceeds a limit.
    TooLarge(ResponseTooLarge),
    /// Other large responses take the memory for such responses.
    Overloaded,
}

/// The response exceeds a limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ResponseTooLarge {
    limit: usize,
    setting: &'static str,
    counted: &'static str,
}

impl ResponseMeter {
    pub(in crate::graphql) fn new(limits: ResponseLimits, pool: &ResponsePool) -> Self {
        Self(Arc::new(Counters {
            limits,
            objects: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            reservation: pool.reservation(),
            is_overloaded: AtomicBool::new(false),
        }))
    }

    /// The limits of the response.
    pub(crate) fn limits(&self) -> ResponseLimits {
        self.0.limits
    }

    /// Counts a part of the response. Fails if the response exceeds a limit with it.
    pub(crate) fn add(&self, objects: usize, bytes: usize) -> Result<(), ResponseRejected> {
        let all = &*self.0;
        let objects = all.objects.fetch_add(objects, Ordering::Relaxed).saturating_add(objects);
        let bytes = all.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        all.limits.ensure(objects, bytes)?;
        if all.reservation.cover(objects, bytes) {
            return Ok(());
        }
        all.is_overloaded.store(true, Ordering::Relaxed);
        Err(ResponseRejected::Overloaded)
    }

    /// Fails if the response cannot have this many more objects. They are counted later, each when it is built.
    pub(crate) fn ensure_room(&self, objects: usize) -> Result<(), ResponseRejected> {
        if self.0.objects.load(Ordering::Relaxed).saturating_add(objects) <= self.0.limits.objects {
            return Ok(());
        }
        self.add(objects, 0)
    }

    /// The cost of the response as it is.
    pub(crate) fn cost(&self) -> usize {
        self.0.objects.load(Ordering::Relaxed) + self.0.bytes.load(Ordering::Relaxed) / BYTES_PER_POINT
    }

    /// Fails if a part of the response was rejected.
    fn ensure_accepted(&self) -> Result<(), ResponseRejected> {
        let all = &*self.0;
        all.limits.ensure(all.objects.load(Ordering::Relaxed), all.bytes.load(Ordering::Relaxed))?;
        if all.is_overloaded.load(Ordering::Relaxed) { Err(ResponseRejected::Overloaded) } else { Ok(()) }
    }

    /// Runs the work that builds the response. Drops it as soon as the response exceeds a limit.
    pub(in crate::graphql) async fn limit<T>(&self, work: impl Future<Output = T>) -> Result<T, ServerError> {
        let mut work = pin!(work);
        poll_fn(|context| {
            let polled = work.as_mut().poll(context);
            match self.ensure_accepted() {
                Ok(()) => polled.map(Ok),
                Err(rejected) => Poll::Ready(Err(rejected.into())),
            }
        })
        .await
    }
}

impl ResponseLimits {
    pub(in crate::graphql) fn ensure(&self, objects: usize, bytes: usize) -> Result<(), ResponseTooLarge> {
        if objects > self.objects {
            return Err(ResponseTooLarge { limit: self.objects, setting: "response-objects", counted: "objects" });
        }
        if bytes > self.bytes {
            return Err(ResponseTooLarge { limit: self.bytes, setting: "response-bytes", counted: "bytes" });
        }
        Ok(())
    }
}

impl From<ResponseTooLarge> for Error {
    fn from(ResponseTooLarge { limit, setting, counted }: ResponseTooLarge) -> Self {
        let message =
            format!("The response has more than {limit} {counted}. Select fewer fields or request smaller pages.");
        Self::new(message).extend_with(|_, extensions| {
            Code::ResponseTooLarge.write_to(extensions);
            extensions.set("limit", limit);
            extensions.set("setting", setting);
        })
    }
}

impl From<ResponseTooLarge> for ResponseRejected {
    fn from(too_large: ResponseTooLarge) -> Self {
        Self::TooLarge(too_large)
    }
}

impl From<ResponseRejected> for Error {
    fn from(rejected: ResponseRejected) -> Self {
        match rejected {
            ResponseRejected::TooLarge(too_large) => too_large.into(),
            ResponseRejected::Overloaded => {
                Self::new(OVERLOADED).extend_with(|_, extensions| Code::Overloaded.write_to(extensions))
            }
        }
    }
}

impl From<ResponseRejected> for ServerError {
    fn from(rejected: ResponseRejected) -> Self {
        let Error { message, extensions, .. } = rejected.into();
        let mut error = Self::new(message, None);
        error.extensions = extensions;
        error
    }
}

/// Counts a part of the response in a resolver. Never returns if the response exceeds a limit with it: the operation is
/// dropped, and so no resolver continues and no list of errors grows.
pub(in crate::graphql) async fn count<T>(ctx: &ContextBase<'_, T>, objects: usize, bytes: usize) {
    if meter(ctx).add(objects, bytes).is_err() {
        pending::<()>().await;
    }
}

/// Stops the operation if the response has no room for this many more objects. Called before a list is built, because a
/// list that waits to be resolved takes more memory than its response.
pub(in crate::graphql) async fn ensure_room<T>(ctx: &ContextBase<'_, T>, objects: usize) {
    if meter(ctx).ensure_room(objects).is_err() {
        pending::<()>().await;
    }
}

/// Returns the meter of the operation.
pub(in crate::graphql) fn meter<'a, T>(ctx: &ContextBase<'a, T>) -> &'a ResponseMeter {
    ctx.data_unchecked::<ResponseMeter>()
}

/// Returns the size of a value without the objects in it, which count themselves.
pub(in crate::graphql) fn leaf_size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Boolean(_) => 4,
        // Most numbers are shorter.
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Enum(name) => name.len() + 2,
        Value::Binary(bytes) => bytes.len(),
        Value::List(values) => values.iter().map(|value| leaf_size(value) + 1).sum::<usize>() + 2,
        Value::Object(_) => 0,
    }
}

/// Returns the size of a value with the objects in it.
pub(in crate::graphql) fn size(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.iter().map(|(key, value)| key_size(key) + size(value)).sum(),
        Value::List(values) => values.iter().map(size).sum(),
        leaf => leaf_size(leaf),
    }
}

/// Returns the size of a response key with its quotes and punctuation.
pub(in crate::graphql) fn key_size(key: &str) -> usize {
    key.len() + 4
}

#[cfg(test)]
mod tests;
