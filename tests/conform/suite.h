/* What the adapter tests share: vectors from a folder, and a fake host with a fake clock that notes all it is told. */
#ifndef CONFORM_SUITE_H
#define CONFORM_SUITE_H

#include "host/session.h"

/*
 * A vector is one document: a line of NAME.hex, or the whole of NAME.raw. Options stand in
 * NAME.options, else in default.options, as key=value lines. Documents of one file share a session.
 */
typedef struct document {
	uint8_t *bytes;
	size_t len;
	size_t line; /* of its file, from 1 */
} document;

typedef struct vector {
	char name[128]; /* "dlt645-energy.hex" */
	char path[640];/* without its ending */
	bool framed;    /* its documents are single frames: a cut one must be refused. Not *.stream.hex, not .raw */
	document *documents;
	size_t count;
	hub_setting options[32];
	size_t option_count;
} vector;

/* All vectors of the folder, sorted by name. Exits with a message when there is none. */
vector *vectors_load(const char *folder, size_t *ret_count);
void vectors_free(vector *v, size_t count);

/* The whole file, NUL behind it; NULL if it cannot be read. free() it. */
char *file_read(const char *path, size_t *ret_len);

/* A fake host: packed records one behind the other, and refusals counted. */
typedef struct fake {
	buf records; /* every record, refusals too, packed */
	size_t count, readings, refusals, sends;
	long again_at;  /* the record at which HUB_AGAIN is answered once; < 0: never */
	bool again_all; /* every record is answered HUB_AGAIN the first time it comes */
	bool again_said;
	hub_time now;
	size_t hang_ups;
} fake;

extern const host_calls fake_calls;

void fake_init(fake *f);
void fake_fini(fake *f);

#endif
