/*
 * Commands to a meter (DL/T 645-2007 7.7 remote control 1CH as in its 2013 amendment, 7.5 write 14H,
 * 7.11 broadcast of the time 08H) and how their effect is read back. Pure.
 */
#ifndef DLT645_CONTROL_H
#define DLT645_CONTROL_H

#include "frame.h"

enum { ORDER_DATA_MAX = 64, ORDER_FRAMES_MAX = 2 };

typedef enum order_check { CHECK_NONE, CHECK_BIT, CHECK_CLOCK, CHECK_DATA } order_check;

/* What a command comes to: frames to be sent one after the other, each once, and what is read then. */
typedef struct order {
	uint8_t control; /* 0: nothing is written, `check_of` is read */
	size_t frames;
	uint8_t data[ORDER_FRAMES_MAX][ORDER_DATA_MAX];
	size_t len[ORDER_FRAMES_MAX];
	bool is_clock;	/* its data are made when it is sent: order_clock */
	bool broadcast; /* to everybody; no meter answers */
	int64_t clock;	/* µs to add to the time of sending */
	order_check check;
	uint32_t check_of; /* identifier */
	uint16_t mask, want;
	uint8_t expect[ORDER_DATA_MAX];
	size_t expect_len;
} order;

/* Who orders: level and password as printed ("02123456"), operator ("00000001"). */
typedef struct order_key {
	uint8_t password[4], operator_code[4];
} order_key;

bool order_key_parse(const char *password, const char *operator_code, order_key *ret);

/* NULL, or a stable reason why not. now is the host's time; utc_offset that of the meter's clock. */
const char *order_make(const hub_command *command, const order_key *key, hub_time now, int64_t utc_offset, order *ret);
/* The clock's frames, for this moment. */
void order_clock(order *o, const order_key *key, hub_time now, int64_t utc_offset);
/* Whether what was read back is what was ordered. */
bool order_holds(const order *o, const uint8_t *bytes, size_t len, hub_time now, int64_t utc_offset);

#endif
