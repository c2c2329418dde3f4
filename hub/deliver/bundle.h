/*
 * Entries, or parts of them, bundled into messages, and the words around them. Pure.
 *
 *	{"id":"7-41","subscription":7,"after":40,"first":41,"last":48,"cleared":40,"entries":[…]}
 *
 * An entry's own id names its subscription and position, and where a part of a long one begins;
 * a message is called by its first entry. After a failure the same entries may come bundled
 * otherwise, so repeats are known by the entries' ids.
 */
#ifndef DELIVER_BUNDLE_H
#define DELIVER_BUNDLE_H

#include "base/buf.h"

#include <hub/status.h>

typedef struct bundle_limits {
	uint32_t count; /* entries, 1 … */
	uint32_t bytes; /* of the entries' JSON; a single longer one stands alone */
} bundle_limits;

/* One entry or part; len 0: nothing to tell, which goes along with its neighbours. */
typedef struct bundle_part {
	uint64_t position;
	size_t start, len; /* in the text */
} bundle_part;

/* How many of the parts, at least one, the first message takes. *ret_told: how many of them tell something. */
size_t bundle_cut(const bundle_part *parts, size_t count, const bundle_limits *limits, size_t *ret_told);
/*
 * The message of these parts, of which at least one tells something. after: the last position of the message
 * before; 0 if it follows whatever its recipient has. cleared: what was asked for up to there is kept no longer; 0: nothing.
 */
void bundle_write(buf *out, int64_t subscription, uint64_t after, uint64_t cleared, const char *text, const bundle_part *parts, size_t count);

/*
 * µs until the next attempt after `attempts` failures in a row, doubling from one second to five
 * minutes, each somewhere between half of it and all of it. random: any number.
 */
int64_t backoff_delay(uint32_t attempts, uint32_t random);
/*
 * The same where the recipient answered 429 or 503 and said when to come again: not before that, if it is within an hour
 * and within `patience` (µs; what is refused for longer is given up), nor much after it, so that not all come at once.
 * wish: µs from now, 0: it did not say.
 */
int64_t backoff_asked(int64_t delay, int64_t wish, int64_t patience, uint32_t random);

#endif
