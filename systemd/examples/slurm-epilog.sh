#!/bin/sh
# Slurm epilog (slurm.conf: Epilog=/etc/slurm/epilog.d/scraper.sh): ends what the prolog began. On SIGTERM the scraper reads what is
# there and commits it. An epilog that fails drains its node: this one never does.
PATH=/usr/local/bin:/usr/bin:/bin

systemctl stop "scraper-job-$SLURM_JOB_ID.service" 2>/dev/null # on nodes where the prolog began nothing there is nothing to stop
exit 0
