//! The page's files and the opened file over HTTP.

use std::borrow::Cow;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use tokio_util::io::ReaderStream;

use super::door::{Answer, Asked, Door};

#[derive(RustEmbed)]
#[folder = "../web/app/dist"]
struct Page;

/// What every answer carries: an isolated page that loads nothing from elsewhere.
const HEADERS: [(&str, &str); 7] = [
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
];

struct Served {
    door: Door,
    file: Option<PathBuf>,
}

/// Answers requests; returns only if that fails.
pub fn forever(listener: TcpListener, door: Door, file: Option<PathBuf>) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let router = Router::new()
        .fallback(answer)
        .with_state(Arc::new(Served { door, file }));
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, router).await
    })
}

async fn answer(State(served): State<Arc<Served>>, request: Request) -> Response {
    let (asked, _) = request.into_parts();
    let mut response = respond(&served, &asked).await;
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, header::HeaderValue::from_static(value));
    }
    response
}

async fn respond(served: &Served, request: &Parts) -> Response {
    let text = |name: &str| of(&request.headers, name);
    let token = request
        .uri
        .query()
        .and_then(|query| query.strip_prefix("token="));
    let asked = Asked {
        host: text("host"),
        origin: text("origin"),
        site: text("sec-fetch-site"),
        cookie: text("cookie"),
        token,
    };
    match served.door.ask(asked) {
        Answer::Stranger => return refused("this address serves its own page alone"),
        Answer::Locked => {
            return refused(
                "the address that tidemill printed lets one browser in, once; start tidemill open again",
            );
        }
        Answer::Welcome(cookie) => {
            let to = format!("/{}", fragment(served.file.as_deref()));
            return (
                StatusCode::SEE_OTHER,
                [(header::SET_COOKIE, cookie), (header::LOCATION, to)],
            )
                .into_response();
        }
        Answer::In => {}
    }
    if request.method != Method::GET && request.method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    match (request.uri.path(), &served.file) {
        ("/file", Some(path)) => opened(path).await,
        (path, _) => embedded(path),
    }
}

fn of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn refused(why: &'static str) -> Response {
    (StatusCode::FORBIDDEN, why).into_response()
}

/// The opened file's name for the page, in the part of the address that no server sees.
fn fragment(file: Option<&Path>) -> String {
    let Some(name) = file.and_then(Path::file_name) else {
        return String::new();
    };
    let mut fragment = String::from("#file=");
    for byte in name.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            fragment.push(char::from(byte));
        } else {
            fragment.push_str(&format!("%{byte:02X}"));
        }
    }
    fragment
}

fn embedded(path: &str) -> Response {
    let name = match path.trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    let Some(file) = Page::get(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("json" | "webmanifest") => "application/json",
        Some("csv" | "toml" | "txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let body = match file.data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

/// The file as it is now; it may have grown since it was named.
async fn opened(path: &Path) -> Response {
    let file = match tokio::fs::File::open(path).await {
        Ok(file) => file,
        Err(error) => return (StatusCode::NOT_FOUND, error.to_string()).into_response(),
    };
    let size = match file.metadata().await {
        Ok(about) => about.len(),
        Err(error) => return (StatusCode::NOT_FOUND, error.to_string()).into_response(),
    };
    let stream = ReaderStream::with_capacity(file, 1 << 20);
    (
        [
            (header::CONTENT_TYPE, "application/octet-stream".to_string()),
            (header::CONTENT_LENGTH, size.to_string()),
        ],
        Body::from_stream(stream),
    )
        .into_response()
}
