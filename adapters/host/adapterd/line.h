/* One session's link to its peer: a socket, a terminal, or a file that is read into the child. */
#ifndef ADAPTERD_LINE_H
#define ADAPTERD_LINE_H

#include "keeper.h"

enum { LINE_OUT_MAX = 1 << 20, LINE_ADDRESS = 256 };

struct line {
	uint64_t number;
	keeper *in;
	watch w; /* fd -1: a file, which the transport reads */
	buf out;
	char address[LINE_ADDRESS];
	int64_t active;  /* monotonic time of the last byte */
	size_t promises; /* answers on it that wait for theirs */
	bool ended;      /* the peer's last byte was handed over */
	bool done;       /* the child has worked through the document */
	bool closing;    /* closes once `out` is empty */
	void *own;       /* the transport's */
	void (*closed)(line *l, const char *reason); /* before it is freed; may be NULL */
	/* Whole messages to the peer, by the transport; then documents follow one another on this line. NULL: bytes, by fd. */
	void (*deliver)(line *l, const uint8_t *bytes, size_t len);
};

/* Takes fd (non-blocking; -1: none) over, and closes it on failure. NULL: no room. */
line *line_open(keeper *in, int fd, const char *address, void *own, void (*closed)(line *, const char *));
void line_close(line *l, const char *reason);
/* Closes after what waits to be sent. */
void line_hang_up(line *l, const char *reason);
/* Closes a line that is done, once no answer on it waits for its promise. */
void line_settle(line *l);
void line_input(line *l, const uint8_t *bytes, size_t len, bool end);
/* To the peer. One that reads too slowly is hung up. */
void line_send(line *l, const uint8_t *bytes, size_t len);
/* Whether peers may be read, set for all lines of an instance. */
void lines_allow(keeper *in, bool reading);
void lines_idle(keeper *in, int64_t before);
void lines_close(keeper *in, const char *reason);

#endif
