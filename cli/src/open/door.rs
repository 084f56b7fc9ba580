//! Who is let in.

use std::sync::atomic::{AtomicBool, Ordering};

/// What a request says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    pub host: Option<&'a str>,
    pub origin: Option<&'a str>,
    /// What the browser says about who asks: `Sec-Fetch-Site`.
    pub site: Option<&'a str>,
    pub cookie: Option<&'a str>,
    pub token: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    In,
    /// Let in by the token: the cookie to set.
    Welcome(String),
    /// Not from this machine's page.
    Stranger,
    /// From the right place, without what lets it in.
    Locked,
}

pub struct Door {
    port: u16,
    token: String,
    used: AtomicBool,
    cookie: String,
}

impl Door {
    pub fn new(port: u16, token: String, secret: String) -> Door {
        Door {
            port,
            token,
            used: AtomicBool::new(false),
            // Cookies do not know ports, so each port has one of its own.
            cookie: format!("tidemill-{port}={secret}"),
        }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/?token={}", self.port, self.token)
    }

    pub fn ask(&self, asked: Asked<'_>) -> Answer {
        let own = format!("127.0.0.1:{}", self.port);
        if asked.host != Some(own.as_str()) {
            return Answer::Stranger;
        }
        if asked
            .origin
            .is_some_and(|origin| origin != format!("http://{own}"))
        {
            return Answer::Stranger;
        }
        // A person who types or clicks an address comes from `none`.
        if asked
            .site
            .is_some_and(|site| site != "same-origin" && site != "none")
        {
            return Answer::Stranger;
        }
        let cookies = asked.cookie.unwrap_or_default().split(';').map(str::trim);
        if cookies.into_iter().any(|cookie| same(cookie, &self.cookie)) {
            return Answer::In;
        }
        match asked.token {
            Some(token) if same(token, &self.token) && !self.used.swap(true, Ordering::Relaxed) => {
                Answer::Welcome(format!(
                    "{}; Path=/; HttpOnly; SameSite=Strict",
                    self.cookie
                ))
            }
            _ => Answer::Locked,
        }
    }
}

/// In a time that does not tell how much of it is right.
fn same(found: &str, expected: &str) -> bool {
    found.len() == expected.len()
        && found
            .bytes()
            .zip(expected.bytes())
            .fold(0, |differ, (a, b)| differ | (a ^ b))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door() -> Door {
        Door::new(4321, "token".to_string(), "secret".to_string())
    }

    const HERE: Asked<'static> = Asked {
        host: Some("127.0.0.1:4321"),
        origin: None,
        site: Some("none"),
        cookie: None,
        token: None,
    };

    #[test]
    fn the_token_works_once_and_then_the_cookie() {
        let door = door();
        assert_eq!(door.ask(HERE), Answer::Locked);
        let with_token = Asked {
            token: Some("token"),
            ..HERE
        };
        let Answer::Welcome(cookie) = door.ask(with_token) else {
            panic!("not let in");
        };
        assert_eq!(door.ask(with_token), Answer::Locked);
        let pair = cookie.split(';').next();
        assert_eq!(
            door.ask(Asked {
                cookie: pair,
                ..HERE
            }),
            Answer::In
        );
        let among = format!("other=1; {}", pair.unwrap_or_default());
        assert_eq!(
            door.ask(Asked {
                cookie: Some(&among),
                ..HERE
            }),
            Answer::In
        );
        assert_eq!(
            door.ask(Asked {
                cookie: Some("tidemill-4321=secreT"),
                ..HERE
            }),
            Answer::Locked
        );
    }

    /// A page elsewhere whose name was made to mean 127.0.0.1 sends its own name as the host.
    #[test]
    fn other_hosts_and_origins_stay_outside_whatever_they_carry() {
        let door = door();
        let cookie = Some("tidemill-4321=secret");
        let strangers = [
            Asked {
                host: Some("evil.example:4321"),
                cookie,
                ..HERE
            },
            Asked {
                host: Some("127.0.0.1:4322"),
                cookie,
                ..HERE
            },
            Asked {
                host: None,
                cookie,
                ..HERE
            },
            Asked {
                origin: Some("http://evil.example"),
                cookie,
                ..HERE
            },
            Asked {
                origin: Some("http://127.0.0.1:1"),
                cookie,
                ..HERE
            },
            Asked {
                origin: Some("null"),
                cookie,
                ..HERE
            },
            Asked {
                site: Some("cross-site"),
                cookie,
                ..HERE
            },
            Asked {
                site: Some("same-site"),
                cookie,
                ..HERE
            },
        ];
        for asked in strangers {
            assert_eq!(door.ask(asked), Answer::Stranger, "{asked:?}");
        }
        let own = Asked {
            origin: Some("http://127.0.0.1:4321"),
            site: Some("same-origin"),
            cookie,
            ..HERE
        };
        assert_eq!(door.ask(own), Answer::In);
    }
}
