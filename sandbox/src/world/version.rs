//! Version numbers of the two products, as far as behaviour depends on them.

use std::fmt;
use std::str::FromStr;

/// `17.11.7`; what is left out is zero, what follows a dash is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl Version {
    /// Is this at least `major.minor`?
    pub fn reaches(self, major: u32, minor: u32) -> bool {
        (self.major, self.minor) >= (major, minor)
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a version like 18.11 or 17.11.7");
        let numbers = text.split('-').next().unwrap_or(text);
        let mut parts = [0; 3];
        for (at, part) in numbers.split('.').enumerate() {
            *parts.get_mut(at).ok_or_else(wrong)? = part.parse().map_err(|_| wrong())?;
        }
        let [major, minor, patch] = parts;
        Ok(Self { major, minor, patch })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared_as_numbers() {
        let version: Version = "17.11.7-ee".parse().unwrap();
        assert_eq!(version.to_string(), "17.11.7");
        assert!(version.reaches(17, 4) && !version.reaches(18, 0));
        assert_eq!("18.11".parse::<Version>().unwrap().to_string(), "18.11.0");
        assert!("newest".parse::<Version>().is_err());
        assert!("1.2.3.4".parse::<Version>().is_err());
    }
}
