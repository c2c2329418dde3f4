/* One option's value, from text; shared by the option files only. */
#ifndef BASE_OPTION_VALUE_H
#define BASE_OPTION_VALUE_H

#include "base/option.h"

typedef enum option_source { OPTION_DEFAULT, OPTION_FILE, OPTION_ARGUMENT } option_source;

typedef struct option_value {
	const char *text; /* as written; NULL: not given */
	int64_t number;   /* INT, SIZE, DURATION; BOOL: 0 or 1 */
	option_source source;
} option_value;

struct options {
	const option *table;
	option_value *values; /* as many as the table has rows */
	const char *file;     /* NULL: none was read */
	const char *given;    /* the file that options_parse was called with */
	char **argv;          /* copies, for reload */
	int argc;
	arena a;
};

/* Reads text by the option's type and bounds. HUB_REJECT with *fault. */
hub_status option_value_parse(const option *o, const char *text, int64_t *ret_number, hub_fault *fault);
/* What a value of this type looks like: "NUMBER", "SIZE", … */
const char *option_type_word(option_type type);

#endif
