use async_graphql::value;
use futures_util::FutureExt;

use super::*;

fn meter(objects: usize, bytes: usize) -> ResponseMeter {
    let limits = ResponseLimits { objects, bytes };
    ResponseMeter::new(limits, &ResponsePool::new(limits))
}

fn setting(result: Result<(), ResponseRejected>) -> &'static str {
    match result.unwrap_err() {
        ResponseRejected::TooLarge(too_large) => too_large.setting,
        ResponseRejected::Overloaded => "none",
    }
}

#[test]
fn a_response_can_have_as_much_as_its_limits_and_no_more() {
    let full = meter(2, 10);
    assert_eq!((full.ensure_room(2), full.add(2, 10), full.ensure_room(0)), (Ok(()), Ok(()), Ok(())));
    assert_eq!(setting(full.ensure_room(1)), "response-objects");
    assert_eq!(setting(meter(2, 10).add(1, 11)), "response-bytes");
}

#[test]
fn work_is_dropped_where_the_response_becomes_too_large() {
    let meter = meter(2, 10);
    let work = async {
        for number in 0.. {
            if meter.add(1, 0).is_err() {
                pending::<()>().await;
            }
            assert!(number < 2, "the work continues");
        }
    };
    let error = meter.limit(work).now_or_never().unwrap().unwrap_err();
    assert!(error.message.contains("more than 2 objects"), "{}", error.message);
}

#[test]
fn a_large_response_is_rejected_while_others_take_the_memory() {
    let limits = ResponseLimits { objects: 10_000, bytes: 100 };
    let pool = ResponsePool::new(limits);
    let (ann, bob) = (ResponseMeter::new(limits, &pool), ResponseMeter::new(limits, &pool));
    assert_eq!(ann.add(10_000, 0), Ok(()));
    let work = async {
        assert_eq!(bob.add(249, 0), Ok(()));
        assert_eq!(bob.add(1, 0), Err(ResponseRejected::Overloaded));
        pending::<()>().await;
    };
    let error = bob.limit(work).now_or_never().unwrap().unwrap_err();
    assert!(Code::is_retryable(&error));
    drop(ann);
    assert_eq!(ResponseMeter::new(limits, &pool).add(10_000, 0), Ok(()));
}

#[test]
fn a_usual_response_costs_less_than_one_point_for_each_field() {
    let meter = meter(100, 10_000);
    meter.add(10, 999).unwrap();
    assert_eq!(meter.cost(), 19);
}

#[test]
fn the_size_of_a_value_is_that_of_its_text() {
    for leaf in [value!("text"), value!(["a", "bc", null]), value!([])] {
        let text = serde_json::to_string(&leaf).unwrap();
        assert!(leaf_size(&leaf).abs_diff(text.len()) <= 1, "{text}");
    }
}
