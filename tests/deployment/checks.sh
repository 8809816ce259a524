# Runs after the commands of the page, in the same shell.

units="atelier.service atelier@2.service atelier-backup.service atelier-backup.timer"
systemd-analyze verify $units
for unit in atelier.service atelier@2.service atelier-backup.service; do
    systemd-analyze security --no-pager --threshold=30 $unit | tail -n 1
done

# The servers run with their restrictions, and systemd did not have to restart them.
for unit in atelier.service atelier@2.service; do
    systemctl is-active $unit
    [ "$(systemctl show --property=User --value $unit)" = atelier ]
    [ "$(systemctl show --property=NRestarts --value $unit)" = 0 ]
    process=$(systemctl show --property=MainPID --value $unit)
    grep -x 'NoNewPrivs:	1' /proc/$process/status
    grep -x 'Seccomp:	2' /proc/$process/status
    grep -x 'CapEff:	0000000000000000' /proc/$process/status
    # More than the usual limit. The machine of the gate can have a hard limit below that of the unit.
    [ "$(prlimit --pid $process --nofile --output=SOFT --noheadings)" -gt 1024 ]
done

# Other accounts of the machine read neither the secrets nor the backups.
for file in /etc/atelier/database-url /etc/atelier/atelier.env /var/lib/atelier-backups/*.dump; do
    if runuser -u www-data -- cat "$file" > /dev/null; then exit 1; fi
done

# A server without its database fails with a reason, and starts again when the database is back.
systemctl stop postgresql
if timeout 20 systemctl restart atelier.service; then exit 1; fi
journalctl --unit=atelier --since=-30s | grep 'cannot open the PostgreSQL database'
systemctl start postgresql
systemctl restart atelier.service
atelier healthcheck --ready

systemctl --failed --no-legend | tee failed
[ ! -s failed ]
