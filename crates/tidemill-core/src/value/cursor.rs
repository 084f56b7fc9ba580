//! A place in a cell that only moves forward, shared by the default date grammar and by formats.

/// What is still unread. A method that fails may have moved; callers that go on after a failure copy it
/// first.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// How many ASCII digits come next, counted up to `most`.
    pub fn digit_run(&self, most: usize) -> usize {
        self.rest
            .iter()
            .take(most)
            .take_while(|b| b.is_ascii_digit())
            .count()
    }

    /// The number written in the next `least..=most` digits; at most nine are ever asked for.
    pub fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let run = self.digit_run(most);
        if run < least {
            return None;
        }
        let (digits, rest) = self.rest.split_at(run);
        self.rest = rest;
        Some(digits.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0')))
    }

    pub fn literal(&mut self, text: &[u8]) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Skips spaces and tabs and says whether there was any.
    pub fn spaces(&mut self) -> bool {
        let run = self
            .rest
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        let rest = &self.rest[run..];
        let moved = rest.len() < self.rest.len();
        self.rest = rest;
        moved
    }

    /// The run of ASCII letters that comes next.
    pub fn letters(&mut self) -> &'a [u8] {
        let run = self
            .rest
            .iter()
            .take_while(|b| b.is_ascii_alphabetic())
            .count();
        let (letters, rest) = self.rest.split_at(run);
        self.rest = rest;
        letters
    }

    /// A month's English name, in full or its first three letters (and `Sept`), in any case: 1 to 12.
    pub fn month_name(&mut self) -> Option<u32> {
        const MONTHS: [&[u8]; 12] = [
            b"january",
            b"february",
            b"march",
            b"april",
            b"may",
            b"june",
            b"july",
            b"august",
            b"september",
            b"october",
            b"november",
            b"december",
        ];
        let word = self.letters();
        if word.eq_ignore_ascii_case(b"sept") {
            return Some(9);
        }
        let found = MONTHS.iter().position(|month| {
            word.eq_ignore_ascii_case(month)
                || (word.len() == 3 && word.eq_ignore_ascii_case(&month[..3]))
        })?;
        u32::try_from(found + 1).ok()
    }

    /// One to nine digits of a second's fraction as microseconds. What is finer than a microsecond is cut
    /// off, so that a moment never moves into the next second.
    pub fn microseconds(&mut self) -> Option<u32> {
        let run = self.digit_run(10);
        if run > 9 {
            return None;
        }
        let n = self.number(1, 9)?;
        Some(if run <= 6 {
            n * 10u32.pow(6 - run as u32)
        } else {
            n / 10u32.pow(run as u32 - 6)
        })
    }

    /// `AM` or `PM` in any case: whether it is PM.
    pub fn meridiem(&mut self) -> Option<bool> {
        let word = self.letters();
        if word.eq_ignore_ascii_case(b"pm") {
            Some(true)
        } else if word.eq_ignore_ascii_case(b"am") {
            Some(false)
        } else {
            None
        }
    }

    /// `Z`, `UTC`, `GMT`, `+HH`, `+HHMM` or `+HH:MM` as minutes east of UTC.
    pub fn offset(&mut self) -> Option<i32> {
        let sign = match self.peek()? {
            b'+' => 1,
            b'-' => -1,
            _ => {
                let word = self.letters();
                return matches!(word, b"Z" | b"z" | b"UTC" | b"GMT").then_some(0);
            }
        };
        self.rest = &self.rest[1..];
        let hours = self.number(2, 2)?;
        let minutes = if self.literal(b":") || self.digit_run(1) == 1 {
            self.number(2, 2)?
        } else {
            0
        };
        (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) as i32)
    }
}
