//! The console's HTTP face that the native server and the Worker share: who
//! calls, what may come in, which headers go out, problem details, and the
//! JSON API. Knows no runtime; pages are the app's.

pub mod api;
mod body;
mod caller;
mod cookie;
mod headers;
mod identify;
pub mod ops;
mod origin;
mod problem;
pub mod sdk;
mod step_up;

pub use body::{limit_body, max_body_bytes};
pub use caller::{Caller, Nonce, RequestId, SignedOut};
pub use cookie::cookie;
pub use headers::secure;
pub use identify::{Assertions, SessionIdentity, Web, identify};
pub use origin::same_origin;
pub use problem::{ApiError, ProblemDetails};
pub use step_up::STEP_UP_COOKIE;
