/*
 * libmodbus as an independent peer of the simulated device and of the adapter; linked into nothing else.
 *   peer_libmodbus check (HOST PORT | PTY)   reads and writes a simulated device as its client
 *   peer_libmodbus serve                     a server with an ADW300's registers; its port goes to standard output
 */
#include <modbus.h>

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "peer_libmodbus: %s: %s\n", what, modbus_strerror(errno));
	return 1;
}

static int check(modbus_t *m)
{
	uint16_t words[40];
	uint8_t bits[8];
	modbus_set_slave(m, 1);
	modbus_set_response_timeout(m, 2, 0);
	if (modbus_connect(m) != 0)
		return fail("connect");
	if (modbus_read_registers(m, 20, 18, words) != 18)
		return fail("read holding registers");
	printf("voltage %u energy", words[0]);
	if (modbus_read_registers(m, 62, 2, words) != 2)
		return fail("read energy");
	printf(" %u\n", (unsigned)words[0] << 16 | words[1]);
	if (modbus_write_bit(m, 3, 1) != 1 || modbus_read_bits(m, 0, 8, bits) != 8 || bits[3] != 1 || bits[2] != 0)
		return fail("write a coil");
	const uint8_t many[3] = { 1, 0, 1 };
	if (modbus_write_bits(m, 0, 3, many) != 3 || modbus_read_bits(m, 0, 3, bits) != 3 || memcmp(bits, many, 3) != 0)
		return fail("write coils");
	const uint16_t two[2] = { 0x4142, 0x4344 };
	if (modbus_write_register(m, 100, 125) != 1 || modbus_write_registers(m, 102, 2, two) != 2 ||
	    modbus_read_registers(m, 100, 4, words) != 4 || words[0] != 125 || words[2] != 0x4142 || words[3] != 0x4344)
		return fail("write registers");
	if (modbus_read_registers(m, 200, 1, words) != -1 || errno != EMBXILADD)
		return fail("an address beyond the end must be refused");
	if (modbus_read_input_registers(m, 0, 1, words) != 1 || words[0] < 200)
		return fail("read an input register");
	return 0;
}

static int serve(void)
{
	modbus_t *m = modbus_new_tcp("127.0.0.1", 0);
	modbus_mapping_t *map = modbus_mapping_new(16, 16, 128, 16);
	struct sockaddr_in at;
	socklen_t len = sizeof at;
	int listener = m && map ? modbus_tcp_listen(m, 4) : -1;
	if (listener < 0 || getsockname(listener, (struct sockaddr *)&at, &len) != 0)
		return fail("listen");
	map->tab_registers[20] = 2345;
	map->tab_registers[37] = 4321;	/* W */
	map->tab_registers[63] = 65432; /* 0.01 kWh */
	printf("127.0.0.1:%u\n", ntohs(at.sin_port));
	fflush(stdout);
	for (;;) {
		uint8_t question[MODBUS_TCP_MAX_ADU_LENGTH];
		int n = 0;
		if (modbus_tcp_accept(m, &listener) < 0)
			return fail("accept");
		while ((n = modbus_receive(m, question)) >= 0)
			modbus_reply(m, question, n, map);
		modbus_close(m);
	}
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && !strcmp(argv[1], "serve"))
		return serve();
	if (argc == 4 && !strcmp(argv[1], "check"))
		return check(modbus_new_tcp(argv[2], atoi(argv[3])));
	if (argc == 3 && !strcmp(argv[1], "check"))
		return check(modbus_new_rtu(argv[2], 115200, 'N', 8, 1));
	fprintf(stderr, "usage: peer_libmodbus check (HOST PORT | PTY) | serve\n");
	return 2;
}
