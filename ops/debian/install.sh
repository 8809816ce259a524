#!/bin/sh
# Installs Atelier on Debian, or replaces it by another version: the program, the system user and the systemd units. It
# starts and restarts nothing.
set -eu
if [ $# -ne 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 PROGRAM, for example $0 target/release/atelier" >&2
    exit 2
fi
units=$(dirname "$0")/../systemd

getent passwd atelier > /dev/null ||
    useradd --system --user-group --home-dir /var/lib/atelier --no-create-home --shell /usr/sbin/nologin atelier
# The configuration contains secrets: only root writes it, and only the servers read it.
install -d -m 750 -o root -g atelier /etc/atelier
# The new file replaces the old one, which running servers keep until they restart.
install -m 755 "$1" /usr/local/bin/atelier.new
mv /usr/local/bin/atelier.new /usr/local/bin/atelier
install -m 644 "$units/atelier.service" /etc/systemd/system/atelier.service
install -m 644 "$units/atelier.service" /etc/systemd/system/atelier@.service
install -m 644 "$units/atelier-backup.service" "$units/atelier-backup.timer" /etc/systemd/system/
systemctl daemon-reload
