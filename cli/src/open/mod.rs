//! `tidemill open`: the page, carried in the program and served to this machine's browser alone.
//!
//! It listens on the loopback address, at a port that the system chooses. The address that it prints
//! holds a token that lets one browser in, once; after that a cookie does. Requests that name another
//! host, or that come from another origin, are refused, so that no other page can reach the file.

mod door;
mod serve;

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use tidemill_core::{Fault, FaultKind};

use crate::args::OpenArgs;
use crate::end::{self, Done, End};

/// Serves the page until the process is ended.
pub fn command(args: &OpenArgs) -> Result<Done, End> {
    let file = args.file.as_deref().map(checked).transpose()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .map_err(|error| io("127.0.0.1", &error, "a free port on the loopback address"))?;
    let port = listener
        .local_addr()
        .map_err(|error| io("127.0.0.1", &error, "an address"))?
        .port();
    let door = door::Door::new(port, secret()?, secret()?);
    let address = door.address();
    end::say(&format!("the page is at {address}"));
    end::say("it lets one browser in; Ctrl-C ends it");
    if !args.no_browser && open::that_detached(&address).is_err() {
        end::say("no browser could be started: open the address yourself");
    }
    serve::forever(listener, door, file)
        .map_err(|error| io("127.0.0.1", &error, "requests to be answered"))?;
    Ok(Done::Well)
}

fn checked(path: &Path) -> Result<PathBuf, Fault> {
    let place = path.display().to_string();
    let about =
        std::fs::metadata(path).map_err(|error| io(&place, &error, "a file that can be read"))?;
    if !about.is_file() {
        return Err(Fault::new(FaultKind::Input, place, "not a file", "a file"));
    }
    Ok(path.to_path_buf())
}

fn io(place: &str, error: &std::io::Error, expected: &str) -> Fault {
    Fault::new(FaultKind::Io, place, error.to_string(), expected)
}

/// 128 bits of the system's randomness, in hexadecimal.
fn secret() -> Result<String, Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Fault::internal(format!("no randomness from the system: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
