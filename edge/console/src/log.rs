//! `tracing` events as lines of the Worker's log.

use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

static INSTALLED: Once = Once::new();

/// Once per isolate; later calls do nothing.
pub(crate) fn install() {
    INSTALLED.call_once(|| {
        // It fails only if there is one already.
        let _ = tracing::subscriber::set_global_default(Lines::default());
    });
}

/// Writes events from INFO on, with what their spans know: a request's span has
/// its id.
#[derive(Default)]
struct Lines(Mutex<Spans>);

#[derive(Default)]
struct Spans {
    last: u64,
    /// Handles on the span, and its fields.
    open: HashMap<u64, (usize, String)>,
    /// Innermost last.
    entered: Vec<u64>,
}

impl Lines {
    fn spans(&self) -> MutexGuard<'_, Spans> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let least = if metadata.is_span() {
            Level::ERROR
        } else {
            Level::INFO
        };
        *metadata.level() <= least
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let mut text = format!("{}{}", line.message, line.fields);
        let spans = self.spans();
        for (_, fields) in spans.entered.iter().filter_map(|id| spans.open.get(id)) {
            text.push_str(fields);
        }
        drop(spans);
        match *event.metadata().level() {
            Level::ERROR => worker::console_error!("{text}"),
            Level::WARN => worker::console_warn!("{text}"),
            _ => worker::console_log!("{text}"),
        }
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line::default();
        span.record(&mut line);
        let mut spans = self.spans();
        spans.last += 1;
        let id = spans.last;
        spans.open.insert(id, (1, line.fields));
        Id::from_u64(id)
    }

    fn clone_span(&self, id: &Id) -> Id {
        if let Some((handles, _)) = self.spans().open.get_mut(&id.into_u64()) {
            *handles += 1;
        }
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let mut spans = self.spans();
        let Some((handles, _)) = spans.open.get_mut(&id.into_u64()) else {
            return false;
        };
        *handles -= 1;
        let closed = *handles == 0;
        if closed {
            spans.open.remove(&id.into_u64());
        }
        closed
    }

    fn enter(&self, id: &Id) {
        self.spans().entered.push(id.into_u64());
    }

    fn exit(&self, id: &Id) {
        let mut spans = self.spans();
        if let Some(at) = spans.entered.iter().rposition(|e| *e == id.into_u64()) {
            spans.entered.remove(at);
        }
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a String can't fail.
        let _ = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.fields, " {}={value:?}", field.name())
        };
    }
}
