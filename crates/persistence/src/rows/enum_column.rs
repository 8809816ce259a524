use domain::Numbered;
use sea_orm::{
    ColIdx, DbErr, QueryResult, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};

/// A member of a closed set in a column that holds its number. Reading a number outside of the set is a fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EnumColumn<T>(pub T);

impl<T: Numbered> EnumColumn<T> {
    /// The member with this number.
    pub(crate) fn of(number: i16) -> Result<Self, DbErr> {
        let member = T::from_number(number).map(Self);
        member.ok_or_else(|| DbErr::Custom(format!("{number} is not the number of a {}", T::NAME)))
    }
}

impl<T: Numbered> From<EnumColumn<T>> for Value {
    fn from(stored: EnumColumn<T>) -> Self {
        stored.0.number().into()
    }
}

impl<T: Numbered> TryGetable for EnumColumn<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        Ok(Self::of(i16::try_get_by(row, index)?)?)
    }
}

impl<T: Numbered> ValueType for EnumColumn<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let number = <i16 as ValueType>::try_from(value)?;
        T::from_number(number).map(Self).ok_or(ValueTypeErr)
    }

    fn type_name() -> String {
        T::NAME.to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::SmallInt
    }

    fn column_type() -> ColumnType {
        ColumnType::SmallInteger
    }
}

impl<T: Numbered> Nullable for EnumColumn<T> {
    fn null() -> Value {
        Value::SmallInt(None)
    }
}
