/*
 * Option tables: one const table per program drives the command line, the configuration file
 * (libconfig's `name = value;`), reload, `hubctl show options`, checks and the manual page.
 */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include <hub/adapter.h>

#include "base/arena.h"
#include "base/buf.h"

typedef enum option_type {
	OPTION_TEXT,
	OPTION_INT,
	OPTION_SIZE,
	OPTION_DURATION,
	OPTION_BOOL,
	OPTION_PATH,
} option_type;

/*
 * SIZE: bytes, with suffix k, M, G (1024). DURATION: µs, written with suffix us, ms, s, min, h, d
 * (only 0 needs none). min and max bound INT, SIZE (bytes) and DURATION (µs); max 0 means no bound.
 */
typedef struct option {
	const char *name;     /* "journal_size"; on the command line --journal-size */
	option_type type;
	const char *fallback; /* NULL: required */
	int64_t min, max;
	bool reload;          /* may change while running */
	const char *text;     /* one line for people */
} option; /* a table ends with a NULL name */

typedef struct options options; /* values for one table, immutable once parsed */

/*
 * Reads the file (may be NULL) and then the arguments behind argv[0], which win; `--config FILE`
 * names the file. `--name value`, `--name=value`, and `--name` alone for a BOOL; `--` ends them.
 * Unknown names, bad values, missing required ones and an unreadable file are HUB_REJECT with
 * *fault naming option, rule and remedy. *ret_rest (may be NULL): index of the first argument that
 * is no option, argc if none. Everything is copied but the table.
 */
hub_status options_parse(const option *table, const char *file, int argc, char **argv, int *ret_rest,
			 options **ret, hub_fault *fault);
/* Reads again; HUB_CONFLICT with *fault when an option that needs a restart changed: *ret is set then
   too and has its old value. */
hub_status options_reload(const options *old, options **ret, hub_fault *fault);
void options_free(options *o);

/* Asking for a name that the table lacks, or by another type, is our own mistake: assert. */
const char *option_text(const options *o, const char *name);
int64_t option_int(const options *o, const char *name); /* INT, SIZE, DURATION */
bool option_bool(const options *o, const char *name);

/* `name = value` with meaning and where it came from (default, file, command line). */
void options_show(const options *o, buf *out);
/* The table as a man(7) options section. */
void options_manual(const option *table, buf *out);

/*
 * For a program's first lines: `--show-options` (behind the others) prints what it would run with,
 * `--manual` its manual page. True: that was asked and done; the program ends with *ret_code.
 */
bool options_asked(const option *table, const char *summary, int argc, char **argv, int *ret_code);

/* An adapter's settings against its hub_option table, defaults filled in, in the table's order,
   ended by a NULL key; texts in the arena. HUB_REJECT with *fault on unknown or missing ones. */
hub_status settings_resolve(const hub_option *table, const hub_setting *given, size_t count, arena *a,
			    hub_setting **ret_settings, hub_fault *fault);

#endif
