/* The head of an HTTP/1.1 answer as our own listener writes it, for a client that speaks another version. Pure. */
#ifndef GATEWAY_ANSWER_HEAD_H
#define GATEWAY_ANSWER_HEAD_H

#include <stdbool.h>
#include <stddef.h>

enum { ANSWER_FIELDS = 48 };

typedef struct answer_field {
	char *name, *value; /* name in lower case */
	size_t name_len, value_len;
} answer_field;

typedef struct answer_head {
	char status[4]; /* three digits */
	size_t length;	/* of the body; SIZE_MAX: it was not said */
	answer_field fields[ANSWER_FIELDS];
	size_t count; /* without those of a connection */
	size_t size;  /* of the head itself, with its empty line */
} answer_head;

/* 1: read; 0: it is not complete yet; -1: not such a head. `text` is changed, and borrowed by the fields. */
int answer_head_read(char *text, size_t len, answer_head *ret);

#endif
