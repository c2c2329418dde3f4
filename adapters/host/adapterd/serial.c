/* A serial line or pseudo-terminal, opened again when it fails. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "transport.h"

enum { REOPEN_MIN = 100000, REOPEN_MAX = 30000000, BAUD = 9600 };

typedef struct serial {
	transport t;
	line *line;
	int64_t due, backoff;
} serial;

static const struct {
	int64_t baud;
	speed_t speed;
} speeds[] = {
	{ 300, B300 },     { 600, B600 },     { 1200, B1200 },   { 2400, B2400 },   { 4800, B4800 },
	{ 9600, B9600 },   { 19200, B19200 }, { 38400, B38400 }, { 57600, B57600 }, { 115200, B115200 },
};

static const struct {
	const char *name;
	tcflag_t flags;
} parities[] = { { "none", 0 }, { "even", PARENB }, { "odd", PARENB | PARODD } };

static bool settings_of(const instance_config *c, struct termios *t, speed_t *ret_speed, hub_fault *fault)
{
	int64_t baud = config_int(c, "baud", BAUD), bits = config_int(c, "bits", 8), stop = config_int(c, "stop", 1);
	const char *parity = config_text(c, "parity", "none");
	size_t s = 0, p = 0;
	while (s < sizeof speeds / sizeof *speeds && speeds[s].baud != baud)
		s++;
	while (p < sizeof parities / sizeof *parities && strcmp(parities[p].name, parity) != 0)
		p++;
	if (s == sizeof speeds / sizeof *speeds || p == sizeof parities / sizeof *parities || bits < 7 || bits > 8 ||
	    stop < 1 || stop > 2) {
		hub_fault_set(fault, "transport.serial", "transport", "a line is 300 to 115200 baud, parity none, even or "
			      "odd, 7 or 8 bits, 1 or 2 stop bits");
		return false;
	}
	cfmakeraw(t);
	t->c_cflag = (t->c_cflag & ~(tcflag_t)(CSIZE | CSTOPB | PARENB | PARODD | CRTSCTS)) | CLOCAL | CREAD |
		     (bits == 7 ? CS7 : CS8) | (stop == 2 ? CSTOPB : 0) | parities[p].flags;
	t->c_cc[VMIN] = 1;
	t->c_cc[VTIME] = 0;
	*ret_speed = speeds[s].speed;
	return true;
}

static void open_later(serial *s)
{
	s->backoff = s->backoff ? s->backoff * 2 : REOPEN_MIN;
	if (s->backoff > REOPEN_MAX)
		s->backoff = REOPEN_MAX;
	s->due = clock_monotonic() + s->backoff;
}

static void on_line_closed(line *l, const char *reason)
{
	(void)reason;
	serial *s = l->own;
	s->line = NULL;
	open_later(s);
}

static void device_open(serial *s)
{
	keeper *in = s->t.in;
	const char *device = config_text(&in->config, "device", "");
	hub_fault fault;
	struct termios t;
	speed_t speed;
	int fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || tcgetattr(fd, &t) != 0) {
		if (!s->backoff)
			keeper_error(in, "%s cannot be opened as a serial line: %s", device, strerror(errno));
	} else if (settings_of(&in->config, &t, &speed, &fault) && cfsetspeed(&t, speed) == 0 &&
		   tcsetattr(fd, TCSANOW, &t) == 0) {
		s->line = line_open(in, fd, device, s, on_line_closed);
		if (s->line)
			s->backoff = 0;
		else
			open_later(s);
		return;
	}
	if (fd >= 0)
		close(fd);
	open_later(s);
}

static hub_status start(transport *t, hub_fault *fault)
{
	serial *s = (serial *)t;
	struct termios settings = { 0 };
	speed_t speed;
	s->due = s->backoff = 0;
	return settings_of(&t->in->config, &settings, &speed, fault) ? HUB_OK : HUB_REJECT;
}

static void stop(transport *t, bool crashed)
{
	(void)t;
	(void)crashed;
}

static int64_t tick(transport *t, int64_t now)
{
	serial *s = (serial *)t;
	if (!s->line && now >= s->due)
		device_open(s);
	return s->line ? 0 : s->due;
}

static void serial_free(transport *t)
{
	loop_free(&t->in->host->loop, t);
}

transport *serial_new(keeper *in)
{
	serial *s = fail_calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->t = (transport){ .start = start, .stop = stop, .tick = tick, .free = serial_free, .in = in };
	return &s->t;
}
