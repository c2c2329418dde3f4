#include "device.h"

#include <string.h>

enum {
	READ_07 = 0x11, READ_97 = 0x01, ADDRESS_07 = 0x13, TIME_07 = 0x08, WRITE_07 = 0x14, REMOTE_07 = 0x1c, TARIFFS = 4,
	DAY = 86400, AT_START = 8 * 3600, ERROR_OTHER = 0x01, ERROR_NO_DATA = 0x02, ERROR_PASSWORD = 0x04,
};

bool device_address(const char *text, uint8_t ret[6])
{
	size_t n = strlen(text);
	memset(ret, 0, 6);
	if (n == 0 || n > 12 || strspn(text, "0123456789") != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t d = (uint8_t)(text[n - 1 - i] - '0');
		ret[i / 2] = (uint8_t)(i % 2 ? ret[i / 2] + 16 * d : d);
	}
	return true;
}

uint64_t device_energy(const device_meter *m, int tariff, int64_t seconds)
{
	/* W·s to 0.01 kWh: 36000 W·s each. Parts take 10, 30, 40 and 20 % and add up to the total. */
	static const unsigned share[] = { 100, 10, 30, 40, 20 };
	uint64_t total = m->start_energy;
	if (!m->count_up)
		total += (uint64_t)(seconds > 0 ? seconds : 0) * m->power / 36000;
	if (!tariff)
		return total;
	if (tariff == TARIFFS)
		return total - device_energy(m, 1, seconds) - device_energy(m, 2, seconds) - device_energy(m, 3, seconds);
	return total * share[tariff] / 100;
}

/* Appends v as `bytes` packed decimal bytes, lowest first. */
static void put_decimal(uint8_t *out, size_t *at, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		out[(*at)++] = (uint8_t)(v % 10 + 16 * (v / 10 % 10));
		v /= 100;
	}
}

static uint64_t voltage(const device_meter *m, int phase)
{
	return 2200 + (unsigned)(m->address[0] % 16) + (unsigned)phase; /* 0.1 V */
}

static int64_t clock_of(const device_meter *m, int64_t seconds)
{
	return ((seconds + AT_START + m->clock_offset) % DAY + DAY) % DAY;
}

/* What a meter shows of its state: status word 3, its clock, parameters as written. */
static size_t state_07(const device_meter *m, uint32_t id, int64_t seconds, uint8_t *out)
{
	size_t n = 0;
	int64_t clock = clock_of(m, seconds);
	if (id == 0x04000503) {
		out[n++] = (uint8_t)((m->relay_open ? 0x10 : 0) + (m->ordered_open ? 0x40 : 0) + (m->alarm ? 0x80 : 0));
		out[n++] = m->keeps_power ? 0x10 : 0;
	} else if (id == 0x04000102) {
		put_decimal(out, &n, (uint64_t)(clock % 60), 1);
		put_decimal(out, &n, (uint64_t)(clock / 60 % 60), 1);
		put_decimal(out, &n, (uint64_t)(clock / 3600), 1);
	} else if (id == 0x04000101) {
		memcpy(out, m->date, 4);
		n = 4;
	}
	for (int i = 0; i < DEVICE_PARAMETERS && !n; i++)
		if (m->parameters[i].len && m->parameters[i].id == id) {
			n = m->parameters[i].len;
			memcpy(out, m->parameters[i].bytes, n);
		}
	return n;
}

/* The value of an identifier as data bytes behind it; 0: the meter has no such thing. */
static size_t value_07(const device_meter *m, uint32_t id, int64_t seconds, uint8_t *out)
{
	size_t n = 0;
	uint32_t kind = id >> 16, tariff = id >> 8 & 0xff, phase = tariff;
	if ((kind == 0x0001 || kind == 0x0000) && !(id & 0xff)) {
		if (tariff == 0xff)
			for (int t = 0; t <= TARIFFS; t++)
				put_decimal(out, &n, device_energy(m, t, seconds), 4);
		else if (tariff <= TARIFFS)
			put_decimal(out, &n, device_energy(m, (int)tariff, seconds), 4);
	} else if (id == 0x00020000) {
		put_decimal(out, &n, m->export_energy, 4);
	} else if (kind == 0x0201 && phase >= 1 && phase <= 3) {
		put_decimal(out, &n, voltage(m, (int)phase), 2);
	} else if (kind == 0x0202 && phase >= 1 && phase <= 3) {
		put_decimal(out, &n, (uint64_t)m->power * 10000 / 3 / voltage(m, (int)phase), 3);
	} else if (id == 0x02030000) {
		put_decimal(out, &n, m->power * 10ull, 3);
	} else if (id == 0x02060000) {
		put_decimal(out, &n, 980, 2);
	} else if (id == 0x02800002) {
		put_decimal(out, &n, 5000, 2);
	} else {
		n = state_07(m, id, seconds, out);
	}
	return n;
}

static size_t value_97(const device_meter *m, uint32_t id, int64_t seconds, uint8_t *out)
{
	size_t n = 0;
	if (id >= 0x9010 && id <= 0x9010 + TARIFFS)
		put_decimal(out, &n, device_energy(m, (int)(id & 0xf), seconds), 4);
	else if (id >= 0xb611 && id <= 0xb613)
		put_decimal(out, &n, voltage(m, (int)(id & 0xf)) / 10, 2);
	else if (id == 0xb630)
		put_decimal(out, &n, m->power * 10ull, 3);
	return n;
}

static size_t wrap(const device_meter *m, uint8_t control, const uint8_t *data, size_t len, uint8_t *out)
{
	size_t n = 0;
	unsigned sum = 0;
	for (int i = 0; i < 4; i++)
		out[n++] = 0xfe;
	out[n++] = 0x68;
	for (int i = 0; i < 6; i++)
		out[n++] = m->address[i];
	out[n++] = 0x68;
	out[n++] = control;
	out[n++] = (uint8_t)len;
	for (size_t i = 0; i < len; i++)
		out[n++] = (uint8_t)(data[i] + 0x33);
	for (size_t i = 4; i < n; i++)
		sum += out[i];
	out[n++] = (uint8_t)(sum + (m->fault == DEVICE_CHECKSUM));
	out[n++] = 0x16;
	return n;
}

static size_t spoil(const device_meter *m, uint8_t *out, size_t n)
{
	static const uint8_t nothing[] = { 0x00, 0xa5, 0x68, 0x5a, 0xff };
	if (m->fault == DEVICE_CUT)
		return n - 3;
	if (m->fault == DEVICE_DUPLICATE) {
		memcpy(out + n, out, n);
		return 2 * n;
	}
	if (m->fault == DEVICE_NOISE) {
		memmove(out + sizeof nothing, out, n);
		memcpy(out, nothing, sizeof nothing);
		return n + sizeof nothing;
	}
	return n;
}

static bool is_meant(const device_meter *m, const uint8_t *address)
{
	for (int i = 0; i < 6; i++)
		if (address[i] != m->address[i] && address[i] != 0xaa)
			return false;
	return true;
}

static void clock_adjust(device_meter *m, const uint8_t *hms, int64_t seconds)
{
	int64_t v[3];
	for (int i = 0; i < 3; i++)
		v[i] = (hms[i] >> 4) * 10 + (hms[i] & 15);
	m->clock_offset += v[2] * 3600 + v[1] * 60 + v[0] - clock_of(m, seconds);
}

/* 1CH: the command stands behind password and operator. Gives the error bits, 0 for done. */
static uint8_t remote(device_meter *m, uint8_t what)
{
	bool does = m->fault != DEVICE_STUCK;
	switch (what) {
	case 0x1a:
		if (m->keeps_power)
			return ERROR_OTHER;
		m->relay_open = m->ordered_open = does;
		return 0;
	case 0x1b:
	case 0x1c:
		m->ordered_open = m->ordered_open && !does;
		m->relay_open = m->relay_open && !(does && what == 0x1c);
		return 0;
	case 0x2a:
	case 0x2b:
		m->alarm = does && what == 0x2a;
		return 0;
	case 0x3a:
	case 0x3b:
		m->keeps_power = does && what == 0x3a;
		return 0;
	default:
		return ERROR_OTHER;
	}
}

static uint8_t parameter(device_meter *m, uint32_t id, const uint8_t *bytes, size_t len, int64_t seconds)
{
	if (m->fault == DEVICE_STUCK)
		return 0;
	if (id == 0x04000102 && len == 3) {
		clock_adjust(m, bytes, seconds);
		return 0;
	}
	if (id == 0x04000101 && len == 4) {
		memcpy(m->date, bytes, 4);
		return 0;
	}
	for (int i = 0; i < DEVICE_PARAMETERS; i++)
		if ((m->parameters[i].id == id || !m->parameters[i].len) && id >> 24 == 4 && len <= DEVICE_PARAMETER_MAX) {
			m->parameters[i].id = id;
			m->parameters[i].len = (uint8_t)len;
			memcpy(m->parameters[i].bytes, bytes, len);
			return 0;
		}
	return ERROR_NO_DATA;
}

static size_t ordered(device_meter *m, const uint8_t *f, int64_t seconds, uint8_t *out)
{
	uint8_t data[200], error;
	static const uint8_t password[4] = { 0x02, 0, 0, 0 };
	size_t n = f[9], key = f[8] == WRITE_07 ? 4 : 0;
	for (size_t i = 0; i < n && i < sizeof data; i++)
		data[i] = (uint8_t)(f[10 + i] - 0x33);
	m->writes++;
	if (n < key + 9 || n > sizeof data)
		error = ERROR_OTHER;
	else if (memcmp(data + key, password, 4) != 0)
		error = ERROR_PASSWORD;
	else if (f[8] == REMOTE_07)
		error = remote(m, data[8]);
	else
		error = parameter(m, (uint32_t)data[3] << 24 | (uint32_t)data[2] << 16 | (uint32_t)data[1] << 8 | data[0],
				  data + 12, n - 12, seconds);
	if (m->fault == DEVICE_DEAF)
		return 0;
	return wrap(m, f[8] | (error ? 0xc0 : 0x80), &error, error != 0, out);
}

static size_t meter_answer(device_meter *m, const uint8_t *f, int64_t seconds, uint8_t *out)
{
	uint8_t data[200], control = f[8], width = m->is_1997 ? 2 : 4;
	uint32_t id = 0;
	size_t n = 0;
	if (m->fault != DEVICE_SILENT && !m->is_1997 && (control == WRITE_07 || control == REMOTE_07))
		return ordered(m, f, seconds, out);
	if (m->fault == DEVICE_SILENT || control != (m->is_1997 ? READ_97 : READ_07))
		return 0;
	if (m->count_up && !m->count_up(m->user, m))
		return 0;
	if (f[9] < width)
		return 0;
	for (int i = 0; i < width; i++) {
		data[n] = (uint8_t)(f[10 + i] - 0x33);
		id += (uint32_t)data[n++] << 8 * i;
	}
	size_t value = (m->is_1997 ? value_97 : value_07)(m, id, seconds, data + n);
	if (!value || m->fault == DEVICE_REFUSE) {
		data[0] = 0x02;
		return wrap(m, control | 0xc0, data, 1, out);
	}
	return spoil(m, out, wrap(m, control | 0x80, data, n + value, out));
}

static size_t address_answer(const device_meter *m, uint8_t *out)
{
	return m->fault == DEVICE_SILENT || m->is_1997 ? 0 : wrap(m, ADDRESS_07 | 0x80, m->address, 6, out);
}

size_t device_answer(device_meter *meters, size_t count, const uint8_t *frame, size_t len, int64_t seconds,
		     uint8_t *out)
{
	unsigned sum = 0;
	if (len < 12 || len != 12u + frame[9])
		return 0;
	for (size_t i = 0; i + 2 < len; i++)
		sum += frame[i];
	if ((sum & 0xff) != frame[len - 2])
		return 0;
	for (size_t i = 0; frame[8] == TIME_07 && frame[9] == 6 && i < count; i++) {
		uint8_t hms[3] = { (uint8_t)(frame[10] - 0x33), (uint8_t)(frame[11] - 0x33), (uint8_t)(frame[12] - 0x33) };
		meters[i].writes++;
		if (meters[i].fault != DEVICE_SILENT && meters[i].fault != DEVICE_STUCK)
			clock_adjust(&meters[i], hms, seconds);
	}
	for (size_t i = 0; i < count; i++)
		if (is_meant(&meters[i], frame + 1))
			return frame[8] == ADDRESS_07 ? address_answer(&meters[i], out)
						      : meter_answer(&meters[i], frame, seconds, out);
	return 0;
}

size_t device_request(const uint8_t *bytes, size_t len, size_t *ret_start)
{
	for (size_t i = 0; i + 12 <= len; i++) {
		if (bytes[i] != 0x68 || bytes[i + 7] != 0x68)
			continue;
		size_t total = 12u + bytes[i + 9];
		if (i + total > len)
			return 0;
		*ret_start = i;
		return i + total;
	}
	return 0;
}
