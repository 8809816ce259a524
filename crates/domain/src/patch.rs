/// A change of a nullable field. (An update changes a field that is never null with an `Option`: `None` keeps it.)
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Patch<T> {
    /// The input omits the field: the value stays.
    #[default]
    Keep,
    /// The input is null: the value is removed.
    Clear,
    /// The input has a value, which replaces the current one.
    Set(T),
}

impl<T> Patch<T> {
    /// The value after the change.
    pub fn apply_to(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The new value, if the change sets one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// Whether the value stays.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The same change with the new value converted.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(convert(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_keeps_clears_or_sets_the_value() {
        assert_eq!(Patch::Keep.apply_to(Some(1)), Some(1));
        assert_eq!(Patch::Clear.apply_to(Some(1)), None);
        assert_eq!(Patch::Set(2).apply_to(Some(1)), Some(2));
        assert_eq!(Patch::Set(2).apply_to(None), Some(2));
    }
}
