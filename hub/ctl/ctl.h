/*
 * hubctl: the operators' command line over the same libraries as the daemons. A command is one
 * row in commands.def and one function in a file of its own.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <sys/types.h>

#include <hub/status.h>

struct store;

/* What every command is given. Texts live as long as the process. */
typedef struct ctl {
	const char *data;     /* the data directory, absolute; it need not exist */
	const char *programs; /* the directory hubctl runs from; the daemons lie beside it */
	const char *conninfo; /* the exchange database, for store_open */
	struct store *db;     /* open, for commands with CTL_STORE; NULL else */
} ctl;

/* What the command needs before it runs. */
typedef enum ctl_flag {
	CTL_PLAIN = 0,
	CTL_CORE = 1 << 0,  /* the core's user: root becomes `uhub` for good, as PostgreSQL and the keys admit only it */
	CTL_STORE = 1 << 1, /* an open ctl.db, and so CTL_CORE too */
} ctl_flag;

/* Exit codes: 0 done; 1 refused or failed; 2 the input had errors or the command line is wrong. */
enum { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2 };

/* argv[0] is the last word of the command's name; `--data` and `--database` are taken out already. */
typedef int (*ctl_run)(ctl *c, int argc, char **argv);

typedef struct ctl_command {
	const char *name;      /* one or two words: "up", "policy decide" */
	ctl_run run;
	unsigned flags;        /* ctl_flag */
	const char *arguments; /* as in the usage line, "" if none */
	const char *summary;   /* one line */
} ctl_command; /* the table ends with a NULL name */

extern const ctl_command ctl_commands[];

/* Prints "hubctl NAME: message (code)" on standard error and gives CTL_FAILED (CTL_USAGE for HUB_REJECT). */
int ctl_fail(const char *name, hub_status st, const hub_fault *fault);
/* Prints the command's usage on standard error; CTL_USAGE. */
int ctl_usage(const char *name);

/*
 * One option of a command line taken out of argv: `--name VALUE` or `--name=VALUE` (want_value),
 * or `--name` alone. NULL if absent, "" for a flag; a missing value gives NULL and sets *bad.
 * Called until NULL for options that repeat. What remains after all are taken are arguments.
 */
const char *ctl_take(int *argc, char **argv, const char *name, int want_value, int *bad);
/* Whether an argument that looks like an option is left, which is then named on standard error. */
int ctl_leftover(const char *name, int argc, char **argv);

/* Fills data, programs and conninfo. data: from --data, or NULL for the default place. */
hub_status ctl_context(ctl *c, const char *data, hub_fault *fault);
/* DATA/part, allocated; NULL when memory ran out. */
char *ctl_path(const ctl *c, const char *part);

/* The users of the zones. Not root: both are the caller. HUB_MISSING: root without such a user. */
typedef struct ctl_user {
	const char *name;
	uid_t uid;
	gid_t gid;
} ctl_user;
typedef enum ctl_zone { CTL_ZONE_CORE, CTL_ZONE_OUTER } ctl_zone;
hub_status ctl_zone_user(ctl_zone zone, ctl_user *ret, hub_fault *fault);
/* Becomes that user for good, with its groups. Nothing to do when not root. */
hub_status ctl_become(const ctl_user *user, hub_fault *fault);

#define ROW(name, function, flags, arguments, summary) int function(ctl *c, int argc, char **argv);
#include "ctl/commands.def"
#undef ROW

#endif
