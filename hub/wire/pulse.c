#include "wire/watch.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* SP's greeting (nanomsg SP over IPC, section 2): NUL "SP" version, protocol number, reserved. */
enum { GREETING = 8 };

static bool connect_to(int fd, const char *url)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = url + strlen("ipc://");
	if (strlen(path) >= sizeof address.sun_path)
		return false;
	strcpy(address.sun_path, path);
	return connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
}

/*
 * The greeting is sent before the other one's is awaited and the connection is closed only after:
 * NNG 1.5.2 goes deaf when a peer leaves before its handshake is done.
 */
static bool greet(int fd, sp_protocol as, int patience_ms)
{
	const uint8_t hello[GREETING] = { 0, 'S', 'P', 0, 0, (uint8_t)as, 0, 0 };
	uint8_t answer[GREETING];
	size_t got = 0;
	if (send(fd, hello, sizeof hello, MSG_NOSIGNAL) != sizeof hello)
		return false;
	while (got < sizeof answer) {
		struct pollfd p = { fd, POLLIN, 0 };
		ssize_t n = poll(&p, 1, patience_ms) == 1 ? recv(fd, answer + got, sizeof answer - got, 0) : 0;
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return !memcmp(answer, hello, 4);
}

pulse pulse_feel(const char *url, sp_protocol as, int patience_ms)
{
	if (strncmp(url, "ipc://", 6))
		return PULSE_NONE;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return PULSE_NONE;
	pulse felt = PULSE_NONE;
	if (connect_to(fd, url))
		felt = greet(fd, as, patience_ms) ? PULSE_ALIVE : PULSE_DEAF;
	close(fd);
	return felt;
}
