/*
 * A private PostgreSQL: a data directory and a socket directory under one place, reachable only
 * through the unix socket and only by the operating system's user it runs as (peer).
 * Role and database are called "uhub"; the role is no superuser.
 */
#ifndef CTL_CLUSTER_H
#define CTL_CLUSTER_H

#include "ctl/ctl.h"

typedef struct cluster cluster;

/* data: made by cluster_prepare if absent; run: the socket's directory, which exists. Both belong to `user`. */
hub_status cluster_new(const char *data, const char *run, const ctl_user *user, cluster **ret, hub_fault *fault);
void cluster_free(cluster *k);

/*
 * Makes the cluster if there is none (whole or not at all), writes its settings, and clears what a
 * dead server left. memory: bytes PostgreSQL may keep as its cache, 0: an eighth of the machine's.
 * HUB_CONFLICT: a server that is not ours to stop still runs on the data.
 */
hub_status cluster_prepare(cluster *k, int64_t memory, hub_fault *fault);
/* The server's command line, for process_start with death signal SIGQUIT; stop it with SIGINT. Lives as long as k. */
const char *const *cluster_argv(const cluster *k);
const char *cluster_conninfo(const cluster *k);

#endif
