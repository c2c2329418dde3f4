#include "device.h"

#include <string.h>
#include <time.h>

enum { HEAD = 11, CUBIC_METRES = 0x2c, KWH = 0x05 };

bool device_address(const char *text, uint8_t ret[7])
{
	size_t n = strlen(text);
	memset(ret, 0, 7);
	if (!n || n > 14 || strspn(text, "0123456789") != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t d = (uint8_t)(text[n - 1 - i] - '0');
		ret[i / 2] = (uint8_t)(i % 2 ? ret[i / 2] + 16 * d : d);
	}
	return true;
}

/* Appends v as `bytes` packed decimal bytes, lowest first. */
static size_t decimal(uint8_t *out, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		out[i] = (uint8_t)(v % 10 + 16 * (v / 10 % 10));
		v /= 100;
	}
	return bytes;
}

static void flow_until(device_meter *m, int64_t seconds)
{
	/* 10 l a step of 0.01 m³; what is less waits. */
	int64_t gone = seconds - m->at;
	if (gone <= 0 || !m->litres_per_hour)
		return;
	uint64_t steps = (uint64_t)gone * m->litres_per_hour / 36000;
	if (m->closed) {
		m->at = seconds;
		return;
	}
	m->volume += steps;
	m->at += (int64_t)(steps * 36000 / m->litres_per_hour);
}

static size_t put_status(const device_meter *m, uint8_t *out)
{
	out[0] = (uint8_t)(m->closed + (m->battery_low ? 4 : 0));
	out[1] = 0;
	return 2;
}

static size_t put_clock(time_t now, uint8_t *out)
{
	struct tm t;
	gmtime_r(&now, &t);
	const int parts[] = { t.tm_sec, t.tm_min, t.tm_hour, t.tm_mday, t.tm_mon + 1, t.tm_year % 100, 20 };
	for (size_t i = 0; i < 7; i++)
		decimal(out + i, (uint64_t)parts[i], 1);
	return 7;
}

static size_t put_current(const device_meter *m, time_t now, uint8_t *out)
{
	size_t n = decimal(out, m->volume, 4);
	out[n++] = m->energy ? KWH : CUBIC_METRES;
	n += decimal(out + n, m->volume - m->volume % 100, 4);
	out[n++] = CUBIC_METRES;
	n += put_clock(now, out + n);
	return n + put_status(m, out + n);
}

static size_t wrap(const device_meter *m, uint8_t control, const uint8_t *data, size_t len, uint8_t *out)
{
	size_t n = 0;
	unsigned sum = 0;
	for (int i = 0; i < 3; i++)
		out[n++] = 0xfe;
	out[n++] = 0x68;
	out[n++] = m->type;
	for (int i = 0; i < 7; i++)
		out[n++] = m->address[i];
	out[n++] = control;
	out[n++] = (uint8_t)len;
	for (size_t i = 0; i < len; i++)
		out[n++] = data[i];
	for (size_t i = 3; i < n; i++)
		sum += out[i];
	out[n++] = (uint8_t)(sum + (m->fault == DEVICE_CHECKSUM));
	out[n++] = 0x16;
	return n;
}

static bool is_meant(const device_meter *m, const uint8_t *f)
{
	if (f[1] != 0xaa && f[1] != m->type)
		return false;
	for (int i = 0; i < 7; i++)
		if (f[2 + i] != m->address[i] && f[2 + i] != 0xaa)
			return false;
	return true;
}

static size_t meter_answer(device_meter *m, const uint8_t *f, time_t now, uint8_t *out)
{
	uint8_t data[64] = { 0 };
	const uint8_t *asked = f + HEAD;
	bool is_low = asked[0] == 0x1f || asked[0] == 0x17;
	unsigned id = is_low ? asked[1] << 8u | asked[0] : asked[0] << 8u | asked[1];
	if (m->fault == DEVICE_REFUSE) {
		data[0] = asked[2];
		return wrap(m, f[9] | 0xc0, data, 1 + put_status(m, data + 1), out);
	}
	data[m->low_first] = (uint8_t)(id >> 8);
	data[!m->low_first] = (uint8_t)id;
	data[2] = asked[2];
	if (f[9] == 0x01 && id == 0x901f)
		return wrap(m, 0x81, data, 3 + put_current(m, now, data + 3), out);
	if (f[9] != 0x04 || id != 0xa017 || f[10] != 4)
		return 0;
	m->valve_orders++;
	if (m->fault != DEVICE_STUCK)
		m->closed = asked[3] == 0x99;
	return wrap(m, 0x84, data, 3 + put_status(m, data + 3), out);
}

size_t device_answer(device_meter *meters, size_t count, const uint8_t *frame, size_t len, int64_t seconds,
		     int64_t epoch, uint8_t *out)
{
	unsigned sum = 0;
	if (len < HEAD + 5u || len != HEAD + 2u + frame[10])
		return 0;
	for (size_t i = 0; i + 2 < len; i++)
		sum += frame[i];
	if ((sum & 0xff) != frame[len - 2])
		return 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_meant(&meters[i], frame))
			continue;
		if (meters[i].count_up && !meters[i].count_up(meters[i].user, &meters[i]))
			return 0;
		if (!meters[i].count_up)
			flow_until(&meters[i], seconds);
		return meters[i].fault == DEVICE_SILENT ? 0 : meter_answer(&meters[i], frame, (time_t)(epoch + seconds), out);
	}
	return 0;
}

size_t device_request(const uint8_t *bytes, size_t len, size_t *ret_start)
{
	for (size_t i = 0; i + HEAD + 2 <= len; i++) {
		if (bytes[i] != 0x68)
			continue;
		size_t total = HEAD + 2u + bytes[i + 10];
		if (i + total > len)
			return 0;
		*ret_start = i;
		return i + total;
	}
	return 0;
}
