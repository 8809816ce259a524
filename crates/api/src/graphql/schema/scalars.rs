use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat};
use domain::Timestamp;

/// An instant, for GraphQL.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant(pub(crate) Timestamp);

/// An instant in UTC, RFC 3339 with offset, e.g. 2027-03-01T09:00:00Z.
#[Scalar(name = "DateTime", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for Instant {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => {
                let instant = text.parse::<Timestamp>().map_err(|_| "not an instant in RFC 3339 with offset")?;
                if !(1..=9999).contains(&instant.year()) {
                    return Err("not in the years 0001 to 9999".into());
                }
                // Both databases store whole microseconds and no leap second.
                Ok(Self(DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant)))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// A time zone, for GraphQL.
#[derive(Clone, Debug)]
pub(crate) struct TimeZone(pub(crate) String);

/// An IANA time zone name, e.g. Asia/Kolkata.
#[Scalar(name = "TimeZone", specified_by_url = "https://www.iana.org/time-zones")]
impl ScalarType for TimeZone {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            // The validation of the whole input checks that the time zone exists and reports `InputInvalid`.
            Value::String(name) => Ok(Self(name)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A day, for GraphQL.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Date(pub(crate) NaiveDate);

/// A calendar day, the full-date of RFC 3339, e.g. 2027-03-01.
#[Scalar(name = "Date", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => {
                let day = text.parse::<NaiveDate>().ok().filter(|day| day.to_string() == *text);
                // The days before and after must be in the years of `Instant`, too.
                let day = day.filter(|day| (2..=9998).contains(&day.year()));
                day.map(Self).ok_or_else(|| "not a day as in 2027-03-01, of the years 0002 to 9998".into())
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
