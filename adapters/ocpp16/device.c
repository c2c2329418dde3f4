#include "ocpp16/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *stamp(int64_t seconds, char out[32])
{
	time_t t = (time_t)seconds;
	struct tm tm;
	gmtime_r(&t, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

int charge_point_boot(charge_point *p, char *out, size_t size)
{
	return snprintf(out, size,
			"[2,\"%u\",\"BootNotification\",{\"chargePointVendor\":\"%s\",\"chargePointModel\":\"%s\"}]",
			++p->sent, p->vendor, p->model);
}

int charge_point_heartbeat(charge_point *p, char *out, size_t size)
{
	return snprintf(out, size, "[2,\"%u\",\"Heartbeat\",{}]", ++p->sent);
}

int charge_point_authorize(charge_point *p, char *out, size_t size, const char *tag)
{
	return snprintf(out, size, "[2,\"%u\",\"Authorize\",{\"idTag\":\"%s\"}]", ++p->sent, tag);
}

int charge_point_status(charge_point *p, char *out, size_t size, int connector, const char *status, const char *error,
			int64_t time)
{
	char when[32];
	return snprintf(out, size,
			"[2,\"%u\",\"StatusNotification\",{\"connectorId\":%d,\"errorCode\":\"%s\",\"status\":\"%s\","
			"\"timestamp\":\"%s\"}]",
			++p->sent, connector, error, status, stamp(time, when));
}

int charge_point_start(charge_point *p, char *out, size_t size, int connector, const char *tag, int64_t wh,
		       int64_t time)
{
	char when[32];
	return snprintf(out, size,
			"[2,\"%u\",\"StartTransaction\",{\"connectorId\":%d,\"idTag\":\"%s\",\"meterStart\":%lld,"
			"\"timestamp\":\"%s\"}]",
			++p->sent, connector, tag, (long long)wh, stamp(time, when));
}

int charge_point_meter(charge_point *p, char *out, size_t size, int connector, int transaction, int64_t wh, int64_t w,
		       int64_t time)
{
	char when[32];
	return snprintf(
	    out, size,
	    "[2,\"%u\",\"MeterValues\",{\"connectorId\":%d,\"transactionId\":%d,\"meterValue\":[{\"timestamp\":\"%s\","
	    "\"sampledValue\":[{\"value\":\"%lld\"},{\"value\":\"%lld.%03lld\",\"measurand\":\"Power.Active.Import\","
	    "\"unit\":\"kW\"}]}]}]",
	    ++p->sent, connector, transaction, stamp(time, when), (long long)wh, (long long)(w / 1000),
	    (long long)(w % 1000));
}

int charge_point_stop(charge_point *p, char *out, size_t size, int transaction, const char *reason, int64_t wh,
		      int64_t time)
{
	char when[32];
	return snprintf(out, size,
			"[2,\"%u\",\"StopTransaction\",{\"transactionId\":%d,\"meterStop\":%lld,\"timestamp\":\"%s\","
			"\"reason\":\"%s\"}]",
			++p->sent, transaction, (long long)wh, stamp(time, when), reason);
}

int charge_point_answer(char *out, size_t size, const char *id, const char *status)
{
	return snprintf(out, size, "[3,\"%s\",{\"status\":\"%s\"}]", id, status);
}

int charge_point_transaction(const char *text)
{
	const char *at = strstr(text, "\"transactionId\":");
	return at ? atoi(at + 16) : 0;
}
