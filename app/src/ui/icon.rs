//! Icons: 16-unit outlines drawn with the text's colour. They decorate; the
//! words beside them (or an `aria-label`) carry the meaning.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Alert,
    Archive,
    ArrowDown,
    ArrowRight,
    ArrowUp,
    Audit,
    Book,
    Calculator,
    Check,
    ChevronDown,
    ChevronLeft,
    ChevronRight,
    Clock,
    Copy,
    Download,
    Experiment,
    Flag,
    Gateway,
    Globe,
    Grip,
    Inbox,
    Info,
    Key,
    Lock,
    Members,
    More,
    Overview,
    Pause,
    Pencil,
    Play,
    Plus,
    Power,
    Search,
    Shield,
    SignOut,
    Sliders,
    Stop,
    Terminal,
    Close,
}

impl Icon {
    /// Content of a 16 × 16 `<svg>`.
    const fn paths(self) -> &'static str {
        match self {
            Self::Alert => r#"<path d="M8 2.3 14.4 13.4H1.6Z"/><path d="M8 6.4v3.1M8 11.5v.01"/>"#,
            Self::Archive => {
                r#"<rect x="2" y="2.6" width="12" height="3.4" rx="1"/><path d="M3.2 6v7.4h9.6V6M6.4 8.8h3.2"/>"#
            }
            Self::ArrowDown => r#"<path d="M8 2.8v10M4.2 9 8 12.8 11.8 9"/>"#,
            Self::ArrowUp => r#"<path d="M8 13.2v-10M4.2 7 8 3.2 11.8 7"/>"#,
            Self::Grip => {
                r#"<path d="M6 3.6v.01M6 8v.01M6 12.4v.01M10 3.6v.01M10 8v.01M10 12.4v.01"/>"#
            }
            Self::Power => r#"<path d="M8 2v5.6M4.6 4.4a5 5 0 1 0 6.8 0"/>"#,
            Self::ArrowRight => r#"<path d="M2.8 8h10M9 4.2 12.8 8 9 11.8"/>"#,
            Self::Audit => {
                r#"<path d="M4 1.8h6.2L13 4.6v9.6H4Z"/><path d="M6.3 7h4.4M6.3 9.4h4.4M6.3 11.8h2.4"/>"#
            }
            Self::Book => {
                r#"<path d="M8 3.8C6.6 2.7 4.6 2.4 2 2.5v10c2.6-.1 4.6.2 6 1.3 1.4-1.1 3.4-1.4 6-1.3v-10c-2.6-.1-4.6.2-6 1.3ZM8 3.8v10"/>"#
            }
            Self::Calculator => {
                r#"<rect x="3" y="1.8" width="10" height="12.4" rx="1.6"/><path d="M5.6 4.8h4.8M5.6 8v.01M8 8v.01M10.4 8v.01M5.6 11v.01M8 11v.01M10.4 11v.01"/>"#
            }
            Self::Check => r#"<path d="m3 8.6 3.2 3.2L13 4.6"/>"#,
            Self::ChevronDown => r#"<path d="m4.2 6.2 3.8 3.8 3.8-3.8"/>"#,
            Self::ChevronLeft => r#"<path d="M9.8 4.2 6 8l3.8 3.8"/>"#,
            Self::ChevronRight => r#"<path d="M6.2 4.2 10 8l-3.8 3.8"/>"#,
            Self::Clock => r#"<circle cx="8" cy="8" r="6"/><path d="M8 4.6V8l2.3 1.6"/>"#,
            Self::Close => r#"<path d="m4 4 8 8M12 4l-8 8"/>"#,
            Self::Copy => {
                r#"<rect x="5.4" y="5.4" width="8.2" height="8.2" rx="1.6"/><path d="M10.6 5.2V4A1.6 1.6 0 0 0 9 2.4H4A1.6 1.6 0 0 0 2.4 4v5A1.6 1.6 0 0 0 4 10.6h1.2"/>"#
            }
            Self::Download => r#"<path d="M8 2.4v7.4M4.9 6.8 8 9.9l3.1-3.1M2.6 13.2h10.8"/>"#,
            Self::Experiment => {
                r#"<path d="M2.2 8h3.4M5.6 8c2.6 0 2.2-4.2 5-4.2h2.6M5.6 8c2.6 0 2.2 4.2 5 4.2h2.6"/><path d="m11.4 1.9 2 1.9-2 1.9M11.4 10.3l2 1.9-2 1.9"/>"#
            }
            Self::Flag => {
                r#"<path d="M3.6 14.2V2.4"/><path d="M3.6 3.2c3-1.6 5.2 1.4 8.8-.2v6.2c-3.6 1.6-5.8-1.4-8.8.2"/>"#
            }
            Self::Gateway => {
                r#"<circle cx="8" cy="8" r="1.3"/><path d="M5.2 5.2a4 4 0 0 0 0 5.6M10.8 5.2a4 4 0 0 1 0 5.6M3.2 3.2a6.8 6.8 0 0 0 0 9.6M12.8 3.2a6.8 6.8 0 0 1 0 9.6"/>"#
            }
            Self::Globe => {
                r#"<circle cx="8" cy="8" r="6"/><path d="M2 8h12M8 2c4.2 4 4.2 8 0 12M8 2c-4.2 4-4.2 8 0 12"/>"#
            }
            Self::Inbox => {
                r#"<path d="M2 9.4 4 3.2h8l2 6.2v3.4H2Z"/><path d="M2 9.4h3.4l.9 1.6h3.4l.9-1.6H14"/>"#
            }
            Self::Info => r#"<circle cx="8" cy="8" r="6"/><path d="M8 7.4v3.4M8 5.2v.01"/>"#,
            Self::Key => {
                r#"<circle cx="5.4" cy="10.6" r="3"/><path d="m7.6 8.4 5.2-5.2M10.4 5.6l1.9 1.9M12.8 3.2l.9.9"/>"#
            }
            Self::Lock => {
                r#"<rect x="3.2" y="7" width="9.6" height="6.8" rx="1.5"/><path d="M5.2 7V5.2a2.8 2.8 0 0 1 5.6 0V7"/>"#
            }
            Self::Members => {
                r#"<circle cx="6" cy="5.4" r="2.6"/><path d="M1.6 13.4c.3-2.6 2-4 4.4-4s4.1 1.4 4.4 4M10.6 3.1a2.5 2.5 0 0 1 0 4.6M12 9.8c1.5.5 2.3 1.7 2.5 3.6"/>"#
            }
            Self::More => r#"<path d="M3.2 8v.01M8 8v.01M12.8 8v.01" stroke-width="2"/>"#,
            Self::Overview => {
                r#"<path d="M2.4 11.6a6 6 0 1 1 11.2 0"/><path d="M8 9.8 10.6 6"/><circle cx="8" cy="10" r=".9"/><path d="M3.6 13.6h8.8"/>"#
            }
            Self::Pause => r#"<path d="M5.6 3.4v9.2M10.4 3.4v9.2" stroke-width="1.9"/>"#,
            Self::Pencil => {
                r#"<path d="m2.6 13.4.6-3L10.8 2.8l2.4 2.4-7.6 7.6ZM9.2 4.4l2.4 2.4"/>"#
            }
            Self::Play => r#"<path d="M4.8 3v10l8-5Z"/>"#,
            Self::Plus => r#"<path d="M8 3v10M3 8h10"/>"#,
            Self::Search => r#"<circle cx="7" cy="7" r="4.4"/><path d="m10.3 10.3 3.3 3.3"/>"#,
            Self::Shield => {
                r#"<path d="M8 1.9 13.2 4v4c0 3-2 5-5.2 6.1C4.8 13 2.8 11 2.8 8V4Z"/><path d="m5.7 8 1.7 1.7 3-3.2"/>"#
            }
            Self::SignOut => r#"<path d="M6.4 2.6H3v10.8h3.4M6.6 8h7M10.6 4.9 13.7 8l-3.1 3.1"/>"#,
            Self::Sliders => {
                r#"<path d="M2.4 4.6h5.2M11 4.6h2.6M2.4 11.4H5M8.4 11.4h5.2"/><circle cx="9.3" cy="4.6" r="1.7"/><circle cx="6.7" cy="11.4" r="1.7"/>"#
            }
            Self::Stop => r#"<rect x="3.8" y="3.8" width="8.4" height="8.4" rx="1.2"/>"#,
            Self::Terminal => r#"<path d="m3.4 4.6 3.4 3.4-3.4 3.4M8.4 11.6h4.4"/>"#,
        }
    }
}

#[must_use]
pub fn icon(icon: Icon) -> AnyView {
    view! {
        <svg
            class="icon"
            viewBox="0 0 16 16"
            width="16"
            height="16"
            aria-hidden="true"
            focusable="false"
            inner_html=icon.paths()
        ></svg>
    }
    .into_any()
}
