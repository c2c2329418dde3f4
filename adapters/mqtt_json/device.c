#include "mqtt_json/device.h"

#include <stdio.h>
#include <time.h>

static const char *stamp(int64_t seconds, char out[32])
{
	time_t t = (time_t)seconds;
	struct tm tm;
	gmtime_r(&t, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

int gateway_power(char *out, size_t size, const char *meter, int64_t watts, int64_t time)
{
	char when[32];
	return snprintf(out, size, "{\"meter\":\"%s\",\"quantity\":\"active_power\",\"value\":\"%lld.%03lld\",\"unit\":\"kW\",\"time\":\"%s\"}",
			meter, (long long)(watts / 1000), (long long)(watts % 1000), stamp(time, when));
}

int gateway_day(char *out, size_t size, const char *meter, const char *circuit, int64_t start, const int *wh, size_t count)
{
	char when[32];
	int n = snprintf(out, size,
			 "{\"meter\":\"%s\",\"channel\":\"%s\",\"quantity\":\"active_energy_import\",\"unit\":\"Wh\",\"start\":\"%s\","
			 "\"step\":\"PT15M\",\"values\":[",
			 meter, circuit, stamp(start, when));
	for (size_t i = 0; i < count && (size_t)n < size; i++)
		n += snprintf(out + n, size - (size_t)n, "%s%d", i ? "," : "", wh[i]);
	return n + ((size_t)n < size ? snprintf(out + n, size - (size_t)n, "]}") : 2);
}

int gateway_switch(char *out, size_t size, const char *meter, const char *circuit, int closed, int64_t time)
{
	char when[32];
	return snprintf(out, size, "{\"meter\":\"%s\",\"channel\":\"%s\",\"quantity\":\"switch_state\",\"state\":\"%s\",\"time\":\"%s\"}",
			meter, circuit, closed ? "closed" : "open", stamp(time, when));
}

int gateway_alarm(char *out, size_t size, const char *meter, const char *code, int cleared, int64_t time)
{
	char when[32];
	return snprintf(out, size, "{\"meter\":\"%s\",\"event\":\"%s\",\"cleared\":%s,\"time\":\"%s\"}", meter, code,
			cleared ? "true" : "false", stamp(time, when));
}
