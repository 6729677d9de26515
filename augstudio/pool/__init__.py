"""Jobs on processes of this machine or on a cluster: a room that knows nothing of what the jobs are about.

`retrying` keeps a bounded window of jobs on an executor and tries again what was in one that broke; `processes` and
`cluster` make executors in which no job goes on for ever. `starting` and `preloading` are about the processes that
workers are forked from, `worker` and `cluster_worker` about what goes on in a worker.
"""
