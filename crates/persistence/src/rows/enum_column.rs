use domain::Numbered;
use sea_orm::{
    ColIdx, DbErr, QueryResult, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};

/// A column that holds the number of an enum's variant. Any other number is a fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EnumColumn<T>(pub T);

impl<T: Numbered> EnumColumn<T> {
    /// The variant with this number.
    pub(crate) fn from_number(number: i16) -> Result<Self, DbErr> {
        let variant = T::from_number(number).map(Self);
        variant.ok_or_else(|| DbErr::Custom(format!("{number} is not the number of a {}", T::NAME)))
    }
}

impl<T: Numbered> From<EnumColumn<T>> for Value {
    fn from(column: EnumColumn<T>) -> Self {
        column.0.number().into()
    }
}

impl<T: Numbered> TryGetable for EnumColumn<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        Ok(Self::from_number(i16::try_get_by(row, index)?)?)
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
