//! `tidemill open` through the binary, by plain requests. Built with `--features page` alone.
#![cfg(feature = "page")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

struct Opened {
    child: Child,
    port: u16,
    token: String,
}

impl Drop for Opened {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn open(file: Option<&str>) -> Opened {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidemill"));
    command.args(["open", "--no-browser"]).args(file);
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut line = String::new();
    BufReader::new(child.stderr.as_mut().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let address = line.trim().rsplit(' ').next().expect("an address");
    let (port, token) = address
        .strip_prefix("http://127.0.0.1:")
        .and_then(|rest| rest.split_once("/?token="))
        .expect("a loopback address with a token");
    Opened {
        port: port.parse().expect("a port"),
        token: token.to_string(),
        child,
    }
}

impl Opened {
    /// The answer's head and body.
    fn get(&self, path: &str, headers: &[(&str, &str)]) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let mut request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n");
        let own = format!("127.0.0.1:{}", self.port);
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request.push_str(&format!("Host: {own}\r\n"));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a head");
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        (head, answer[end + 4..].to_vec())
    }

    fn cookie(&self) -> (String, String) {
        let (head, _) = self.get(&format!("/?token={}", self.token), &[]);
        assert!(head.starts_with("HTTP/1.1 303"), "{head}");
        let field = |name: &str| {
            head.lines()
                .find_map(|line| line.strip_prefix(name))
                .map(|value| value.trim().to_string())
                .expect("the field")
        };
        let cookie = field("set-cookie:");
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
            "{cookie}"
        );
        let pair = cookie.split(';').next().expect("a pair").to_string();
        (pair, field("location:"))
    }
}

#[test]
fn the_page_comes_with_the_cookie_and_isolated() {
    let opened = open(None);
    let (cookie, location) = opened.cookie();
    assert_eq!(location, "/");
    let (head, body) = opened.get("/", &[("Cookie", &cookie)]);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    for expected in [
        "cross-origin-opener-policy: same-origin",
        "cross-origin-embedder-policy: require-corp",
        "content-security-policy: default-src 'self'",
        "content-type: text/html; charset=utf-8",
    ] {
        assert!(head.contains(expected), "{expected} is missing in {head}");
    }
    let page = String::from_utf8_lossy(&body).to_lowercase();
    assert!(page.contains("<!doctype html>"), "{page}");
    let (head, _) = opened.get("/nothing-of-this-name", &[("Cookie", &cookie)]);
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
}

#[test]
fn strangers_get_nothing() {
    let opened = open(None);
    let refused = |headers: &[(&str, &str)], path: &str| {
        let (head, body) = opened.get(path, headers);
        assert!(
            head.starts_with("HTTP/1.1 403"),
            "{path} {headers:?}: {head}"
        );
        assert!(
            !String::from_utf8_lossy(&body)
                .to_lowercase()
                .contains("doctype")
        );
    };
    refused(&[], "/");
    refused(&[], "/?token=00000000000000000000000000000000");
    let with_token = format!("/?token={}", opened.token);
    // A stranger who has the token does not use it up.
    refused(&[("Host", "evil.example")], &with_token);
    refused(&[("Origin", "http://evil.example")], &with_token);
    refused(&[("Sec-Fetch-Site", "cross-site")], &with_token);
    let (cookie, _) = opened.cookie();
    // It has let one browser in.
    refused(&[], &with_token);
    refused(&[("Cookie", &cookie), ("Host", "evil.example")], "/");
    refused(
        &[("Cookie", &cookie), ("Origin", "http://evil.example")],
        "/",
    );
}

#[test]
fn the_file_is_named_and_streamed_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("数据 1.csv");
    let bytes: Vec<u8> = (0..3_000_000_u32)
        .flat_map(|at| [b'a' + (at % 7) as u8, b'\n'])
        .collect();
    std::fs::write(&path, &bytes).expect("written");
    let opened = open(path.to_str());
    let (cookie, location) = opened.cookie();
    assert_eq!(location, "/#file=%E6%95%B0%E6%8D%AE%201.csv");
    let (head, body) = opened.get("/file", &[("Cookie", &cookie)]);
    assert!(
        head.contains(&format!("content-length: {}", bytes.len())),
        "{head}"
    );
    assert!(body == bytes);
    let (head, _) = opened.get("/file", &[]);
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
}

#[test]
fn without_a_file_there_is_none_and_a_wrong_one_is_refused() {
    let opened = open(None);
    let (cookie, _) = opened.cookie();
    let (head, _) = opened.get("/file", &[("Cookie", &cookie)]);
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    for (wrong, found) in [("/nowhere/at/all.csv", "No such file"), ("/", "not a file")] {
        let output = Command::new(env!("CARGO_BIN_EXE_tidemill"))
            .args(["open", "--no-browser", wrong])
            .output()
            .expect("it runs");
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(found), "{said}");
    }
}
