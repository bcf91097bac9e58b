#!/bin/sh
# Slurm prolog (slurm.conf: Prolog=/etc/slurm/prolog.d/scraper.sh, PrologFlags=Alloc): follows a job's output from its first node, as
# the job's user, in a unit of its own, so that it ends with the job and is bounded in memory. A prolog that fails drains its node:
# this one never does, whatever happens.
PATH=/usr/local/bin:/usr/bin:/bin

# SLURMD_NODENAME and SLURM_JOB_NODELIST are in every prolog; one node of a job is enough, as its output is one file.
first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" 2>/dev/null | head -n 1)
[ "$SLURMD_NODENAME" = "$first" ] || exit 0

# What --output said, with its %j and the like replaced; older Slurms have to be asked for it.
output=${SLURM_JOB_STDOUT:-$(scontrol show job "$SLURM_JOB_ID" 2>/dev/null | sed -n 's/^ *StdOut=//p')}
case $output in /dev/* | "") exit 0 ;; esac

systemd-run --quiet --no-block --collect --unit="scraper-job-$SLURM_JOB_ID" --uid="$SLURM_JOB_UID" \
    --property=Nice=10 --property=IOSchedulingClass=idle --property=MemoryMax=256M --property=TimeoutStopSec=60 \
    scraper tail --quiet --follow --experiment slurm --tag "job$SLURM_JOB_ID" --store "$(dirname "$output")/.scraper/store.db" "$output" ||
    logger -t scraper-prolog "job $SLURM_JOB_ID: its output is not followed"
exit 0
