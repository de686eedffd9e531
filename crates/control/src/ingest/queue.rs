//! Batches that arrive while others are counted: whoever's turn comes first counts the
//! others' too, so that many batches cost one commit.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::channel::oneshot;

use super::{IngestBatch, IngestReply};

#[derive(Default)]
pub(crate) struct Queue {
    turn: futures::lock::Mutex<()>,
    waiting: Mutex<Vec<Waiting>>,
}

struct Waiting {
    batch: Arc<IngestBatch>,
    answer: oneshot::Sender<IngestReply>,
}

/// Batches of one environment, to be counted together.
pub(super) struct Group {
    batches: Vec<Arc<IngestBatch>>,
    answers: Vec<oneshot::Sender<IngestReply>>,
}

impl Queue {
    pub(super) fn enter(&self, batch: &Arc<IngestBatch>) -> oneshot::Receiver<IngestReply> {
        let (answer, place) = oneshot::channel();
        let batch = Arc::clone(batch);
        self.waiting().push(Waiting { batch, answer });
        place
    }

    /// Waits until nobody else counts.
    pub(crate) async fn turn(&self) -> impl Drop {
        self.turn.lock().await
    }

    /// Takes the batch out, with others of its environment: oldest first, and none that
    /// brings the group above that many events, counts of flags and visitors.
    pub(super) fn leave_with_others(&self, own: &Arc<IngestBatch>, most: usize) -> Group {
        let mut waiting = self.waiting();
        let sampled = |batch: &IngestBatch| batch.samples.as_ref().map_or(0, |s| s.visitors.len());
        let size_of = |batch: &IngestBatch| batch.events.len() + batch.flags.len() + sampled(batch);
        let mut left = most.saturating_sub(size_of(own));
        let mut taken = |w: &mut Waiting| {
            if Arc::ptr_eq(&w.batch, own) {
                return true;
            }
            let size = size_of(&w.batch);
            let fits = w.batch.environment == own.environment && size <= left;
            if fits {
                left -= size;
            }
            fits
        };
        waiting.retain(|w| !w.answer.is_canceled());
        let (batches, answers) = waiting
            .extract_if(.., |w| taken(w))
            .map(|w| (w.batch, w.answer))
            .unzip();
        Group { batches, answers }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Group {
    pub(super) fn batches(&self) -> &[Arc<IngestBatch>] {
        &self.batches
    }

    /// Tells everybody; whoever stopped waiting will send the batch again.
    pub(super) fn tell(self, replies: Vec<IngestReply>) {
        for (answer, reply) in self.answers.into_iter().zip(replies) {
            let _ = answer.send(reply);
        }
    }
}
