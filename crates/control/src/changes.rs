//! A number that grows whenever something a page could show has changed, and a
//! way to wait for it. In this process only: other processes are seen when the
//! page asks again.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Handle on the counter; cheap to clone.
#[derive(Clone, Default)]
pub struct Changes(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    current: u64,
    next_waiter: u64,
    waiting: BTreeMap<u64, Waker>,
}

impl Changes {
    #[must_use]
    pub fn current(&self) -> u64 {
        self.state().current
    }

    /// Returns the number as soon as it is larger than `seen`. Dropping the
    /// future is the way to stop waiting.
    pub async fn changed_since(&self, seen: u64) -> u64 {
        Waiting {
            changes: self,
            seen,
            ticket: None,
        }
        .await
    }

    /// Wakes everybody who waits.
    pub fn bump(&self) {
        let waiting = {
            let mut state = self.state();
            state.current += 1;
            std::mem::take(&mut state.waiting)
        };
        for waker in waiting.into_values() {
            waker.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Waiting<'a> {
    changes: &'a Changes,
    seen: u64,
    ticket: Option<u64>,
}

impl Future for Waiting<'_> {
    type Output = u64;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u64> {
        let mut state = self.changes.state();
        if state.current > self.seen {
            return Poll::Ready(state.current);
        }
        let ticket = self.ticket.unwrap_or_else(|| {
            state.next_waiter += 1;
            state.next_waiter
        });
        state.waiting.insert(ticket, cx.waker().clone());
        drop(state);
        self.ticket = Some(ticket);
        Poll::Pending
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.changes.state().waiting.remove(&ticket);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use futures::future::{join, select};

    use super::*;

    #[test]
    fn a_waiter_wakes_on_the_next_change_and_leaves_nothing_behind() {
        let changes = Changes::default();
        let seen = changes.current();
        let (woken, ()) = block_on(join(changes.changed_since(seen), async { changes.bump() }));
        assert_eq!(woken, seen + 1);

        let waiting = Box::pin(changes.changed_since(woken));
        block_on(select(waiting, Box::pin(async {})));
        assert!(changes.state().waiting.is_empty());
    }
}
