/* What the programs of simulated devices have in common: a line's bytes in, requests cut out, answers back. */
#ifndef SIM_SERVE_H
#define SIM_SERVE_H

#include <stddef.h>
#include <stdint.h>

enum { SIM_BUFFER = 4096, SIM_ANSWER_MAX = 4096 };

typedef struct sim_device {
	/* How many bytes the first whole request ends at, and where it starts; 0: none yet. */
	size_t (*request)(const uint8_t *bytes, size_t len, size_t *ret_start);
	/* The answer to one request, at seconds since the start times --speed; its length, 0: none. */
	size_t (*answer)(void *user, const uint8_t *request, size_t len, int64_t seconds, uint8_t *out);
	void *user;
} sim_device;

/* The value behind an option's name; fallback without it, "" if it stands last. */
const char *sim_option(int argc, char **argv, const char *name, const char *fallback);

/*
 * (--connect HOST:PORT | --listen PORT | --pty) [--speed N] [--seconds N]: serves until the time is over, or
 * until the last dialled line ends. --listen 0 takes a free port; the address or the pseudo-terminal's
 * name goes to standard output. 0, or 2: none of the three.
 */
int sim_serve(int argc, char **argv, const sim_device *device);

#endif
