/*
 * The kinds of command and what each may be told. Pure. An adapter refuses those it cannot do
 * ("not_supported"); what is no kind, or lacks an argument, never reaches one.
 */
#ifndef COMMAND_KIND_H
#define COMMAND_KIND_H

#include <hub/adapter.h>

enum { KIND_ARGUMENTS = 8 };

typedef struct kind_argument {
	const char *name;
	const char *rule; /* "on|off": one of these; "number", "text", "hex", "time", "json" (an object or list) */
	bool required;
} kind_argument;

typedef struct command_kind {
	const char *name;
	const char *zh, *en;			 /* one line each */
	kind_argument arguments[KIND_ARGUMENTS]; /* ended by a NULL name if fewer */
} command_kind;

extern const command_kind command_kinds[];
extern const size_t command_kind_count;

const command_kind *command_kind_find(const char *name); /* NULL: none */
/* HUB_REJECT with *fault ("command.kind", "command.argument"). */
hub_status command_kind_check(const char *name, const hub_setting *arguments, size_t count, hub_fault *fault);
/* Whether it takes somebody's supply away: trip of a meter, circuit or relay. */
bool command_cuts_off(const char *name, const hub_setting *arguments, size_t count);

#endif
