//! `atelier healthcheck`, the probe of a container.

use tests::free_port;

use crate::binary::{Server, atelier, run, text};

#[test]
fn a_health_check_succeeds_while_the_server_responds() {
    let mut server = Server::start(&["demo", "--shutdown-delay", "3600"]);
    let port = server.address.rsplit_once(':').unwrap().1.to_owned();
    let check = |flags: &[&str]| {
        // A container sets the address of all interfaces for the server, and the check uses the same variable.
        let mut command = atelier(&[&["healthcheck"], flags].concat());
        let output = command.env("ATELIER_LISTEN", format!("0.0.0.0:{port}")).env("http_proxy", "http://192.0.2.1:1");
        let output = output.output().unwrap();
        (output.status.code().unwrap(), text(&output.stderr))
    };
    assert_eq!(check(&[]), (0, String::new()));
    assert_eq!(check(&["--ready"]), (0, String::new()));

    server.signal("TERM");
    while server.get("/ready").unwrap().starts_with("HTTP/1.1 200") {}
    assert_eq!(check(&[]).0, 0, "a server that stops is alive");
    let url = format!("http://127.0.0.1:{port}");
    assert_eq!(check(&["--ready"]), (1, format!("atelier: {url}/ready responds 503 Service Unavailable\n")));

    server.signal("INT");
    assert!(server.process.wait().unwrap().success());
    let (code, message) = check(&[]);
    assert!(code == 1 && message.contains(&format!("{url}/health does not respond")), "{message}");
}

#[test]
fn a_health_check_checks_one_address() {
    let address = format!("[::]:{}", free_port());
    let output = run(&["healthcheck", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("http://[::1]:"), "{}", text(&output.stderr));
    assert_eq!(run(&["healthcheck", "--listen", "here"]).status.code(), Some(2));
}
