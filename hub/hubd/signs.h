/*
 * What a core has seen go wrong, for its operators. A sign that lasts is noted again and again, and is over once it was
 * not noted for its time; so whoever notes it needs no memory of it. No clock and no database of its own.
 */
#ifndef HUBD_SIGNS_H
#define HUBD_SIGNS_H

#include "store/trouble.h"

enum { SIGNS = 64, SIGN_KIND = 32, SIGN_SUBJECT = 80, SIGN_TEXT = 256 };

typedef struct sign {
	char kind[SIGN_KIND], subject[SIGN_SUBJECT], text[SIGN_TEXT];
	hub_time began, last, ended; /* wall; ended 0: it lasts */
	int64_t until;		     /* monotonic: over if not noted by then */
	int64_t count;
	bool unsaved;
} sign;

typedef struct signs {
	sign list[SIGNS];
	size_t count;
} signs;

/* The moment of a note, by both clocks. */
typedef struct moment {
	hub_time wall;
	int64_t monotonic;
} moment;

/*
 * It is so at this moment, and `more` times of it are counted. hold, µs: so long it is believed to last; 0: it only
 * happened, at `now.wall`. Where there is no place left it is not kept.
 */
void signs_note(signs *s, moment now, const char *kind, const char *subject, int64_t hold, int64_t more,
		const char *fmt, ...) __attribute__((format(printf, 7, 8)));
/* Ends what was not noted in its time, and forgets what is over and saved. */
void signs_turn(signs *s, moment now);
/* Of a sign, as it is saved. */
trouble sign_trouble(const sign *g, const char *core);

#endif
