//! What instances that share no memory send each other, as bytes: spans out, what they gave back,
//! shares and lessons. Long runs of bytes stand as they are behind a small head.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tidemill_csv::Span;

use crate::error::{Fault, FaultKind};
use crate::work::Done;

/// A head and what follows it.
fn pack<T: Serialize>(head: &T, rest: &[u8]) -> Result<Vec<u8>, Fault> {
    let head = postcard::to_allocvec(head).map_err(|error| Fault::internal(error.to_string()))?;
    let len = u32::try_from(head.len())
        .map_err(|_| Fault::limit("parcel", "a head", head.len() as u64, u64::from(u32::MAX)))?;
    let mut out = Vec::with_capacity(4 + head.len() + rest.len());
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&head);
    out.extend_from_slice(rest);
    Ok(out)
}

fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, &[u8]), Fault> {
    let refuse = |found: String| Fault::new(FaultKind::State, "parcel", found, "a whole parcel");
    let (len, rest) = bytes
        .split_first_chunk::<4>()
        .ok_or_else(|| refuse(format!("{} bytes", bytes.len())))?;
    let len = u32::from_le_bytes(*len) as usize;
    if len > rest.len() {
        return Err(refuse(format!("{} bytes of a head of {len}", rest.len())));
    }
    let (head, rest) = rest.split_at(len);
    let head = postcard::from_bytes(head).map_err(|error| refuse(error.to_string()))?;
    Ok((head, rest))
}

/// A span with its order.
pub fn of_span(order: u64, span: &Span) -> Result<Vec<u8>, Fault> {
    let head = (order, span.seq, span.base, &span.broken, span.last);
    pack(&head, span.bytes())
}

pub fn to_span(bytes: &[u8]) -> Result<(u64, Span), Fault> {
    let ((order, seq, base, broken, last), data) =
        unpack::<(u64, u64, u64, Vec<u64>, bool)>(bytes)?;
    // The padding behind a span is made room for at once, so that the bytes are copied once.
    let mut room = Vec::with_capacity(data.len() + tidemill_csv::PADDING);
    room.extend_from_slice(data);
    Ok((order, Span::new(seq, base, room, broken, last)))
}

/// What a span gave.
pub fn of_done(done: &Done) -> Result<Vec<u8>, Fault> {
    pack(done, &done.out)
}

pub fn to_done(bytes: &[u8]) -> Result<Done, Fault> {
    let (mut done, out) = unpack::<Done>(bytes)?;
    done.out = out.to_vec();
    Ok(done)
}

/// A share or a lesson.
pub fn of<T: Serialize>(value: &T) -> Result<Vec<u8>, Fault> {
    pack(value, &[])
}

pub fn to<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    unpack(bytes).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_parcel_is_a_fault() {
        let span = Span::new(3, 70, b"a,b\n1,2\n".to_vec(), vec![72], true);
        let whole = of_span(9, &span).unwrap_or_default();
        assert_eq!(to_span(&whole), Ok((9, span.clone())));
        let head = whole.len() - span.bytes().len();
        for cut in 0..head {
            assert!(to_span(&whole[..cut]).is_err(), "{cut} of {head} bytes");
        }
    }
}
