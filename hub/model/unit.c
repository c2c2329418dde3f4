#include "model/unit.h"

#include "base/decimal.h"

#include <string.h>

/* One `name` is ratio × 10^power of the dimension's base unit, counted from `zero` hundredths of it. */
typedef struct unit {
	const char *dimension, *name;
	int64_t ratio;
	int power;
	int64_t zero;
} unit;

/* clang-format off */
static const unit units[] = {
	/* joule */
	{ "energy", "kWh", 36, 5 }, { "energy", "Wh", 36, 2 }, { "energy", "MWh", 36, 8 }, { "energy", "GWh", 36, 11 },
	{ "energy", "J", 1, 0 }, { "energy", "kJ", 1, 3 }, { "energy", "MJ", 1, 6 }, { "energy", "GJ", 1, 9 },
	{ "energy", "千瓦时", 36, 5 }, { "energy", "度", 36, 5 },
	{ "reactive_energy", "kvarh", 1, 3 }, { "reactive_energy", "varh", 1, 0 }, { "reactive_energy", "Mvarh", 1, 6 },
	{ "apparent_energy", "kVAh", 1, 3 }, { "apparent_energy", "VAh", 1, 0 }, { "apparent_energy", "MVAh", 1, 6 },
	{ "power", "kW", 1, 3 }, { "power", "W", 1, 0 }, { "power", "mW", 1, -3 }, { "power", "MW", 1, 6 },
	{ "power", "GW", 1, 9 }, { "power", "千瓦", 1, 3 },
	{ "reactive_power", "kvar", 1, 3 }, { "reactive_power", "var", 1, 0 }, { "reactive_power", "Mvar", 1, 6 },
	{ "apparent_power", "kVA", 1, 3 }, { "apparent_power", "VA", 1, 0 }, { "apparent_power", "MVA", 1, 6 },
	{ "current", "A", 1, 0 }, { "current", "mA", 1, -3 }, { "current", "kA", 1, 3 },
	{ "voltage", "V", 1, 0 }, { "voltage", "mV", 1, -3 }, { "voltage", "kV", 1, 3 },
	{ "frequency", "Hz", 1, 0 }, { "frequency", "mHz", 1, -3 }, { "frequency", "kHz", 1, 3 },
	{ "angle", "deg", 1, 0 }, { "angle", "°", 1, 0 },
	/* cubic metre; the foot is 0.3048 m, the US gallon 231 cubic inches */
	{ "volume", "m3", 1, 0 }, { "volume", "m³", 1, 0 }, { "volume", "m^3", 1, 0 }, { "volume", "立方米", 1, 0 },
	{ "volume", "L", 1, -3 }, { "volume", "l", 1, -3 }, { "volume", "dm3", 1, -3 }, { "volume", "dm³", 1, -3 },
	{ "volume", "升", 1, -3 }, { "volume", "mL", 1, -6 }, { "volume", "ml", 1, -6 }, { "volume", "cm3", 1, -6 },
	{ "volume", "hL", 1, -1 }, { "volume", "ft3", 28316846592, -12 }, { "volume", "ft³", 28316846592, -12 },
	{ "volume", "gal(US)", 3785411784, -12 },
	/* cubic metre an hour */
	{ "flow", "m3/h", 1, 0 }, { "flow", "m³/h", 1, 0 }, { "flow", "L/h", 1, -3 }, { "flow", "l/h", 1, -3 },
	{ "flow", "L/min", 6, -2 }, { "flow", "l/min", 6, -2 }, { "flow", "L/s", 36, -1 }, { "flow", "l/s", 36, -1 },
	{ "flow", "m3/min", 6, 1 }, { "flow", "m3/s", 36, 2 }, { "flow", "m³/s", 36, 2 },
	/* pascal */
	{ "pressure", "kPa", 1, 3 }, { "pressure", "Pa", 1, 0 }, { "pressure", "hPa", 1, 2 },
	{ "pressure", "MPa", 1, 6 }, { "pressure", "bar", 1, 5 }, { "pressure", "mbar", 1, 2 },
	{ "temperature", "Cel", 1, 0 }, { "temperature", "°C", 1, 0 }, { "temperature", "℃", 1, 0 },
	{ "temperature", "degC", 1, 0 }, { "temperature", "Celsius", 1, 0 }, { "temperature", "K", 1, 0, 27315 },
	/* second */
	{ "duration", "s", 1, 0 }, { "duration", "ms", 1, -3 }, { "duration", "min", 6, 1 }, { "duration", "h", 36, 2 },
	{ "duration", "d", 864, 2 },
	{ "ratio", "1", 1, 0 }, { "ratio", "%", 1, -2 }, { "ratio", "Percent", 1, -2 },
	{ "count", "1", 1, 0 }, { "state", "1", 1, 0 },
	{ "money", "CNY", 1, 0 }, { "money", "元", 1, 0 }, { "money", "角", 1, -1 }, { "money", "分", 1, -2 },
	{ "price", "CNY/kWh", 1, 0 }, { "price", "元/kWh", 1, 0 }, { "price", "CNY/MWh", 1, -3 },
	{ "irradiance", "W/m2", 1, 0 }, { "irradiance", "W/m²", 1, 0 }, { "irradiance", "kW/m2", 1, 3 },
	{ "level", "dBm", 1, 0 },
	{ "rotation", "1/min", 1, 0 },
};
/* clang-format on */

static const unit *unit_find(const char *dimension, const char *name)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(units[i].name, name) == 0 && strcmp(units[i].dimension, dimension) == 0)
			return &units[i];
	return NULL;
}

static int64_t common_divisor(int64_t a, int64_t b)
{
	while (b) {
		int64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/* d × 10^power, by the scale where it can bear it. */
static hub_status shift(decimal d, int power, decimal *ret)
{
	int scale = d.scale - power;
	for (; scale < 0; scale++)
		if (__builtin_mul_overflow(d.digits, (__int128)10, &d.digits))
			return HUB_RANGE;
	if (scale > DECIMAL_SCALE_MAX)
		return HUB_RANGE;
	d.scale = (uint8_t)scale;
	*ret = d;
	return HUB_OK;
}

/* d / divisor with as many more digits as it takes to be exact. */
static hub_status divide(decimal d, int64_t divisor, decimal *ret)
{
	while (d.digits % divisor) {
		if (d.scale == DECIMAL_SCALE_MAX || __builtin_mul_overflow(d.digits, (__int128)10, &d.digits))
			return HUB_RANGE;
		d.scale++;
	}
	d.digits /= divisor;
	*ret = d;
	return HUB_OK;
}

hub_status unit_convert(const char *dimension, const char *from, const char *to, hub_value v, hub_value *ret)
{
	const unit *a = unit_find(dimension, from), *b = unit_find(dimension, to);
	if (!a || !b)
		return HUB_REJECT;
	int64_t common = common_divisor(a->ratio, b->ratio);
	decimal d = decimal_of_value(v);
	hub_status st = HUB_OK;
	if (a->zero != b->zero)
		st = decimal_sub(d, decimal_of(a->zero - b->zero, 2), &d);
	if (st == HUB_OK)
		st = decimal_mul(d, decimal_of(a->ratio / common, 0), &d);
	if (st == HUB_OK)
		st = shift(d, a->power - b->power, &d);
	if (st == HUB_OK)
		st = divide(d, b->ratio / common, &d);
	return st == HUB_OK ? decimal_to_value(d, ret) : st;
}
